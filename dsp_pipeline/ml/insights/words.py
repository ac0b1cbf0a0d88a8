"""How people say columns, values and numbers."""

from __future__ import annotations

import calendar
import math
import re
from typing import TYPE_CHECKING

from dsp_pipeline.core.numbers import marked, written

if TYPE_CHECKING:
    from collections.abc import Sequence

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_BRACKETED_UNIT = re.compile(r"^(?P<name>.*\S)\s*[(\[](?P<unit>[^()\[\]]{1,12})[)\]]$")
_SEPARATORS = re.compile(r"[_\s]+")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SUFFIX_UNITS = {
    "usd": "USD", "eur": "EUR", "gbp": "GBP", "chf": "CHF", "pct": "%", "percent": "%",
    "g": "g", "mg": "mg", "kg": "kg", "mm": "mm", "cm": "cm", "km": "km", "ms": "ms", "ml": "ml", "kwh": "kWh",
}  # fmt: skip
_SIGNS = frozenset("$€£¥")
_PARTICIPLE = re.compile(r"[a-z]{2,}ed")
_ENDS_OF_ONE = ("ss", "us", "is")
"""What nouns end in of which there is one: glass, status, analysis."""
_NO_PLURALS = frozenset({
    "alias", "atlas", "bias", "canvas", "chaos", "diabetes", "gas", "lens", "means", "news", "pancreas",
    "series", "species",
})  # fmt: skip
"""Nouns that end as plurals do and are none, or are the same in both."""
_LONGEST_LABEL = 40
_SIGNIFICANT = 3
_MOST_DECIMALS = 12
_MONTHS = list(calendar.month_name)
WEEKDAYS = list(calendar.day_name)


def tokens(name: str) -> list[str]:
    """The words of a column's name in lower case: ``arrDelay_min`` has arr, delay and min."""
    return re.findall(r"[^\W_]+", _CAMEL.sub(" ", name).lower())


def humanise(name: str) -> str:
    """A column's name as people say it, without its unit: ``dep_delay`` is "dep delay"."""
    bare = _split_unit(name)[0]
    words = [word if word.isupper() else word.lower() for word in _SEPARATORS.split(_CAMEL.sub(" ", bare)) if word]
    return printable(" ".join(words)) or printable(name) or "the unnamed column"


def unit_of(name: str) -> str:
    """The unit that a column's name ends with, such as cm in "petal length (cm)"; empty if none."""
    return printable(_split_unit(name)[1])


def _split_unit(name: str) -> tuple[str, str]:
    bracketed = _BRACKETED_UNIT.match(name.strip())
    if bracketed:
        return bracketed["name"], bracketed["unit"]
    stem, _, last = name.rpartition("_")
    if stem and last.lower() in _SUFFIX_UNITS:
        return stem, _SUFFIX_UNITS[last.lower()]
    return name, ""


def printable(text: str) -> str:
    """The text on one line, without control and direction characters, cut where it gets long."""
    clean = _CONTROLS.sub(" ", text).strip()
    return clean if len(clean) <= _LONGEST_LABEL else clean[: _LONGEST_LABEL - 1].rstrip() + "…"


def number(value: float, *, step: float | None = None) -> str:
    """A measured value to three significant digits, whole from 100 on: 12.6, 1,040, 0.0123, 2.1e-07.

    Args:
        value: The value.
        step: A difference that still matters: more digits are given where it would be lost.
    """
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else str(value)
    size = abs(value)
    if size >= 1e15 or size < 1e-4:  # noqa: PLR2004 - where digits stop being readable
        return written(value, ".2e")
    decimals = max(0, _SIGNIFICANT - 1 - math.floor(math.log10(size)))
    if step is not None and step > 0:
        decimals = min(max(decimals, math.ceil(-math.log10(step))), _MOST_DECIMALS)
    text = f"{value:,.{decimals}f}"
    return marked(text.rstrip("0").rstrip(".") if "." in text else text)


def quantity(value: float, column: str, *, step: float | None = None) -> str:
    """A measured value with the column's unit; a currency's sign stands before it."""
    unit, said = unit_of(column), number(value, step=step)
    if unit in _SIGNS:
        return f"-{unit}{said[1:]}" if said.startswith("-") else f"{unit}{said}"
    return f"{said}{unit}" if unit in {"", "%"} else f"{said} {unit}"


def count(value: int) -> str:
    """A whole number in full: 58,665."""
    return written(value)


def amount(value: int, noun: str) -> str:
    """A count with its noun: 1 row, 58,665 rows."""
    return f"{count(value)} {singular(noun) if value == 1 else noun}"


def holds_for(flag: str, some: str) -> str:
    """That a flag holds for some rows: "2 of 9 orders are returned", "discount holds for 2 of 9 orders"."""
    if _PARTICIPLE.fullmatch(flag) or flag.startswith("is "):
        return f"{some} are {flag.removeprefix('is ')}"
    return f"{flag} holds for {some}"


def those_with(noun: str, flag: str, *, are: bool = True) -> str:
    """The rows for which a flag holds, or does not: returned orders, orders not returned, orders with discount."""
    if flag.startswith("is "):
        return f"{noun} that are {'' if are else 'not '}{flag[3:]}"
    if _PARTICIPLE.fullmatch(flag):
        return f"{flag} {noun}" if are else f"{noun} not {flag}"
    return f"{noun} {'with' if are else 'without'} {flag.removeprefix('has ')}"


def singular(noun: str) -> str:
    """One of a plural noun, by English rules: rows are row, countries are country; a status stays one."""
    if noun.rsplit(" ", maxsplit=1)[-1].lower() in _NO_PLURALS or noun.endswith(_ENDS_OF_ONE):
        return noun
    if noun.endswith("ies"):
        return noun[:-3] + "y"
    if noun.endswith(("sses", "ches", "shes", "xes")):
        return noun[:-2]
    return noun.removesuffix("s")


def percent(share: float) -> str:
    """A share, or how much more there is, as a percentage: with as many digits as keep it apart from 0 and 100."""
    if share in {0.0, 1.0}:
        return written(share, ".0%")
    distance = min(share, abs(1 - share))
    decimals = 1 if distance >= 0.001 else min(9, math.ceil(-math.log10(distance)) - 2)  # noqa: PLR2004
    return f"{written(100 * share, f',.{decimals}f')}%"


def coefficient(value: float) -> str:
    """A correlation to two digits, or as many as keep it apart from 1."""
    short_of_one = 1 - abs(value)
    if short_of_one < 1e-9:  # noqa: PLR2004 - the same but for rounding
        return written(value, ".0f")
    return written(value, f".{max(2, math.ceil(-math.log10(short_of_one)))}f")


def month_name(month: int) -> str:
    """January for 1."""
    return _MONTHS[month]


def listed(items: Sequence[str], *, most: int = 4) -> str:
    """The items as a sentence lists them: "a, b and c"; beyond `most` the rest is counted."""
    shown = list(items)
    if len(shown) > most:
        shown = [*shown[: most - 1], f"{len(shown) - most + 1} more"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def sentence(text: str) -> str:
    """The text with its first letter in upper case."""
    return text[:1].upper() + text[1:]
