"""How each input's text is read: as in the model's table, or where that fails, as this file writes it.

Another program may have written the new rows: with decimal points where the model's table had commas, with dates
the other way round, with yes and no for true and false. A column keeps the model's reading unless its own fits
more cells, or the sidecar beside the rows says how it is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from dsp_pipeline.core.artifacts.predictions import Retyped
from dsp_pipeline.core.errors import PredictionError
from dsp_pipeline.etl.booleans import BOOLEANS
from dsp_pipeline.etl.casting import convert
from dsp_pipeline.etl.columns import TextColumn
from dsp_pipeline.etl.inference import infer_columns
from dsp_pipeline.etl.named import missing_column
from dsp_pipeline.etl.numbers import NumberStyle
from dsp_pipeline.etl.tables import LINE, StoredTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.core.artifacts.reading import ColumnReading, Dtype
    from dsp_pipeline.core.sidecar import ColumnType
    from dsp_pipeline.etl.tables import RawTable

_SHOWN_LINES = 5
_NUMBERS: frozenset[Dtype] = frozenset({"int64", "float64", "decimal", "boolean"})
_DAYS: frozenset[Dtype] = frozenset({"date", "datetime"})

WORDS: dict[Dtype, str] = {
    "string": "text",
    "int64": "whole numbers",
    "float64": "numbers",
    "decimal": "numbers",
    "boolean": "true or false",
    "date": "dates",
    "datetime": "points in time",
    "time": "times of day",
}


def settled(raw: RawTable, reading: ColumnReading) -> tuple[ColumnReading, Retyped | None]:
    """How a column is read from whose cells the model's reading fails, and what to say of it.

    Args:
        raw: The rows as text.
        reading: How the model's table had the column.

    Returns:
        The reading that fewer cells fail, the model's own if none does better.
    """
    column = TextColumn(raw.stored, reading.name)
    found = [(each, _failed(column, each)) for each in (reading, *_others(raw, reading))]
    best, failed = min(found, key=lambda item: len(item[1]))
    return best, _said(raw, reading, best, failed, why="as this file writes it")


def declared(
    raw: RawTable, readings: Sequence[ColumnReading], *, target: str
) -> dict[str, tuple[ColumnReading, Retyped | None]]:
    """How the columns are read of which the sidecar beside the rows says how they are written; it always wins.

    Args:
        raw: The rows as text.
        readings: How the model's table had its inputs.
        target: What the model predicts, which the rows need not have.

    Returns:
        For each of these inputs its reading, and what to say of it.

    Raises:
        SidecarError: The sidecar names a column that is not there.
        PredictionError: It says that a column holds something else than the model learnt from.
    """
    said, where = raw.sidecar.types, raw.reading.source.said_in
    names = [column.name for column in raw.reading.columns]
    for name in said:
        if name not in names and name != target:
            raise missing_column(name, names, field="types", where=where)
    found: dict[str, tuple[ColumnReading, Retyped | None]] = {}
    asked = [reading for reading in readings if reading.name in said]
    own = _own(raw, asked, {reading.name: said[reading.name] for reading in asked}) if asked else {}
    for reading in asked:
        column = TextColumn(raw.stored, reading.name)
        ways = _declared(raw, reading, own[reading.name], said[reading.name], where=where)
        best, failed = min(((way, _failed(column, way)) for way in ways), key=lambda item: len(item[1]))
        found[reading.name] = best, _said(raw, reading, best, failed, why="as the sidecar says")
    return found


def _declared(
    raw: RawTable, reading: ColumnReading, own: ColumnReading, said: ColumnType, *, where: str
) -> list[ColumnReading]:
    """The readings that are what the sidecar says and that the model can take."""
    tokens = _tokens(reading, own)
    if _fits(reading.dtype, own.dtype):
        forms = [own.format, *(_pairs(raw, reading.name) if own.dtype == "boolean" else [])]
        return [
            reading.model_copy(update={"dtype": own.dtype, "format": form, "null_tokens": tokens})
            for form in forms
        ]
    if said.type is not None:
        raise PredictionError(
            f"'types' says that '{reading.original_name}' is {said.type}, and the model learnt from"
            f" {WORDS[reading.dtype]} there",
            where=where,
            remedy="Take the column out of 'types', or give the rows the type that the model's table had",
        )
    # The decimal mark is all that is said, and the cells are no numbers with it either.
    form = NumberStyle("", said.decimal).format if said.decimal and reading.dtype in _NUMBERS else reading.format
    return [reading.model_copy(update={"format": form, "null_tokens": tokens})]


def _tokens(reading: ColumnReading, own: ColumnReading) -> list[str]:
    """The words for missing values of the model's table and of this file."""
    tokens = {*reading.null_tokens, *own.null_tokens}
    return reading.null_tokens if tokens == set(reading.null_tokens) else sorted(tokens)


