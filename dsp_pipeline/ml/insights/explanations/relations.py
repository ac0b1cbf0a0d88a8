"""How much columns say of each other, for telling which explanations cannot be kept apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.ml.automl.arrays import Floats, Ints

MOST_COLUMNS = 40
_SAME = 0.7


def associations(table: pl.DataFrame) -> Floats:
    """The association of each pair of columns, between 0 and 1; rows with a missing value are left out of a pair.

    Of ordered columns (numbers, dates, flags) Spearman's rank correlation, absolute; of two columns of labels
    Cramér's V with Bergsma's (2013) correction for chance; of one and the other the ranks' correlation ratio, eta.
    """
    ordered = [_ranks(table[name]) if is_ordered(table.schema[name]) else None for name in table.columns]
    codes = [
        _codes(table[name]) if ranks is None else None for name, ranks in zip(table.columns, ordered, strict=True)
    ]
    result = np.eye(table.width)
    for first in range(table.width):
        for second in range(first):
            value = _associated((ordered[first], codes[first]), (ordered[second], codes[second]))
            result[first, second] = result[second, first] = value
    return result


def groups_of(found: Floats) -> list[list[int]]:
    """Places of columns that hang together by associations of at least .7, two or more each."""
    place = list(range(found.shape[0]))
    for first, second in np.argwhere(np.triu(found >= _SAME, 1)).tolist():
        old, new = place[second], place[first]
        place = [new if each == old else each for each in place]
    members = [[at for at, group in enumerate(place) if group == name] for name in dict.fromkeys(place)]
    return [each for each in members if len(each) > 1]


def weakest_link(found: Floats, members: Sequence[int]) -> float:
    """The least association that holds a group together: the smallest of each member's strongest one."""
    inside = found[np.ix_(members, members)] - np.eye(len(members))
    return float(inside.max(axis=1).min())


def is_ordered(dtype: pl.DataType) -> bool:
    """Whether the values of a column have an order that means something."""
    return dtype.is_numeric() or dtype.is_temporal() or dtype == pl.Boolean


def _ranks(column: pl.Series) -> Floats:
    physical = column.to_physical() if column.dtype.is_temporal() else column
    return physical.cast(pl.Float64).fill_nan(None).rank().cast(pl.Float64).to_numpy().astype(np.float64)


def _codes(column: pl.Series) -> Ints:
    """Labels as numbers from 0; -1 is missing."""
    return (column.cast(pl.String).rank("dense").cast(pl.Int64).fill_null(0) - 1).to_numpy().astype(np.int64)


def _associated(one: tuple[Floats | None, Ints | None], other: tuple[Floats | None, Ints | None]) -> float:
    ranks = [each for each, _ in (one, other) if each is not None]
    codes = [each for _, each in (one, other) if each is not None]
    present = np.all([~np.isnan(each) for each in ranks] + [each >= 0 for each in codes], axis=0)
    if present.sum() <= 2:  # noqa: PLR2004 - two rows always agree
        return 0.0
    ranks, codes = [each[present] for each in ranks], [each[present] for each in codes]
    if not codes:
        return _correlated(ranks[0], ranks[1])
    return _cramer(codes[0], codes[1]) if not ranks else _ratio(ranks[0], codes[0])


def _correlated(one: Floats, other: Floats) -> float:
    spread = float(one.std() * other.std())
    return abs(float(np.mean((one - one.mean()) * (other - other.mean())))) / spread if spread > 0 else 0.0


def _ratio(ranks: Floats, codes: Ints) -> float:
    """The root of the share of variance between groups, less what chance gives (epsilon squared, Kelley 1935)."""
    counts = np.bincount(codes)
    total = float(np.sum((ranks - ranks.mean()) ** 2))
    means = np.bincount(codes, ranks)[counts > 0] / counts[counts > 0]
    within = total - float(np.sum(counts[counts > 0] * (means - ranks.mean()) ** 2))
    free = ranks.size - means.size
    if total <= 0 or free <= 0:
        return 0.0
    return float(np.sqrt(max(0.0, 1 - (within / free) / (total / (ranks.size - 1)))))


def _cramer(one: Ints, other: Ints) -> float:
    counts = np.zeros((one.max() + 1, other.max() + 1))
    np.add.at(counts, (one, other), 1)
    counts = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0, keepdims=True) / counts.sum()
    phi = float(np.sum((counts - expected) ** 2 / expected)) / one.size
    free = one.size - 1
    rows, columns = counts.shape
    corrected = max(0.0, phi - (rows - 1) * (columns - 1) / free)
    least = min(rows - (rows - 1) ** 2 / free, columns - (columns - 1) ** 2 / free) - 1
    return float(np.sqrt(min(1.0, corrected / least))) if least > 0 else 0.0
