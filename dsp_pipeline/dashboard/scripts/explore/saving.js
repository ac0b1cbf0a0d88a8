// A column's counts as CSV, and its chart as a drawing that stands by itself.
(() => {
  "use strict";
  const explore = window.dspExplore;
  const { visible } = window.dspElements;
  const SVG = "http://www.w3.org/2000/svg";
  const WIDTH = 640;

  const colour = (role) => getComputedStyle(document.documentElement).getPropertyValue(`--${role}`).trim();

  const node = (name, attributes, text) => {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const text = (x, y, said, more = {}) => node("text", { x, y, "font-size": 12, fill: colour("muted"), ...more }, said);
  /** By characters, not by halves of them: half an emoji is no text that can be saved. */
  const cut = (said, length) => {
    const marks = [...said];
    return marks.length > length ? `${marks.slice(0, length - 1).join("")}…` : said;
  };

  /** Upright bars: all rows behind, those that pass before them. */
  const upright = (column, counts, svg) => {
    const top = Math.max(...column.counts) || 1;
    const step = (WIDTH - 40) / counts.length;
    column.counts.forEach((all, level) => {
      for (const [count, role] of [[all, "line"], [counts[level], "fill"]]) {
        const height = (200 * count) / top;
        const box = node("rect", { x: 20 + level * step, y: 270 - height, width: Math.max(1, step - 1.5), height, fill: colour(role) });
        box.append(node("title", {}, `${explore.label(column, level)}: ${count}`));
        svg.append(box);
      }
    });
    svg.append(text(20, 288, explore.low(column, 0)));
    const end = explore.high(column, explore.named(column) - 1) + (column.missing ? ", missing" : "");
    svg.append(text(WIDTH - 20, 288, end, { "text-anchor": "end" }));
    return 304;
  };

  const lines = (column, counts, svg) => {
    const top = Math.max(...column.counts) || 1;
    column.counts.forEach((all, level) => {
      const y = 62 + 24 * level;
      svg.append(text(20, y + 12, cut(explore.label(column, level), 28), { fill: colour("ink") }));
      for (const [count, role] of [[all, "line"], [counts[level], "fill"]]) {
        svg.append(node("rect", { x: 220, y, width: (300 * count) / top, height: 16, fill: colour(role) }));
      }
      svg.append(text(WIDTH - 20, y + 12, explore.figure(counts[level]), { "text-anchor": "end" }));
    });
    return 76 + 24 * counts.length;
  };

  /** @returns {{source: string, width: number, height: number}} */
  const drawing = (column, counts, summary) => {
    const svg = node("svg", { xmlns: SVG, "font-family": "system-ui, sans-serif" });
    const ground = node("rect", { width: "100%", height: "100%", fill: colour("surface") });
    svg.append(ground, text(20, 30, cut(visible(column.name), 70), { "font-size": 16, "font-weight": 600, fill: colour("ink") }));
    if (summary) svg.append(text(20, 48, summary));
    const height = column.kind === "category" ? lines(column, counts, svg) : upright(column, counts, svg);
    for (const [key, value] of [["width", WIDTH], ["height", height], ["viewBox", `0 0 ${WIDTH} ${height}`]]) svg.setAttribute(key, String(value));
    return { source: new XMLSerializer().serializeToString(svg), width: WIDTH, height };
  };

  const saveSvg = (column, counts, summary) => {
    const { source } = drawing(column, counts, summary);
    window.dspSave.blob(new Blob([source], { type: "image/svg+xml" }), window.dspSave.named(column.name, "svg"));
  };

  const savePng = async (column, counts, summary) => {
    const { source, width, height } = drawing(column, counts, summary);
    const image = new Image(width, height);
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(source)}`;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = 2 * width;
    canvas.height = 2 * height;
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => window.dspSave.blob(blob, window.dspSave.named(column.name, "png")));
  };

  const saveCsv = (column, counts) => {
    const records = column.counts.map((all, level) => [explore.plainLabel(column, level), counts[level], all]);
    window.dspSave.csv([[column.name, "rows that pass", "all rows"], ...records], window.dspSave.named(column.name, "csv"));
  };

  Object.assign(explore, { saveSvg, savePng, saveCsv });
})();
