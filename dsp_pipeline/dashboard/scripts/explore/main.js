// The exploring section: cards, the bar of filters, and the worker that counts. Others hear of it by "dsp:filter".
(() => {
  "use strict";
  const section = document.getElementById("explore");
  if (!section) return;
  const explore = window.dspExplore;
  const { element, visible } = window.dspElements;
  const get = (id) => document.getElementById(id);
  const { rows, noun, columns } = JSON.parse(get("explore-data").textContent);
  const FIRST_CARDS = 24;

  const engine = new Worker(URL.createObjectURL(new Blob([get("explore-engine").textContent], { type: "text/javascript" })));
  engine.postMessage({
    kind: "start",
    rows,
    columns: columns.map((column, place) => ({ bits: column.bits, counts: column.counts, text: get(`explore-${place}`).textContent })),
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
  let heard = state.filters();
  const cards = columns.map((column, place) => explore.card(column, {
    get: () => state.of(place),
    set: (allowed) => state.set(place, allowed, !dragging),
    begin: () => { dragging = true; before = state.filters(); },
    end: () => { dragging = false; state.remember(before); show(); },
  }));
  const named = (name) => columns.findIndex((column) => column.name === name);
  explore.has = (name) => named(name) >= 0;
  explore.filterBy = (name, said) => state.setAs(named(name), said);
  get("explore-cards").replaceChildren(...cards.map((card) => card.article));

  /** One question at a time; while it is open, only the newest of those that come is kept. */
  const ask = () => {
    paintButtons();
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
    if (again) { again = false; ask(); } else if (heard !== state.filters()) window.dspSpeak(spoken);
  });
  engine.addEventListener("error", (event) => fail(event.message));

  const fail = (error) => {
    get("explore-count").textContent = "Filters need a newer browser (2023 or later).";
    console.error(error);
  };

  /** What changed since something was said last, and what it comes to. */
  const spoken = () => {
    const now = state.filters();
    const phrase = (filters, place) => (filters.has(place) ? explore.words(columns[place], filters.get(place)) : "no filter");
    const changed = [...new Set([...heard.keys(), ...now.keys()])].filter((place) => phrase(heard, place) !== phrase(now, place));
    const told = changed.map((place) => `${visible(columns[place].name)}: ${phrase(now, place)}`);
    heard = now;
    return [...told, get("explore-count").textContent].join(". ");
  };

  const show = () => {
    const sizes = { shown: answer.shown, rest: rows - answer.shown, shares: get("explore-scale").value === "shares" && answer.shown < rows, noun };
    answer.counts.forEach((counts, place) => cards[place].update(counts, sizes));
    paintBar();
    paintContrast(sizes);
    const { shown, passing } = answer;
    document.documentElement.classList.toggle("filtered", shown < rows);
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
    const name = visible(columns[place].name);
    const button = element("button", "button chosen");
    button.setAttribute("aria-label", `Remove the filter on ${name}: ${explore.words(columns[place], allowed)}`);
    button.append(element("bdi", "", name), element("span", "", explore.words(columns[place], allowed)), element("span", "cross", "×"));
    button.addEventListener("click", () => { state.set(place, null); get("explore-undo").focus(); });
    return button;
  };

  const paintButtons = () => {
    get("explore-reset").disabled = !state.filters().size;
    get("explore-undo").disabled = !state.canUndo();
    get("explore-link").disabled = !state.filters().size;
  };

  /** With the answer, not before: what is drawn twice for one change takes twice as long. */
  const paintBar = () => {
    const filters = state.filters();
    get("explore-chips").replaceChildren(...[...filters].map(([place, allowed]) => chip(place, allowed)));
    paintButtons();
    const share = window.dspNumbers.percent(rows ? answer.shown / rows : 0);
    const text = `${explore.figure(answer.shown)} of ${explore.figure(rows)} ${visible(noun)} (${share})`;
    get("explore-count").textContent = answer.shown < rows || filters.size ? text : `All ${explore.figure(rows)} ${visible(noun)}`;
  };

  const say = (text) => {
    get("explore-said").textContent = text;
    window.dspSpeak(() => text);
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
    return found;
  };

  get("explore-search").addEventListener("input", () => {
    const found = list();
    window.dspSpeak(() => `${found} of ${columns.length} columns`);
    ask();
  });
  get("explore-all").addEventListener("click", () => { all = true; list(); ask(); });
  get("explore-scale").addEventListener("change", show);
  get("explore-reset").addEventListener("click", () => state.reset());
  get("explore-undo").addEventListener("click", () => state.undo());
  get("explore-link").addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(window.location.href);
      say("Link copied.");
    } catch {
      say("This browser copies no links from here: the address bar has it.");
    }
  });

  list();
  const everything = { shown: rows, rest: 0, shares: false, noun };
  columns.forEach((column, place) => cards[place].update(column.counts, everything));
  paintBar();
  state.restore();
  section.dataset.ready = "true";
})();
