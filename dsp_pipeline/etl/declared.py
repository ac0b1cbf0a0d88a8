"""Columns of which the sidecar says the type: it wins, and only how the values are written is found out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.etl.candidates import Candidate, Habits, candidates, number_candidates
from dsp_pipeline.etl.cells import NULL_TOKENS, TEXT_NULL_TOKENS
from dsp_pipeline.etl.durations import formats_of as durations_in
from dsp_pipeline.etl.kinds import described, described_as_text
from dsp_pipeline.etl.numbers import NumberStyle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.core.artifacts.reading import ColumnReading, Dtype
    from dsp_pipeline.core.sidecar import ColumnType
    from dsp_pipeline.etl.columns import TextColumn

_DTYPES: dict[str, Dtype] = {
    "text": "string",
    "category": "string",
    "integer": "int64",
    "decimal": "float64",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "datetime",
    "time": "time",
    "duration": "float64",
}
_TELLING_NAMES = {"boolean": "is_true", "date": "date", "datetime": "timestamp"}
"""Names of columns of which numbers are taken for these types, as they are where the sidecar says so."""


def as_declared(column: TextColumn, original: str, said: ColumnType, sample: Sequence[str]) -> ColumnReading:
    """The reading of a column whose type is declared; what is not of it fails, and nothing is rounded."""
    wanted = said.type or "text"
    dtype, why = _DTYPES[wanted], f"the sidecar says {wanted}"
    if dtype == "string":
        reading = described_as_text(column.name, original, why, column.words(TEXT_NULL_TOKENS))
    else:
        form = said.format or _format(dtype, said, sample)
        converted = column.converted(dtype, form, NULL_TOKENS)
        if converted.is_rounded:
            dtype = "decimal"
            converted = column.converted(dtype, form, NULL_TOKENS)
        reading = described(column.name, original, Candidate(dtype, form, why), converted)
    kind = {"category": ColumnKind.CATEGORY, "text": ColumnKind.TEXT}.get(wanted, reading.kind)
    if reading.kind in {ColumnKind.EMPTY, ColumnKind.CONSTANT, ColumnKind.IDENTIFIER} and wanted != "category":
        kind = reading.kind
    return reading.model_copy(update={"kind": kind, "confidence": 1.0})


def _format(dtype: Dtype, said: ColumnType, sample: Sequence[str]) -> str | None:
    if said.type == "duration":
        return next(iter(durations_in("duration", sample)), None)
    habits = Habits(decimal_is_comma=said.decimal == ",", is_european=False)
    if dtype in {"int64", "float64"}:
        found = [one for one in number_candidates(sample, habits) if one.dtype == dtype]
        if said.decimal is not None:
            found = [one for one in found if one.decimal == said.decimal]
            return found[0].form if found else NumberStyle("", said.decimal).format
    else:
        name = _TELLING_NAMES.get(dtype, "")
        found = [one for one in candidates(name, sample, habits) if one.dtype == dtype]
    return found[0].form if found else None
