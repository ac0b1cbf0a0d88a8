// The what-if section: a row's values in a form, and what the model that travels with the page predicts for them.
(() => {
  "use strict";
  const section = document.getElementById("what-if");
  const holder = document.getElementById("what-if-data");
  if (!section || !holder) return;
  const { element, visible } = window.dspElements;
  const { answer } = window.dspWhatIf;
  const get = (id) => document.getElementById(id);
  const { description, columns, rows, order, first } = JSON.parse(holder.textContent);
  /** Relative to the margin: what single and double precision may differ by. */
  const TOLERANCE = 1e-6;

  let model = null;
  /** @type {{name: string, cells: (string | number | boolean | null)[], actual: string | null, nearest: number[]}} */
  let start = null;
  let due = 0;

  /** @type {ReturnType<typeof window.dspWhatIf.control>[]} made when the section comes near the view */
  let controls = [];
  const cells = () => controls.map((control) => control.get());

  const paint = () => {
    due = 0;
    const now = cells();
    const margin = model.margin(now);
    const response = model.respond(margin);
    const before = model.respond(model.margin(start.cells));
    const range = description.classes.length ? null : model.limits(response[0]);
    const { output, title } = answer.subject(description, response);
    const phi = model.contributions(now)[output];
    const changed = controls.map((control, place) => {
      const differs = now[place] !== start.cells[place];
      control.mark(differs);
      return differs;
    });
    const spoken = answer.said(description, response, range);
    get("what-if-said").textContent = spoken;
    get("what-if-strip").textContent = spoken;
    const was = changed.some(Boolean) ? `${start.name} as it is: ${answer.said(description, before, null)}` : `${start.name} as it is`;
    get("what-if-before").textContent = start.actual === null ? `${was}.` : `${was}; actually ${start.actual}.`;
    get("what-if-chances").replaceChildren(...(description.classes.length ? answer.chances(description.classes, response, before) : []));
    get("what-if-why").textContent = title;
    const names = columns.map((column, place) => `${visible(column.name)} = ${shown(now[place])}`);
    get("what-if-reasons").replaceChildren(...answer.reasons(phi, names));
    const base = phi[columns.length];
    get("what-if-sum").textContent = `From ${window.dspNumbers.figure(base)}, the mean over the rows learnt from, to ${window.dspNumbers.figure(margin[output])}.`;
    get("what-if-reset").disabled = !changed.some(Boolean);
    if (section.dataset.answered) window.dspSpeak(() => spoken);
    section.dataset.answered = String(Number(section.dataset.answered ?? 0) + 1);
  };
  const soon = () => { due ||= requestAnimationFrame(paint); };

  const shown = (cell) => {
    if (cell === null) return "missing";
    if (cell === "\u0000") return "another label";
    if (typeof cell === "number") return window.dspNumbers.figure(cell);
    const text = visible(String(cell)).replace(/^(\d{4}-\d\d-\d\d)T/, "$1 ");
    return text.length > 28 ? `${text.slice(0, 27)}…` : text;
  };

  /** Start from a row: its cells go into the form. */
  const begin = (row) => {
    start = row;
    row.cells.forEach((cell, place) => controls[place].set(cell));
    const near = row.nearest.map((place) => {
      const other = rows[place];
      const item = element("li");
      const button = element("button", "link", other.name);
      button.addEventListener("click", () => { get("what-if-start").value = String(place); begin(other); });
      const differing = columns.filter((_, at) => other.cells[at] !== row.cells[at]).map((column) => column.name);
      item.append(button, ` predicted ${answer.said(description, model.respond(other.margin), null)}; differs in ${few(differing)}`);
      return item;
    });
    get("what-if-nearest").replaceChildren(...near);
    get("what-if-against").hidden = near.length === 0;
    soon();
  };

  /** The columns that the model reads and of which the data table does not show a row's own cell. */
  const unknown = (table, at) => columns.map((column) => column.name)
    .filter((name) => !table.names.includes(name) || (Object.hasOwn(table.altered, name) && table.altered[name].includes(at)));

  /** A row of the data table; its cells are text and numbers as the table shows them. */
  const fromTable = (table, at) => {
    const of = (column, encoding) => {
      const cell = table.columns[table.names.indexOf(column.name)][at];
      if (cell === null) return null;
      if (column.control === "number") return Number.isFinite(Number(cell)) ? Number(cell) : null;
      if (column.control === "flag") return cell === "true";
      if (column.control === "timestamp") return `${String(cell).replace(" ", "T")}${String(cell).length === 10 ? "T00:00:00" : ""}`;
      if (column.control !== "category") return String(cell);
      return encoding.labels.includes(String(cell)) ? String(cell) : `${cell}.0`;
    };
    const found = columns.map((column, each) => of(column, description.encodings[each]));
    const target = table.columns[table.names.indexOf(description.target)]?.[at];
    const actual = target === undefined || target === null ? null : shown(target);
    return { name: `Row ${window.dspNumbers.count(table.places[at])}`, cells: found, actual, nearest: [] };
  };

  const few = (names) => names.slice(0, 4).map(visible).join(", ") + (names.length > 4 ? ` and ${names.length - 4} more` : "");

  const ask = async () => {
    const place = Number(get("what-if-row").value);
    const table = JSON.parse(await window.dspUnpack("rows-data"));
    const at = table.places.indexOf(place);
    const hidden = at < 0 ? [] : unknown(table, at);
    let refused = "";
    if (at < 0) refused = `Row ${place} is not among the rows in this page; the data table lists them.`;
    else if (hidden.length) refused = `Row ${place} cannot be predicted here: the model reads more of it than this page holds (${few(hidden)}).`;
    get("what-if-none").textContent = refused;
    if (refused) return;
    get("what-if-start").value = "";
    begin(fromTable(table, at));
  };

  /** Whether this browser computes Python's own margins. */
  const agrees = () => rows.every((row) => !row.checked || model.margin(row.cells)
    .every((value, output) => Math.abs(value - row.margin[output]) <= TOLERANCE * Math.max(1, Math.abs(row.margin[output]))));

  const lay = () => {
    controls = columns.map((column, place) => window.dspWhatIf.control(column, description.encodings[place], place, soon));
    const form = get("what-if-form");
    form.append(...order.slice(0, first).map((place) => controls[place].box));
    if (order.length > first) {
      const more = element("details", "others");
      const inside = element("div", "controls");
      inside.append(...order.slice(first).map((place) => controls[place].box));
      more.append(element("summary", "", `${order.length - first} more columns`), inside);
      form.after(more);
    }
    const groups = [element("optgroup"), element("optgroup")];
    groups[0].label = "Explained rows";
    groups[1].label = "Nearest rows with another prediction";
    rows.forEach((row, place) => {
      const made = element("option", "", row.why_shown ? `${row.name}: ${row.why_shown}` : row.name);
      made.value = String(place);
      groups[row.why_shown ? 0 : 1].append(made);
    });
    const none = element("option", "", "A row of the data table");
    none.value = "";
    none.hidden = true;
    get("what-if-start").append(none, ...groups.filter((group) => group.children.length));
  };

  const ready = async () => {
    try {
      model = window.dspWhatIf.load(description, await window.dspUnpack("what-if-model", "bytes"));
      if (!agrees()) throw new Error("this browser does not compute what Python computed");
    } catch (error) {
      get("what-if-board").textContent = "What-if is left out: this browser does not compute the model's predictions exactly.";
      section.dataset.ready = "failed";
      console.error(error);
      return;
    }
    lay();
    get("what-if-start").addEventListener("change", (event) => begin(rows[Number(event.target.value)]));
    get("what-if-pick").addEventListener("submit", (event) => { event.preventDefault(); ask(); });
    get("what-if-form").addEventListener("submit", (event) => event.preventDefault());
    get("what-if-reset").addEventListener("click", () => begin(start));
    get("what-if-start").value = "0";
    begin(rows[0]);
    requestAnimationFrame(() => { section.dataset.ready = "true"; });
  };

  const watcher = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watcher.disconnect();
    ready();
  }, { rootMargin: "800px 0px" });
  watcher.observe(section);
})();
