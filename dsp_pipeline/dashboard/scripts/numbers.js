// Numbers as people read them, as window.dspNumbers: the page's texts are made by `wording`, which writes them alike.
(() => {
  "use strict";
  /** One formatter for all numbers of a sort, as making one takes longer than a chart. @param {Intl.NumberFormatOptions} options */
  const written = (options) => {
    const { format } = new Intl.NumberFormat("en", options);
    return (/** @type {number} */ value) => format(value).replace("-", "−");
  };
  const tenths = written({ style: "percent", maximumFractionDigits: 1 });

  window.dspNumbers = {
    /** 336,776 */
    count: written({}),
    /** 12.3%; <0.1% and >99.9% rather than a false 0 or 100. @param {number} share */
    percent: (share) => (share > 0 && share < 0.001 ? "<0.1%" : share > 0.999 && share < 1 ? ">99.9%" : tenths(share)),
    /** At four significant digits, whole from 1,000 on. */
    figure: written({ maximumSignificantDigits: 4, maximumFractionDigits: 0, roundingPriority: "morePrecision" }),
    /** A step up or down, at three significant digits. */
    signed: written({ maximumSignificantDigits: 3, signDisplay: "exceptZero" }),
    /** At six significant digits, as charts hold them. */
    value: written({ maximumSignificantDigits: 6 }),
  };
})();
