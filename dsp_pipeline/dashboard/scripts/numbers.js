// Numbers as people read them, as window.dspNumbers: the page's texts are made by `wording`, which writes them alike.
// Texts that are saved as well as shown come with marks in the place of separators, as `core/numbers.py` sets them.
(() => {
  "use strict";
  const own = document.documentElement.dataset.separators;
  const [point, group] = own ?? ".,";
  const PLAIN = [".", ","];
  const [GROUP, POINT] = ["\ufdd0", "\ufdd1"];

  const marks = /(?<=\d)[\ufdd0\ufdd1]/g;
  const instead = (text, [decimal, thousands]) => text.replace(marks, (mark) => (mark === GROUP ? thousands : decimal));
  /** A text with the page's separators for its marks. A page that writes numbers plainly has no marks. @param {string} text */
  const shown = (text) => (own ? instead(text, [point, group]) : text);
  /** A text as it is saved. @param {string} text */
  const plain = (text) => (own ? instead(text, PLAIN) : text);

  const marked = (text) => text.replace(/[.,]/g, (mark) => (mark === "," ? GROUP : POINT));
  /** What JavaScript writes plainly, with the page's separators. @param {string} text */
  const separated = (text) => (own ? shown(marked(text)) : text);

  /** One formatter for all numbers of a sort, as making one takes longer than a chart. @param {Intl.NumberFormatOptions} options */
  const written = (options) => {
    const { format } = new Intl.NumberFormat("en", options);
    return (/** @type {number} */ value) => separated(format(value).replace("-", "−"));
  };
  const tenths = written({ style: "percent", maximumFractionDigits: 1 });
  const bare = new Intl.NumberFormat("en", { maximumFractionDigits: 6, useGrouping: false });
  const isReadable = (size) => !size || (size >= 1e-6 && size < 1e21);

  const numeral = new RegExp(`^[-+]?(?=\\${point}?\\d)(?:\\d{1,3}(?:\\${group}\\d{3})+|\\d*)(?:\\${point}\\d*)?(?:e[-+]?\\d+)?$`, "i");
  /** The number that a person typed as the page writes them, with or without marks between thousands; else NaN. @param {string} text */
  const read = (text) => {
    const said = text.trim().replace("−", "-").replace(/(?<=\d)\s(?=\d)/g, "\u202f").replaceAll("’", "'");
    return numeral.test(said) ? Number(said.replaceAll(group, "").replace(point, ".")) : NaN;
  };

  window.dspNumbers = {
    /** Whether numbers are written as JavaScript and number fields do. */
    isPlain: !own,
    shown,
    plain,
    read,
    /** 336,776 */
    count: written({}),
    /** 12.3%; <0.1% and >99.9% rather than a false 0 or 100. @param {number} share */
    percent: (share) => (share > 0 && share < 0.001 ? separated("<0.1%") : share > 0.999 && share < 1 ? separated(">99.9%") : tenths(share)),
    /** At four significant digits, whole from 1,000 on. */
    figure: written({ maximumSignificantDigits: 4, maximumFractionDigits: 0, roundingPriority: "morePrecision" }),
    /** A step up or down, at three significant digits. */
    signed: written({ maximumSignificantDigits: 3, signDisplay: "exceptZero" }),
    /** At six significant digits, as charts hold them. */
    value: written({ maximumSignificantDigits: 6 }),
    /** A cell, to six decimals. @param {number} value */
    cell: (value) => separated(isReadable(Math.abs(value)) ? bare.format(value) : String(value)),
    /** All digits, as in a field. @param {number | string} value */
    full: (value) => separated(String(value)),
  };
})();
