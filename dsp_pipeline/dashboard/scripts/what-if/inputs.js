// A row's cells into the numbers that the model reads, as its encodings say (`model/features.json`). Used by model.js.
(() => {
  "use strict";
  /** @typedef {string | number | boolean | null} Cell dates and times are ISO text, labels and texts are text */
  /** @typedef {{column: string, encoding: string, parts: string[], levels: string[], shares: number[], has_other: boolean}} Encoding */
  const DAY = 86_400_000;

  /** In single precision, as the model learnt; what is too large for it is missing. */
  const single = (value) => {
    const rounded = Math.fround(value);
    return Number.isFinite(rounded) ? rounded : NaN;
  };

  /** @param {string} text ISO date, with or without a time */
  const moment = (text) => {
    const found = /^(-?\d{4,})-(\d\d)-(\d\d)(?:[T ](\d\d))?/.exec(text);
    if (!found) return null;
    const [year, month, day] = found.slice(1, 4).map(Number);
    const date = new Date(0);
    date.setUTCFullYear(year, month - 1, day);
    if (date.getUTCMonth() !== month - 1) return null;
    const first = new Date(0);
    first.setUTCFullYear(year, 0, 1);
    return { year, month, day, hour: Number(found[4] ?? 0), days: date.getTime() / DAY, weekday: date.getUTCDay() || 7, ordinal: (date - first) / DAY + 1 };
  };

  const DATE_PARTS = {
    year: (at) => at.year,
    month: (at) => at.month,
    day: (at) => at.day,
    weekday: (at) => at.weekday,
    "day of year": (at) => at.ordinal,
    hour: (at) => at.hour,
    days: (at) => at.days,
  };
  const TEXT_PARTS = {
    characters: (text) => [...text].length,
    words: (text) => (text.replace(/^\p{White_Space}+|\p{White_Space}+$/gu, "").match(/\p{White_Space}+/gu) ?? []).length + 1,
    digits: (text) => (text.match(/\p{Nd}/gu) ?? []).length,
  };

  /** What a text says: its words and pairs of words, weighted, along the directions in which texts differ. */
  const topics = ({ vocabulary, rarity, weights }) => {
    const places = new Map(vocabulary.map((term, place) => [term, place]));
    return (text, topic) => {
      const words = text.toLowerCase().match(/\p{L}[\p{L}\p{N}]*/gu) ?? [];
      const terms = [...words, ...words.slice(1).map((word, before) => `${words[before]} ${word}`)];
      const counts = new Map();
      for (const place of terms.map((term) => places.get(term))) {
        if (place !== undefined) counts.set(place, (counts.get(place) ?? 0) + 1);
      }
      let sum = 0;
      let length = 0;
      counts.forEach((count, place) => {
        const strength = (1 + Math.log(count)) * rarity[place];
        sum += strength * weights[place][topic];
        length += strength ** 2;
      });
      return length > 0 ? sum / Math.sqrt(length) : 0;
    };
  };

  /** @param {Encoding} encoding */
  const written = (encoding) => {
    const said = encoding.topics ? topics(encoding.topics) : null;
    return (cell, part) => {
      if (part.startsWith("topic")) return said(String(cell), Number(part.slice("topic".length)) - 1);
      return TEXT_PARTS[part](String(cell));
    };
  };

  const seconds = (text) => {
    const found = /^(\d\d):(\d\d)(?::(\d\d))?/.exec(text);
    return found ? 3600 * Number(found[1]) + 60 * Number(found[2]) + Number(found[3] ?? 0) : NaN;
  };

  /** @param {Encoding} encoding */
  const category = (encoding) => {
    const codes = new Map(encoding.levels.map((level, code) => [level, code]));
    const rare = encoding.has_other ? encoding.levels.length : NaN;
    const typical = new Map((encoding.typical?.levels ?? []).map((level, place) => [level, place]));
    return (cell, part) => {
      if (part.startsWith("outcome")) {
        const output = Number(part.slice("outcome".length) || 1) - 1;
        const place = typical.get(String(cell));
        return Math.fround(place === undefined ? encoding.typical.prior[output] : encoding.typical.means[output][place]);
      }
      const code = codes.get(String(cell));
      if (part === "frequency") return code === undefined ? 0 : encoding.shares[code];
      return code ?? rare;
    };
  };

  const plain = (cell) => Number(cell);
  const dated = (cell, part) => {
    const at = moment(String(cell));
    return at ? DATE_PARTS[part](at) : NaN;
  };
  const WAYS = {
    number: () => plain,
    flag: () => plain,
    category,
    date: () => dated,
    timestamp: () => dated,
    time: () => (cell) => seconds(String(cell)),
    text: written,
  };

  /**
   * @param {Encoding[]} encodings
   * @returns {{columns: number[], names: string[], of: (cells: Cell[]) => Float64Array}} for each input the place of its
   *   column, its part, and what computes all inputs of a row; NaN is missing
   */
  const inputs = (encodings) => {
    const columns = encodings.flatMap((each, place) => each.parts.map(() => place));
    const names = encodings.flatMap((each) => each.parts);
    const ways = encodings.map((each) => WAYS[each.encoding](each));
    const of = (cells) => Float64Array.from(columns, (place, input) => {
      const cell = cells[place];
      return cell === null ? NaN : single(ways[place](cell, names[input]));
    });
    return { columns, names, of };
  };

  window.dspWhatIf = { inputs };
})();
