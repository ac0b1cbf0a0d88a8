// Elements and text for the other scripts, as window.dspElements. Text from the file only ever becomes text.
(() => {
  "use strict";
  const { shown } = window.dspNumbers;
  const HIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060\u2066-\u2069\ufdd0\ufdd1\ufeff]/g;

  /** Text with the page's numbers, whose hidden controls are shown as their code points, as `wording.visible` does it. */
  const visible = (text) => shown(text).replace(HIDDEN, (found) => `⟨U+${found.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);

  /**
   * @param {string} name
   * @param {string} [classes]
   * @param {string} [text]
   */
  const element = (name, classes, text) => {
    const made = document.createElement(name);
    if (classes) made.className = classes;
    if (text !== undefined) made.textContent = text;
    if (name === "button") made.type = "button";
    return made;
  };

  window.dspElements = { visible, element };
})();
