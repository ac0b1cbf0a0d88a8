"""Dates that are written as one number: seconds since 1970 and their parts, and the days that Excel counts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

_PER_SECOND = {"epoch s": 1, "epoch ms": 1_000, "epoch us": 1_000_000}
EXCEL = "excel serial"
_FORMATS = (*_PER_SECOND, EXCEL)

_FIRST_SECOND, _LAST_SECOND = 315_532_800, 4_102_444_800
"""1980 to 2100: what a number of seconds, or of their parts, has to be to be taken for a time."""

_FIRST_DAY, _LAST_DAY = 20_000, 73_051
"""1954 to 2100, counted from the end of 1899."""

_EPOCH_WORDS = frozenset(
    {"time", "timestamp", "ts", "epoch", "unixtime", "unix", "datetime", "date", "zeit", "zeitstempel", "created"}
    | {"updated", "modified", "expires", "seen", "timestamps", "horodatage", "marca"}
)
_EPOCH_ENDS = frozenset({"at", "on", "since", "until", "ms", "us"})
_DAY_WORDS = frozenset({"date", "datum", "fecha", "dato", "dt"})
_WHOLE_DAY_NAMES = frozenset({"data", "day", "tag", "jour", "dag"})
_COUNTING_WORDS = frozenset(
    {"count", "number", "num", "nr", "no", "id", "key", "amount", "total", "sum", "per", "sales", "code"}
)
"""Words that speak against a date, whatever else a name says."""

_WORD = re.compile(r"[A-Z]?[a-zà-ÿ]+|[A-Z]+(?![a-z])")
_NUMBER = re.compile(r"(\d+)(?:\.\d+)?")
_MICROSECONDS_PER_DAY = 86_400_000_000
_BEFORE_EXCEL = -25_569
"""Days from 1970 back to Excel's day 0: 1899-12-30, since it takes 1900 for a leap year."""


def is_counted(form: str | None) -> bool:
    """Whether a column's format is one of these."""
    return form in _FORMATS


def formats_of(name: str, sample: Sequence[str]) -> list[str]:
    """The formats that a column's name and all numbers of its sample speak for: at most one."""
    matches = [_NUMBER.fullmatch(text) for cell in sample if (text := cell.strip())]
    numbers = [int(match[1]) for match in matches if match]
    if not numbers or len(numbers) < 0.9 * len(matches):
        return []
    low, high = min(numbers), max(numbers)
    words = [word.lower() for word in _WORD.findall(name)]
    if not words or _COUNTING_WORDS.intersection(words):
        return []
    if _EPOCH_WORDS.intersection(words) or words[-1] in _EPOCH_ENDS:
        for form, per in _PER_SECOND.items():
            if _FIRST_SECOND * per <= low and high < _LAST_SECOND * per:
                return [form]
    is_day = _DAY_WORDS.intersection(words) or name.lower() in _WHOLE_DAY_NAMES
    return [EXCEL] if is_day and low >= _FIRST_DAY and high < _LAST_DAY else []


def is_of_days(sample: Sequence[str]) -> bool:
    """Whether Excel's numbers have no part of a day."""
    return not any("." in cell for cell in sample)


def moments(text: pl.Series, form: str, dtype: pl.DataType) -> pl.Series:
    """The dates or times; null where a text is not such a number, or is finer than a microsecond.

    A part of a day that Excel counts is taken to the nearest millisecond, as Excel does.
    """
    if form == EXCEL:
        days = text.cast(pl.Float64, strict=False)
        if dtype == pl.Date:
            whole: pl.Series = text.cast(pl.Int32, strict=False) + _BEFORE_EXCEL
            return whole.cast(pl.Date)
        milliseconds = (
            ((days + _BEFORE_EXCEL) * (_MICROSECONDS_PER_DAY // 1000)).round().cast(pl.Int64, strict=False)
        )
        return (milliseconds * 1000).cast(pl.Datetime("us"))
    digits = {"epoch s": 6, "epoch ms": 3, "epoch us": 0}[form]
    parts = text.str.extract_groups(rf"^(-?\d{{1,{18 - digits}}})(?:\.(\d{{0,{digits}}})0*)?$").struct.unnest()
    whole, fraction = (parts.to_series(place) for place in (0, 1))
    scaled = whole.cast(pl.Int64, strict=False) * 10**digits
    microseconds: pl.Series = scaled + fraction.str.pad_end(digits, "0").cast(pl.Int64, strict=False).fill_null(0)
    return microseconds.cast(pl.Datetime("us"))
