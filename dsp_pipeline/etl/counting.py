"""How many values of a column are different, and how often each occurs.

A column may be called anything: a table may have one called "count".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import polars as pl

_SPREAD = 4
"""Whole numbers that lie this many times as far apart as there are, or less, are ticked off on a list."""


def distinct_integers(values: pl.Series) -> int:
    """How many different whole numbers there are, none of which is missing.

    Sorting them costs many times as much: it is left to those that are far apart.
    """
    if values.is_empty() or values.is_sorted():
        return values.set_sorted().n_unique()
    least, greatest = int(values.min()), int(values.max())  # type: ignore[arg-type]
    if greatest - least > _SPREAD * len(values):
        return values.n_unique()
    is_there = np.zeros(greatest - least + 1, np.bool_)
    is_there[(values - least).to_numpy()] = True
    return int(np.count_nonzero(is_there))


def counted(values: pl.Series) -> pl.DataFrame:
    """Each distinct value that is there with its number of rows, in no order: ``value`` and ``count``."""
    return values.drop_nulls().alias("value").value_counts(name="count")


def commonest_first(values: pl.Series) -> pl.DataFrame:
    """The same, the commonest first, ties in the values' own order."""
    return counted(values).sort(["count", "value"], descending=[True, False])
