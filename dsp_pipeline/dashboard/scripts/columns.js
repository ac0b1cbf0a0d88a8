// Search and kind filter over the column cards and the list below them.
(() => {
  "use strict";
  const search = document.getElementById("column-search");
  const kind = document.getElementById("column-kind");
  if (!search || !kind) return;
  const items = [...document.querySelectorAll("[data-column]")].map((element) => ({
    element, name: element.dataset.column.toLowerCase(), kind: element.dataset.kind,
  }));
  for (const element of document.querySelectorAll("#column-list tbody tr")) {
    items.push({ element, name: element.cells[0].textContent.toLowerCase(), kind: element.cells[1].textContent });
  }
  const count = document.getElementById("column-count");
  const none = document.getElementById("column-none");
  const apply = () => {
    const wanted = search.value.trim().toLowerCase();
    let shown = 0;
    for (const item of items) {
      const fits = item.name.includes(wanted) && (!kind.value || item.kind === kind.value);
      item.element.hidden = !fits;
      shown += Number(fits);
    }
    count.textContent = wanted || kind.value ? `${shown} of ${items.length}` : "";
    none.hidden = shown > 0;
    window.dspSpeak(() => `${shown} of ${items.length} columns`);
  };
  search.addEventListener("input", apply);
  kind.addEventListener("change", apply);
})();
