// Boosted trees: their margin in single precision, as XGBoost adds it up, and exact path-dependent TreeSHAP
// (Lundberg et al. 2018, algorithm 2). Used by model.js.
(() => {
  "use strict";
  const LEAF = -1;
  const MISSING_LEFT = 1;
  const ON_LEVELS = 2;

  /**
   * Nodes are in pre-order: a left child follows its parent. The right child, and how many training rows came by, are
   * worked out from the leaves.
   */
  const linked = (arrays) => {
    const { feature, flags, split, thresholds, leaf, cover, nodes, set_starts: starts, set_levels: levels } = arrays;
    const count = feature.length;
    const tree = {
      feature, right: new Uint32Array(count), weight: new Float64Array(count), value: new Float64Array(count),
      flags: new Uint8Array(count), sets: new Array(count), mean: new Float64Array(count), roots: [], depth: 0,
    };
    let inner = flags.length;
    let end = leaf.length;
    const open = [];
    const deep = new Uint16Array(count);
    for (let node = count - 1; node >= 0; node -= 1) {
      if (feature[node] === LEAF) {
        end -= 1;
        tree.value[node] = leaf[end];
        tree.mean[node] = leaf[end];
        tree.weight[node] = cover[end];
      } else {
        inner -= 1;
        const left = open.pop();
        const right = open.pop();
        tree.right[node] = right;
        tree.flags[node] = flags[inner];
        if (flags[inner] & ON_LEVELS) tree.sets[node] = new Set(levels.subarray(starts[split[inner]], starts[split[inner] + 1]));
        else tree.value[node] = thresholds[split[inner]];
        tree.weight[node] = tree.weight[left] + tree.weight[right];
        tree.mean[node] = (tree.weight[left] * tree.mean[left] + tree.weight[right] * tree.mean[right]) / tree.weight[node];
        deep[node] = 1 + Math.max(deep[left], deep[right]);
        tree.depth = Math.max(tree.depth, deep[node]);
      }
      open.push(node);
    }
    let root = 0;
    for (const size of nodes) {
      tree.roots.push(root);
      root += size;
    }
    return tree;
  };

  /** The child that a row goes to. */
  const next = (tree, node, inputs) => {
    const value = inputs[tree.feature[node]];
    const flags = tree.flags[node];
    let left;
    if (Number.isNaN(value)) left = flags & MISSING_LEFT;
    else if (flags & ON_LEVELS) left = !tree.sets[node].has(value);
    else left = value < tree.value[node];
    return left ? node + 1 : tree.right[node];
  };

  /** TreeSHAP of one tree, added to `phi`, which has one place per input. */
  const explainer = (tree) => {
    const room = ((tree.depth + 2) * (tree.depth + 3)) / 2;
    const features = new Int32Array(room);
    const zeros = new Float64Array(room);
    const ones = new Float64Array(room);
    const weights = new Float64Array(room);

    const extend = (at, depth, zero, one, feature) => {
      features[at + depth] = feature;
      zeros[at + depth] = zero;
      ones[at + depth] = one;
      weights[at + depth] = depth === 0 ? 1 : 0;
      for (let step = depth - 1; step >= 0; step -= 1) {
        weights[at + step + 1] += (one * weights[at + step] * (step + 1)) / (depth + 1);
        weights[at + step] = (zero * weights[at + step] * (depth - step)) / (depth + 1);
      }
    };
    const unwind = (at, depth, place) => {
      const one = ones[at + place];
      const zero = zeros[at + place];
      let rest = weights[at + depth];
      for (let step = depth - 1; step >= 0; step -= 1) {
        if (one !== 0) {
          const old = weights[at + step];
          weights[at + step] = (rest * (depth + 1)) / ((step + 1) * one);
          rest = old - (weights[at + step] * zero * (depth - step)) / (depth + 1);
        } else weights[at + step] = (weights[at + step] * (depth + 1)) / (zero * (depth - step));
      }
      for (let step = place; step < depth; step += 1) {
        features[at + step] = features[at + step + 1];
        zeros[at + step] = zeros[at + step + 1];
        ones[at + step] = ones[at + step + 1];
      }
    };
    const unwound = (at, depth, place) => {
      const one = ones[at + place];
      const zero = zeros[at + place];
      let rest = weights[at + depth];
      let total = 0;
      for (let step = depth - 1; step >= 0; step -= 1) {
        if (one !== 0) {
          const part = (rest * (depth + 1)) / ((step + 1) * one);
          total += part;
          rest = weights[at + step] - (part * zero * (depth - step)) / (depth + 1);
        } else if (zero !== 0) total += (weights[at + step] * (depth + 1)) / (zero * (depth - step));
      }
      return total;
    };
    const visit = (node, inputs, phi, parent, depth, zero, one, feature) => {
      const at = parent + depth;
      features.copyWithin(at, parent, parent + depth);
      zeros.copyWithin(at, parent, parent + depth);
      ones.copyWithin(at, parent, parent + depth);
      weights.copyWithin(at, parent, parent + depth);
      extend(at, depth, zero, one, feature);
      if (tree.feature[node] === LEAF) {
        for (let place = 1; place <= depth; place += 1) {
          phi[features[at + place]] += unwound(at, depth, place) * (ones[at + place] - zeros[at + place]) * tree.value[node];
        }
        return;
      }
      const hot = next(tree, node, inputs);
      const cold = hot === node + 1 ? tree.right[node] : node + 1;
      let known = 1;
      while (known <= depth && features[at + known] !== tree.feature[node]) known += 1;
      let [incomingZero, incomingOne, length] = [1, 1, depth];
      if (known <= depth) {
        incomingZero = zeros[at + known];
        incomingOne = ones[at + known];
        unwind(at, depth, known);
        length -= 1;
      }
      visit(hot, inputs, phi, at, length + 1, (incomingZero * tree.weight[hot]) / tree.weight[node], incomingOne, tree.feature[node]);
      visit(cold, inputs, phi, at, length + 1, (incomingZero * tree.weight[cold]) / tree.weight[node], 0, tree.feature[node]);
    };
    return (root, inputs, phi) => visit(root, inputs, phi, 0, 0, 1, 1, LEAF);
  };

  /** @param member the description of a booster @param {Record<string, ArrayLike<number>>} arrays its numbers @param {number} outputs */
  window.dspWhatIf.booster = ({ base, centre, scale }, arrays, outputs) => {
    const tree = linked(arrays);
    const explain = explainer(tree);
    const margin = (inputs) => {
      const sums = Array.from(base);
      tree.roots.forEach((root, place) => {
        let node = root;
        while (tree.feature[node] !== LEAF) node = next(tree, node, inputs);
        const output = arrays.output[place];
        sums[output] = Math.fround(sums[output] + tree.value[node]);
      });
      return sums.map((sum) => centre + scale * sum);
    };
    const contributions = (inputs) => {
      const found = Array.from({ length: outputs }, () => new Float64Array(inputs.length + 1));
      tree.roots.forEach((root, place) => {
        const phi = found[arrays.output[place]];
        phi[inputs.length] += tree.mean[root];
        explain(root, inputs, phi);
      });
      return found.map((phi, output) => {
        phi[inputs.length] += base[output];
        const scaled = phi.map((value) => scale * value);
        scaled[inputs.length] += centre;
        return scaled;
      });
    };
    return { margin, contributions };
  };
})();
