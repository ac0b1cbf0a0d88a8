"""Validated tables and profiles made from frames, with what reading and profiling would say of them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from sklearn import datasets

from dsp_pipeline.core.artifacts.profile import ColumnProfile, Profile
from dsp_pipeline.core.artifacts.reading import ColumnReading, Dtype, Reading, Source
from dsp_pipeline.core.artifacts.validation import Contract, Quality, Validation
from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.core.sidecar import Sidecar
from dsp_pipeline.etl.tables import StoredTable, ValidatedTable
from dsp_pipeline.ml.automl.options import ModelOptions
from dsp_pipeline.ml.automl.trainer import train

if TYPE_CHECKING:
    from dsp_pipeline.core.sidecar import Task
    from dsp_pipeline.ml.automl.model import Model

_SOURCE = Source(dataset="t", version="0" * 12, key="t.csv", etag="e", bytes=1, sha256="0" * 64)
_QUALITY = Quality(score=1, completeness=1, uniqueness=1, validity=1, consistency=1)


def dtype_of(column: pl.Series) -> Dtype:
    """The artifact's word for a column's type."""
    if column.dtype.is_integer():
        return "int64"
    if column.dtype.is_float():
        return "float64"
    words: dict[pl.DataType, Dtype] = {pl.Boolean(): "boolean", pl.Date(): "date", pl.Time(): "time"}
    if column.dtype in words:
        return words[column.dtype]
    return "datetime" if column.dtype == pl.Datetime else "string"


def kind_of(column: pl.Series) -> ColumnKind:
    """What a reader would take the column for."""
    present = column.drop_nulls()
    distinct = present.n_unique()
    if distinct < 2:
        return ColumnKind.CONSTANT if distinct else ColumnKind.EMPTY
    if column.dtype == pl.Boolean:
        return ColumnKind.BOOLEAN
    if column.dtype.is_temporal():
        return {"Date": ColumnKind.DATE, "Time": ColumnKind.TIME}.get(str(column.dtype), ColumnKind.TIMESTAMP)
    if column.dtype.is_numeric():
        is_key = column.name == "id" and distinct == column.len()
        number = ColumnKind.INTEGER if column.dtype.is_integer() else ColumnKind.CONTINUOUS
        return ColumnKind.IDENTIFIER if is_key else number
    few = ColumnKind.CATEGORY if distinct <= 200 else ColumnKind.TEXT
    return ColumnKind.IDENTIFIER if distinct == column.len() else few


def validated(
    table: pl.DataFrame, sidecar: Sidecar | None = None, kinds: dict[str, ColumnKind] | None = None
) -> ValidatedTable:
    """The table as validation would hand it on."""
    columns = [
        ColumnReading(
            name=name,
            original_name=name,
            kind=(kinds or {}).get(name, kind_of(table[name])),
            dtype=dtype_of(table[name]),
            confidence=1.0,
        )
        for name in table.columns
    ]
    reading = Reading(
        source=_SOURCE,
        compression=None,
        encoding="utf-8",
        delimiter=",",
        quote='"',
        line_ending="\n",
        has_header=True,
        header_row=1,
        rows_in=table.height,
        rows_read=table.height,
        rows_rejected=0,
        columns=columns,
        decisions=[],
    )
    validation = Validation(
        rows_in=table.height,
        rows_valid=table.height,
        rows_quarantined=0,
        checks=[],
        quality=_QUALITY,
        contract=Contract(columns=[], inferred_from="t"),
    )
    return ValidatedTable(
        StoredTable.of(table), StoredTable.of(pl.DataFrame()), validation, reading, sidecar or Sidecar()
    )


def profile(source: ValidatedTable) -> Profile:
    """A profile with the counts that the trainer reads."""
    table = source.table
    return Profile(
        rows=table.height,
        duplicate_rows=0,
        columns={
            name: ColumnProfile(
                kind=source.reading.column(name).kind,
                dtype=source.reading.column(name).dtype,
                count=table.height - table[name].null_count(),
                missing=table[name].null_count(),
                distinct=table[name].drop_nulls().n_unique(),
                statistics={},
            )
            for name in table.columns
        },
        associations=[],
        missingness=[],
        alerts=[],
    )


def trained(
    table: pl.DataFrame, target: str | None = None, sidecar: Sidecar | None = None, task: Task | None = None
) -> tuple[ValidatedTable, Model]:
    """The table, validated, with the model that the trainer makes of it on one thread with seed 0."""
    source = validated(table, sidecar)
    return source, train(source, profile(source), options=ModelOptions(target=target, task=task))


def bundled(name: str) -> pl.DataFrame:
    """One of scikit-learn's bundled tables, its outcome last and called ``target``."""
    data = getattr(datasets, f"load_{name}")()
    names = [str(each) for each in data.feature_names]
    return pl.DataFrame(data.data, schema=names, orient="row").with_columns(pl.Series("target", data.target))


def sampler(seed: int) -> np.random.Generator:
    """Random numbers of a seed."""
    return np.random.default_rng(seed)


def mixed(rows: int, seed: int) -> pl.DataFrame:
    """Numbers, labels, dates, flags and gaps; ``sales`` follows from an interaction that no line describes."""
    rng = sampler(seed)
    size = rng.normal(size=rows)
    region = rng.choice(["north", "south", "east", "west"], rows)
    promo = rng.random(rows) < 0.3
    start = dt.datetime(2023, 1, 1, tzinfo=dt.UTC).replace(tzinfo=None)
    day = [start + dt.timedelta(hours=int(hours)) for hours in rng.integers(0, 24 * 700, rows)]
    effect = np.where(region == "north", size**2 * 3, np.where(promo, 4 * np.abs(size), 0))
    sales = effect + rng.normal(scale=0.5, size=rows)
    frame = pl.DataFrame({"size": size, "region": region, "promo": promo, "day": day, "sales": sales})
    gaps = pl.Series(rng.random(rows) < 0.1)
    return frame.with_columns(pl.when(gaps).then(None).otherwise(pl.col("region")).alias("region"))
