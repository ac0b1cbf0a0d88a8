// Draws the charts with Plotly when they come near the view, and again when the theme changes. Others hear by "dsp:drawn".
(() => {
  "use strict";
  const holder = document.getElementById("charts-data");
  const places = [...document.querySelectorAll("[data-chart]")];
  if (!holder || !places.length) return;
  const { base, figures, swaps } = JSON.parse(holder.textContent);
  const config = { displayModeBar: false, responsive: true, doubleClick: "reset", showTips: false };
  /** CSS pixels inside a card on A4 with margins of 12 mm. */
  const PAPER_WIDTH = 650;
  /** From this width on, numbers of a waterfall have room beside its bars. */
  const WATERFALL_WIDTH = 520;
  const coarse = window.matchMedia("(pointer: coarse)").matches;
  const drawn = new Set();
  const { isPlain, shown } = window.dspNumbers;
  Object.assign(window.dspCharts, { figure: (place) => figures[place.dataset.chart] });

  let printing = false;
  const isDark = () => {
    if (printing) return false;
    const chosen = document.documentElement.dataset.theme;
    return chosen ? chosen === "dark" : window.matchMedia("(prefers-color-scheme: dark)").matches;
  };

  /**
   * A copy in the theme's colours, with the page's numbers in its texts: of colours only what stands under a key about
   * colour is changed, never data.
   */
  const coloured = (value, theme, isColour) => {
    if (typeof value === "string") return isColour && Object.hasOwn(swaps, value) ? swaps[value][theme] : shown(value);
    if (Array.isArray(value)) return isColour || !isPlain || value.some((item) => item && typeof item === "object")
      ? value.map((item) => coloured(item, theme, isColour)) : value;
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, coloured(item, theme, isColour || /color/i.test(key))]),
    );
  };

  /** Numbers in a heatmap's cells only where they fit. */
  const fitted = (trace, width) => {
    if (!trace.texttemplate || (width - 110) / trace.x.length >= 34) return trace;
    const { texttemplate, text, ...bare } = trace;
    return bare;
  };

  /** A waterfall's numbers in a column at its right, where beside its bars they would stand upon its labels. */
  const aligned = ({ data, layout }, width) => {
    const [steps, ends] = data;
    if (width >= WATERFALL_WIDTH || !Array.isArray(steps.base) || !ends) return { data, layout };
    const texts = [ends.text[0], ...steps.text, ends.text[1]];
    const labels = { ...layout.yaxis, tickfont: { size: 10.5 } };
    const numbers = { ...labels, overlaying: "y", side: "right", ticktext: texts };
    return {
      data: [{ ...steps, textposition: "none" }, { ...ends, mode: "markers", yaxis: "y2" }],
      layout: { ...layout, yaxis: labels, yaxis2: numbers },
    };
  };

  /** How wide a chart is on paper, in the layout of `page.css`: A4 and Letter hold two side by side. */
  const onPaper = (place) => {
    const figure = place.closest("figure");
    const alone = !figure?.parentElement.matches(".charts") || figure.matches(".wide, :last-child:nth-child(odd)");
    return alone ? PAPER_WIDTH : PAPER_WIDTH / 2 - 34;
  };

  const figure = (place) => {
    const key = place.dataset.chart;
    const width = printing ? onPaper(place) : place.clientWidth;
    const theme = isDark() ? 1 : 0;
    const layout = coloured({ ...base, ...figures[key].layout }, theme, false);
    if (printing) layout.width = width;
    if (coarse) layout.dragmode = false;
    const data = coloured(figures[key].data, theme, false).map((trace) => fitted(trace, width));
    return aligned({ data, layout }, width);
  };

  let engine = null;
  const plotly = () => {
    engine ??= window.dspUnpack("plotly-data").then((source) => {
      const script = document.createElement("script");
      script.textContent = source;
      document.head.append(script);
      return window.Plotly;
    });
    return engine;
  };

  /** Moves axis titles into the frame: Plotly centres them under bars, and beside long labels these are narrow. */
  const keepTitles = (place) => {
    const end = place.getBoundingClientRect().right;
    for (const title of place.querySelectorAll(".g-xtitle text")) {
      title.style.translate = "";
      const over = title.getBoundingClientRect().right - end;
      if (over > 0) title.style.translate = `${-over}px 0`;
    }
  };

  const draw = async (place) => {
    if (drawn.has(place)) return;
    drawn.add(place);
    try {
      const Plotly = await plotly();
      const { data, layout } = figure(place);
      await Plotly.newPlot(place, data, layout, config);
      place.on("plotly_afterplot", () => keepTitles(place));
      keepTitles(place);
      place.classList.replace("waiting", "drawn");
      place.dispatchEvent(new CustomEvent("dsp:drawn", { bubbles: true }));
    } catch (error) {
      place.textContent = "This chart needs a newer browser (2023 or later).";
      place.classList.replace("waiting", "failed");
      console.error(error);
    }
  };

  const queue = [];
  let busy = false;
  const work = async () => {
    if (busy) return;
    busy = true;
    while (queue.length) {
      await draw(queue.shift());
      await new Promise((go) => setTimeout(go));
    }
    busy = false;
  };
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      watcher.unobserve(entry.target);
      queue.push(entry.target);
    }
    work();
  }, { rootMargin: "400px 0px" });
  for (const place of places) watcher.observe(place);

  const recolour = async () => {
    for (const place of drawn) {
      if (!place.classList.contains("drawn")) continue;
      const { data, layout } = figure(place);
      await window.Plotly.react(place, data, layout, config);
    }
  };
  document.addEventListener("dsp:theme", recolour);
  window.addEventListener("beforeprint", () => {
    printing = true;
    recolour();
    for (const place of places) draw(place);
  });
  window.addEventListener("afterprint", () => {
    printing = false;
    recolour();
  });
})();
