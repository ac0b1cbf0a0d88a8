// A range dragged over a chart along time or a number becomes a filter, on request: the drag itself only zooms.
(() => {
  "use strict";
  const explore = window.dspExplore;
  const { element } = window.dspElements;

  /** A bound as links spell it: Plotly's dates are ISO but for the T and for what lies below a second. */
  const bound = (value) => (typeof value === "number" ? String(value) : String(value).replace(" ", "T").slice(0, 19));

  const watch = (place) => {
    const column = place.dataset.brushes;
    if (!column || !explore.has(column)) return;
    const button = element("button", "button", "Keep only rows in this range");
    button.hidden = true;
    let range = "";
    place.on("plotly_relayout", (change) => {
      const [from, to] = [change["xaxis.range[0]"], change["xaxis.range[1]"]];
      if (from === undefined && !change["xaxis.autorange"]) return;
      button.hidden = from === undefined;
      if (from !== undefined) range = `${encodeURIComponent(bound(from))}..${encodeURIComponent(bound(to))}`;
    });
    button.addEventListener("click", () => explore.filterBy(column, range));
    place.closest("figure").querySelector(".chart-more").prepend(button);
  };
  for (const place of document.querySelectorAll(".plot.drawn")) watch(place);
  document.addEventListener("dsp:drawn", (event) => watch(event.target));
})();
