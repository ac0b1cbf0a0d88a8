"""Rows that are unusual over several columns at once: an isolation forest (Liu, Ting and Zhou 2008, ICDM).

Written with NumPy over all trees at once: importing scikit-learn's costs each run more than the whole forest does.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from dsp_pipeline.ml.statistics.arrays import Floats, Integers

TREES, SAMPLE = 100, 256
_DEPTH = 8
_EULER = 0.5772156649015329
_CHUNK_ROWS = 2_000


def expected_depth(count: Floats) -> Floats:
    """The mean depth at which a search fails in a binary tree of so many values: ``c(n)`` of the paper."""
    safe = np.maximum(count, 2)
    harmonic = np.log(safe - 1 + (safe == 2)) + _EULER  # noqa: PLR2004 - the paper sets c(2) = 1
    return np.where(count > 2, 2 * harmonic - 2 * (safe - 1) / safe, np.where(count == 2, 1.0, 0.0))  # noqa: PLR2004


@dataclasses.dataclass(frozen=True)
class Forest:
    """Trees as arrays, one to a row; node ``i``'s children are ``2 i + 1`` and ``2 i + 2``.

    Attributes:
        features: The column that a node splits by, -1 at leaves.
        thresholds: Rows below go left.
        lengths: At leaves: the depth, and the depth that further splits would have added.
        normal: The mean length of a tree of that many rows.
    """

    features: Integers
    thresholds: Floats
    lengths: Floats
    normal: float

    def scores(self, rows: Floats) -> Floats:
        """Each row's anomaly score: about 0.5 for ordinary rows, towards 1 for those that are cut off soon."""
        return np.concatenate(
            [self._scores(rows[start : start + _CHUNK_ROWS]) for start in range(0, len(rows), _CHUNK_ROWS)]
        )

    def _scores(self, rows: Floats) -> Floats:
        trees = np.arange(len(self.features))[:, None]
        nodes = np.zeros((len(self.features), len(rows)), dtype=np.int64)
        places = np.arange(len(rows))[None, :]
        for _ in range(_DEPTH):
            features = self.features[trees, nodes]
            right = rows[places, np.maximum(features, 0)] >= self.thresholds[trees, nodes]
            nodes = np.where(features >= 0, 2 * nodes + 1 + right, nodes)
        lengths = self.lengths[trees, nodes].mean(axis=0)
        return np.asarray(2.0 ** (-lengths / self.normal))

    def blame(self, row: Floats) -> Floats:
        """How much each column did to cut a row off: splits near the root that leave few rows weigh most."""
        blamed = np.zeros(len(row))
        for features, thresholds, lengths in zip(self.features, self.thresholds, self.lengths, strict=True):
            node, path = 0, []
            while features[node] >= 0:
                path.append(int(features[node]))
                node = 2 * node + 1 + int(row[features[node]] >= thresholds[node])
            if path:
                np.add.at(blamed, path, 1 / (len(path) * lengths[node]))
        return blamed


def grow(rows: Floats, *, seed: int) -> Forest:
    """A forest of 100 trees, each of at most 256 rows.

    Args:
        rows: A matrix without NaN; columns that do not vary are never split by.
        seed: Of the rows and splits.
    """
    rng = np.random.default_rng(seed)
    size = min(SAMPLE, len(rows))
    picks = np.stack([rng.choice(len(rows), size, replace=False) for _ in range(TREES)])
    values = rows[picks.ravel()]
    tree = np.repeat(np.arange(TREES), size)
    node = np.zeros(len(tree), dtype=np.int64)
    most = 2 ** (_DEPTH + 1) - 1
    features = np.full((TREES, most), -1, dtype=np.int64)
    thresholds = np.zeros((TREES, most))
    lengths = np.zeros((TREES, most))
    for depth in range(_DEPTH + 1):
        order = np.lexsort((node, tree))
        values, tree, node = values[order], tree[order], node[order]
        key = tree * most + node
        starts = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1])))
        counts = np.diff(np.append(starts, len(key)))
        at = tree[starts], node[starts]
        lengths[at] = depth + expected_depth(counts.astype(np.float64))
        low, high = np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)
        chosen = _random_varying(rng, high > low)
        chosen[counts < 2] = -1  # noqa: PLR2004 - a single row is cut off
        if depth == _DEPTH or not (chosen >= 0).any():
            break
        kept = np.maximum(chosen, 0)
        pick = np.arange(len(starts))
        cut = low[pick, kept] + rng.random(len(starts)) * (high[pick, kept] - low[pick, kept])
        features[at], thresholds[at] = chosen, cut
        of_row = np.repeat(pick, counts)
        goes_on = chosen[of_row] >= 0
        right = values[np.arange(len(values)), kept[of_row]] >= cut[of_row]
        node = (2 * node + 1 + right)[goes_on]
        values, tree = values[goes_on], tree[goes_on]
    return Forest(features, thresholds, lengths, float(expected_depth(np.array(float(size)))))


def _random_varying(rng: np.random.Generator, varies: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> Integers:
    """For each node one of the columns that vary in it, each as likely as another; -1 where none does."""
    draws = np.where(varies, rng.random(varies.shape), -1.0)
    return np.where(varies.any(axis=1), draws.argmax(axis=1), -1)
