// The data table: sorted, filtered and paged rows, and their export. Cells are only ever set as text.
(async () => {
  "use strict";
  const table = document.getElementById("row-table");
  if (!table || !document.getElementById("rows-data")) return;
  const { element, visible } = window.dspElements;
  const { count, read } = window.dspNumbers;
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
  /** What has too many digits for a number is a text in a column of numbers. */
  const cell = (value, kind) => {
    if (typeof value === "number") return window.dspNumbers.cell(value);
    return kind === "number" ? window.dspNumbers.full(value) : visible(value);
  };
  const state = { order: null, down: false, page: 0, size: 25, search: "", filters: names.map(() => "") };
  let shown = [];

  /** What a column filter asks: text to contain, or for numbers "> 10", "<= 3", "10..20", "= 5". */
  const asks = (text, kind) => {
    const said = text.trim().toLowerCase();
    if (!said) return null;
    if (said === "missing") return (value) => value === null;
    if (kind === "number") {
      const [least, most, ...more] = said.split("..").map(read);
      if (least <= most && !more.length) return (value) => value !== null && Number(value) >= least && Number(value) <= most;
      const bound = /^(>=|<=|>|<|=)(.+)$/.exec(said);
      const limit = bound ? read(bound[2]) : NaN;
      if (!Number.isNaN(limit)) {
        const tests = { ">": (v) => v > limit, "<": (v) => v < limit, ">=": (v) => v >= limit, "<=": (v) => v <= limit, "=": (v) => v === limit };
        return (value) => value !== null && tests[bound[1]](Number(value));
      }
    }
    return (value) => value !== null && cell(value, kind).toLowerCase().includes(said);
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
      if (wanted && !columns.some((values, place) => values[row] !== null && cell(values[row], kinds[place]).toLowerCase().includes(wanted))) continue;
      shown.push(row);
    }
    if (state.order !== null) {
      const values = columns[state.order];
      shown.sort((a, b) => compare(values[a], values[b], kinds[state.order]) || a - b);
    }
    state.page = 0;
    paint();
  };

  const paint = () => {
    const start = state.page * state.size;
    const rows = shown.slice(start, start + state.size).map((row) => {
      const line = element("tr");
      line.append(element("td", "place right", String(places[row])));
      columns.forEach((values, place) => {
        const value = values[row];
        const text = value === null ? "missing" : cell(value, kinds[place]);
        const made = element("td", value === null ? "none" : kinds[place] === "number" ? "right" : "", text);
        if (text.length > 40) made.title = text;
        line.append(made);
      });
      return line;
    });
    if (!rows.length) {
      const line = element("tr");
      line.append(element("td", "none", "No row matches."));
      line.firstChild.colSpan = columns.length + 1;
      rows.push(line);
    }
    table.tBodies[0].replaceChildren(...rows);
    const pages = Math.max(1, Math.ceil(shown.length / state.size));
    get("row-page").textContent = `Page ${count(state.page + 1)} of ${count(pages)}`;
    get("row-back").disabled = state.page === 0;
    get("row-next").disabled = state.page + 1 >= pages;
    const here = shown.length === total ? "" : `${count(shown.length)} of ${count(total)} rows`;
    const everywhere = filtered?.passing && filtered.rows > total
      ? `${here} of the sample; ${count(filtered.shown)} of all ${count(filtered.rows)} pass the filter` : here;
    get("row-count").textContent = everywhere;
    [...table.tHead.rows[0].cells].forEach((head, place) => {
      if (place === 0) return;
      const sorted = state.order === place - 1;
      if (sorted) head.setAttribute("aria-sort", state.down ? "descending" : "ascending"); else head.removeAttribute("aria-sort");
      head.querySelector(".arrow").textContent = sorted ? (state.down ? "▼" : "▲") : "";
    });
  };

  const head = element("tr");
  const filters = element("tr", "filters");
  filters.hidden = true;
  const number = element("th", "place right", "#");
  number.scope = "col";
  number.title = "Place in the table";
  head.append(number);
  filters.append(element("td"));
  let typing = 0;
  const search = () => { select(); window.dspSpeak(() => get("row-count").textContent || `All ${count(total)} rows`); };
  const later = () => { clearTimeout(typing); typing = setTimeout(search, 120); };
  names.forEach((name, place) => {
    const title = element("th", kinds[place] === "number" ? "right" : "");
    title.scope = "col";
    const button = element("button");
    const label = element("bdi", "", visible(name));
    const arrow = element("span", "arrow", "");
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
    input.setAttribute("aria-label", `Filter ${visible(name)}`);
    input.placeholder = kinds[place] === "number" ? "> 10 or 1..5" : "contains";
    input.addEventListener("input", () => { state.filters[place] = input.value; later(); });
    box.append(input);
    filters.append(box);
  });
  table.tHead.append(head, filters);

  get("row-search").addEventListener("input", (event) => { state.search = event.target.value; later(); });
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
