// The one place that readers of the page hear from, as window.dspSpeak: what changed, once it stays so.
(() => {
  "use strict";
  /** Milliseconds without a change: while a range is dragged nothing is said. */
  const SPEAK_AFTER = 500;
  const place = document.getElementById("spoken");
  let due = 0;

  /** Says a text, made when its time has come; what was to be said before it is not said. @param {() => string} text */
  window.dspSpeak = (text) => {
    clearTimeout(due);
    due = setTimeout(() => { place.textContent = text(); }, SPEAK_AFTER);
  };
})();
