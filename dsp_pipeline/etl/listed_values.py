"""The values that a rule lists, such as those of ``one_of``, as values of its column's type."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, TypeAlias

import polars as pl

from dsp_pipeline.etl.casting import POLARS_TYPES, convert
from dsp_pipeline.etl.expression_types import moment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from dsp_pipeline.core.artifacts.reading import ColumnReading, Dtype
    from dsp_pipeline.core.rules import Value

    Held: TypeAlias = str | int | float | bool | Decimal | dt.date | dt.datetime | dt.time

_NUMBERS: frozenset[Dtype] = frozenset({"int64", "float64", "decimal"})


def held_by(values: Sequence[Value], column: ColumnReading) -> tuple[pl.Series, list[Value]]:
    """The listed values that a column can hold.

    A value may be written as in the file (``31.12.2024``, ``ja``), or plainly: a number, ``true``, ISO 8601.

    Args:
        values: What the rule lists.
        column: What the column is.

    Returns:
        The values in the column's type, without those that can't occur in it (a word beside numbers, one half
        beside whole numbers, a third word beside yes and no); and those that may be meant as one of its values,
        for they have digits, but are in no known notation.
    """
    found = [(value, _held(value, column)) for value in values]
    kept = [held for _, held in found if held is not None]
    unread = [value for value, held in found if held is None and _may_be_meant(value, column)]
    return pl.Series(kept, dtype=POLARS_TYPES[column.dtype]), unread


def _held(value: Value, column: ColumnReading) -> Held | None:
    if column.dtype == "string":
        return _text(value)
    if isinstance(value, bool):
        return value if column.dtype == "boolean" else None
    if isinstance(value, dt.date):
        return _moment(value, column.dtype)
    # A number means itself, however the file writes numbers; what YAML takes for one may be a day, or yes.
    is_plain = not isinstance(value, str) and column.dtype in _NUMBERS
    for form in (None,) if is_plain else dict.fromkeys((column.format, None)):
        found: Held | None = convert(pl.Series([_text(value)]), column.dtype, form, ()).typed[0]
        if found is not None:
            return found
    said = moment(value) if isinstance(value, str) else None
    return _moment(said, column.dtype) if said is not None else None


def _text(value: Value) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _moment(value: dt.date | dt.datetime | dt.time, dtype: Dtype) -> Held | None:
    """A point in time in the column's type: a day is its midnight, and midnight is a day."""
    if isinstance(value, dt.time):
        return value if dtype == "time" else None
    midnight = dt.time()
    at = value if isinstance(value, dt.datetime) else dt.datetime.combine(value, midnight)
    at = at.astimezone(dt.UTC).replace(tzinfo=None) if at.tzinfo is not None else at
    if dtype == "date":
        return at.date() if at.time() == midnight else None
    return at if dtype == "datetime" else None


def _may_be_meant(value: Value, column: ColumnReading) -> bool:
    """Whether a value that could not be read may be one of the column's, in a notation that is not known."""
    if column.dtype == "boolean" or value in column.null_tokens:
        return False
    is_number = isinstance(value, int | float)
    return not (is_number and column.dtype in _NUMBERS) and any(char.isdigit() for char in str(value))
