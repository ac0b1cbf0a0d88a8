// The exploring section: cards, the bar of filters, and the worker that counts. Others hear of it by "dsp:filter".
(() => {
  "use strict";
  const section = document.getElementById("explore");
  if (!section) return;
  const explore = window.dspExplore;
  const { element } = explore;
  const get = (id) => document.getElementById(id);
  const { rows, noun, columns } = JSON.parse(get("explore-data").textContent);
  const FIRST_CARDS = 24;

  const engine = new Worker(URL.createObjectURL(new Blob([get("explore-engine").textContent], { type: "text/javascript" })));
  engine.postMessage({
    kind: "start",
    rows,
    columns: columns.map((column, place) => ({ bits: column.bits, levels: column.counts.length, text: get(`explore-${place}`).textContent })),
  });

  /** @type {{shown: number, counts: Map<number, Uint32Array>, passing: Uint8Array | null}} */
  let answer = { shown: rows, counts: new Map(), passing: null };
  let asked = 0;
  let waiting = false;
  let again = false;
  let all = false;
  let before = new Map();
  let dragging = false;

  const state = explore.keep(columns, () => ask());
  const cards = columns.map((column, place) => explore.card(column, {
    get: () => state.of(place),
    set: (allowed) => state.set(place, allowed, !dragging),
    begin: () => { dragging = true; before = state.filters(); },
    end: () => { dragging = false; state.remember(before); show(); },
  }));
  get("explore-cards").replaceChildren(...cards.map((card) => card.article));

  /** One question at a time; while it is open, only the newest of those that come is kept. */
  const ask = () => {
    paintBar();
    if (waiting) { again = true; return; }
    waiting = true;
    const wanted = [...cards.keys()].filter((place) => !cards[place].article.hidden);
    engine.postMessage({ kind: "filter", id: asked += 1, filters: [...state.filters()], wanted });
  };

  engine.addEventListener("message", ({ data }) => {
    if (data.failed) { fail(data.failed); return; }
    waiting = false;
    answer = { shown: data.shown, counts: new Map(data.counts), passing: data.passing };
    show();
    section.dataset.answered = String(data.id);
    if (again) { again = false; ask(); }
  });
  engine.addEventListener("error", (event) => fail(event.message));

  const fail = (error) => {
    get("explore-count").textContent = "Filters need a newer browser (2023 or later).";
    console.error(error);
  };

  const show = () => {
    const sizes = { shown: answer.shown, rest: rows - answer.shown, shares: get("explore-scale").value === "shares" && answer.shown < rows, noun };
    answer.counts.forEach((counts, place) => cards[place].update(counts, sizes));
    paintBar();
    paintContrast(sizes);
    const { shown, passing } = answer;
    document.dispatchEvent(new CustomEvent("dsp:filter", { detail: { shown, rows, passing } }));
  };

  const paintContrast = (sizes) => {
    const filters = state.filters();
    const parts = [...answer.counts].map(([place, counts]) => ({ column: columns[place], counts, filtered: filters.has(place) }));
    const found = filters.size ? explore.contrast(parts, sizes) : [];
    get("explore-contrast").hidden = !found.length;
    get("explore-contrast-list").replaceChildren(...found.map(([name, text]) => {
      const pair = element("div");
      const term = element("dt");
      term.append(element("bdi", "", name));
      pair.append(term, element("dd", "", text));
      return pair;
    }));
  };

  const chip = (place, allowed) => {
    const name = explore.show(columns[place].name);
    const button = element("button", "button chosen");
    button.type = "button";
    button.setAttribute("aria-label", `Remove the filter on ${name}: ${explore.words(columns[place], allowed)}`);
    button.append(element("bdi", "", name), element("span", "", explore.words(columns[place], allowed)), element("span", "cross", "×"));
    button.addEventListener("click", () => { state.set(place, null); get("explore-undo").focus(); });
    return button;
  };

  const paintBar = () => {
    const filters = state.filters();
    get("explore-chips").replaceChildren(...[...filters].map(([place, allowed]) => chip(place, allowed)));
    get("explore-reset").disabled = !filters.size;
    get("explore-undo").disabled = !state.canUndo();
    get("explore-link").disabled = !filters.size;
    const share = rows ? (100 * answer.shown) / rows : 0;
    const text = `${answer.shown.toLocaleString("en")} of ${rows.toLocaleString("en")} ${explore.show(noun)} (${share > 0 && share < 0.1 ? "<0.1" : share.toFixed(1)}%)`;
    get("explore-count").textContent = answer.shown < rows || filters.size ? text : `All ${rows.toLocaleString("en")} ${explore.show(noun)}`;
  };

  const list = () => {
    const wanted = get("explore-search").value.trim().toLowerCase();
    let found = 0;
    for (const card of cards) {
      const fits = card.name.includes(wanted);
      card.article.hidden = !fits || (!all && found >= FIRST_CARDS);
      found += Number(fits);
    }
    get("explore-none").hidden = found > 0;
    get("explore-all").hidden = all || found <= FIRST_CARDS;
    get("explore-all").textContent = `Show all ${found} columns`;
  };

  get("explore-search").addEventListener("input", () => { list(); ask(); });
  get("explore-all").addEventListener("click", () => { all = true; list(); ask(); });
  get("explore-scale").addEventListener("change", show);
  get("explore-reset").addEventListener("click", () => state.reset());
  get("explore-undo").addEventListener("click", () => state.undo());
  get("explore-link").addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(window.location.href);
      get("explore-said").textContent = "Link copied.";
    } catch {
      get("explore-said").textContent = "This browser copies no links from here: the address bar has it.";
    }
  });

  list();
  const everything = { shown: rows, rest: 0, shares: false, noun };
  columns.forEach((column, place) => cards[place].update(column.counts, everything));
  paintBar();
  state.restore();
  section.dataset.ready = "true";
})();
