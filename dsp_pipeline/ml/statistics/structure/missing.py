"""What gaps depend on: other columns one by one, and Little's test of all measurements together."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.structure import CompletelyAtRandom, MissingDependence
from dsp_pipeline.ml.statistics.correlation import chi_squared
from dsp_pipeline.ml.statistics.information import Classes, permutation_p
from dsp_pipeline.ml.statistics.measured import variable_of
from dsp_pipeline.ml.statistics.samples import sample_rows
from dsp_pipeline.ml.statistics.significance import StepUp, chi_squared_p

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from dsp_pipeline.ml.statistics.arrays import Booleans, Column, Floats, Integers

MOST_GAPPY = 50
_MOST_ROWS = 50_000
_FOUND = 0.05
_LEAST_VALUE = 0.1
_MOST_MEASURED = 20
_FEWEST_COMPLETE = 30
_STEPS = 200
_SETTLED = 1e-8
_SINGULAR = 1e-10


def missing_dependences(
    columns: Sequence[Column], explaining: Sequence[Column], *, target: str | None, seed: int
) -> list[MissingDependence]:
    """What tells where a column's gaps are: the other column that tells most, and the target if it does.

    Cramér's V of "is missing" and the other column's classes, over the rows that have the other one; at most 50
    columns with gaps are looked at, on 50,000 rows at most. Those with q (Benjamini & Yekutieli over all pairs
    tried) of at most 0.05 and V of at least 0.1 are returned, the largest V first.

    Args:
        columns: The table's columns.
        explaining: Those that may tell where gaps are.
        target: What is to be predicted, if it is known.
        seed: Of the sample of rows.
    """
    rows = len(columns[0].series) if columns else 0
    gappy = [column for column in columns if 0 < column.missing.sum() < rows][:MOST_GAPPY]
    if not gappy:
        return []
    chosen = sample_rows(rows, _MOST_ROWS, seed)
    classes = [(column.name, Classes.of(variable_of(column, 0, chosen))) for column in explaining]
    tried = [
        made
        for column in gappy
        for name, other in classes
        if name != column.name and (made := _dependence(column, name, other, chosen)) is not None
    ]
    p_values = np.array([one.p for one in tried], dtype=np.float64)
    rates = StepUp.under_any_dependence(p_values).adjusted(p_values)
    best: dict[tuple[str, bool], MissingDependence] = {}
    for one, q in zip(tried, rates, strict=True):
        key = (one.column, one.on == target)
        known = best.get(key)
        if q <= _FOUND and one.value >= _LEAST_VALUE and (known is None or one.value > known.value):
            best[key] = one.model_copy(update={"q": float(q)})
    return sorted(best.values(), key=lambda one: -one.value)


def _dependence(column: Column, name: str, other: Classes, rows: Integers) -> MissingDependence | None:
    stride = other.count + 1
    combined = column.missing[rows].astype(np.int16) * np.int16(stride) + other.codes
    table = np.bincount(combined, minlength=2 * stride).reshape(2, stride)[:, :-1]
    table = table[:, table.sum(axis=0) > 0]
    if table.shape[1] < 2 or not (table.sum(axis=1) > 0).all():  # noqa: PLR2004 - nothing varies together
        return None
    p = permutation_p(table)
    n = int(table.sum())
    value = float(np.sqrt(chi_squared(table) / n))
    return None if p is None else MissingDependence(column=column.name, on=name, value=value, n=n, p=p, q=1.0)


def missing_at_random(
    columns: Sequence[Column], *, without: Collection[str], seed: int
) -> CompletelyAtRandom | None:
    """Little's test that values are missing completely at random (1988, J. Am. Stat. Assoc. 83:1198-1202).

    Each pattern of gaps has means of its own; they are compared with the means by maximum likelihood under one
    normal distribution for all, whose covariance comes from the EM algorithm. The p is chi-squared's.

    Args:
        columns: The table's columns; at most 20 of measurements with values in half of the rows are used.
        without: Columns to leave out, since they say nothing that others do not.
        seed: Of the sample of at most 50,000 rows.

    Returns:
        None without gaps in two measurements or more, or where the covariance has no inverse.
    """
    measured = [
        column
        for column in columns
        if column.has_numbers and column.kind.is_numeric and column.name not in without
    ]
    usable = [column for column in measured if np.isnan(column.finite).mean() <= 1 / 2][:_MOST_MEASURED]
    if len(usable) < 2 or not any(np.isnan(column.finite).any() for column in usable):  # noqa: PLR2004 - a pair
        return None
    rows = sample_rows(len(usable[0].series), _MOST_ROWS, seed)
    values = np.column_stack([column.finite[rows] for column in usable])
    values = values[~np.isnan(values).all(axis=1)]
    test = little(values) if (~np.isnan(values).any(axis=1)).sum() >= _FEWEST_COMPLETE else None
    if test is None:
        return None
    return CompletelyAtRandom(
        columns=[column.name for column in usable],
        patterns=test.patterns,
        statistic=test.statistic,
        degrees=test.degrees,
        n=len(values),
        p=chi_squared_p(test.statistic, test.degrees),
    )


@dataclasses.dataclass(frozen=True)
class Little:
    """Little's d squared with its degrees of freedom and the number of patterns of gaps."""

    statistic: float
    degrees: int
    patterns: int


