// Search, status and order of the datasets. Those after the first ones are unpacked when the page stands.
(async () => {
  "use strict";
  const list = document.getElementById("datasets");
  if (!list) return;
  const get = (id) => document.getElementById(id);
  const known = (element) => {
    const { title, dataset, status, at, rows, quality } = element.dataset;
    const said = element.querySelector(".about").textContent;
    return { element, title, status, at, rows: Number(rows), quality: Number(quality), text: `${dataset} ${said}`.toLowerCase() };
  };
  const items = [...list.children].map(known);
  const byText = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const orders = {
    at: (a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0),
    title: (a, b) => byText.compare(a.title, b.title),
    rows: (a, b) => b.rows - a.rows,
    quality: (a, b) => a.quality - b.quality,
  };
  const sort = () => list.replaceChildren(...items.toSorted(orders[get("sort").value]).map((item) => item.element));
  const filter = () => {
    const wanted = get("search").value.trim().toLowerCase();
    const status = get("status").value;
    let shown = 0;
    for (const item of items) {
      const fits = item.text.includes(wanted) && item.status.startsWith(status);
      item.element.hidden = !fits;
      shown += Number(fits);
    }
    get("count").textContent = shown === items.length ? `${shown} dataset${shown === 1 ? "" : "s"}` : `${shown} of ${items.length}`;
    get("none").hidden = shown > 0;
  };
  get("search").addEventListener("input", filter);
  get("status").addEventListener("change", filter);
  get("sort").addEventListener("change", sort);

  /** A shard is markup that the page's own templates made and escaped, as they did for those that stand here. */
  const shards = [...document.querySelectorAll(".shard")];
  for (const shard of shards) {
    const holder = document.createElement("template");
    holder.innerHTML = await window.dspUnpack(shard.id);
    items.push(...[...holder.content.children].map(known));
    shard.remove();
  }
  if (shards.length) { sort(); filter(); }
  list.dataset.ready = "true";
})();
