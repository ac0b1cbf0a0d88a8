// Files that the page hands to its reader. Used as window.dspSave.
(() => {
  "use strict";
  /** A CSV field; text that a spreadsheet would run as a formula gets an apostrophe before it. */
  const field = (value) => {
    if (value === null) return "";
    if (typeof value !== "string") return String(value);
    const plain = window.dspNumbers.plain(value);
    const text = /^[=+\-@\t\r]/.test(plain) && Number.isNaN(Number(plain)) ? `'${plain}` : plain;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };

  /** @param {Blob} blob @param {string} name */
  const save = (blob, name) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };

  /** @param {(string | number | null)[][]} records the header first */
  const csv = (records, name) => {
    const lines = records.map((record) => record.map(field).join(","));
    save(new Blob([`${lines.join("\r\n")}\r\n`], { type: "text/csv" }), name);
  };

  /** A file's name made from any text. */
  const named = (text, ending) => `${text.replace(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^[-.]+|[-.]+$/g, "").slice(0, 60) || "chart"}.${ending}`;

  window.dspSave = { blob: save, csv, named };
})();
