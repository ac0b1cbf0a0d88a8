// Counts rows, in a worker of its own so that the page never waits. Says of every filter what is left in each column.
//
// For each row it keeps how many filters it fails, and the sum of their columns' numbers: where it fails just one, the
// sum is that one. So a change touches only the rows that it moves: those that now fail or pass this filter.
(() => {
  "use strict";
  /** @typedef {{bits: number, levels: number, text: string}} Packed one column: base64 of deflated levels */
  let rows = 0;
  let shown = 0;
  /** @type {Packed[]} */ let packed = [];
  /** @type {Promise<Uint8Array>[]} */ const unpacking = [];
  /** @type {Uint8Array[]} each row's level, by column */ const levels = [];
  /** @type {Map<number, Uint8Array>} what each filter lets through, by column */ const filters = new Map();
  /** @type {Map<number, Uint32Array>} rows by level that pass all filters but the column's own */ const counts = new Map();
  let misses = new Uint8Array(0);
  let sums = new Uint16Array(0);
  let leaving = new Int32Array(0);
  let entering = new Int32Array(0);

  /** Base64 of deflated bytes as `length` bytes; written to the stream directly, for a blob's stream takes a way round. */
  const inflated = async (text, length) => {
    const binary = atob(text);
    const bytes = new Uint8Array(binary.length);
    for (let place = 0; place < binary.length; place += 1) bytes[place] = binary.charCodeAt(place);
    const stream = new DecompressionStream("deflate");
    const writer = stream.writable.getWriter();
    const written = Promise.all([writer.write(bytes), writer.close()]);
    const whole = new Uint8Array(length);
    const reader = stream.readable.getReader();
    for (let filled = 0, part = await reader.read(); !part.done; part = await reader.read()) {
      whole.set(part.value, filled);
      filled += part.value.length;
    }
    await written;
    return whole;
  };

  /** One level a byte, from `8 / bits` a byte. */
  const spread = (bytes, bits) => {
    if (bits === 8) return bytes;
    const together = 8 / bits;
    const mask = (1 << bits) - 1;
    const wide = new Uint8Array(bytes.length * together);
    for (let place = 0, row = 0; place < bytes.length; place += 1) {
      for (let held = bytes[place], left = together; left > 0; left -= 1, held >>= bits, row += 1) wide[row] = held & mask;
    }
    return wide;
  };

  const unpack = (column) => {
    unpacking[column] ??= inflated(packed[column].text, Math.ceil((rows * packed[column].bits) / 8)).then((bytes) => {
      levels[column] = spread(bytes, packed[column].bits);
      packed[column].text = "";
      return levels[column];
    });
    return unpacking[column];
  };

  const start = async (message) => {
    ({ rows, columns: packed } = message);
    shown = rows;
    misses = new Uint8Array(rows);
    sums = new Uint16Array(rows);
    leaving = new Int32Array(rows);
    entering = new Int32Array(rows);
    for (let column = 0; column < packed.length; column += 1) await unpack(column);
  };

  const add = (column, list, length, by) => {
    const count = counts.get(column);
    const of = levels[column];
    for (let place = 0; place < length; place += 1) count[of[list[place]]] += by;
  };

  const recount = (column) => {
    const count = new Uint32Array(packed[column].levels);
    const of = levels[column];
    if (filters.has(column)) {
      for (let row = 0; row < rows; row += 1) if (misses[row] === 0 || (misses[row] === 1 && sums[row] === column + 1)) count[of[row]] += 1;
    } else {
      for (let row = 0; row < rows; row += 1) if (misses[row] === 0) count[of[row]] += 1;
    }
    counts.set(column, count);
  };

  /** Rows that fail only the column `sum - 1`: they count there, and there only. */
  const sole = (sum, row, by) => {
    const count = counts.get(sum - 1);
    if (count) count[levels[sum - 1][row]] += by;
  };

  /** Moves the rows whose level is now let through (-1) or no more (+1); returns how many left and entered. */
  const move = (column, change) => {
    const of = levels[column];
    const own = column + 1;
    let left = 0;
    let entered = 0;
    for (let row = 0; row < rows; row += 1) {
      const by = change[of[row]];
      if (by === 0) continue;
      const failed = misses[row];
      const sum = sums[row];
      misses[row] = failed + by;
      sums[row] = sum + by * own;
      if (by > 0) {
        if (failed === 0) leaving[left++] = row;
        else if (failed === 1) sole(sum, row, -1);
      } else if (failed === 1) entering[entered++] = row;
      else if (failed === 2) sole(sum - own, row, 1);
    }
    return [left, entered];
  };

  const change = (column, allowed) => {
    const before = filters.get(column);
    const by = new Int8Array(packed[column].levels);
    for (let level = 0; level < by.length; level += 1) {
      by[level] = Number(allowed ? !allowed[level] : false) - Number(before ? !before[level] : false);
    }
    if (allowed) filters.set(column, allowed); else filters.delete(column);
    const [left, entered] = move(column, by);
    shown += entered - left;
    for (const other of [...counts.keys()]) {
      if (other === column) continue;
      if (left + entered > shown && !filters.has(other)) counts.delete(other);
      else { add(other, leaving, left, -1); add(other, entering, entered, 1); }
    }
  };

  /** Counts anew what is missing of the wanted columns: from the few rows that pass, or from all. */
  const complete = (wanted) => {
    const without = wanted.filter((column) => !counts.has(column));
    const open = without.filter((column) => !filters.has(column));
    if (open.length > 1 && shown < rows / 2) {
      let found = 0;
      for (let row = 0; row < rows; row += 1) if (misses[row] === 0) leaving[found++] = row;
      for (const column of open) {
        counts.set(column, new Uint32Array(packed[column].levels));
        add(column, leaving, found, 1);
      }
    }
    for (const column of without) if (!counts.has(column)) recount(column);
  };

  /** One bit for each row, from the lowest of each byte: whether it passes all filters. */
  const passing = () => {
    const bits = new Uint8Array((rows + 7) >> 3);
    for (let row = 0; row < rows; row += 1) if (misses[row] === 0) bits[row >> 3] |= 1 << (row & 7);
    return bits;
  };

  const same = (one, other) => Boolean(one) && Boolean(other) && one.every((value, place) => value === other[place]);

  const filter = async (message) => {
    const asked = new Map(message.filters);
    const changed = new Set([...filters.keys(), ...asked.keys()].filter((column) => !same(filters.get(column), asked.get(column))));
    await Promise.all([...changed, ...message.wanted].map(unpack));
    for (const column of [...counts.keys()]) if (!message.wanted.includes(column)) counts.delete(column);
    for (const column of changed) change(column, asked.get(column) ?? null);
    complete(message.wanted);
    const answer = message.wanted.map((column) => [column, counts.get(column).slice()]);
    const bits = filters.size ? passing() : null;
    self.postMessage({ id: message.id, shown, counts: answer, passing: bits }, bits ? [bits.buffer] : []);
  };

  let last = Promise.resolve();
  const failed = (error) => self.postMessage({ failed: String(error) });
  self.addEventListener("message", ({ data }) => {
    if (data.kind === "start") start(data).catch(failed);
    else last = last.then(() => filter(data)).catch(failed);
  });
})();
