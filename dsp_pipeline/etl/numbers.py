"""How people write numbers: what groups thousands, what marks decimals, what is negative, and in which unit."""

from __future__ import annotations

import collections
import dataclasses
import re
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl

Negative = Literal["-", "\u2212", "()", "1-"]
"""A hyphen before the number; a minus sign; parentheses as accountants write; a hyphen behind it, as SAP does."""

_SPACES = " \u00a0\u202f\u2009"
_APOSTROPHES = "'\u2019"
_SPACE = f"[{_SPACES}]?"
_LEADING = ("US$", "CA$", "AU$", "NZ$", "HK$", "R$", "$", "£", "¥", "₹", "€")
_TRAILING = (
    *("EUR", "USD", "GBP", "CHF", "JPY", "CNY", "INR", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RUB", "BRL"),
    *("CAD", "AUD", "NZD", "TRY", "ZAR", "MXN", "KRW", "SGD", "HKD", "RON", "ILS"),
    *(
        "₽",
        "₩",
        "₺",
        "₴",
        "₪",
        "฿",
        "₫",
        "₱",
        "zł",
        "Kč",
        "Ft",
        "kr.",
        "kr",
        "Rs.",
        "Rs",
        "\u0440\u0443\u0431.",
        "Fr.",
    ),
)
PERCENT = "%"
UNITS = (*_LEADING, *_TRAILING, PERCENT)
"""What may go with a number and is the same for a whole column; no unit is a beginning of an earlier one."""

UNIT = "(?:" + "|".join(map(re.escape, UNITS)) + ")"
_WITH_UNIT = re.compile(
    rf"[+\-\u2212(]*(?P<before>{UNIT})?{_SPACE}[+\-\u2212(]*\.?\d.*?{_SPACE}(?P<after>{UNIT})?[)\-]*"
)
_AROUND: dict[Negative, tuple[str, str]] = {
    "-": ("", ""),
    "\u2212": ("\u2212", ""),
    "()": ("(", ")"),
    "1-": ("", "-"),
}
_SHOWN = re.compile(
    rf"(?P<opens>[(\u2212]?)(?P<before>{UNIT})?1(?:(?P<thousands>\D?)234|(?P<indian>\D)23(?P=indian)456)(?P<decimal>\D)5"
    rf"(?: (?P<after>{UNIT}))?(?P<closes>[)-]?)"
)
_DECORATION = re.compile(rf"{UNIT}|[()\s]|-$")


@dataclasses.dataclass(frozen=True, slots=True)
class NumberStyle:
    """One way to write numbers.

    Attributes:
        thousands: What groups digits by three; empty where digits stand together.
        decimal: The decimal mark.
        unit: A currency, which may be left out or stand on either side, or ``%``, which is behind every number.
            A percentage stays the number that is written: ``12 %`` is 12.
        negative: How numbers below zero are written, besides a hyphen before them.
        is_indian: Whether only the last group has three digits, and the others two: ``12,34,567``.
    """

    thousands: str = ""
    decimal: str = "."
    unit: str = ""
    negative: Negative = "-"
    is_indian: bool = False

    @property
    def format(self) -> str | None:
        """The style as `ColumnReading.format` holds it, such as ``1.234,5 €``; None for plain numbers."""
        if self == PLAIN:
            return None
        digits = f"1{self.thousands}23{self.thousands}456" if self.is_indian else f"1{self.thousands}234"
        text = f"{digits}{self.decimal}5"
        if self.unit:
            text = self.unit + text if self.unit in _LEADING else f"{text} {self.unit}"
        opens, closes = _AROUND[self.negative]
        return opens + text + closes

    @classmethod
    def from_format(cls, text: str | None) -> NumberStyle:
        """The style that `format` wrote; ValueError for any other text."""
        if text is None:
            return PLAIN
        match = _SHOWN.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} does not show how 1234.5 is written")
        marks = (match["opens"], match["closes"])
        negative: Negative = next((way for way, around in _AROUND.items() if around == marks), "-")
        return cls(
            match["thousands"] or match["indian"] or "",
            match["decimal"],
            unit=match["before"] or match["after"] or "",
            negative=negative,
            is_indian=match["indian"] is not None,
        )

    @property
    def pattern(self) -> str:
        """A regular expression that a number in this style matches from its beginning to its end."""
        sign = "[+\u2212-]?" if self.negative == "\u2212" else "[+-]?"
        number = self._digits()
        if self.unit == PERCENT:
            body = rf"{sign}{number}{_SPACE}%"
        elif self.unit:
            unit = re.escape(self.unit)
            body = rf"(?:{unit}{_SPACE})?{sign}(?:{unit}{_SPACE})?{number}(?:{_SPACE}{unit})?"
        else:
            body = f"{sign}{number}"
        if self.negative == "()":
            outside = re.escape(self.unit) if self.unit and self.unit != PERCENT else ""
            before, after = (f"(?:{outside}{_SPACE})?", f"(?:{_SPACE}{outside})?") if outside else ("", "")
            return rf"^(?:{body}|{before}\({_SPACE}{body}{_SPACE}\){after})$"
        if self.negative == "1-":
            after = rf"(?:{_SPACE}{re.escape(self.unit)})?" if self.unit else ""
            return rf"^{body}(?:{_SPACE}-{after})?$"
        return f"^{body}$"

    def _digits(self) -> str:
        decimal = re.escape(self.decimal)
        if not self.thousands:
            return rf"(?:\d+(?:{decimal}\d*)?|{decimal}\d+)(?:[eE][+-]?\d+)?"
        group = rf"[{_group_characters(self.thousands)}]"
        grouped = (
            rf"\d{{1,2}}(?:{group}\d{{2}})*{group}\d{{3}}" if self.is_indian else rf"\d{{1,3}}(?:{group}\d{{3}})+"
        )
        return rf"(?:{grouped}|\d+)(?:{decimal}\d+)?"

    def plain_text(self, text: pl.Series) -> pl.Series:
        """The same numbers as Polars reads them; null where a text is no number in this style."""
        kept = text.set(~text.str.contains(self.pattern).fill_null(value=False), None)
        if self.unit:
            kept = kept.str.replace_all(self.unit, "", literal=True)
        if self.unit or self.negative != "-" or self.thousands in _SPACES:
            kept = kept.str.replace_all(rf"[{_SPACES}]", "")
        if self.thousands and self.thousands not in _SPACES:
            kept = kept.str.replace_all(rf"[{_group_characters(self.thousands)}]", "")
        if self.negative == "()":
            kept = kept.str.replace(r"^\((.*)\)$", "-$1")
        elif self.negative == "1-":
            kept = kept.str.replace(r"^(.*)-$", "-$1")
        elif self.negative == "\u2212":
            kept = kept.str.replace("\u2212", "-", literal=True)
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
    NumberStyle(",", ".", is_indian=True),
)
"""Every way of grouping and marking that is tried, the commonest first."""

