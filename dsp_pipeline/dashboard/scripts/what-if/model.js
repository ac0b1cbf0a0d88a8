// The model that travels with the page: predictions and their reasons, equal to Python's. Used by the what-if form.
(() => {
  "use strict";
  const ARRAYS = { int16: Int16Array, uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array, float32: Float32Array, float64: Float64Array };
  const STEEP = 30;
  const MISSING = 1;
  const LEVEL = 2;
  const ABOVE = 3;
  const within = (value, limit) => Math.min(limit, Math.max(-limit, value));

  /** @param {ArrayBuffer} buffer @param {Record<string, {dtype: string, start: number, count: number}>} slices */
  const cut = (buffer, slices) => Object.fromEntries(Object.entries(slices).map(([name, { dtype, start, count }]) => {
    const kind = ARRAYS[dtype];
    return [name, new kind(buffer.slice(start, start + count * kind.BYTES_PER_ELEMENT))];
  }));

  /** A symmetric form over the terms: each product is shared by its two factors, which is exact as well. */
  const products = (reach, { centres, products: upper, expected }, outputs) => {
    const terms = centres.length;
    const size = terms * (terms + 1) / 2;
    return (values) => {
      const factors = values.map((value, place) => within(value, reach) - centres[place]);
      return Array.from({ length: outputs }, (_, output) => {
        const sums = new Float64Array(terms);
        let at = output * size;
        for (let first = 0; first < terms; first += 1) {
          for (let second = first; second < terms; second += 1, at += 1) {
            sums[first] += upper[at] * factors[second];
            if (second !== first) sums[second] += upper[at] * factors[first];
          }
        }
        return sums.map((sum, place) => factors[place] * sum - expected[output * terms + place]);
      });
    };
  };

  /** Standardised inputs times coefficients: each product is that input's exact interventional SHAP value. */
  const linear = ({ clip, reach }, arrays, outputs) => {
    const { input, term, level, fill, mean, deviation, coefficients, intercepts, knot } = arrays;
    const multiplied = arrays.products ? products(reach, arrays, outputs) : null;
    const expanded = (inputs) => Float64Array.from(input, (at, place) => {
      let value = inputs[at];
      if (term[place] === MISSING) value = Number(Number.isNaN(value));
      else if (term[place] === LEVEL) value = Number(value === level[place]);
      else if (Number.isNaN(value)) value = fill[place];
      if (term[place] === ABOVE) value = Math.max(value - knot[place], 0);
      return within((value - mean[place]) / deviation[place], clip);
    });
    const contributions = (inputs) => {
      const values = expanded(inputs);
      const more = multiplied?.(values);
      return Array.from({ length: outputs }, (_, output) => {
        const phi = new Float64Array(inputs.length + 1);
        input.forEach((at, place) => {
          phi[at] += values[place] * coefficients[output * input.length + place] + (more?.[output][place] ?? 0);
        });
        phi[inputs.length] = intercepts[output];
        return phi;
      });
    };
    const margin = (inputs) => contributions(inputs).map((phi) => phi.reduce((sum, value) => sum + value, 0));
    return { margin, contributions };
  };

  const isClasses = (task) => ["binary", "multiclass", "ordinal"].includes(task);

  /** Margins as probabilities of all classes, or as the one predicted quantity. */
  const respond = (task, margin) => {
    if (!isClasses(task)) return [task === "count" ? Math.exp(within(margin[0], STEEP)) : margin[0]];
    if (margin.length === 1) {
      const positive = 1 / (1 + Math.exp(-within(margin[0], STEEP)));
      return [1 - positive, positive];
    }
    const most = Math.max(...margin);
    const grown = margin.map((value) => Math.exp(value - most));
    const total = grown.reduce((sum, value) => sum + value, 0);
    return grown.map((value) => value / total);
  };

  /** The range that holds the truth in 90 % of rows; null where the model has none. */
  const limits = ({ task, half_width: half }, predicted) => {
    if (half === null || isClasses(task)) return null;
    if (task !== "count") return [predicted - half, predicted + half];
    const centre = Math.sqrt(Math.max(predicted, 0));
    return [Math.max(centre - half, 0) ** 2, (centre + half) ** 2];
  };

  /**
   * @param description a PortableModel without its data
   * @param {ArrayBuffer} buffer its data, inflated
   */
  window.dspWhatIf.load = (description, buffer) => {
    const { encodings, outputs, task } = description;
    const inputs = window.dspWhatIf.inputs(encodings);
    const members = description.members.map((member) => {
      const made = member.kind === "linear" ? linear : window.dspWhatIf.booster;
      return { weight: member.weight, ...made(member, cut(buffer, member.arrays), outputs) };
    });
    const total = (parts) => parts.reduce((sum, part) => sum.map((value, place) => value + part[place]));
    const margin = (cells) => {
      const values = inputs.of(cells);
      return total(members.map((member) => member.margin(values).map((value) => member.weight * value)));
    };
    /** For each output the contribution of each column, and the base last; they add up to the margin. */
    const contributions = (cells) => {
      const values = inputs.of(cells);
      const found = members.map((member) => member.contributions(values).map((phi) => phi.map((value) => member.weight * value)));
      return Array.from({ length: outputs }, (_, output) => {
        const phi = total(found.map((each) => each[output]));
        const byColumn = new Float64Array(encodings.length + 1);
        inputs.columns.forEach((column, input) => { byColumn[column] += phi[input]; });
        byColumn[encodings.length] = phi[inputs.columns.length];
        return byColumn;
      });
    };
    return { margin, contributions, respond: (found) => respond(task, found), limits: (predicted) => limits(description, predicted) };
  };
})();