@dataclasses.dataclass(frozen=True)
class _Pattern:
    """Rows with the same gaps: which columns they have, how many rows, their means and products of deviations."""

    present: Booleans
    rows: int
    mean: Floats
    scatter: Floats


def little(values: Floats) -> Little | None:
    """Little's statistic of a matrix (rows, columns) with NaN for gaps; None if the covariance is singular."""
    spread = np.nanstd(values, axis=0)
    if not (spread > 0).all():
        return None
    patterns = _patterns((values - np.nanmean(values, axis=0)) / spread)
    fitted = _normal_by_em(patterns, values.shape[1])
    if fitted is None or len(patterns) < 2:  # noqa: PLR2004 - nothing to compare
        return None
    mean, covariance = fitted
    statistic = 0.0
    for pattern in patterns:
        gap = pattern.mean - mean[pattern.present]
        within = covariance[np.ix_(pattern.present, pattern.present)]
        statistic += pattern.rows * float(gap @ np.linalg.solve(within, gap))
    degrees = sum(int(pattern.present.sum()) for pattern in patterns) - values.shape[1]
    return Little(statistic, degrees, len(patterns)) if degrees > 0 else None


def _patterns(values: Floats) -> list[_Pattern]:
    present = ~np.isnan(values)
    kinds, of_row = np.unique(present, axis=0, return_inverse=True)
    found = []
    for place, kind in enumerate(kinds):
        block = values[of_row.ravel() == place][:, kind]
        mean = block.mean(axis=0)
        found.append(_Pattern(kind, len(block), mean, (block - mean).T @ (block - mean)))
    return found


def _normal_by_em(patterns: Sequence[_Pattern], columns: int) -> tuple[Floats, Floats] | None:
    """Mean and covariance by maximum likelihood (Dempster, Laird & Rubin 1977); None if the latter is singular."""
    n = sum(pattern.rows for pattern in patterns)
    mean, covariance = np.zeros(columns), np.eye(columns)
    for _ in range(_STEPS):
        total, products = np.zeros(columns), np.zeros((columns, columns))
        for pattern in patterns:
            expected, second = _expected(pattern, mean, covariance)
            total += pattern.rows * expected
            products += second
        new_mean = total / n
        new_covariance = products / n - np.outer(new_mean, new_mean)
        if np.linalg.eigvalsh(new_covariance)[0] < _SINGULAR:
            return None
        moved = max(np.abs(new_mean - mean).max(), np.abs(new_covariance - covariance).max())
        mean, covariance = new_mean, new_covariance
        if moved < _SETTLED:
            break
    return mean, covariance


def _expected(pattern: _Pattern, mean: Floats, covariance: Floats) -> tuple[Floats, Floats]:
    """A pattern's mean row with its gaps filled in, and the sum of its rows' expected second moments."""
    here, gone = pattern.present, ~pattern.present
    slopes = np.linalg.solve(covariance[np.ix_(here, here)], covariance[np.ix_(here, gone)]).T
    expected = mean.copy()
    expected[here] = pattern.mean
    expected[gone] = mean[gone] + slopes @ (pattern.mean - mean[here])
    fill = np.zeros((len(mean), int(here.sum())))
    fill[here] = np.eye(int(here.sum()))
    fill[gone] = slopes
    second = fill @ pattern.scatter @ fill.T + pattern.rows * np.outer(expected, expected)
    rest = covariance[np.ix_(gone, gone)] - slopes @ covariance[np.ix_(here, gone)]
    second[np.ix_(gone, gone)] += pattern.rows * rest
    return expected, second
