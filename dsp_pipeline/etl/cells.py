"""What one cell's text looks like by itself: evidence for delimiters, headers and types."""

from __future__ import annotations

import enum
import functools
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

from dsp_pipeline.etl.booleans import BOOLEANS
from dsp_pipeline.etl.dates import is_date
from dsp_pipeline.etl.numbers import UNIT

NULL_TOKENS = frozenset(
    {"na", "n/a", "#n/a", "#na", "<na>", "n.a.", "nan", "nat", "null", "(null)", "<null>", "[null]", "\\n", "none"}
    | {
        "nil",
        "nul",
        "missing",
        "undefined",
        "not available",
        "not applicable",
        "-",
        "--",
        "---",
        "***",
        "–",
        "—",
        "?",
        ".",
    }
    | {"..", "...", "…", "k.a.", "k. a.", "n.v.", "s/d", "n/d", "n.d.", "nd", "b.d.", "н/д", "нет данных"}
    | {
        "#value!",
        "#div/0!",
        "#ref!",
        "#num!",
        "#name?",
        "#null!",
        "#nv",
        "#wert!",
        "#bezug!",
        "#zahl!",
        "#valeur!",
    }
    | {"#¡valor!", "#¡div/0!", "1.#qnan", "-1.#ind"}
)
"""Texts (lower case) that stand for a missing value where everything else is a number, date or boolean."""

TEXT_NULL_TOKENS = frozenset(
    {"na", "n/a", "#n/a", "#na", "<na>", "nan", "nat", "null", "(null)", "<null>", "[null]", "\\n", "?", "#nv"}
)
"""Texts (lower case) that stand for a missing value among words too: 'none' and '-' may be meant there."""


class Look(enum.StrEnum):
    """What a cell looks like at first sight."""

    EMPTY = "empty"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    WORD = "word"
    OTHER = "other"


_SPACE = "[ \u00a0\u202f\u2009]"
_DIGITS = (
    rf"(?:\d{{1,3}}(?:[.,'\u2019]\d{{3}}|{_SPACE}\d{{3}})+(?:[.,]\d+)?|\d{{1,2}}(?:,\d{{2}})+,\d{{3}}(?:\.\d+)?"
    r"|\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d{1,3})?"
)
_SIGN = "[+\u2212-]?"
_AMOUNT = rf"{_SIGN}(?:{UNIT}{_SPACE}?)?{_SIGN}{_DIGITS}(?:{_SPACE}?{UNIT})?"
_NUMBER = re.compile(
    rf"{_AMOUNT}(?:{_SPACE}?-(?:{_SPACE}?{UNIT})?)?|(?:{UNIT}{_SPACE}?)?\({_AMOUNT}\)(?:{_SPACE}?{UNIT})?"
)
_BOOLEANS = frozenset(word for pair in BOOLEANS for word in pair)
_WORD = re.compile(r"[^\W\d_][\w .'\u2019&/()+#@-]*")
_MAX_WORD = 200
_REMEMBERED = 64
"""Cells up to this length are remembered: a sample's are looked at by several voters."""

_TYPED = frozenset({Look.NUMBER, Look.DATE, Look.BOOLEAN})
_MOSTLY = 0.9


def look(cell: str) -> Look:
    """What a cell looks like; surrounding whitespace does not count."""
    return _looked_up(cell) if len(cell) <= _REMEMBERED else _look(cell)


def _look(cell: str) -> Look:
    text = cell.strip()
    if not text or text.lower() in NULL_TOKENS:
        return Look.EMPTY
    if _NUMBER.fullmatch(text):
        return Look.NUMBER
    if is_date(text):
        return Look.DATE
    if text.lower() in _BOOLEANS:
        return Look.BOOLEAN
    if len(text) <= _MAX_WORD and _WORD.fullmatch(text):
        return Look.WORD
    return Look.OTHER


def filled(cells: Iterable[str]) -> int:
    """How many cells hold more than whitespace."""
    return sum(1 for cell in cells if cell.strip())


def is_typed_column(column: Iterable[str]) -> bool:
    """Whether nearly all cells that hold something are numbers, dates or booleans, and any does."""
    looks = [kind for cell in column if (kind := look(cell)) is not Look.EMPTY]
    return bool(looks) and sum(kind in _TYPED for kind in looks) >= _MOSTLY * len(looks)


_looked_up = functools.lru_cache(maxsize=1 << 14)(_look)
