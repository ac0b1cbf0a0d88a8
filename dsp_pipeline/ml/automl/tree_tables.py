"""Tables of what a tree adds to rows: a leaf's SHAP values depend only on which of a few splits a row passes.

A leaf of value v lies behind conditions on d inputs. Let o be 1 for an input whose conditions a row meets and else
0, and z the share of the training rows (by cover) that meet them. Path-dependent tree SHAP (Lundberg et al. 2018)
gives input j

    v (o_j - z_j) sum over S of |S|! (d - 1 - |S|)! / d! prod_{i in S} o_i prod_{i not in S, i != j} z_i,

and since k! (d - 1 - k)! / d! is the integral of t^k (1 - t)^(d - 1 - k) over [0, 1], the sum is the integral of
prod_{i != j} (o_i t + z_i (1 - t)): a polynomial of degree d - 1, for which Gauss-Legendre quadrature with d / 2
nodes is exact. XGBoost computes it for each row and leaf anew. Here it is computed once for each way to pass the
splits that a few neighbouring leaves lie behind (after Yang 2021, Fast TreeSHAP), and rows look up their ways.
"""

from __future__ import annotations

import collections
import dataclasses
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.ml.automl.arrays import Bools, Floats, Ints, Singles
    from dsp_pipeline.ml.automl.trees import Path, Tree

_MOST_DEPTH, _MOST_WAYS = 12, 512
"""Of any leaf, and of leaves on average: the ways to one alone are two to the power of its depth."""

_BITS = 8
"""Splits that share a table, where no leaf lies deeper: with more, rows are quicker and tables larger."""

_CHUNK = 1 << 16
"""Numbers that are worked on at a time: so many stay in the processor's cache."""

_LEAST = 1e-100


@dataclasses.dataclass(frozen=True)
class Group:
    """Neighbouring leaves, which share a table.

    Attributes:
        splits: The splits that they lie behind, from the root on. A way is the number whose binary digits say of
            each of these, the first one the highest, whether a row goes left.
        above: How many of these, at the beginning, all of the leaves lie behind.
        start: Where the table begins among the tree's rows of ``values``.
        inputs: What the splits ask for, ascending.
    """

    splits: tuple[int, ...]
    above: int
    start: int
    inputs: tuple[int, ...]

    @property
    def ways(self) -> slice:
        """The table's rows."""
        return slice(self.start, self.start + (1 << len(self.splits)))


@dataclasses.dataclass(frozen=True)
class Tables:
    """A tree's tables.

    Attributes:
        tree: The tree.
        shared: The splits above groups, parents first, each with the one above it (None: the root).
        groups: Its leaves.
        values: What each way adds, shape (ways of all groups, most inputs of a group): to the inputs of its group.
    """

    tree: Tree
    shared: dict[int, int | None]
    groups: tuple[Group, ...]
    values: Singles

    def spread(self, inputs: Ints) -> Singles:
        """What each way adds to these inputs (ascending, all that the tree asks for), shape (ways, inputs)."""
        result = np.zeros((self.values.shape[0], inputs.size), np.float32)
        for group in self.groups:
            result[group.ways, np.searchsorted(inputs, group.inputs)] = self.values[
                group.ways, : len(group.inputs)
            ]
        return result


class _Leaf(NamedTuple):
    """A leaf, and where what it adds is put."""

    tables: Tables
    group: Group
    path: Path
    value: float


def are_worth_tables(depths: Sequence[int]) -> bool:
    """Whether leaves at these depths have few enough ways for tables."""
    return max(depths) <= _MOST_DEPTH and sum(1 << depth for depth in depths) <= _MOST_WAYS * len(depths)


