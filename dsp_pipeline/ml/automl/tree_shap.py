"""SHAP values of a forest's rows, looked up in its trees' tables."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from dsp_pipeline.ml.automl.tree_tables import tables_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dsp_pipeline.ml.automl.arrays import Bools, Floats, Ints, Numbers
    from dsp_pipeline.ml.automl.encoding import Matrix
    from dsp_pipeline.ml.automl.tree_tables import Tables
    from dsp_pipeline.ml.automl.trees import Tree

_BLOCK_ROWS = 1 << 14
"""Rows at a time: what is made of so many stays in the processor's caches."""


@dataclasses.dataclass(frozen=True)
class Forest:
    """Trees with their tables. Make one with `forest_of`.

    Attributes:
        bases: What each output's margin is without any row's values.
        tables: Of each tree.
    """

    bases: tuple[float, ...]
    tables: tuple[Tables, ...]

    def contributions(self, matrix: Matrix) -> Floats:
        """Exact path-dependent tree SHAP, shape (rows, outputs, inputs + 1); the bases come last."""
        rows, inputs = matrix.values.shape
        result = np.zeros((len(self.bases), rows, inputs + 1))
        result[:, :, -1] = np.array(self.bases)[:, None]
        for start in range(0, rows, _BLOCK_ROWS):
            block = _Block(matrix, slice(start, start + _BLOCK_ROWS))
            for each in self.tables:
                if each.groups[0].splits:
                    _add(each, block, result[each.tree.output, block.rows, :-1])
        return np.moveaxis(result, 0, 1)


def forest_of(bases: Sequence[float], trees: Sequence[Tree]) -> Forest:
    """The trees with their tables.

    Args:
        bases: What each output's sum starts from.
        trees: What is added to it; `tree_tables.are_worth_tables` holds of their leaves.
    """
    means = np.array(bases, np.float64)
    for tree in trees:
        for leaf, path in tree.paths.items():
            means[tree.output] += float(tree.split[leaf]) * math.prod(tree.shares[tree.onward(path)].tolist())
    return Forest(tuple(means.tolist()), tuple(tables_of(trees)))


def _add(tables: Tables, block: _Block, result: Floats) -> None:
    """Add what a tree adds to rows, shape (rows, inputs)."""
    used = np.unique([place for group in tables.groups for place in group.inputs])
    # Where most are used, adding to all at once is quicker than to some.
    inputs = np.arange(result.shape[1]) if 2 * used.size >= result.shape[1] else used
    values = tables.spread(inputs)
    rows, groups = result.shape[0], len(tables.groups)
    ways = np.empty((rows, groups), np.int32)
    for place, (start, found) in enumerate(_ways(tables, block)):
        np.add(found, np.int32(start), out=ways[:, place])
    ones, ends = np.ones(rows * groups, np.float32), np.arange(0, rows * groups + 1, groups)
    added = sparse.csr_array((ones, ways.ravel(), ends), shape=(rows, values.shape[0])) @ values
    if inputs.size == result.shape[1]:
        result += added
    else:
        result[:, inputs] += added


def _ways(tables: Tables, block: _Block) -> Iterator[tuple[int, Numbers]]:
    """For each group where its table begins, and rows' ways in it."""
    kind = np.uint8 if max(len(group.splits) for group in tables.groups) <= 8 else np.uint16  # noqa: PLR2004 - a byte
    none = np.zeros(block.size, kind)
    so_far: dict[int | None, Numbers] = {None: none}
    for node, parent in tables.shared.items():
        so_far[node] = so_far[parent] << 1 | block.goes_left(tables.tree, node)
    for group in tables.groups:
        found = so_far[group.splits[group.above - 1] if group.above else None]
        for node in group.splits[group.above :]:
            found = found << 1 | block.goes_left(tables.tree, node)
        yield group.start, found


class _Block:
    """Some rows of a matrix."""

    def __init__(self, matrix: Matrix, rows: slice) -> None:
        values = matrix.values[rows]
        self.rows, self.size = rows, values.shape[0]
        self._columns = np.ascontiguousarray(values.T)
        self._missing = [bool(np.isnan(column).any()) for column in self._columns]
        # Levels from 1 on; 0 is missing.
        self._levels: dict[int, Ints] = {
            int(place): np.where(np.isnan(self._columns[place]), 0, self._columns[place] + 1).astype(np.intp)
            for place in np.flatnonzero(matrix.categories)
        }

    def goes_left(self, tree: Tree, node: int) -> Bools:
        """Which rows go left at a split."""
        place, missing_left = int(tree.feature[node]), bool(tree.missing_left[node])
        right = tree.levels.get(node)
        if right is not None:
            goes = np.ones(max(right, default=0) + 3, np.bool_)
            goes[0] = missing_left
            goes[np.array(right, np.intp) + 1] = False
            # XGBoost sends levels behind its set's last one left.
            return goes.take(self._levels[place], mode="clip")
        column = self._columns[place]
        missing_too = missing_left and self._missing[place]
        goes = np.logical_not(column >= tree.split[node]) if missing_too else column < tree.split[node]
        return np.asarray(goes)
