"""How people write numbers: which character groups thousands, and which one is the decimal mark."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

_SPACES = " \u00a0\u202f"
_APOSTROPHES = "'\u2019"
_SIGN = r"[+-]?"


@dataclasses.dataclass(frozen=True, slots=True)
class NumberStyle:
    """One way to write numbers. An empty ``thousands`` means that digits stand together."""

    thousands: str = ""
    decimal: str = "."

    @property
    def format(self) -> str | None:
        """The style as `ColumnReading.format` holds it, such as ``1.234,5``; None for plain numbers."""
        return None if self == PLAIN else f"1{self.thousands}234{self.decimal}5"

    @classmethod
    def from_format(cls, text: str | None) -> NumberStyle:
        """The style that `format` wrote; ValueError for any other text."""
        if text is None:
            return PLAIN
        match = re.fullmatch(r"1(\D?)234(\D)5", text)
        if match is None:
            raise ValueError(f"{text!r} does not show how 1234.5 is written")
        return cls(match.group(1), match.group(2))

    @property
    def pattern(self) -> str:
        """A regular expression that a whole number in this style matches."""
        decimal = re.escape(self.decimal)
        tail = rf"(?:{decimal}\d+)?"
        if not self.thousands:
            return rf"^{_SIGN}(?:\d+(?:{decimal}\d*)?|{decimal}\d+)(?:[eE][+-]?\d+)?$"
        group = rf"[{_group_characters(self.thousands)}]"
        return rf"^{_SIGN}(?:\d{{1,3}}(?:{group}\d{{3}})+|\d+){tail}$"

    def plain_text(self, text: pl.Series) -> pl.Series:
        """The same numbers as Polars reads them; null where a text is no number in this style."""
        kept = text.set(~text.str.contains(self.pattern).fill_null(value=False), None)
        if self.thousands:
            kept = kept.str.replace_all(rf"[{_group_characters(self.thousands)}]", "")
        return kept.str.replace(self.decimal, ".", literal=True) if self.decimal != "." else kept


PLAIN = NumberStyle()
STYLES: tuple[NumberStyle, ...] = (
    PLAIN,
    NumberStyle("", ","),
    NumberStyle(",", "."),
    NumberStyle(".", ","),
    NumberStyle(" ", "."),
    NumberStyle(" ", ","),
    NumberStyle("'", "."),
    NumberStyle("'", ","),
)
"""Every style that is tried, the commonest first."""

_DECIDED_COMMA = re.compile(r"[+-]?(?:\d+,(?:\d{1,2}|\d{4,})|0,\d+|\d{1,3}(?:\.\d{3})+,\d+|\d{4,},\d+)")
_DECIDED_POINT = re.compile(r"[+-]?(?:\d+\.(?:\d{1,2}|\d{4,})|0\.\d+|\d{1,3}(?:,\d{3})+\.\d+|\d{4,}\.\d+)")


def decimal_evidence(cell: str) -> str | None:
    """The decimal mark where one number alone tells it; ``1,234`` and ``1.234`` do not."""
    text = cell.strip()
    if _DECIDED_COMMA.fullmatch(text):
        return ","
    return "." if _DECIDED_POINT.fullmatch(text) else None


def preferred(styles: list[NumberStyle], *, decimal_is_comma: bool) -> NumberStyle:
    """Of styles that fit a column equally well, the one that the rest of the file speaks for.

    Raises:
        ValueError: There are none.
    """
    if not styles:
        raise ValueError("there is no style to choose from")
    mark = "," if decimal_is_comma else "."
    return next((style for style in styles if style.decimal == mark), styles[0])


def _group_characters(thousands: str) -> str:
    if thousands in _SPACES:
        return _SPACES
    return _APOSTROPHES if thousands in _APOSTROPHES else re.escape(thousands)