def tables_of(trees: Sequence[Tree]) -> list[Tables]:
    """The tables of trees, of whose leaves `are_worth_tables` holds."""
    made: list[Tables] = []
    by_shape: dict[tuple[int, int], list[_Leaf]] = collections.defaultdict(list)
    for tree in trees:
        tables, leaves = _empty(tree)
        made.append(tables)
        for leaf in leaves:
            by_shape[len(leaf.path), len(leaf.group.splits)].append(leaf)
    for (depth, bits), leaves in by_shape.items():
        if depth:
            step = max(1, _CHUNK // (depth << bits))
            for start in range(0, len(leaves), step):
                _fill(leaves[start : start + step], bits)
    return made


def _empty(tree: Tree) -> tuple[Tables, list[_Leaf]]:
    """A tree's tables before anything is in them, and its leaves."""
    paths = tree.paths
    below = collections.Counter(node for path in paths.values() for node, _ in path)
    members: dict[Path, list[int]] = collections.defaultdict(list)
    for leaf, path in paths.items():
        # Below a split there is one split less than there are leaves.
        fits = (depth for depth, (node, _) in enumerate(path) if depth + below[node] - 1 <= _BITS)
        members[path[: next(fits, len(path))]].append(leaf)
    shared: dict[int, int | None] = {}
    groups: list[Group] = []
    for above, own in members.items():
        for place, (node, _) in enumerate(above):
            shared[node] = above[place - 1][0] if place else None
        splits = tuple(dict.fromkeys(node for leaf in own for node, _ in (*above, *paths[leaf])))
        inputs = tuple(sorted({int(tree.feature[node]) for node in splits}))
        groups.append(Group(splits, len(above), groups[-1].ways.stop if groups else 0, inputs))
    width = max(len(group.inputs) for group in groups)
    tables = Tables(tree, shared, tuple(groups), np.zeros((groups[-1].ways.stop, width), np.float32))
    leaves = [
        _Leaf(tables, group, paths[leaf], float(tree.split[leaf]))
        for group, own in zip(groups, members.values(), strict=True)
        for leaf in own
    ]
    return tables, leaves


def _fill(leaves: Sequence[_Leaf], bits: int) -> None:
    """Add to their tables what leaves add that lie equally deep, in groups of as many splits."""
    trees = [leaf.tables.tree for leaf in leaves]
    paths = [[node for node, _ in leaf.path] for leaf in leaves]
    features = np.array([tree.feature[path] for tree, path in zip(trees, paths, strict=True)])
    shares = np.array([tree.shares[tree.onward(leaf.path)] for tree, leaf in zip(trees, leaves, strict=True)])
    counts, added = _added(features, shares, np.array([leaf.value for leaf in leaves]))
    places = np.array(
        [[leaf.group.splits.index(node) for node in path] for leaf, path in zip(leaves, paths, strict=True)]
    )
    goes_left = np.array([[is_left for _, is_left in leaf.path] for leaf in leaves])
    codes = _codes(bits - 1 - places, goes_left, bits)
    for leaf, own, code, is_first, inputs in zip(leaves, added, codes, counts, features.tolist(), strict=True):
        table = leaf.tables.values[leaf.group.ways]
        found = own[code]
        for place in np.flatnonzero(is_first).tolist():
            table[:, leaf.group.inputs.index(inputs[place])] += found[:, place]


def _added(features: Ints, shares: Floats, values: Floats) -> tuple[Bools, Singles]:
    """What leaves add to the inputs of their paths, by which splits of the path a row passes the leaf's way.

    Args:
        features: What the splits of each leaf's path ask for, shape (leaves, depth).
        shares: Of the rows that reach a split, the share that goes the leaf's way, of the same shape.
        values: The leaves' own.

    Returns:
        Where an input is met first, of the same shape: there it counts, and nowhere else. And what is added,
        shape (leaves, 2 to the power of the depth, depth): splits are binary digits, the first one the lowest.
    """
    depth = features.shape[1]
    same = features[:, :, None] == features[:, None, :]
    counts = ~np.tril(same, -1).any(axis=2)
    # Conditions on one input are one condition.
    share = np.where(counts, np.where(same, shares[:, None, :], 1.0).prod(axis=2), 1.0)[:, None, :]
    misses = (~(np.arange(1 << depth)[:, None] >> np.arange(depth)) & 1).astype(np.float32)
    met = (misses @ same.astype(np.float32) == 0) | ~counts[:, None, :]
    weights = _weights(met, np.maximum(share, _LEAST))
    return counts, ((met - share) * weights * values[:, None, None]).astype(np.float32)


def _weights(met: Bools, share: Floats) -> Floats:
    """The integral of the product of the other inputs' terms, shaped as ``met``; all shares are above zero."""
    result = np.zeros(met.shape)
    points, weights = np.polynomial.legendre.leggauss((met.shape[2] + 1) // 2)
    for point, weight in zip((points + 1) / 2, weights / 2, strict=True):
        terms = met * point + share * (1 - point)
        result += weight * terms.prod(axis=2, keepdims=True) / terms
    return result


def _codes(shifts: Ints, goes_left: Bools, bits: int) -> Ints:
    """For each leaf and way through its group, which splits of its path are passed the leaf's way, as a number."""
    ways = np.arange(1 << bits)
    result = np.zeros((shifts.shape[0], ways.size), np.int64)
    for place in range(shifts.shape[1]):
        passed = (ways >> shifts[:, place, None] & 1) == goes_left[:, place, None]
        result |= passed.astype(np.int64) << place
    return result
