"""Cells of rows in the form that a page computes with: numbers, flags, labels, and dates and times as ISO text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.core.artifacts.what_if import Cell
    from dsp_pipeline.ml.automl.features import Encoding

_MOMENT = "%Y-%m-%dT%H:%M:%S"


def cells_of(table: pl.DataFrame, encodings: Sequence[Encoding]) -> list[list[Cell]]:
    """Each row's cells in the columns of the encodings; None is missing.

    Values are converted as `dsp_pipeline.ml.automl.encoding.encode` converts them: what cannot be is missing.
    """
    columns = [_column(table[each.column], each).to_list() for each in encodings]
    return [list(row) for row in zip(*columns, strict=True)] if columns else [[] for _ in range(table.height)]


def _column(values: pl.Series, each: Encoding) -> pl.Series:
    if each.encoding == "number":
        numbers = values.cast(pl.Float64, strict=False)
        return numbers.set(~numbers.is_finite().fill_null(value=True), None)
    if each.encoding == "flag":
        return values.cast(pl.Boolean, strict=False)
    if each.encoding == "date":
        return values.cast(pl.Date, strict=False).dt.to_string("%Y-%m-%d")
    if each.encoding == "timestamp":
        moments = values if values.dtype == pl.Datetime else values.cast(pl.Datetime("us"), strict=False)
        return moments.dt.to_string(_MOMENT)
    if each.encoding == "time":
        return values.cast(pl.Time, strict=False).dt.to_string("%H:%M:%S")
    return values.cast(pl.String)
