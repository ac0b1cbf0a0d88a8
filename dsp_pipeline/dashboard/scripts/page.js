// The theme toggle, printing, the table of contents and small choices. Charts hear of a new theme by "dsp:theme".
(() => {
  "use strict";
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
  const toggles = document.querySelectorAll("[data-theme-toggle]");

  const announce = () => {
    for (const toggle of toggles) toggle.setAttribute("aria-pressed", String(isDark()));
    document.dispatchEvent(new CustomEvent("dsp:theme"));
  };
  for (const toggle of toggles) {
    toggle.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      try { window.localStorage.setItem("dsp-theme", root.dataset.theme); } catch { /* storage is off: this visit only */ }
      announce();
    });
  }
  dark.addEventListener("change", announce);
  announce();

  for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => window.print());

  for (const choice of document.querySelectorAll("[data-choice]")) {
    const select = choice.querySelector("select");
    select?.addEventListener("change", () => {
      for (const part of choice.querySelectorAll("[data-choice-of]")) {
        part.toggleAttribute("hidden", part.getAttribute("data-choice-of") !== select.value);
      }
    });
  }

  const links = new Map();
  for (const link of document.querySelectorAll(".toc a")) links.set(link.getAttribute("href")?.slice(1), link);
  const strip = document.querySelector(".toc");
  const mark = () => {
    let current = null;
    for (const id of links.keys()) {
      const section = document.getElementById(id);
      if (section && section.getBoundingClientRect().top < 160) current = id;
    }
    if (window.innerHeight + window.scrollY >= document.body.scrollHeight - 4) current = [...links.keys()].pop();
    for (const [id, link] of links) {
      const here = id === (current ?? links.keys().next().value);
      if (here === (link.getAttribute("aria-current") === "true")) continue;
      if (here) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
      if (here && strip && strip.scrollWidth > strip.clientWidth) strip.scrollLeft = link.offsetLeft - 16;
    }
  };
  let due = false;
  const soon = () => {
    if (due) return;
    due = true;
    requestAnimationFrame(() => { due = false; mark(); });
  };
  if (links.size) {
    document.addEventListener("scroll", soon, { passive: true });
    mark();
  }
})();
