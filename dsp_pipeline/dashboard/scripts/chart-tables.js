// The numbers behind each chart that Plotly drew, as a table, made when it is unfolded.
(() => {
  "use strict";
  const { element, visible } = window.dspElements;
  const MOST_ROWS = 400;
  const { count, value: number } = window.dspNumbers;
  const shown = (value) => (value === null ? "" : typeof value === "number" ? number(value) : visible(String(value)));

  /** @param {(string | number | null)[][]} records the header first */
  const table = ([names, ...records], said) => {
    const box = element("div", "scroll");
    box.tabIndex = 0;
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", `Table of ${said}`);
    const made = element("table");
    const line = (cells, kind) => {
      const row = element("tr");
      row.append(...cells.map((cell) => {
        const one = element(kind, typeof cell === "number" ? "right" : "", shown(cell));
        if (kind === "th") one.scope = "col";
        return one;
      }));
      return row;
    };
    const [head, body] = [element("thead"), element("tbody")];
    head.append(line(names, "th"));
    body.append(...records.slice(0, MOST_ROWS).map((record) => line(record, "td")));
    made.append(head, body);
    box.append(made);
    return box;
  };

  document.addEventListener("dsp:drawn", (event) => {
    const place = event.target;
    const figure = place.closest("figure");
    if (!figure || figure.querySelector(".chart-table")) return;
    const said = figure.querySelector("figcaption").textContent.trim();
    const more = element("details", "chart-table");
    const summary = element("summary", "", "Table");
    summary.setAttribute("aria-label", `Table: ${said}`);
    more.append(summary);
    more.addEventListener("toggle", () => {
      if (!more.open || more.querySelector("table")) return;
      const records = window.dspCharts.records(place);
      more.append(table(records, said));
      const left = records.length - 1 - MOST_ROWS;
      if (left > 0) more.append(element("p", "muted small", `${count(left)} more lines are in the CSV.`));
    });
    figure.querySelector(".chart-more").prepend(more);
  });
})();
