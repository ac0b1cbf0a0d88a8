"""What a typed column means, judged by its values and its name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dsp_pipeline.core.artifacts.reading import ColumnReading
from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.core.numbers import written
from dsp_pipeline.etl.counting import distinct_integers

if TYPE_CHECKING:
    import polars as pl

    from dsp_pipeline.core.artifacts.reading import Dtype
    from dsp_pipeline.etl.candidates import Candidate
    from dsp_pipeline.etl.casting import Converted
    from dsp_pipeline.etl.seen import Words

_ID_NAME = re.compile(r"(?:^|[_\W])(?:id|key|uuid|guid|pk|index|idx)$", re.IGNORECASE)
_ID_CAMEL = re.compile(r"[a-z](?:Id|ID|Key|Uuid)$")
_NAMELESS = re.compile(r"column_\d+|row_name|unnamed.*|x", re.IGNORECASE)
_NUMBERED = re.compile(r"(?:^|[_\W])(?:nr|no|num|number|nummer|row|rownum|code|seq)\.?$", re.IGNORECASE)
_MIN_IDENTIFIERS = 20
_MIN_ID_LEVELS = 50
_FEW_LEVELS = 20
_MAX_CATEGORY_SHARE = 0.5
_TEXT_WORDS = 4.0
_NAME_WORDS = 2.5
_LONG_TEXT = 60.0


def described(name: str, original: str, chosen: Candidate, converted: Converted) -> ColumnReading:
    """A column's reading: its type with the reason for it, what it means, and how many exceptions there are.

    Args:
        name: The column's name.
        original: Its name in the file.
        chosen: Its type.
        converted: Its values.
    """
    exceptions = len(converted.failed)
    values = len(converted.typed) - converted.typed.null_count() + exceptions
    kind, because = kind_of(name, converted.typed, dtype=chosen.dtype)
    reason = chosen.reason
    if exceptions:
        but = f"but for {written(exceptions)} such as {converted.texts[0]!r}"
        reason = f"{reason.replace('every value is', 'the values are')}, {but}"
    return ColumnReading(
        name=name,
        original_name=original,
        kind=kind,
        dtype=chosen.dtype,
        confidence=round(max(0, 1 - 5 * exceptions / values), 3) if values else 0.5,
        format=chosen.form,
        null_tokens=converted.null_tokens,
        reason=f"{reason}; {because}" if because else reason,
    )


def described_as_text(name: str, original: str, reason: str, words: Words) -> ColumnReading:
    """The reading of a column that stays text.

    Args:
        name: The column's name.
        original: Its name in the file.
        reason: Why it does.
        words: What it holds.
    """
    kind, because = kind_of_text(name, words)
    return ColumnReading(
        name=name,
        original_name=original,
        kind=kind,
        dtype="string",
        confidence=1.0 if words.present else 0.5,
        null_tokens=words.null_tokens,
        reason=f"{reason}; {because}" if because else reason,
    )


def kind_of(name: str, values: pl.Series, *, dtype: Dtype) -> tuple[ColumnKind, str]:
    """The kind of a column that is not text, and why (empty where the type says all).

    Args:
        name: The column's name.
        values: Its typed values.
        dtype: Their type.
    """
    present = values.drop_nulls()
    if present.is_empty():
        return ColumnKind.EMPTY, ""
    if len(values) > 1 and len(present) == len(values) and _is_one_value(present):
        return ColumnKind.CONSTANT, f"all of them {present[0]!r}"
    if dtype == "int64":
        return _kind_of_integers(name, present, has_missing=len(present) < len(values))
    if dtype in {"float64", "decimal"}:
        whole = dtype == "float64" and bool((present == present.floor()).all()) and bool(present.is_finite().all())
        return (ColumnKind.INTEGER, "all of them whole") if whole else (ColumnKind.CONTINUOUS, "")
    simple = {"boolean": ColumnKind.BOOLEAN, "date": ColumnKind.DATE, "datetime": ColumnKind.TIMESTAMP}
    return simple.get(dtype, ColumnKind.TIME), ""


def _is_one_value(present: pl.Series) -> bool:
    if present[0] != present[-1]:
        return False
    return bool((present == present[0]).all())


def _kind_of_integers(name: str, present: pl.Series, *, has_missing: bool) -> tuple[ColumnKind, str]:
    numbered = _NUMBERED.search(name) is not None
    if not (_is_named_id(name) or numbered or _NAMELESS.fullmatch(name)):
        return ColumnKind.INTEGER, ""
    distinct = distinct_integers(present)
    if _is_named_id(name) and distinct > min(_MIN_ID_LEVELS, len(present) - 1):
        return ColumnKind.IDENTIFIER, f"named like an identifier, with {written(distinct)} different values"
    if has_missing or not distinct == len(present) >= _MIN_IDENTIFIERS:
        return ColumnKind.INTEGER, ""
    if numbered:
        return ColumnKind.IDENTIFIER, "named like a number of things, all different"
    return (ColumnKind.IDENTIFIER, "they number the rows") if _counts_up(present) else (ColumnKind.INTEGER, "")


def _is_named_id(name: str) -> bool:
    return _ID_NAME.search(name) is not None or _ID_CAMEL.search(name) is not None


def _counts_up(present: pl.Series) -> bool:
    """Whether the values are a count of the rows: 0, 1, 2 ... or 1, 2, 3 ..."""
    first, last = int(present[0]), int(present[-1])
    return first in {0, 1} and last - first == len(present) - 1 and bool((present.diff().drop_nulls() == 1).all())


def kind_of_text(name: str, found: Words) -> tuple[ColumnKind, str]:
    """The kind of a column of text, and why (empty where there is none)."""
    distinct, count, words = found.distinct, found.present, found.mean_words
    if not count:
        return ColumnKind.EMPTY, ""
    has_missing = count < found.rows
    if distinct == 1 and count > 1 and not has_missing:
        return ColumnKind.CONSTANT, f"all of them {found.first!r}"
    if distinct == count and count >= _MIN_IDENTIFIERS and not has_missing and words < _NAME_WORDS:
        return ColumnKind.IDENTIFIER, "all of them different"
    if _is_named_id(name) and distinct > _MIN_ID_LEVELS and words < _NAME_WORDS:
        return ColumnKind.IDENTIFIER, f"named like an identifier, with {written(distinct)} different values"
    prose = words >= _TEXT_WORDS or found.mean_length >= _LONG_TEXT
    is_few = distinct <= _FEW_LEVELS and (distinct < count or not prose)
    if is_few or (distinct <= _MAX_CATEGORY_SHARE * count and not (prose and distinct > 10 * _FEW_LEVELS)):
        return ColumnKind.CATEGORY, f"{written(distinct)} different ones"
    return ColumnKind.TEXT, f"{written(distinct)} different ones"
