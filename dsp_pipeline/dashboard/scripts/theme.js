// Runs in the head, before the first paint: the theme that the reader chose last time, if storage is allowed at all.
(() => {
  "use strict";
  /** @returns {string | null} */
  const remembered = () => {
    try { return window.localStorage.getItem("dsp-theme"); } catch { return null; }
  };
  const theme = remembered();
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  document.documentElement.classList.add("scripted");
})();
