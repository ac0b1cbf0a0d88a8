// A column's card: its bars, its filter in form fields, and what can be saved of it.
(() => {
  "use strict";
  const explore = window.dspExplore;
  const { element, visible } = window.dspElements;
  let made = 0;

  const labelled = (text, field) => {
    const label = element("label", "small muted", text);
    field.id = `facet-field-${made += 1}`;
    label.htmlFor = field.id;
    const pair = element("div", "pair");
    pair.append(label, field);
    return pair;
  };

  const picker = (column, end) => {
    const select = element("select", "field");
    for (let level = 0; level < explore.named(column); level += 1) {
      const option = element("option", "", end === "from" ? explore.low(column, level) : explore.high(column, level));
      option.value = String(level);
      select.append(option);
    }
    return select;
  };

  /** From, to and missing: the range by keyboard, to the edges of the bars. */
  const rangeFields = (column, filter) => {
    const box = element("div", "fields");
    const from = picker(column, "from");
    const to = picker(column, "to");
    const missing = element("input");
    missing.type = "checkbox";
    box.append(labelled("From", from), labelled("To", to));
    if (column.missing) box.append(labelled("Missing", missing));
    const last = explore.named(column) - 1;
    const read = () => {
      const next = new Uint8Array(explore.levels(column));
      const [one, other] = [Number(from.value), Number(to.value)];
      next.fill(1, Math.min(one, other), Math.max(one, other) + 1);
      if (column.missing) next[last + 1] = Number(missing.checked);
      filter.set(next);
    };
    for (const field of [from, to, missing]) field.addEventListener("change", read);
    const update = () => {
      const allowed = filter.get();
      const span = (allowed && explore.span(column, allowed)) ?? [0, last];
      from.value = String(span[0]);
      to.value = String(span[1]);
      missing.checked = !allowed || Boolean(allowed[last + 1]);
    };
    return { box, update };
  };

  /** A search over the labels. */
  const labelFields = (chart) => {
    const box = element("div", "fields");
    const search = element("input", "field");
    const all = element("button", "button", "Show all");
    search.type = "search";
    search.autocomplete = "off";
    all.setAttribute("aria-pressed", "false");
    const list = () => chart.list(search.value.trim().toLowerCase(), all.getAttribute("aria-pressed") === "true");
    search.addEventListener("input", list);
    all.addEventListener("click", () => {
      all.setAttribute("aria-pressed", String(all.getAttribute("aria-pressed") !== "true"));
      all.textContent = all.getAttribute("aria-pressed") === "true" ? "Show fewer" : "Show all";
      list();
    });
    box.append(labelled("Find a value", search), all);
    return { box, update: list };
  };

  const saving = (acts) => {
    const row = element("div", "saving");
    for (const [text, act] of acts) {
      const button = element("button", "button", text);
      button.addEventListener("click", act);
      row.append(button);
    }
    return row;
  };

  /**
   * @param {Column} column
   * @param {object} filter see `draw`
   */
  const card = (column, filter) => {
    const article = element("article", "card facet");
    const head = element("div", "title");
    const title = element("h3");
    title.append(element("bdi", "", visible(column.name)));
    const said = element("span", "chip accent", "");
    head.append(title, said);
    const tip = element("p", "tip muted small", "");
    let summary = "";
    const chart = explore.draw(column, filter, (text) => { tip.textContent = text || summary; });
    article.append(head, chart.box);
    if (column.kind !== "category") {
      const ends = element("div", "ends");
      ends.append(element("span", "", explore.low(column, 0)), element("span", "", explore.high(column, explore.named(column) - 1)));
      article.append(ends);
    }
    const fields = column.kind !== "category" ? rangeFields(column, filter) : chart.hides ? labelFields(chart) : null;
    let now = { counts: column.counts, sizes: null };
    const more = element("details");
    more.append(element("summary", "", fields ? "Filter and save" : "Save"));
    if (fields) more.append(fields.box);
    more.append(saving([
      ["CSV", () => explore.saveCsv(column, now.counts)],
      ["SVG", () => explore.saveSvg(column, now.counts, summary)],
      ["PNG", () => explore.savePng(column, now.counts, summary)],
    ]));
    article.append(tip, more);

    /** @param {Uint32Array | number[]} counts @param {{shown: number, rest: number, shares: boolean, noun: string}} sizes */
    const update = (counts, sizes) => {
      now = { counts, sizes };
      const allowed = filter.get();
      said.textContent = allowed ? explore.words(column, allowed) : "";
      said.hidden = !allowed;
      article.classList.toggle("filtered", Boolean(allowed));
      summary = sizes.rest ? `${explore.figure(sizes.shown)} of ${explore.figure(sizes.shown + sizes.rest)} ${visible(sizes.noun)}` : "";
      tip.textContent = summary;
      chart.update(counts, sizes);
      fields?.update();
    };
    return { article, update, name: column.name.toLowerCase() };
  };

  Object.assign(explore, { card });
})();
