"""How often each value of a column occurs, whatever the column is called: a table may have one called "count"."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl


def counted(values: pl.Series) -> pl.DataFrame:
    """Each distinct value that is there with its number of rows, in no order: ``value`` and ``count``."""
    return values.drop_nulls().alias("value").value_counts(name="count")


def commonest_first(values: pl.Series) -> pl.DataFrame:
    """The same, the commonest first, ties in the values' own order."""
    return counted(values).sort(["count", "value"], descending=[True, False])
