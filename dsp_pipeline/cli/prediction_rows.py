"""Rows to predict: read as text, predicted as values, written as they were with the predictions behind them."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import io
from typing import TYPE_CHECKING

import polars as pl

from dsp_pipeline.core.artifacts.reading import Source
from dsp_pipeline.core.errors import PredictionError
from dsp_pipeline.core.sidecar import Sidecar
from dsp_pipeline.etl.casting import cast
from dsp_pipeline.etl.reader import read, require_rows
from dsp_pipeline.etl.tables import LINE
from dsp_pipeline.ml.automl.predictor import Predictor

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from dsp_pipeline.core.settings import Limits
    from dsp_pipeline.core.sidecar import ReadingOptions
    from dsp_pipeline.etl.tables import RawTable

_SHOWN_LINES = 5


@dataclasses.dataclass(frozen=True)
class Predicted:
    """A CSV with predictions, and what its reader should know.

    Attributes:
        text: The CSV; fields separated as in the file that was read.
        rows: How many.
        what: The target, in words.
        remarks: What was unexpected about the rows.
    """

    text: str
    rows: int
    what: str
    remarks: Sequence[str]


def read_all_rows(path: Path, *, reading: ReadingOptions, limits: Limits) -> RawTable:
    """Every record of a file, as text.

    Raises:
        ReadingError: It is no table, or has no rows.
        PredictionError: Some records do not fit it; leaving them out would shift the others.
    """
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    source = Source(
        dataset="rows", version=digest[:12], key=path.name, etag=digest, bytes=path.stat().st_size, sha256=digest
    )
    raw = require_rows(read(path, source=source, sidecar=Sidecar(reading=reading), limits=limits))
    if raw.rejected.height:
        lines = ", ".join(str(line) for line in raw.rejected["line"].head(_SHOWN_LINES).to_list())
        more = " and more" if raw.rejected.height > _SHOWN_LINES else ""
        raise PredictionError(
            f"{raw.rejected.height} of {raw.reading.rows_in} records do not fit the table",
            where=f"{path.name}, line {lines}{more}",
            remedy="Mend these lines, so that each has as many fields as the header",
        )
    return raw


def predict_rows(raw: RawTable, files: Mapping[str, bytes], *, threads: int) -> Predicted:
    """The rows with the model's predictions behind them.

    Raises:
        PredictionError: Columns that the model needs are missing, or the model cannot be read.
    """
    predictor = Predictor.load(files, threads=threads)
    text = raw.frame.drop(LINE)
    typed, failures = cast(text, [column for column in predictor.columns if column.name in text.columns])
    predictions = predictor.predict(typed)
    remarks = [
        f"{len(failure.rows):,} cells of '{failure.column.name}' are no {failure.column.dtype} and count as"
        f" missing, e.g. '{failure.values[0]}'"
        for failure in failures
    ]
    extra = predictor.mismatches(text).extra
    if extra:
        remarks.append(f"the model does not know these columns, they are passed on: {', '.join(extra)}")
    target = predictor.manifest.target
    return Predicted(_written(raw, predictions), text.height, f"predictions of '{target}'", remarks)


def _written(raw: RawTable, predictions: pl.DataFrame) -> str:
    """The rows as they were read and the predictions, as CSV."""
    taken = {column.original_name for column in raw.reading.columns}
    added = [_free_name(name, taken) for name in predictions.columns]
    delimiter = raw.reading.delimiter if len(raw.reading.delimiter.encode()) == 1 else ","
    header = io.StringIO()
    names = [column.original_name for column in raw.reading.columns]
    csv.writer(header, delimiter=delimiter, lineterminator="\n").writerow([*names, *added])
    whole = pl.DataFrame([*_numbered(raw.frame.drop(LINE)), *_numbered(predictions, start=raw.frame.width)])
    return header.getvalue() + whole.write_csv(include_header=False, separator=delimiter)


def _numbered(frame: pl.DataFrame, start: int = 0) -> list[pl.Series]:
    """A frame's columns under names that clash with no other's."""
    return [column.alias(f"{number}") for number, column in enumerate(frame.get_columns(), start=start)]


def _free_name(name: str, taken: set[str]) -> str:
    """A name for a prediction that no column of the rows has."""
    while name in taken:
        name += "_"
    return name