_DECIDED_COMMA = re.compile(r"[+-]?(?:\d+,(?:\d{1,2}|\d{4,})|0,\d+|\d{1,3}(?:\.\d{3})+,\d+|\d{4,},\d+)")
_DECIDED_POINT = re.compile(
    r"[+-]?(?:\d+\.(?:\d{1,2}|\d{4,})|0\.\d+|\d{1,3}(?:,\d{3})+\.\d+|\d{1,2}(?:,\d{2})*,\d{3}\.\d+|\d{4,}\.\d+)"
)


def decimal_evidence(cell: str) -> str | None:
    """The decimal mark where one number alone tells it; ``1,234`` and ``1.234`` do not."""
    text = _DECORATION.sub("", cell.strip())
    if _DECIDED_COMMA.fullmatch(text):
        return ","
    return "." if _DECIDED_POINT.fullmatch(text) else None


def decorations(texts: Iterable[str]) -> list[tuple[str, Negative]]:
    """The units and the ways to write negatives that numbers show: the commonest unit, with each way that is met.

    Parentheses, and hyphens behind, make a number negative only where other numbers of the column go without.
    """
    units: collections.Counter[str] = collections.Counter()
    ways: collections.Counter[Negative] = collections.Counter()
    total = 0
    for text in texts:
        total += 1
        match = _WITH_UNIT.fullmatch(text)
        if match is not None:
            units[match["before"] or match["after"] or ""] += 1
        if text.startswith("(") or text.endswith(")"):
            ways["()"] += 1
        elif text.endswith("-"):
            ways["1-"] += 1
        elif "\u2212" in text:
            ways["\u2212"] += 1
    named = [unit for unit, _ in units.most_common() if unit]
    met = [way for way, count in ways.most_common() if way == "\u2212" or count < total]
    return [(unit, way) for unit in [*named[:1], ""] for way in [*met, "-"]]


def units_of(texts: Iterable[str]) -> set[str]:
    """The units that numbers are written with."""
    matches = (_WITH_UNIT.fullmatch(text.strip()) for text in texts)
    return {unit for match in matches if match and (unit := match["before"] or match["after"])}


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
