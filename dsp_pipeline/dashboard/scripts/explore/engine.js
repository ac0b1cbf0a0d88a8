// Counts rows, in a worker of its own so that the page never waits. Says of every filter what is left in each column.
//
// A set of rows is a bit for each. A change makes one such set anew, from its column's levels; what passes is then found
// 32 rows at a time, and only rows are counted that make a difference: those that moved, or pass, or do not pass, as
// these are fewest.
(() => {
  "use strict";
  /** @typedef {{bits: number, counts: number[], text: string}} Packed one column: all rows by level, base64 of deflated levels */
  /** @typedef {Int32Array} Rows a set of rows, from the lowest bit of each word */
  let rows = 0;
  /** @type {Packed[]} */ let packed = [];
  /** @type {Promise<Uint8Array>[]} */ const unpacking = [];
  /** @type {Uint8Array[]} each row's level, by column */ const levels = [];
  /** @type {Map<number, Uint8Array>} what each filter lets through, by column */ const filters = new Map();
  /** @type {Map<number, Rows>} what each filter holds back, by column */ const held = new Map();
  /** @type {Map<number, {of: Rows, by: Uint32Array}>} for a column the rows that pass all filters but its own, by level */
  const counts = new Map();
  /** @type {Rows} */ let every = new Int32Array(0);
  let list = new Int32Array(0);

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
    list = new Int32Array(rows);
    every = new Int32Array((rows + 31) >> 5).fill(-1);
    if (rows & 31) every[every.length - 1] = (1 << (rows & 31)) - 1;
    for (let column = 0; column < packed.length; column += 1) await unpack(column);
  };

  /** @returns {Rows} the rows at these levels of a column */
  const at = (column, chosen) => {
    const of = levels[column];
    const set = new Int32Array(every.length);
    for (let word = 0, row = 0; word < set.length; word += 1) {
      const end = Math.min(row + 32, rows);
      let bits = 0;
      for (; row < end; row += 1) bits |= chosen[of[row]] << row;
      set[word] = bits;
    }
    return set;
  };

  /** @param {Rows} set */
  const size = (set) => {
    let sum = 0;
    for (let word = 0; word < set.length; word += 1) {
      let bits = set[word];
      bits -= (bits >>> 1) & 0x55555555;
      bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
      sum += Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
    }
    return sum;
  };

  /** @param {Rows} one @param {Rows} other @returns {Rows} those of one that are not in the other */
  const without = (one, other) => {
    const set = new Int32Array(one.length);
    for (let word = 0; word < set.length; word += 1) set[word] = one[word] & ~other[word];
    return set;
  };

  /** The rows that pass all filters, and for each filter those that pass all others. */
  const sets = () => {
    const once = new Int32Array(every.length);
    const twice = new Int32Array(every.length);
    for (const failing of held.values()) {
      for (let word = 0; word < once.length; word += 1) {
        twice[word] |= once[word] & failing[word];
        once[word] |= failing[word];
      }
    }
    const passing = without(every, once);
    const others = new Map();
    for (const [column, failing] of held) {
      const set = without(failing, twice);
      for (let word = 0; word < set.length; word += 1) set[word] |= passing[word];
      others.set(column, set);
    }
    return { passing, others };
  };

  /** Counts a set's rows in each of the columns. @param {Rows} set @param {[number, Uint32Array][]} to @param {1 | -1} by */
  const add = (set, to, by) => {
    let length = 0;
    for (let word = 0; word < set.length; word += 1) {
      for (let bits = set[word]; bits !== 0; bits &= bits - 1) list[length++] = (word << 5) + 31 - Math.clz32(bits & -bits);
    }
    for (const [column, count] of to) {
      const of = levels[column];
      for (let place = 0; place < length; place += 1) count[of[list[place]]] += by;
    }
  };

  /** Counts a set in these columns, of which another one is counted: on from there, from nothing, or down from all rows. */
  const count = (columns, before, set) => {
    const inside = size(set);
    const fewest = Math.min(inside, rows - inside);
    const moves = before ? [[without(before, set), -1], [without(set, before), 1]] : [];
    const moved = before ? size(moves[0][0]) + size(moves[1][0]) : Infinity;
    let steps = moves;
    let from = (column) => counts.get(column).by;
    if (moved > fewest && inside === fewest) {
      steps = [[set, 1]];
      from = (column) => new Uint32Array(packed[column].counts.length);
    } else if (moved > fewest) {
      steps = [[without(every, set), -1]];
      from = (column) => Uint32Array.from(packed[column].counts);
    }
    const to = columns.map((column) => [column, from(column)]);
    for (const [some, by] of steps) add(some, to, by);
    for (const [column, by] of to) counts.set(column, { of: set, by });
  };

  /** Counts anew what is wanted; columns without a filter together, for they count the same rows. */
  const recount = (wanted, { passing, others }) => {
    for (const column of [...counts.keys()]) if (!wanted.includes(column)) counts.delete(column);
    const open = new Map();
    for (const column of wanted) {
      const before = counts.get(column)?.of ?? null;
      if (others.has(column)) count([column], before, others.get(column));
      else open.set(before, [...(open.get(before) ?? []), column]);
    }
    for (const [before, columns] of open) count(columns, before, passing);
  };

  const same = (one, other) => Boolean(one) && Boolean(other) && one.every((value, place) => value === other[place]);

  const filter = async (message) => {
    const asked = new Map(message.filters);
    const changed = new Set([...filters.keys(), ...asked.keys()].filter((column) => !same(filters.get(column), asked.get(column))));
    await Promise.all([...changed, ...message.wanted].map(unpack));
    for (const column of changed) {
      const allowed = asked.get(column);
      if (allowed) { filters.set(column, allowed); held.set(column, at(column, allowed.map((one) => 1 - one))); }
      else { filters.delete(column); held.delete(column); }
    }
    const found = sets();
    recount(message.wanted, found);
    const answer = message.wanted.map((column) => [column, counts.get(column).by.slice()]);
    const bits = filters.size ? new Uint8Array(found.passing.buffer).slice(0, (rows + 7) >> 3) : null;
    self.postMessage({ id: message.id, shown: size(found.passing), counts: answer, passing: bits }, bits ? [bits.buffer] : []);
  };

  let last = Promise.resolve();
  const failed = (error) => self.postMessage({ failed: String(error) });
  self.addEventListener("message", ({ data }) => {
    if (data.kind === "start") start(data).catch(failed);
    else last = last.then(() => filter(data)).catch(failed);
  });
})();
