"""The strong pairs among columns that are too many to measure every pair: all are looked at, few are measured.

Each column becomes one or more features on a sample of rows: ranks, and how far ranks lie from the middle (which
shows bends and humps); of labels, whether a row has each of the commonest. One matrix product has the correlations
of all features, and the pairs that no chance explains are measured as others are.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dsp_pipeline.ml.statistics.blocks import FEWEST_ROWS, groups_of, measure_all
from dsp_pipeline.ml.statistics.information import informed_pairs
from dsp_pipeline.ml.statistics.measured import variable_of
from dsp_pipeline.ml.statistics.ranks import average_ranks, standardised
from dsp_pipeline.ml.statistics.samples import sample_rows
from dsp_pipeline.ml.statistics.significance import correlation_p, harmonic

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from dsp_pipeline.ml.statistics.arrays import Booleans, Column, Floats, Integers
    from dsp_pipeline.ml.statistics.measured import Measured, Variable

    Features = npt.NDArray[np.float32]

MOST_LISTED = 700
"""Pairs at most that are measured and listed."""
MOST_SCREENED_ROWS = 5_000
_FEWEST_SCREENED_ROWS = 500
_MOST_PRODUCTS = 6e10
_MOST_FEATURES = 4_000
_MOST_LABELS = 8
_LEAST_SHARE = 0.05
_MOST_MEASURED_CELLS = 20_000_000
_BLOCK = 512
_FOUND = 0.05


@dataclasses.dataclass(frozen=True)
class Screened:
    """What came of looking at all pairs.

    Attributes:
        found: The figures of the strongest pairs, positions being those of the columns given.
        pairs: How many pairs were looked at.
        rows: On how many rows.
        strong: How many of them no chance explains; the strongest are in `found`.
        weakest: The correlation on the sample that every pair of ranks left out is below.
    """

    found: list[Measured]
    pairs: int
    rows: int
    strong: int
    weakest: float


def screen(columns: Sequence[Column], measured: Collection[int], *, target: str | None, seed: int) -> Screened:
    """The strongest pairs, at most `MOST_LISTED`, of which at least one column was not measured with the others.

    A pair is strong if its least p over the features, times their number, is within Benjamini and Yekutieli's
    bound for one discovery at 5 % among all pairs; what is found in the end, the measures say. Pairs with the
    target come first.

    Args:
        columns: All columns that can be measured.
        measured: The positions of those of which every pair is measured.
        target: The sidecar's target.
        seed: Of the samples of rows.
    """
    total = len(columns[0].series)
    per_column = max(1, min(_MOST_LABELS, _MOST_FEATURES // len(columns)))
    wanted = int(_MOST_PRODUCTS / (len(columns) * min(2, per_column)) ** 2)
    rows = sample_rows(total, int(np.clip(wanted, _FEWEST_SCREENED_ROWS, MOST_SCREENED_ROWS)), [seed, 29])
    made = [_features(variable_of(column, 0, rows), per_column) for column in columns]
    is_measured = np.zeros(len(columns), dtype=np.bool_)
    is_measured[list(measured)] = True
    looked = _pairs(len(columns)) - _pairs(len(measured))
    found = _strong(made, ~is_measured, bound=_FOUND / (looked * harmonic(looked)))
    is_target = np.array([column.name == target for column in columns])
    order = np.lexsort((-found.size, ~(is_target[found.first] | is_target[found.second])))
    chosen = order[:MOST_LISTED]
    pairs = list(zip(found.first[chosen].tolist(), found.second[chosen].tolist(), strict=True))
    return Screened(
        found=list(_measured(columns, pairs, seed)),
        pairs=looked,
        rows=len(rows),
        strong=len(found.size),
        weakest=float(found.size[order[MOST_LISTED:]].max(initial=0.0)),
    )


def _pairs(count: int) -> int:
    return count * (count - 1) // 2


def _features(variable: Variable, most: int) -> tuple[Features, Booleans]:
    """The column's features, of mean square 1 where it has a value and 0 elsewhere, and where it has one.

    The features' shape is (features, rows). A value in the middle is 0 too: they do not tell where there is one.
    """
    present = variable.codes >= 0
    codes = variable.codes[present]
    made: list[Floats | None] = []
    if len(codes) >= FEWEST_ROWS and variable.numbers is not None:
        ranks = standardised(average_ranks(np.unique(codes, return_inverse=True)[1]))
        made = [ranks] if ranks is None or most == 1 else [ranks, standardised(np.abs(ranks))]
    elif len(codes) >= FEWEST_ROWS:
        made = [standardised((codes == label).astype(np.float64)) for label in _common(codes, most)]
    kept = [values for values in made if values is not None]
    features = np.zeros((len(kept), len(present)), dtype=np.float32)
    if kept:
        features[:, present] = kept
    return features, present


def _common(codes: Integers, most: int) -> list[int]:
    """The labels that split the rows most evenly, rare ones only if there is no other; one of two says it all."""
    counts = np.bincount(codes)
    smaller = np.minimum(counts, len(codes) - counts)
    ordered = np.argsort(-smaller, kind="stable")
    usable = max(1, int(np.count_nonzero(smaller >= _LEAST_SHARE * len(codes))))
    wanted = 1 if np.count_nonzero(counts) == 2 else min(most, usable)  # noqa: PLR2004 - two labels
    return [int(label) for label in ordered[:wanted]]


@dataclasses.dataclass(frozen=True)
class _Strong:
    """The pairs that stand out: the positions of their columns, the first before the second, and how strong."""

    first: Integers
    second: Integers
    size: Floats


def _strong(made: Sequence[tuple[Features, Booleans]], is_new: Booleans, *, bound: float) -> _Strong:
    """The pairs with a p within the bound, a column of each being new.

    The strength of a pair is the largest correlation of their features on the rows in which both have a value.
    Each block of columns is set against itself and those after it: a pair has no order.
    """
    counts = np.array([len(features) for features, _ in made])
    usable = np.flatnonzero(counts)
    counts, stacked = counts[usable], np.vstack([features for features, _ in made])
    known = np.vstack([made[place][1] for place in usable.tolist()]).astype(np.float32) if len(usable) else stacked
    has_gaps = bool((known == 0).any())
    starts = np.cumsum(counts) - counts
    parts = []
    for begin in range(0, len(usable), _BLOCK):
        these = usable[begin : begin + _BLOCK]
        others = usable[begin:]
        stop = starts[begin + _BLOCK] if begin + _BLOCK < len(usable) else len(stacked)
        products = np.abs(stacked[starts[begin] : stop] @ stacked[starts[begin] :].T)
        largest = np.maximum.reduceat(products, starts[begin:] - starts[begin], axis=1)
        largest = np.maximum.reduceat(largest, starts[begin : begin + _BLOCK] - starts[begin], axis=0)
        shared = known[begin : begin + _BLOCK] @ known[begin:].T if has_gaps else known.shape[1]
        both = np.full(largest.shape, shared, dtype=np.float64)
        size = np.minimum(largest / np.maximum(both, 1), 1)
        p = correlation_p(size, both) * counts[begin : begin + _BLOCK, None] * counts[begin:]
        wanted = (these[:, None] < others) & (is_new[these][:, None] | is_new[others]) & (both >= FEWEST_ROWS)
        i, j = np.nonzero(wanted & (p <= bound))
        parts.append((these[i], others[j], size[i, j]))
    first, second, sizes = zip(*parts, strict=True) if parts else ((usable,), (usable,), (np.zeros(0),))
    return _Strong(np.concatenate(first), np.concatenate(second), np.concatenate(sizes))


def _measured(columns: Sequence[Column], pairs: Sequence[tuple[int, int]], seed: int) -> Iterator[Measured]:
    """The figures of these pairs, on all rows or as many as can be afforded."""
    if not pairs:
        return
    total = len(columns[0].series)
    rows = sample_rows(total, max(MOST_SCREENED_ROWS, _MOST_MEASURED_CELLS // len(pairs)), [seed, 31])
    made = {
        place: variable_of(columns[place], place, rows) for place in {place for pair in pairs for place in pair}
    }
    for a, b in pairs:
        two = [made[a], made[b]]
        for figure in measure_all(groups_of(two)):
            yield figure if len(rows) == total else figure.of_a_sample()
        yield from informed_pairs(two, rows=total)
