// Saves the charts that Plotly drew: as picture with their title, as drawing, and their numbers as CSV.
// Their numbers are also window.dspCharts.records.
(() => {
  "use strict";
  const { element } = window.dspElements;
  const TITLE_HEIGHT = 44;
  const entities = { "&lt;": "<", "&gt;": ">", "&#37;": "%", "&#123;": "{", "&#36;": "$", "&amp;": "&" };
  /** Text as it was before it was made safe for Plotly. */
  const plain = (value) => (typeof value === "string" ? value.replace(/&(?:lt|gt|amp|#37|#123|#36);/g, (found) => entities[found]) : value);
  const safe = (text) => text.replace(/[&<>$]/g, (found) => `&#${found.charCodeAt(0)};`);

  /** A position's label, where the axis has labels beside numbered positions; dots of a swarm lie around them. */
  const called = (axis, value) => {
    const place = axis?.tickmode === "array" && typeof value === "number" ? axis.tickvals.indexOf(Math.round(value)) : -1;
    return plain(place < 0 ? value ?? null : axis.ticktext[place]);
  };
  const title = (axis, otherwise) => plain(axis?.title?.text ?? "") || (axis?.tickmode === "array" ? "label" : otherwise);

  const cells = (trace, layout) => trace.z.flatMap((line, row) =>
    line.map((value, column) => [called(layout.yaxis, trace.y[row]), called(layout.xaxis, trace.x[column]), value ?? null]));

  /** Texts are as the page got them, with their marks. @returns {(string | number | null)[][]} the header and a record for each thing that is drawn */
  const records = (place) => {
    const { data, layout } = window.dspCharts.figure(place);
    const names = [title(layout.xaxis, "x"), title(layout.yaxis, "y")];
    if (data[0].type === "heatmap") return [[names[1], names[0], "value"], ...data.flatMap((trace) => cells(trace, layout))];
    const numbers = ["lowerfence", "q1", "median", "q3", "upperfence", "mean"].filter((name) => data[0].type === "box" && data[0][name]);
    const lines = data.flatMap((trace) => {
      const { x = [], y = [] } = trace;
      return Array.from({ length: Math.max(x.length, y.length) }, (_, place) => [
        ...(data.length > 1 ? [plain(trace.name ?? "")] : []),
        called(layout.xaxis, x[place]), called(layout.yaxis, y[place]), ...numbers.map((name) => trace[name]?.[place] ?? null),
      ]);
    });
    const header = [...(data.length > 1 ? ["series"] : []), ...names, ...numbers];
    const filled = header.map((_, column) => lines.some((line) => line[column] !== null && line[column] !== ""));
    return [header, ...lines].map((line) => line.filter((_, column) => filled[column]));
  };

  const bytes = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  const picture = async (place, said, format) => {
    const surface = getComputedStyle(document.documentElement).getPropertyValue("--surface").trim();
    const { width, height, margin, font } = place._fullLayout;
    const layout = {
      ...place.layout, width, height: height + TITLE_HEIGHT, paper_bgcolor: surface, plot_bgcolor: surface,
      margin: { ...margin, t: margin.t + TITLE_HEIGHT },
      title: { text: safe(said), x: 0, xref: "paper", xanchor: "left", y: 1, yref: "container", yanchor: "top", pad: { t: 14 }, font: { ...font, size: 15 } },
    };
    const url = await window.Plotly.toImage({ data: place.data, layout }, { format, width, height: height + TITLE_HEIGHT, scale: format === "png" ? 2 : 1 });
    const [head, body] = [url.slice(0, url.indexOf(",")), url.slice(url.indexOf(",") + 1)];
    const type = `image/${format === "svg" ? "svg+xml" : format}`;
    return new Blob([head.endsWith("base64") ? bytes(body) : decodeURIComponent(body)], { type });
  };

  window.dspCharts = { records };

  document.addEventListener("dsp:drawn", (event) => {
    const place = event.target;
    const figure = place.closest("figure");
    if (!figure || figure.querySelector(".save-chart")) return;
    const said = figure.querySelector("figcaption").textContent.trim();
    const more = element("details", "save-chart");
    const summary = element("summary", "", "Save");
    summary.setAttribute("aria-label", `Save the chart: ${said}`);
    const row = element("div", "saving");
    const acts = {
      CSV: () => window.dspSave.csv(records(place), window.dspSave.named(said, "csv")),
      SVG: async () => window.dspSave.blob(await picture(place, said, "svg"), window.dspSave.named(said, "svg")),
      PNG: async () => window.dspSave.blob(await picture(place, said, "png"), window.dspSave.named(said, "png")),
    };
    for (const [text, act] of Object.entries(acts)) {
      const button = element("button", "button", text);
      button.addEventListener("click", act);
      row.append(button);
    }
    more.append(summary, row);
    figure.querySelector(".chart-more").append(more);
  });
})();
