// What changes one column's value: a number with a slider, a choice, a date, a text. Empty means missing. Used by main.js.
(() => {
  "use strict";
  const { element, visible } = window.dspElements;
  const { full, isPlain, read } = window.dspNumbers;
  const STEPS = 200;
  const MISSING = "";
  const RARE = "\u0000";
  const TYPES = { date: "date", timestamp: "datetime-local", time: "time" };
  const ATTRIBUTES = { timestamp: { step: "1" }, time: { step: "1" } };
  const order = new Intl.Collator(undefined, { numeric: true });

  const option = (value, text) => {
    const made = element("option", "", text);
    made.value = value;
    return made;
  };

  /** A number's field and slider; the field takes values beyond those that the model saw, and says so. */
  const number = (column, id, changed) => {
    const field = element("input", "field");
    // A browser's own field for numbers knows no separators but its user's.
    const kind = isPlain ? { type: "number", step: "any" } : { type: "text", inputMode: "decimal", autocomplete: "off" };
    Object.assign(field, { ...kind, id, placeholder: "missing" });
    const slider = element("input");
    const span = column.high - column.low;
    const step = column.whole && span <= 5 * STEPS ? 1 : span / STEPS;
    Object.assign(slider, { type: "range", min: column.low, max: column.high, step: step || 1 });
    slider.setAttribute("aria-label", `${visible(column.name)}, slider`);
    const hint = element("span", "hint small");
    hint.id = `${id}-hint`;
    field.setAttribute("aria-describedby", hint.id);
    const get = () => {
      const value = read(field.value);
      return Number.isNaN(value) ? null : value;
    };
    const paint = () => {
      const value = get();
      slider.value = value ?? (column.low + column.high) / 2;
      slider.classList.toggle("missing", value === null);
      const beyond = value !== null && (value < column.low || value > column.high);
      const unread = value === null && field.value.trim() !== MISSING;
      hint.textContent = unread ? "not a number" : beyond ? `beyond the data (${full(column.low)} to ${full(column.high)})` : "";
    };
    field.addEventListener("input", () => { paint(); changed(); });
    slider.addEventListener("input", () => {
      field.value = full(Number(Number(slider.value).toPrecision(6)));
      paint();
      changed();
    });
    const set = (cell) => { field.value = cell === null ? MISSING : full(cell); paint(); };
    return { parts: column.low === null || span === 0 ? [field, hint] : [field, slider, hint], get, set };
  };

  const choice = (values, id, changed, { read, write }) => {
    const field = element("select", "field");
    field.id = id;
    field.append(...values.map(([value, text]) => option(value, text)));
    field.addEventListener("change", changed);
    const set = (cell) => {
      const value = write(cell);
      if (![...field.options].some((each) => each.value === value)) field.prepend(option(value, visible(value)));
      field.value = value;
    };
    return { parts: [field], get: () => read(field.value), set };
  };

  const flag = (column, id, changed) => choice([["true", "true"], ["false", "false"], [MISSING, "missing"]], id, changed, {
    read: (value) => (value === MISSING ? null : value === "true"),
    write: (cell) => (cell === null ? MISSING : String(cell)),
  });

  /** Labels are told from "missing" by a mark before them, since a label may be empty. */
  const category = (column, id, changed, encoding) => {
    const labels = [...encoding.labels].sort(order.compare);
    const values = labels.map((label) => [`=${label}`, visible(label) || "(empty)"]);
    values.push([RARE, encoding.has_other ? "a rarer label" : "a label that the model never saw"], [MISSING, "missing"]);
    return choice(values, id, changed, {
      read: (value) => (value === MISSING ? null : value === RARE ? RARE : value.slice(1)),
      write: (cell) => (cell === null ? MISSING : cell === RARE || !encoding.labels.includes(cell) ? RARE : `=${cell}`),
    });
  };

  const moment = (column, id, changed) => {
    const field = element("input", "field");
    Object.assign(field, { type: TYPES[column.control], id, ...ATTRIBUTES[column.control] });
    field.addEventListener("input", changed);
    return { parts: [field], get: () => field.value || null, set: (cell) => { field.value = cell ?? MISSING; } };
  };

  const text = (column, id, changed) => {
    const field = element("textarea", "field");
    Object.assign(field, { id, rows: 2, placeholder: "missing" });
    field.addEventListener("input", changed);
    return { parts: [field], get: () => field.value || null, set: (cell) => { field.value = cell ?? MISSING; } };
  };

  const KINDS = { number, flag, category, text, date: moment, timestamp: moment, time: moment };

  /** A field cannot hold every cell: until it says something else than at first, its cell is the one it was given. */
  const faithful = ({ get, set }) => {
    let given = null;
    let held = null;
    return {
      get: () => {
        const now = get();
        return now === held ? given : now;
      },
      set: (cell) => {
        set(cell);
        given = cell;
        held = get();
      },
    };
  };

  /**
   * @param {{name: string, control: string, low: any, high: any, whole: boolean}} column
   * @param encoding how the model reads it
   * @param {number} place
   * @param {() => void} changed
   */
  window.dspWhatIf.control = (column, encoding, place, changed) => {
    const id = `what-if-${place}`;
    const { parts, ...field } = KINDS[column.control](column, id, changed, encoding);
    const box = element("div", `control ${column.control}`);
    const label = element("label", "", visible(column.name));
    label.htmlFor = id;
    box.append(label, ...parts);
    const mark = (isChanged) => box.classList.toggle("changed", isChanged);
    return { box, ...faithful(field), mark };
  };
})();