def _said(
    raw: RawTable, reading: ColumnReading, best: ColumnReading, failed: pl.Series, *, why: str
) -> Retyped | None:
    """What to tell of a column that is read in a certain way; None where that is just the model's own."""
    if best == reading and not len(failed):
        return None
    lines = _lines(raw, failed)
    return Retyped(
        column=reading.original_name,
        expected=_described(reading),
        found=_described(best),
        unread=len(failed),
        lines=lines,
        text=_text(reading, best, len(failed), lines, why=why),
    )


def _own(
    raw: RawTable, readings: Sequence[ColumnReading], said: dict[str, ColumnType]
) -> dict[str, ColumnReading]:
    """How this file's own cells suggest to read columns, by their names."""
    plan = raw.stored.scan().select(reading.name for reading in readings)
    alone = StoredTable.written(plan.collect_batches(maintain_order=True), plan.collect_schema())
    originals = [reading.original_name for reading in readings]
    found = infer_columns(alone, originals, delimiter=raw.reading.delimiter, declared=said)
    return {reading.name: own for reading, own in zip(readings, found.columns, strict=True)}


def _others(raw: RawTable, reading: ColumnReading) -> list[ColumnReading]:
    """The readings that this file's own cells suggest and that the model can take."""
    own = _own(raw, [reading], {})[reading.name]
    tokens = _tokens(reading, own)
    others = [reading.model_copy(update={"null_tokens": tokens})] if tokens != reading.null_tokens else []
    if _fits(reading.dtype, own.dtype):
        said = {"dtype": own.dtype, "format": own.format, "null_tokens": tokens}
        others.append(reading.model_copy(update=said))
    elif reading.dtype == "boolean":
        ways = _pairs(raw, reading.name)
        others += [reading.model_copy(update={"format": form, "null_tokens": tokens}) for form in ways]
    return others


def _pairs(raw: RawTable, name: str) -> list[str]:
    """The ways to write true and false of which a column has a word: few rows may have but one of the two."""
    words = raw.stored.scan().select(pl.col(name).str.strip_chars().str.to_lowercase().unique()).collect()[name]
    return [f"{true}/{false}" for true, false in (*BOOLEANS, ("1", "0")) if words.is_in([true, false]).any()]


def _fits(expected: Dtype, own: Dtype) -> bool:
    if expected == "boolean":
        return own == "boolean"
    return any({expected, own} <= group for group in (_NUMBERS, _DAYS)) or expected == own


def _failed(column: TextColumn, reading: ColumnReading) -> pl.Series:
    """The rows (0-based) whose cell the reading fails."""
    start, parts = 0, []
    for text in column.stretches():
        parts.append(convert(text, reading.dtype, reading.format, reading.null_tokens).failed + start)
        start += len(text)
    return pl.concat(parts)


def _lines(raw: RawTable, failed: pl.Series) -> list[int]:
    """The physical lines of the first few rows."""
    shown = failed.head(_SHOWN_LINES).to_list()
    if not shown:
        return []
    lines = raw.stored.scan().select(LINE).collect().to_series()
    return [int(line) for line in lines.gather(shown).to_list()]


def _described(reading: ColumnReading) -> str:
    return WORDS[reading.dtype] + (f" ({reading.format})" if reading.format else "")


def _text(reading: ColumnReading, best: ColumnReading, unread: int, lines: Sequence[int], *, why: str) -> str:
    name = reading.original_name
    told = []
    if (best.dtype, best.format) != (reading.dtype, reading.format):
        told.append(
            f"'{name}' was {_described(reading)} in the model's table and is read as {_described(best)} here,"
            f" {why}"
        )
    if unread:
        where = ", ".join(f"{line:,}" for line in lines) + (" and more" if unread > len(lines) else "")
        cells = f"{unread:,} {'cell' if unread == 1 else 'cells'}"
        told.append(
            f"{cells} of '{name}' cannot be read as {WORDS[best.dtype]} and count as missing"
            f" ({'line' if len(lines) == 1 else 'lines'} {where})"
        )
    return "; ".join(told) or f"'{name}' has other words for missing values than the model's table"
