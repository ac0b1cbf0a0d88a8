"""Validated tables made from frames, with the kinds that reading would have found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from dsp_pipeline.core.artifacts.reading import ColumnReading, Dtype, Reading, Source
from dsp_pipeline.core.artifacts.validation import Contract, Quality, Validation
from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.core.sidecar import Sidecar
from dsp_pipeline.etl.tables import StoredTable, ValidatedTable

if TYPE_CHECKING:
    from collections.abc import Mapping

FEW_LABELS = 50


def validated(
    frame: pl.DataFrame,
    *,
    kinds: Mapping[str, ColumnKind] | None = None,
    sidecar: Sidecar | None = None,
    quarantined: int = 0,
) -> ValidatedTable:
    """The frame as a validated table; `kinds` overrides what the dtypes suggest."""
    given = kinds or {}
    columns = [
        ColumnReading(
            name=name,
            original_name=name,
            kind=given.get(name, kind_of(frame[name])),
            dtype=dtype_of(frame[name]),
            confidence=1.0,
        )
        for name in frame.columns
    ]
    source = Source(dataset="sample", version="0" * 12, key="sample.csv", etag="e", bytes=1, sha256="0" * 64)
    reading = Reading(
        source=source,
        compression=None,
        encoding="utf-8",
        delimiter=",",
        quote='"',
        line_ending="\n",
        has_header=True,
        header_row=1,
        rows_in=frame.height + quarantined,
        rows_read=frame.height + quarantined,
        rows_rejected=0,
        columns=columns,
        decisions=[],
    )
    quality = Quality(score=1.0, completeness=1.0, uniqueness=1.0, validity=1.0, consistency=1.0)
    validation = Validation(
        rows_in=frame.height + quarantined,
        rows_valid=frame.height,
        rows_quarantined=quarantined,
        checks=[],
        quality=quality,
        contract=Contract(columns=[], inferred_from="0" * 12),
    )
    return ValidatedTable(
        stored=StoredTable.of(frame),
        quarantined=StoredTable.of(pl.DataFrame({"line": list(range(quarantined))})),
        validation=validation,
        reading=reading,
        sidecar=sidecar or Sidecar(),
    )


def dtype_of(series: pl.Series) -> Dtype:
    """The contract's name of a Polars type."""
    dtype = series.dtype
    if dtype.is_decimal():
        return "decimal"
    if dtype.is_integer():
        return "int64"
    if dtype.is_float():
        return "float64"
    return _OTHER_DTYPES.get(dtype.base_type(), "string")


_OTHER_DTYPES: dict[type[pl.DataType], Dtype] = {
    pl.Boolean: "boolean",
    pl.Date: "date",
    pl.Time: "time",
    pl.Datetime: "datetime",
}


def kind_of(series: pl.Series) -> ColumnKind:
    """A plain guess at the kind, enough for tests."""
    distinct = series.drop_nulls().n_unique()
    if distinct == 0:
        return ColumnKind.EMPTY
    if distinct == 1:
        return ColumnKind.CONSTANT
    dtype = dtype_of(series)
    if dtype == "string":
        if distinct == len(series) > FEW_LABELS:
            return ColumnKind.IDENTIFIER
        return ColumnKind.CATEGORY if distinct <= max(FEW_LABELS, len(series) // 50) else ColumnKind.TEXT
    by_dtype = {
        "boolean": ColumnKind.BOOLEAN,
        "date": ColumnKind.DATE,
        "datetime": ColumnKind.TIMESTAMP,
        "time": ColumnKind.TIME,
        "int64": ColumnKind.INTEGER,
    }
    return by_dtype.get(dtype, ColumnKind.CONTINUOUS)
