// What is known of the embedded columns, and how their levels are called.
(() => {
  "use strict";
  /**
   * @typedef {object} Column
   * @property {string} name
   * @property {"number" | "time" | "category"} kind
   * @property {string[]} labels the levels' names; with `ranges` those of their edges, one more
   * @property {string[]} bounds as `labels`, as links spell them
   * @property {boolean} ranges
   * @property {number} others how many labels the level of all others holds
   * @property {boolean} missing whether the last level is that of missing values
   * @property {number[]} counts all rows by level
   * @property {number} bits
   */
  const { visible } = window.dspElements;
  const { count: figure, plain } = window.dspNumbers;
  /** @param {Column} column */
  const named = (column) => column.labels.length - Number(column.ranges);
  const low = (column, level) => visible(column.labels[level]);
  const high = (column, level) => visible(column.labels[level + Number(column.ranges)]);
  const levels = (column) => column.counts.length;
  const isMissing = (column, level) => column.missing && level === levels(column) - 1;

  /** What a level is called, in texts and counts as these functions write them. */
  const called = (text, count) => (column, level) => {
    if (isMissing(column, level)) return "missing";
    if (level >= named(column)) return `${count(column.others)} others`;
    const [from, to] = [level, level + Number(column.ranges)].map((place) => text(column.labels[place]));
    return column.ranges ? `${from} to ${to}` : from || "(empty)";
  };
  const label = called(visible, figure);
  /** As it is saved. */
  const plainLabel = called((text) => visible(plain(text)), (count) => count.toLocaleString("en"));

  /** The first and the last level that are let through, without those for others and missing; null if none is. */
  const span = (column, allowed) => {
    const inside = [...allowed.subarray(0, named(column)).keys()].filter((level) => allowed[level]);
    return inside.length ? [inside[0], inside[inside.length - 1]] : null;
  };

  /** A filter in words: "20 to 50 or missing". */
  const words = (column, allowed) => {
    const parts = [];
    if (column.kind === "category") {
      const chosen = [...allowed.keys()].filter((level) => allowed[level]);
      parts.push(...chosen.slice(0, 3).map((level) => label(column, level)));
      if (chosen.length > 3) parts.push(`${chosen.length - 3} more`);
    } else {
      const found = span(column, allowed);
      if (found) parts.push(!column.ranges && found[0] === found[1] ? low(column, found[0]) : `${low(column, found[0])} to ${high(column, found[1])}`);
      if (column.missing && allowed[levels(column) - 1]) parts.push("missing");
    }
    return parts.join(" or ");
  };

  window.dspExplore = { figure, named, low, high, levels, label, plainLabel, isMissing, span, words };
})();
