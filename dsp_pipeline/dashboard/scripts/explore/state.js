// The filters, their history, and how a link spells them: `#place~region=south,east&amount=20..50,!missing`.
(() => {
  "use strict";
  const explore = window.dspExplore;
  const place = "explore";
  const MISSING = "!missing";
  const OTHERS = "!others";
  const spelt = (text) => encodeURIComponent(text).replaceAll("!", "%21").replaceAll("~", "%7E");
  const read = (text) => { try { return decodeURIComponent(text); } catch { return text; } };

  /** @param {Column} column @param {Uint8Array} allowed @returns {string} */
  const written = (column, allowed) => {
    const count = explore.named(column);
    const parts = [];
    if (column.kind === "category") {
      for (let level = 0; level < count; level += 1) if (allowed[level]) parts.push(spelt(column.bounds[level]));
      if (column.others && allowed[count]) parts.push(OTHERS);
    } else {
      const span = explore.span(column, allowed);
      if (span) parts.push(`${spelt(column.bounds[span[0]])}..${spelt(column.bounds[span[1] + Number(column.ranges)])}`);
    }
    if (column.missing && allowed[explore.levels(column) - 1]) parts.push(MISSING);
    return `${spelt(column.name)}=${parts.join(",")}`;
  };

  /** The levels that a range touches: bounds that are no edges here, as in another version, are taken outwards. */
  const range = (column, text, allowed) => {
    const number = column.kind === "number";
    const [from, to] = text.split("..").map((bound) => (number ? Number(read(bound)) : read(bound)));
    const bounds = number ? column.bounds.map(Number) : column.bounds;
    if (to === undefined || (number && Number.isNaN(from + to))) return;
    for (let level = 0; level < explore.named(column); level += 1) {
      const touches = column.ranges ? bounds[level + 1] > from && bounds[level] < to : bounds[level] >= from && bounds[level] <= to;
      if (touches) allowed[level] = 1;
    }
  };

  /** @param {Column} column @param {string} text @returns {Uint8Array | null} */
  const parsed = (column, text) => {
    const allowed = new Uint8Array(explore.levels(column));
    for (const part of text.split(",")) {
      if (part === MISSING) { if (column.missing) allowed[allowed.length - 1] = 1; }
      else if (part === OTHERS) { if (column.others) allowed[explore.named(column)] = 1; }
      else if (column.kind === "category") {
        const level = column.bounds.indexOf(read(part));
        if (level >= 0) allowed[level] = 1;
      } else range(column, part, allowed);
    }
    return meaningful(allowed);
  };

  /** A filter that lets all or nothing through is none. */
  const meaningful = (allowed) => (allowed && allowed.includes(0) && allowed.includes(1) ? allowed : null);

  /** @param {Column[]} columns @param {() => void} changed called after each change */
  const keep = (columns, changed) => {
    /** @type {Map<number, Uint8Array>} */ let filters = new Map();
    /** @type {Map<number, Uint8Array>[]} */ const past = [];
    const text = (of) => [...of].map(([column, allowed]) => written(columns[column], allowed)).join("&");
    const anchor = () => window.location.hash.slice(1).split("~")[0] || place;

    const address = () => {
      const said = text(filters);
      const hash = said ? `#${anchor()}~${said}` : `#${anchor()}`;
      if (said || window.location.hash.includes("~")) window.history.replaceState(null, "", hash);
    };
    const write = () => { address(); changed(); };

    const replace = (next, remember = true) => {
      if (text(next) === text(filters)) return;
      if (remember) past.push(filters);
      filters = next;
      if (remember) write(); else changed();
    };

    /** With `remember` false a step of a drag: neither history nor address hear of it before its end. */
    const set = (column, allowed, remember = true) => {
      const next = new Map(filters);
      const wanted = meaningful(allowed);
      if (wanted) next.set(column, wanted); else next.delete(column);
      replace(next, remember);
    };

    const restore = () => {
      const [to, ...rest] = window.location.hash.slice(1).split("~");
      if (!rest.length) { if (filters.size) write(); return; }
      const next = new Map();
      for (const part of rest.join("~").split("&")) {
        const [name, ...value] = part.split("=");
        const column = columns.findIndex((one) => one.name === read(name));
        const allowed = column >= 0 ? parsed(columns[column], value.join("=")) : null;
        if (allowed) next.set(column, allowed);
      }
      replace(next);
      document.getElementById(to || place)?.scrollIntoView({ behavior: "instant" });
    };
    window.addEventListener("hashchange", restore);

    return {
      filters: () => filters,
      of: (column) => filters.get(column) ?? null,
      set,
      restore,
      /** @param {number} column @param {string} said as a link spells a filter on it */
      setAs: (column, said) => set(column, parsed(columns[column], said)),
      reset: () => replace(new Map()),
      undo: () => { if (past.length) { filters = past.pop(); write(); } },
      canUndo: () => past.length > 0,
      /** Ends a drag: one step of history for the whole of it, what was before, and one change of the address. */
      remember: (before) => { if (text(before) !== text(filters)) { past.push(before); address(); } },
    };
  };

  Object.assign(explore, { keep, meaningful });
})();
