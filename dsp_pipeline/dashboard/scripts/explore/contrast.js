// What sets the rows that pass apart from the rest: the columns whose shares differ most, and where.
(() => {
  "use strict";
  const explore = window.dspExplore;
  const { visible } = window.dspElements;
  const MOST = 6;
  const LEAST = 0.02;

  /** Half the sum of the shares' differences (total variation, 0 to 1), and the level that differs most. */
  const difference = (column, inside, sizes) => {
    let distance = 0;
    let most = { level: 0, by: 0, here: 0, there: 0 };
    column.counts.forEach((all, level) => {
      const here = inside[level] / sizes.shown;
      const there = (all - inside[level]) / sizes.rest;
      distance += Math.abs(here - there) / 2;
      if (Math.abs(here - there) > most.by) most = { level, by: Math.abs(here - there), here, there };
    });
    return { column, distance, ...most };
  };

  const { percent } = window.dspNumbers;

  /** @param {{column: Column, counts: Uint32Array, filtered: boolean}[]} parts @returns {[string, string][]} */
  const contrast = (parts, sizes) => {
    if (!sizes.shown || !sizes.rest) return [];
    return parts
      .filter((part) => !part.filtered)
      .map((part) => difference(part.column, part.counts, sizes))
      .filter((found) => found.distance >= LEAST)
      .sort((one, other) => other.distance - one.distance)
      .slice(0, MOST)
      .map(({ column, level, here, there }) => [visible(column.name), `${explore.label(column, level)}: ${percent(here)} of these rows, ${percent(there)} of the rest`]);
  };

  Object.assign(explore, { contrast });
})();
