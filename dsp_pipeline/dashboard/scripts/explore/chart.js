// One column's levels as bars that can be chosen: by pointer, by brushing, and by keyboard as a list box.
(() => {
  "use strict";
  const explore = window.dspExplore;
  const { element, visible } = window.dspElements;
  const FIRST_LABELS = 8;
  const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -Infinity, End: Infinity };
  let made = 0;
  /**
   * @typedef {object} Filter a column's filter, and where a drag begins and ends
   * @property {() => Uint8Array | null} get
   * @property {(allowed: Uint8Array | null) => void} set
   * @property {() => void} begin
   * @property {() => void} end
   *
   * @typedef {object} Chart
   * @property {Column} column
   * @property {Filter} filter
   * @property {HTMLElement} box
   * @property {HTMLElement[]} bars by level
   * @property {boolean} upright whether levels have an order and stand side by side
   * @property {number} last the last level that is neither others nor missing
   * @property {number} active the bar that is pointed at; -1 for none
   * @property {number} anchor where a range begins
   * @property {ArrayLike<number>} counts what is drawn
   * @property {(text: string) => void} say
   */

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

  /** @param {Chart} chart */
  const choose = (chart, level, from = level) => chart.filter.set(chosen(chart.column, chart.filter.get(), level, from));

  /** Points at a bar and shows its counts. @param {Chart} chart @returns {string} what is shown */
  const point = (chart, level) => {
    const { bars, box, column, counts } = chart;
    bars[chart.active]?.classList.remove("active");
    chart.active = level;
    if (level < 0) { box.removeAttribute("aria-activedescendant"); chart.say(""); return ""; }
    bars[level].classList.add("active");
    box.setAttribute("aria-activedescendant", bars[level].id);
    const said = `${explore.label(column, level)}: ${explore.figure(counts[level])} of ${explore.figure(column.counts[level])}`;
    chart.say(said);
    return said;
  };

  /** The level under the pointer, or the nearest one to its side. @param {Chart} chart */
  const under = ({ box, bars, upright }, event) => {
    const hit = upright ? null : event.target.closest?.(".level");
    if (hit) return bars.indexOf(hit);
    const edges = box.getBoundingClientRect();
    const inside = Math.min(Math.max(event.clientX, edges.left), edges.right - 1);
    return upright ? bars.findIndex((one) => inside < one.getBoundingClientRect().right) : -1;
  };

  /** A click chooses; a drag over ordered levels brushes a range. @param {Chart} chart */
  const usePointer = (chart) => {
    const { box, filter } = chart;
    let drag = null;
    box.addEventListener("pointerdown", (event) => {
      const level = under(chart, event);
      if (event.button !== 0 || level < 0) return;
      if (!chart.upright || level > chart.last) { choose(chart, level); return; }
      drag = { from: event.shiftKey ? chart.anchor : level, to: level, moved: event.shiftKey };
      chart.anchor = drag.from;
      box.setPointerCapture(event.pointerId);
      filter.begin();
    });
    box.addEventListener("pointermove", (event) => {
      const level = under(chart, event);
      if (!drag) { point(chart, level); return; }
      const to = Math.min(chart.last, level);
      if (to === drag.to && (drag.moved || to === drag.from)) return;
      drag = { ...drag, to, moved: true };
      choose(chart, to, drag.from);
    });
    const release = (event) => {
      if (!drag) return;
      if (event.type === "pointerup" && (!drag.moved || event.shiftKey)) choose(chart, drag.to, drag.from);
      drag = null;
      filter.end();
    };
    box.addEventListener("pointerup", release);
    box.addEventListener("pointercancel", release);
    box.addEventListener("pointerleave", () => { if (!drag) point(chart, -1); });
  };

  /** Arrows point, Enter and the space bar choose, Shift with an arrow extends a range, Escape clears. @param {Chart} chart */
  const useKeys = (chart) => {
    const { box, bars, filter } = chart;
    const step = (by, extend) => {
      const open = [...bars.keys()].filter((level) => !bars[level].hidden);
      const said = point(chart, open[Math.min(open.length - 1, Math.max(0, open.indexOf(chart.active) + by))]);
      window.dspSpeak(() => said);
      if (!chart.upright) bars[chart.active].scrollIntoView({ block: "nearest" });
      if (extend && chart.upright && chart.active <= chart.last) choose(chart, chart.active, chart.anchor);
      else chart.anchor = chart.active;
    };
    box.addEventListener("keydown", (event) => {
      if (event.key in STEPS) step(STEPS[event.key], event.shiftKey);
      else if ((event.key === "Enter" || event.key === " ") && chart.active >= 0) choose(chart, chart.active);
      else if (event.key === "Escape") filter.set(null);
      else return;
      event.preventDefault();
    });
    box.addEventListener("blur", () => point(chart, -1));
  };

  /** Draws counts: the rows that pass before all rows; or both as shares, the rest's as a mark. Only what changed. */
  const painter = ({ column, filter, bars, upright }) => {
    const parts = bars.map((one) => [...one.children].slice(-3));
    const figures = bars.map((one) => one.querySelector(".figure"));
    const drawn = bars.map(() => ({ sizes: [-1, -1, -1], allowed: null, figure: "" }));
    const [side, edge] = upright ? ["height", "bottom"] : ["width", "left"];
    const names = [side, side, edge];
    const paint = (level, { sizes, allowed, figure }) => {
      const before = drawn[level];
      parts[level].forEach((part, place) => {
        if (sizes[place] === before.sizes[place]) return;
        part.hidden = sizes[place] === null;
        if (!part.hidden) part.style[names[place]] = `${sizes[place]}%`;
      });
      if (allowed !== before.allowed) {
        bars[level].classList.toggle("out", allowed === 0);
        bars[level].setAttribute("aria-selected", String(allowed === 1));
      }
      if (figures[level] && figure !== before.figure) figures[level].textContent = figure;
      drawn[level] = { sizes, allowed, figure };
    };
    return (counts, sizes) => {
      const filtered = filter.get();
      const values = column.counts.map((all, level) => {
        const allowed = filtered?.[level];
        if (!sizes.shares) return { shares: [all, counts[level], null], allowed, figure: explore.figure(counts[level]) };
        const inside = allowed === 0 ? 0 : counts[level];
        const passes = inside / (sizes.shown || 1);
        return { shares: [0, passes, (all - inside) / (sizes.rest || 1)], allowed, figure: window.dspNumbers.percent(passes) };
      });
      const top = Math.max(...values.flatMap(({ shares }) => shares)) || 1;
      values.forEach(({ shares, ...value }, level) => {
        paint(level, { ...value, sizes: shares.map((share) => (share === null ? null : (100 * share) / top)) });
      });
    };
  };

  /** Of labels the first are there, and those that are chosen; all of them, or those that contain a text, on demand. */
  const lister = ({ column, filter, bars, upright, last }) => (wanted, all) => {
    if (upright) return;
    bars.forEach((one, level) => {
      const fits = level > last || explore.label(column, level).toLowerCase().includes(wanted);
      const early = level < FIRST_LABELS || level > last || filter.get()?.[level];
      one.hidden = !fits || !(early || wanted || all);
    });
  };

  /** @param {Column} column @param {Filter} filter @param {(text: string) => void} say hears what is pointed at */
  const draw = (column, filter, say) => {
    const upright = column.kind !== "category";
    const box = element("div", upright ? "bins" : "lines");
    box.tabIndex = 0;
    box.setAttribute("role", "listbox");
    box.setAttribute("aria-multiselectable", "true");
    box.setAttribute("aria-label", `${visible(column.name)}: choose values to filter by`);
    const bars = column.counts.map((_, level) => bar(column, level, upright));
    box.append(...bars);
    /** @type {Chart} */
    const chart = { column, filter, box, bars, upright, last: explore.named(column) - 1, active: -1, anchor: 0, counts: column.counts, say };
    usePointer(chart);
    useKeys(chart);
    const list = lister(chart);
    list("", false);
    const paint = painter(chart);
    const update = (counts, sizes) => { chart.counts = counts; paint(counts, sizes); };
    return { box, update, list, hides: !upright && chart.last >= FIRST_LABELS };
  };

  Object.assign(explore, { draw });
})();
