// One column's levels as bars that can be chosen: by pointer, by brushing, and by keyboard as a list box.
(() => {
  "use strict";
  const explore = window.dspExplore;
  const FIRST_LABELS = 8;
  let made = 0;

  const element = (name, classes, text) => {
    const one = document.createElement(name);
    if (classes) one.className = classes;
    if (text !== undefined) one.textContent = text;
    return one;
  };

  const bar = (column, level, upright) => {
    const option = element("div", upright ? "level bin" : "level line");
    option.id = `level-${made += 1}`;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    const label = explore.label(column, level);
    if (upright) option.setAttribute("aria-label", label);
    else option.append(element("span", "label", label), element("span", "figure", ""));
    option.append(element("span", "ground"), element("span", "part"), element("span", "rest"));
    if (level >= explore.named(column)) option.classList.add("apart");
    return option;
  };

  /** What choosing does to a filter: a range of ordered levels, or labels one by one. */
  const chosen = (column, allowed, level, from) => {
    const last = explore.named(column) - 1;
    const next = allowed ? allowed.slice() : new Uint8Array(explore.levels(column));
    if (column.kind === "category" || level > last) { next[level] = Number(!next[level]); return next; }
    const again = allowed && from === level && next[level] && next.subarray(0, last + 1).filter(Boolean).length === 1;
    next.fill(0, 0, last + 1);
    if (!again) next.fill(1, Math.min(from, level), Math.max(from, level) + 1);
    return next;
  };

  /**
   * @param {Column} column
   * @param {{get: () => Uint8Array | null, set: (allowed: Uint8Array | null) => void, begin: () => void, end: () => void}} filter
   * @param {(text: string) => void} say
   */
  const draw = (column, filter, say) => {
    const upright = column.kind !== "category";
    const box = element("div", upright ? "bins" : "lines");
    box.tabIndex = 0;
    box.setAttribute("role", "listbox");
    box.setAttribute("aria-multiselectable", "true");
    box.setAttribute("aria-label", `${explore.show(column.name)}: choose values to filter by`);
    const bars = column.counts.map((_, level) => bar(column, level, upright));
    box.append(...bars);
    const last = explore.named(column) - 1;
    let active = -1;
    let anchor = 0;
    let counts = column.counts;

    const point = (level) => {
      bars[active]?.classList.remove("active");
      active = level;
      if (level < 0) { box.removeAttribute("aria-activedescendant"); say(""); return; }
      bars[level].classList.add("active");
      box.setAttribute("aria-activedescendant", bars[level].id);
      if (!upright) bars[level].scrollIntoView({ block: "nearest" });
      say(`${explore.label(column, level)}: ${counts[level].toLocaleString("en")} of ${column.counts[level].toLocaleString("en")}`);
    };
    const choose = (level, from = level) => filter.set(chosen(column, filter.get(), level, from));

    const at = (event) => {
      const hit = event.target.closest?.(".level");
      if (hit) return bars.indexOf(hit);
      const right = bars.findIndex((one) => event.clientX < one.getBoundingClientRect().right);
      return right < 0 ? bars.length - 1 : right;
    };
    const over = (event) => {
      const box_ = box.getBoundingClientRect();
      const inside = Math.min(Math.max(event.clientX, box_.left), box_.right - 1);
      return bars.findIndex((one) => inside < one.getBoundingClientRect().right);
    };

    let drag = null;
    box.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      const level = at(event);
      if (upright && level <= last) {
        drag = { from: event.shiftKey ? anchor : level, to: level, moved: event.shiftKey };
        anchor = drag.from;
        box.setPointerCapture(event.pointerId);
        filter.begin();
      } else choose(level);
    });
    box.addEventListener("pointermove", (event) => {
      if (!drag) { point(at(event)); return; }
      const to = Math.min(last, Math.max(0, over(event)));
      if (to === drag.to && (drag.moved || to === drag.from)) return;
      drag = { ...drag, to, moved: true };
      choose(to, drag.from);
    });
    const release = (event) => {
      if (!drag) return;
      if (event.type === "pointerup" && (!drag.moved || event.shiftKey)) choose(drag.to, drag.from);
      drag = null;
      filter.end();
    };
    box.addEventListener("pointerup", release);
    box.addEventListener("pointercancel", release);
    box.addEventListener("pointerleave", () => { if (!drag) point(-1); });
    box.addEventListener("blur", () => point(-1));

    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -Infinity, End: Infinity };
    box.addEventListener("keydown", (event) => {
      const open = [...bars.keys()].filter((level) => !bars[level].hidden);
      if (event.key in steps) {
        const next = Math.min(open.length - 1, Math.max(0, open.indexOf(active) + steps[event.key]));
        point(open[next]);
        if (event.shiftKey && upright && active <= last) choose(active, anchor); else anchor = active;
      } else if ((event.key === "Enter" || event.key === " ") && active >= 0) choose(active);
      else if (event.key === "Escape") filter.set(null);
      else return;
      event.preventDefault();
    });

    /** Of labels the first are there; all of them, or those that contain a text, on demand. */
    const list = (wanted, all) => {
      bars.forEach((one, level) => {
        const fits = level > last || explore.label(column, level).toLowerCase().includes(wanted);
        one.hidden = !upright && (!fits || (!wanted && !all && level >= FIRST_LABELS && level <= last && !filter.get()?.[level]));
      });
    };
    list("", false);

    /** Bars of the rows that pass, before those of all rows; or both as shares, the rest's as a mark. */
    const update = (now, sizes) => {
      counts = now;
      const allowed = filter.get();
      const inside = now.map((count, level) => (allowed && !allowed[level] ? 0 : count));
      const share = sizes.shares ? sizes : null;
      const grounds = column.counts.map((all, level) => (share ? 0 : all));
      const parts = share ? Array.from(inside, (count) => count / (share.shown || 1)) : now;
      const rests = share ? column.counts.map((all, level) => (all - inside[level]) / (share.rest || 1)) : null;
      const top = Math.max(...grounds, ...parts, ...(rests ?? [0])) || 1;
      bars.forEach((one, level) => {
        const [ground, part, rest] = [...one.children].slice(-3);
        const side = upright ? "height" : "width";
        ground.style[side] = `${(100 * grounds[level]) / top}%`;
        part.style[side] = `${(100 * parts[level]) / top}%`;
        rest.hidden = !rests;
        if (rests) rest.style[upright ? "bottom" : "left"] = `${(100 * rests[level]) / top}%`;
        one.classList.toggle("out", Boolean(allowed) && !allowed[level]);
        one.setAttribute("aria-selected", String(Boolean(allowed?.[level])));
        if (!upright) one.querySelector(".figure").textContent = share ? `${(100 * parts[level]).toFixed(1)}%` : now[level].toLocaleString("en");
      });
    };
    return { box, update, list, hides: !upright && last >= FIRST_LABELS };
  };

  Object.assign(explore, { draw, element });
})();
