"""How much single columns say about an outcome: a fast look, before any model.

A column is cut into at most 32 bins of equal size (or its levels), missing values being a bin of their own. What
the bins' means on one half of the rows explain on the other half, and the reverse, is the column's strength: the
share of the squared error of guessing that goes away. For quantities this is an out-of-sample R-squared, for
classes the Brier skill score (Brier 1950). 1 says everything, 0 nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from dsp_pipeline.ml.automl.arrays import Bools, Floats, Ints, Singles

_BINS = 32
_ROWS_PER_BIN = 12
_PRIOR_ROWS = 1.0


def as_targets(y: Floats, classes: int) -> Floats:
    """What bins predict: one column per class, or the quantity; shape (rows, classes or 1)."""
    if classes:
        return np.eye(classes)[y.astype(np.int64)]
    return y[:, None].astype(np.float64)


def strengths(values: Singles, categories: Bools, targets: Floats, seed: int) -> Floats:
    """The strength of each column of a matrix.

    Args:
        values: Shape (rows, columns); NaN is missing.
        categories: Which columns hold level numbers.
        targets: From `as_targets`.
        seed: Of the halving.
    """
    half = np.random.default_rng([seed, 8]).permutation(targets.shape[0]) % 2 == 0
    total = [_squares(targets[side], targets[~side].mean(axis=0)) for side in (half, ~half)]
    if min(total) <= 0:
        return np.zeros(values.shape[1])
    return np.array(
        [
            _strength(_bins(values[:, index], is_levels=bool(categories[index])), targets, half, total)
            for index in range(values.shape[1])
        ]
    )


def _squares(targets: Floats, guess: Floats) -> float:
    return float(np.sum((targets - guess) ** 2))


def _strength(bins: Ints, targets: Floats, half: Bools, total: list[float]) -> float:
    left = 0.0
    count = int(bins.max()) + 1
    for side in (half, ~half):
        learn = ~side
        prior = targets[learn].mean(axis=0)
        rows = np.bincount(bins[learn], minlength=count)
        for output in range(targets.shape[1]):
            sums = np.bincount(bins[learn], targets[learn, output], minlength=count)
            means = (sums + _PRIOR_ROWS * prior[output]) / (rows + _PRIOR_ROWS)
            left += float(np.sum((targets[side, output] - means[bins[side]]) ** 2))
    return 1 - left / sum(total)


def _bins(column: Singles, *, is_levels: bool) -> Ints:
    """Each row's bin; missing values have the last one."""
    missing = np.isnan(column)
    present = column[~missing]
    if is_levels:
        codes = np.where(missing, present.max(initial=0) + 1, column)
        return codes.astype(np.int64)
    wanted = int(np.clip(present.size // _ROWS_PER_BIN, 2, _BINS))
    distinct = np.unique(present)
    if distinct.size <= wanted:
        edges = distinct[1:]
    else:
        edges = np.unique(np.quantile(present, np.linspace(0, 1, wanted + 1)[1:-1], method="nearest"))
    found = np.searchsorted(edges, column, side="right").astype(np.int64)
    found[missing] = edges.size + 1
    return found
