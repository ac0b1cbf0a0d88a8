"""The table's columns as NumPy arrays, made once each and only when asked for."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.etl.counting import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from dsp_pipeline.core.artifacts.reading import Dtype
    from dsp_pipeline.etl.tables import ValidatedTable

    Floats = npt.NDArray[np.float64]
    Integers = npt.NDArray[np.int64]
    Booleans = npt.NDArray[np.bool_]

MICROSECONDS = 1e6
_NANOSECONDS = 1e9


@dataclasses.dataclass(frozen=True)
class Column:
    """One column of the table with what reading found out about it.

    Attributes:
        name: The column's name in the table.
        kind: What it means.
        dtype: How the contract stores it.
        series: The values as Polars holds them.
    """

    name: str
    kind: ColumnKind
    dtype: Dtype
    series: pl.Series

    @property
    def has_numbers(self) -> bool:
        """Whether the values are stored as numbers and are meant as such (no labels, no flags)."""
        labels = self.kind.is_categorical or self.kind is ColumnKind.TEXT
        return self.series.dtype.is_numeric() and not labels

    @property
    def is_temporal(self) -> bool:
        """Whether the values are stored as points in time."""
        return self.series.dtype == pl.Date or self.series.dtype.base_type() is pl.Datetime

    @property
    def is_time_of_day(self) -> bool:
        """Whether the values are times of a day without a date."""
        return self.series.dtype == pl.Time

    @functools.cached_property
    def numbers(self) -> Floats:
        """The values as float64, NaN where missing; points in time are seconds since 1970 (UTC)."""
        series = self.series
        if self.is_temporal:
            micros = series.cast(pl.Datetime("us")).to_physical()
            return np.asarray(micros.cast(pl.Float64).to_numpy(), dtype=np.float64) / MICROSECONDS
        if self.is_time_of_day:
            nanos = series.to_physical().cast(pl.Float64).to_numpy()
            return np.asarray(nanos, dtype=np.float64) / _NANOSECONDS
        return np.asarray(series.cast(pl.Float64, strict=False).to_numpy(), dtype=np.float64)

    @functools.cached_property
    def finite(self) -> Floats:
        """`numbers` with infinities taken for missing."""
        numbers = self.numbers
        return np.where(np.isfinite(numbers), numbers, np.nan) if np.isinf(numbers).any() else numbers

    @functools.cached_property
    def missing(self) -> Booleans:
        """Where there is no value: null, or NaN among numbers."""
        if self.series.dtype.is_float():
            return np.asarray((self.series.is_null() | self.series.is_nan().fill_null(value=True)).to_numpy())
        return np.asarray(self.series.is_null().to_numpy())

    @functools.cached_property
    def labels(self) -> pl.Series:
        """The values as text, null where missing: what groups are called."""
        if self.series.dtype == pl.Boolean:
            return self.series.cast(pl.String)
        if self.series.dtype.is_float():
            text = self.series.fill_nan(None)
            whole = text.drop_nulls()
            if len(whole) and bool((whole == whole.round(0)).all()) and bool((whole.abs() < 2**53).all()):
                text = text.cast(pl.Int64)
            return text.cast(pl.String)
        return self.series.cast(pl.String)

    @functools.cached_property
    def label_counts(self) -> pl.DataFrame:
        """How often each label occurs, in no order: ``value`` and ``count``."""
        return counted(self.labels)

    def commonest(self, most: int) -> list[tuple[str, int]]:
        """The commonest labels with their counts, ties in the order of the text; no other label is sorted."""
        counts = self.label_counts
        if not most or counts.is_empty():
            return []
        least = counts["count"].top_k(most).min()
        ahead = counts.filter(pl.col("count") > least).sort(["count", "value"], descending=[True, False])
        tied = counts.filter(pl.col("count") == least).bottom_k(most - ahead.height, by="value").sort("value")
        return [(label, count) for label, count in pl.concat([ahead, tied]).iter_rows()]

    @functools.cached_property
    def levels(self) -> Levels:
        """The distinct labels, commonest first, and each row's position among them."""
        ordered = self.label_counts.sort(["count", "value"], descending=[True, False])
        names = ordered["value"].to_list()
        coded = self.labels.cast(pl.Enum(names)).to_physical() if names else None
        codes = (
            np.full(len(self.series), -1, dtype=np.int64)
            if coded is None
            else np.asarray(coded.cast(pl.Int64).fill_null(-1).to_numpy(), dtype=np.int64)
        )
        return Levels(names, np.asarray(ordered["count"].to_numpy(), dtype=np.int64), codes)


@dataclasses.dataclass(frozen=True)
class Levels:
    """A column's labels as codes.

    Attributes:
        names: The labels, commonest first, ties in the order of the text.
        counts: How often each occurs.
        codes: Each row's position in `names`, -1 where missing.
    """

    names: list[str]
    counts: Integers
    codes: Integers

    def lumped(self, most: int) -> Integers:
        """The codes with all but the ``most - 1`` commonest labels taken together as the last one."""
        return np.minimum(self.codes, most - 1) if len(self.names) > most else self.codes


def columns_of(validated: ValidatedTable, rows: pl.DataFrame | None = None) -> list[Column]:
    """The table's columns in the table's order, each with its kind from the reading.

    Args:
        validated: The table with its reading.
        rows: Some of its rows; all if None.
    """
    table = validated.table if rows is None else rows
    readings = {reading.name: reading for reading in validated.reading.columns}
    return [
        Column(name, readings[name].kind, readings[name].dtype, table[name])
        for name in table.columns
        if name in readings
    ]


def by_name(columns: Sequence[Column]) -> dict[str, Column]:
    """The columns under their names."""
    return {column.name: column for column in columns}
