// The data table: sorted, filtered and paged rows, and their export. Cells are only ever set as text.
(async () => {
  "use strict";
  const table = document.getElementById("row-table");
  if (!table || !document.getElementById("rows-data")) return;
  const get = (id) => document.getElementById(id);
  /** Milliseconds in which no further filter came: while one is dragged the charts go first. */
  const FOLLOW_AFTER = 80;
  /** @type {{shown: number, rows: number, passing: Uint8Array | null} | null} what the exploring section lets through */
  let filtered = null;
  let follow = () => {};
  let following = 0;
  document.addEventListener("dsp:filter", (event) => {
    clearTimeout(following);
    following = setTimeout(() => { filtered = event.detail; follow(); }, FOLLOW_AFTER);
  });
  const { names, kinds, columns, places } = JSON.parse(await window.dspUnpack("rows-data"));
  const total = places.length;
  const passes = (row) => !filtered?.passing || (filtered.passing[(places[row] - 1) >> 3] >> ((places[row] - 1) & 7)) & 1;
  const hidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g;
  const plain = new Intl.NumberFormat("en", { maximumFractionDigits: 6, useGrouping: false });
  const show = (text) => text.replace(hidden, (found) => `⟨U+${found.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);
  const cell = (value) => {
    if (typeof value !== "number") return show(value);
    const size = Math.abs(value);
    return size && (size < 1e-6 || size >= 1e21) ? String(value) : plain.format(value);
  };
  const state = { order: null, down: false, page: 0, size: 25, search: "", filters: names.map(() => "") };
  let shown = [];

  /** What a column filter asks: text to contain, or for numbers "> 10", "<= 3", "10..20", "= 5". */
  const asks = (text, kind) => {
    const said = text.trim().toLowerCase();
    if (!said) return null;
    if (said === "missing") return (value) => value === null;
    if (kind === "number") {
      const range = /^(-?[\d.]+(?:e-?\d+)?)\s*\.\.\s*(-?[\d.]+(?:e-?\d+)?)$/.exec(said);
      if (range) return (value) => value !== null && Number(value) >= Number(range[1]) && Number(value) <= Number(range[2]);
      const bound = /^(>=|<=|>|<|=)\s*(-?[\d.]+(?:e-?\d+)?)$/.exec(said);
      if (bound) {
        const limit = Number(bound[2]);
        const tests = { ">": (v) => v > limit, "<": (v) => v < limit, ">=": (v) => v >= limit, "<=": (v) => v <= limit, "=": (v) => v === limit };
        return (value) => value !== null && tests[bound[1]](Number(value));
      }
    }
    return (value) => value !== null && cell(value).toLowerCase().includes(said);
  };

  const compare = (a, b, kind) => {
    if (a === null || b === null) return (a === null) - (b === null);
    const order = kind === "number" ? Number(a) - Number(b) : a < b ? -1 : a > b ? 1 : 0;
    return Number.isNaN(order) ? 0 : state.down ? -order : order;
  };

  const select = () => {
    const filters = state.filters.map((text, place) => [asks(text, kinds[place]), columns[place]]).filter(([ask]) => ask);
    const wanted = state.search.trim().toLowerCase();
    shown = [];
    for (let row = 0; row < total; row += 1) {
      if (!passes(row)) continue;
      if (!filters.every(([ask, values]) => ask(values[row]))) continue;
      if (wanted && !columns.some((values) => values[row] !== null && cell(values[row]).toLowerCase().includes(wanted))) continue;
      shown.push(row);
    }
    if (state.order !== null) {
      const values = columns[state.order];
      shown.sort((a, b) => compare(values[a], values[b], kinds[state.order]) || a - b);
    }
    state.page = 0;
    paint();
  };

  const element = (name, text, classes) => {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (classes) made.className = classes;
    return made;
  };

  const paint = () => {
    const start = state.page * state.size;
    const rows = shown.slice(start, start + state.size).map((row) => {
      const line = element("tr");
      line.append(element("td", String(places[row]), "place right"));
      columns.forEach((values, place) => {
        const value = values[row];
        const text = value === null ? "missing" : cell(value);
        const made = element("td", text, value === null ? "none" : kinds[place] === "number" ? "right" : "");
        if (text.length > 40) made.title = text;
        line.append(made);
      });
      return line;
    });
    if (!rows.length) {
      const line = element("tr");
      line.append(element("td", "No row matches.", "none"));
      line.firstChild.colSpan = columns.length + 1;
      rows.push(line);
    }
    table.tBodies[0].replaceChildren(...rows);
    const pages = Math.max(1, Math.ceil(shown.length / state.size));
    get("row-page").textContent = `Page ${state.page + 1} of ${pages}`;
    get("row-back").disabled = state.page === 0;
    get("row-next").disabled = state.page + 1 >= pages;
    const here = shown.length === total ? "" : `${shown.length.toLocaleString("en")} of ${total.toLocaleString("en")} rows`;
    const everywhere = filtered?.passing && filtered.rows > total
      ? `${here} of the sample; ${filtered.shown.toLocaleString("en")} of all ${filtered.rows.toLocaleString("en")} pass the filter` : here;
    get("row-count").textContent = everywhere;
    [...table.tHead.rows[0].cells].forEach((head, place) => {
      if (place === 0) return;
      const sorted = state.order === place - 1;
      if (sorted) head.setAttribute("aria-sort", state.down ? "descending" : "ascending"); else head.removeAttribute("aria-sort");
      head.querySelector(".arrow").textContent = sorted ? (state.down ? "▼" : "▲") : "";
    });
  };

  const head = element("tr");
  const filters = element("tr", undefined, "filters");
  filters.hidden = true;
  const number = element("th", "#", "place right");
  number.scope = "col";
  number.title = "Place in the table";
  head.append(number);
  filters.append(element("td"));
  let typing = 0;
  const later = (act) => { clearTimeout(typing); typing = setTimeout(() => { act(); select(); }, 120); };
  names.forEach((name, place) => {
    const title = element("th", undefined, kinds[place] === "number" ? "right" : "");
    title.scope = "col";
    const button = element("button");
    button.type = "button";
    const label = element("bdi", show(name));
    const arrow = element("span", "", "arrow");
    arrow.setAttribute("aria-hidden", "true");
    button.append(label, arrow);
    button.addEventListener("click", () => {
      state.down = state.order === place && !state.down;
      state.order = place;
      select();
    });
    title.append(button);
    head.append(title);
    const box = element("th");
    const input = element("input");
    input.type = "search";
    input.setAttribute("aria-label", `Filter ${show(name)}`);
    input.placeholder = kinds[place] === "number" ? "> 10 or 1..5" : "contains";
    input.addEventListener("input", () => later(() => { state.filters[place] = input.value; }));
    box.append(input);
    filters.append(box);
  });
  table.tHead.append(head, filters);

  get("row-search").addEventListener("input", (event) => later(() => { state.search = event.target.value; }));
  get("row-filters").addEventListener("click", (event) => {
    filters.hidden = !filters.hidden;
    event.currentTarget.setAttribute("aria-expanded", String(!filters.hidden));
  });
  get("row-back").addEventListener("click", () => { state.page -= 1; paint(); });
  get("row-next").addEventListener("click", () => { state.page += 1; paint(); });
  get("row-size").addEventListener("change", (event) => { state.size = Number(event.target.value); state.page = 0; paint(); });

  get("row-export").addEventListener("click", () => {
    window.dspSave.csv([names, ...shown.map((row) => columns.map((values) => values[row]))], "rows.csv");
  });
  follow = select;
  select();
  table.dataset.ready = "true";
})();
