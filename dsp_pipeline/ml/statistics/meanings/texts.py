"""What texts are: addresses of all sorts, codes with a form of their own, names, prose."""

from __future__ import annotations

import dataclasses
import ipaddress
import json
import re
from typing import TYPE_CHECKING

from dsp_pipeline.core.numbers import written
from dsp_pipeline.ml.privacy import patterns
from dsp_pipeline.ml.statistics.meanings import header
from dsp_pipeline.ml.statistics.meanings.people import names_of_people

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_MOSTLY = 0.8
_PERSONAL = 0.5
_FEWEST = 3
_PHONE_LIKE = re.compile(r"[+(]?\d[\d ()/.-]{5,20}\d(?: ?(?:x|ext\.?) ?\d{1,6})?")
_DATE_LIKE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}.*|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}.*")
_MOST_PHONE_DIGITS = 17
_POSTCODES = re.compile(
    r"\d{4,6}|\d{5}-\d{4}|\d{3} ?\d{2}|\d{2}-\d{3}|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d"
    r"|\d{4} ?[A-Z]{2}"
)
_LETTER_POSTCODES = re.compile(r"[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}|[A-Z]\d[A-Z] \d[A-Z]\d|\d{4} [A-Z]{2}")


@dataclasses.dataclass(frozen=True)
class Judged:
    """What a column's values are said to be, how sure that is, why, and whether they are personal data."""

    name: str
    confidence: float
    reason: str
    personal: bool = False


@dataclasses.dataclass(frozen=True)
class _Sort:
    name: str
    holds: Callable[[str], bool]
    personal: bool = False


def _matches(expression: str) -> Callable[[str], bool]:
    compiled = re.compile(expression)
    return lambda text: compiled.fullmatch(text) is not None


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_json(text: str) -> bool:
    if text[:1] not in {"{", "["}:
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


_SORTS: tuple[_Sort, ...] = (
    *(_Sort(form.meaning, form.is_whole, personal=True) for form in patterns.FORMS),
    _Sort(patterns.IP_ADDRESS, _is_address, personal=True),
    _Sort("URL", _matches(r"(?:https?|ftp)://\S+|www\.[^\s.]+\.\S+")),
    _Sort("UUID", _matches(r"\{?[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\}?")),
    _Sort("JSON", _is_json),
    _Sort(
        "file path",
        _matches(r"(?:[A-Za-z]:\\|\\\\|~?/|\.{1,2}/)[^\n<>\"|?*]+|[\w .-]+(?:[/\\][\w .-]+)+\.[A-Za-z]\w{0,4}"),
    ),
    _Sort("coordinates", _matches(r"\(?-?\d{1,2}\.\d+ ?[,;] ?-?\d{1,3}\.\d+\)?")),
    _Sort("colour", _matches(r"#(?:[0-9a-fA-F]{3}){1,2}")),
    _Sort("money", _matches(r"(?:[A-Z]{3} ?|[$€£¥] ?)-?\d[\d.,' ]*|-?\d[\d.,' ]*(?: ?[€£¥]| [A-Z]{3})")),
    _Sort("percentage", _matches(r"-?\d+(?:[.,]\d+)? ?%")),
    _Sort("date as text", _matches(_DATE_LIKE.pattern)),
    _Sort("postcode", _matches(_LETTER_POSTCODES.pattern)),
)


def judged_texts(values: Sequence[str], words: frozenset[str]) -> Judged | None:
    """What the texts are, if they have a form or a name that says so; None if they are just labels or prose.

    Personal data counts from half of the values on, everything else from four fifths.

    Args:
        values: Some of the distinct values, none empty.
        words: The words of the column's name.
    """
    stripped = [value.strip() for value in values]
    for sort in _SORTS:
        share = _share(stripped, sort.holds, least=_PERSONAL if sort.personal else _MOSTLY)
        if share is not None and (len(stripped) >= _FEWEST or sort.personal):
            return Judged(
                sort.name, share, f"{written(share, '.0%')} of the values looked at have its form", sort.personal
            )
    return _by_name(stripped, words)


def _share(values: Sequence[str], holds: Callable[[str], bool], *, least: float) -> float | None:
    """The share for which it holds; None below the least, found out early where the first values say so."""
    first = values[:20]
    if not first or sum(map(holds, first)) < (least - 0.25) * len(first):
        return None
    share = sum(map(holds, values)) / len(values)
    return share if share >= least else None


def _by_name(values: Sequence[str], words: frozenset[str]) -> Judged | None:
    """What the column's name and the values say together."""
    if words & header.PHONE and (share := _share(values, _is_phone_like, least=_PERSONAL)) is not None:
        return Judged(
            patterns.PHONE,
            share,
            f"named so, and {written(share, '.0%')} of the values look like one",
            personal=True,
        )
    if words & header.STREET and (share := _share(values, _is_street, least=_PERSONAL)) is not None:
        return Judged(
            patterns.STREET_ADDRESS,
            share,
            f"named so, and {written(share, '.0%')} of the values have words and a number",
            personal=True,
        )
    if words & header.POSTCODE and (share := _share(values, _is_postcode, least=_MOSTLY)) is not None:
        return Judged(
            "postcode", share, f"named so, and {written(share, '.0%')} of the values have the form of one"
        )
    found = names_of_people(values, words)
    return Judged(patterns.PERSON_NAME, *found, personal=True) if found is not None else None


def _is_phone_like(text: str) -> bool:
    fits = _PHONE_LIKE.fullmatch(text) is not None and _DATE_LIKE.fullmatch(text) is None
    return fits and 6 <= len(patterns.digits_of(text)) <= _MOST_PHONE_DIGITS  # noqa: PLR2004 - the shortest


def _is_street(text: str) -> bool:
    return " " in text and any(mark.isdigit() for mark in text) and any(mark.isalpha() for mark in text)


def _is_postcode(text: str) -> bool:
    return _POSTCODES.fullmatch(text.upper()) is not None
