"""Columns that together compute another one: sums, differences, products, ratios, and clock times.

A total that contains its part, a body mass index beside height and weight, or a delay beside the planned and the
actual time give their part away though no single column does.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from dsp_pipeline.ml.automl.arrays import Bools, Floats

_SAMPLE = 4_000
_MAX_COLUMNS = 60
_EXACT = 0.9995
_INVOLVED = 0.02
_ROWS_PER_COLUMN = 5
_MIN_ROWS = 50
_MAX_MISSING = 0.3
_CLOCK_SHARE = 0.97
_DAY = 1440.0


@dataclasses.dataclass(frozen=True)
class Numbers:
    """Numeric and temporal columns of rows as floats, shape (rows, columns); temporal ones in seconds."""

    names: tuple[str, ...]
    values: Floats

    def column(self, name: str) -> Floats:
        """One column's values."""
        return np.asarray(self.values[:, self.names.index(name)])

    def without(self, names: set[str]) -> Numbers:
        """All columns but these."""
        kept = [index for index, name in enumerate(self.names) if name not in names]
        return Numbers(tuple(self.names[index] for index in kept), self.values[:, kept])


def numbers_of(table: pl.DataFrame, seed: int) -> Numbers:
    """The numeric and temporal columns of at most 4,000 of the table's rows."""
    if table.height > _SAMPLE:
        rows = np.sort(np.random.default_rng([seed, 9]).choice(table.height, _SAMPLE, replace=False))
        table = table[rows]
    found: dict[str, Floats] = {}
    for name, dtype in table.schema.items():
        if dtype.is_numeric():
            found[name] = table[name].cast(pl.Float64).to_numpy()
        elif dtype in {pl.Date, pl.Datetime}:
            moments = table[name].cast(pl.Datetime("us")).to_physical().cast(pl.Float64).to_numpy()
            found[name] = moments / 1e6
    values = np.column_stack(list(found.values())) if found else np.empty((table.height, 0))
    values = np.where(np.isfinite(values), values, np.nan)
    return Numbers(tuple(found), values)


@dataclasses.dataclass(frozen=True)
class Identity:
    """Columns that compute the target, with how, in words."""

    columns: tuple[str, ...]
    text: str


def find_identity(numbers: Numbers, target: str) -> Identity | None:
    """A formula that computes the target from other columns in practically every row, or None.

    Args:
        numbers: The columns; the target is one of them.
        target: What is computed.
    """
    y = numbers.column(target)
    others = numbers.without({target})
    return (
        _clock_difference(others, y, target)
        or _linear(others, y, target, "a sum or difference of")
        or _linear(_logs(others), _log(y), target, "a product or ratio of")
    )


def _log(values: Floats) -> Floats:
    """Logarithms; all missing where a value is not positive."""
    present = values[~np.isnan(values)]
    if present.size == 0 or present.min() <= 0:
        return np.full(values.shape, np.nan)
    return np.log(values)


def _logs(numbers: Numbers) -> Numbers:
    columns = [_log(numbers.values[:, index]) for index in range(len(numbers.names))]
    return Numbers(numbers.names, np.column_stack(columns) if columns else numbers.values)


def _linear(numbers: Numbers, y: Floats, target: str, how: str) -> Identity | None:
    """Whether least squares over all columns leaves next to nothing."""
    known = ~np.isnan(y)
    if not known.any():
        return None
    usable = np.flatnonzero(np.isnan(numbers.values[known]).mean(axis=0) <= _MAX_MISSING)
    x = numbers.values[:, usable]
    rows = known & ~np.isnan(x).any(axis=1)
    x, y = x[rows], y[rows]
    if y.size < _MIN_ROWS or float(y.std()) == 0:
        return None
    varied = x.std(axis=0) > 1e-9 * (1 + np.abs(x.mean(axis=0)))
    usable, x = usable[varied], x[:, varied]
    x, y = (x - x.mean(axis=0)) / x.std(axis=0), (y - y.mean()) / y.std()
    best = np.argsort(-np.abs(x.T @ y), kind="stable")[: min(_MAX_COLUMNS, y.size // _ROWS_PER_COLUMN)]
    usable, x = usable[best], x[:, best]
    if usable.size == 0:
        return None
    weights = np.linalg.lstsq(x, y, rcond=1e-8)[0]
    if 1 - float(np.mean((y - x @ weights) ** 2)) < _EXACT:
        return None
    names = [
        numbers.names[usable[i]]
        for i in np.argsort(-np.abs(weights), kind="stable")
        if abs(weights[i]) > _INVOLVED
    ]
    return Identity(tuple(names), f"'{target}' is {how} {_listed(names)}")


def _listed(names: list[str]) -> str:
    shown = [f"'{name}'" for name in names[:4]]
    return ", ".join(shown) + (f" and {len(names) - 4} more" if len(names) > 4 else "")  # noqa: PLR2004 - as shown


def _clock_difference(numbers: Numbers, y: Floats, target: str) -> Identity | None:
    """Whether the target is the minutes between two clock times written as whole numbers such as 1745."""
    clocks = [index for index in range(len(numbers.names)) if _is_clock(numbers.values[:, index])]
    minutes = {index: _minutes(numbers.values[:, index]) for index in clocks}
    for late in clocks:
        for early in clocks:
            difference = minutes[late] - minutes[early]
            known: Bools = ~np.isnan(difference) & ~np.isnan(y)
            if late == early or known.sum() < _MIN_ROWS or float(np.std(y[known])) == 0:
                continue
            gap = (difference - y)[known] % _DAY
            if float(np.mean(np.minimum(gap, _DAY - gap) < 0.5)) >= _CLOCK_SHARE:  # noqa: PLR2004 - half a minute
                names = (numbers.names[late], numbers.names[early])
                return Identity(names, f"'{target}' is the minutes from '{names[1]}' to '{names[0]}'")
    return None


def _is_clock(values: Floats) -> bool:
    """Whether whole numbers read as hours and minutes: 0 to 2400, the last two digits below 60."""
    present = values[~np.isnan(values)]
    if present.size < _MIN_ROWS or present.min() < 0 or present.max() > 2400 or present.max() < 1000:  # noqa: PLR2004
        return False
    return bool(np.all(present == np.round(present)) and np.all(present % 100 < 60))  # noqa: PLR2004 - minutes


def _minutes(values: Floats) -> Floats:
    return np.asarray(values // 100 * 60 + values % 100)
