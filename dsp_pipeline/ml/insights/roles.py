"""What part a column can play in a sentence: something measured, something to compare by, or neither."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.ml.insights.words import tokens
from dsp_pipeline.ml.statistics.ranks import are_whole

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.profile import ColumnProfile
    from dsp_pipeline.ml.statistics.arrays import Column


class Role(StrEnum):
    """The part of a column. A number with few values can be compared by as well as measured."""

    MEASURE = "measure"
    RATE = "rate"
    LABEL = "label"
    CALENDAR = "calendar"
    TIME = "time"
    CLOCK = "clock"
    CODE = "code"
    NONE = "none"


_CODE_WORDS = frozenset(
    {
        "id",
        "ids",
        "uuid",
        "guid",
        "key",
        "ref",
        "idx",
        "index",
        "row",
        "rownames",
        "unnamed",
        "line",
        "sku",
        "isbn",
    }
    | {
        "no",
        "nr",
        "num",
        "number",
        "code",
        "zip",
        "zipcode",
        "postcode",
        "postal",
        "phone",
        "account",
        "ssn",
        "ean",
    }
    | {"invoice", "order", "ticket", "flight", "tail", "route"}
    | {"fips", "naics", "sic", "upc", "cusip", "imo"}
)
_LABEL_WORDS = frozenset(
    {"target", "label", "class", "cluster", "category", "type", "kind", "group", "species", "segment", "status"}
)
_CALENDAR_RANGES = {
    "quarter": (1, 4),
    "month": (1, 12),
    "week": (0, 53),
    "day": (0, 366),
    "weekday": (0, 7),
    "dow": (0, 7),
    "hour": (0, 24),
    "minute": (0, 59),
    "second": (0, 59),
    "year": (1500, 2300),
}
_FEW_CODES = 20
_MANY_CLOCK_TIMES = 60
_BINARY = 2


def role_of(column: Column, profile: ColumnProfile) -> Role:
    """The column's part; `Role.NONE` for identifiers, constants, texts, empty columns and hidden personal data."""
    if profile.is_hidden:
        return Role.NONE
    if profile.distinct < _BINARY or column.kind in {ColumnKind.IDENTIFIER, ColumnKind.TEXT, ColumnKind.TIME}:
        return Role.NONE
    if column.is_temporal:
        return Role.TIME
    if profile.distinct == _BINARY and _is_flag(column):
        return Role.RATE
    if column.kind.is_categorical or (profile.distinct == _BINARY and column.has_numbers):
        return Role.LABEL
    return _role_of_number(column, profile) if column.has_numbers else Role.NONE


def calendar_part(name: str) -> str | None:
    """The part of the calendar that a column's name ends with or begins with, such as month."""
    words = tokens(name)
    for word in (words[-1:] + words[:1]) if words else []:
        if word in _CALENDAR_RANGES:
            return "weekday" if word == "dow" else word
    return None


def _is_flag(column: Column) -> bool:
    """Whether the values are true and false, or 0 and 1: the share of one of them is a measure."""
    if column.kind is ColumnKind.BOOLEAN and not column.has_numbers:
        return set(column.levels.names) <= {"true", "false"}
    return column.series.dtype.is_numeric() and set(column.levels.names) == {"0", "1"}


def _role_of_number(column: Column, profile: ColumnProfile) -> Role:
    low, high = profile.statistics.get("min"), profile.statistics.get("max")
    if not isinstance(low, float) or not isinstance(high, float):
        return Role.NONE
    values = column.finite
    if np.isnan(values).any():
        values = values[~np.isnan(values)]
    if column.series.dtype.is_integer() or are_whole(values):
        part = calendar_part(column.name)
        if part and _CALENDAR_RANGES[part][0] <= low and high <= _CALENDAR_RANGES[part][1]:
            return Role.CALENDAR
        if _is_clock(values, low, high, profile.distinct):
            return Role.CLOCK
        if _is_code(column, profile):
            return Role.CODE
        if profile.distinct <= _FEW_CODES and _LABEL_WORDS & set(tokens(column.name)):
            return Role.LABEL
    return Role.MEASURE


def _is_clock(
    values: np.ndarray[tuple[int], np.dtype[np.float64]], low: float, high: float, distinct: int
) -> bool:
    """Whether whole numbers are times of day written as hours and minutes: 517 for 5:17."""
    plausible = low >= 0 and 1000 <= high <= 2400 and distinct > _MANY_CLOCK_TIMES  # noqa: PLR2004
    return bool(plausible and not np.any(np.mod(values, 100) >= 60))  # noqa: PLR2004


def _is_code(column: Column, profile: ColumnProfile) -> bool:
    """Whether whole numbers name things: an average of them means nothing."""
    if profile.distinct > _FEW_CODES and _CODE_WORDS & set(tokens(column.name)):
        return True
    low, high = profile.statistics.get("min"), profile.statistics.get("max")
    ordered = profile.statistics.get("monotonic") in {"increasing", "decreasing"}
    numbered = isinstance(low, float) and isinstance(high, float) and high - low == profile.count - 1
    return ordered and numbered and profile.distinct == profile.count > _FEW_CODES
