"""How people write dates and times: the strptime formats that a column's texts suggest."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dsp_pipeline.etl.months import WORD, month_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dsp_pipeline.core.artifacts.reading import Dtype

_PARTS = re.compile(
    rf"(?:(?P<weekday>{WORD}\.?,? ))?"
    r"(?P<date>\d{1,4}(?P<mark>[-/.]|\. )\d{1,2}(?P=mark)\d{1,4}"
    rf"|\d{{1,2}}(?:[-/ .]+| de ){WORD}(?:[-/ .,]+| de )\d{{2,4}}|{WORD}\.? \d{{1,2}},? \d{{4}}"
    rf"|{WORD}[- ](?:19|20)\d\d|(?:0?[1-9]|1[0-2])/(?:19|20)\d\d|(?:19|20)\d\d-(?:0[1-9]|1[0-2])"
    r"|\d{4}年\d{1,2}月\d{1,2}日|\d{8})?"
    r"(?P<gap>T|,? +|:)?(?:(?P<time>\d{1,2}:\d{2})(?P<seconds>:\d{2})?(?P<fraction>[.,]\d+)?"
    r"(?P<half> ?[AaPp][Mm])?(?P<zone> ?Z| ?[+-]\d{2}(?::?\d{2})?| UTC| GMT)?|(?P<digits>\d{6}Z?))?"
)
_ASCTIME = re.compile(
    rf"{WORD} (?P<month>{WORD}) +\d{{1,2}} \d{{1,2}}:\d\d:\d\d(?P<zone> [+-]\d{{4}}| UTC| GMT)? \d{{4}}"
)
"""As C's ``asctime``, Unix's ``date`` and Twitter write times: the year stands last."""

_NUMERIC = re.compile(r"(\d{1,4})([-/.]|\. )(\d{1,2})\2(\d{1,4})")
_FIXED = (
    (r"\d{8}", "%Y%m%d"),
    (r"\d{4}年\d{1,2}月\d{1,2}日", "%Y年%m月%d日"),
    (r"\d{4}-\d{2}", "%Y-%m"),
    (r"\d{1,2}/\d{4}", "%m/%Y"),
)
_COMMA_FRACTIONS = (3, 6)
"""Digits behind a comma that strptime can be told to read, as Python's logging writes them."""

_DAY_FIRST = ("%d", "%m")
_MONTH_FIRST = ("%m", "%d")


MONTH_FORMATS = ("%Y-%m", "%m/%Y", "%B %Y", "%B-%Y")
"""Months of a year, which stand for their first days."""


def is_date(text: str) -> bool:
    """Whether a text may be a date, a time or both; eight digits are a number, a month may be a column's name."""
    found = [] if text.isdigit() else formats_of([text])
    return bool(found) and found[0] not in MONTH_FORMATS


def formats_of(samples: Iterable[str]) -> list[str]:
    """The formats that at least one of the texts may be written in, without any check of the values.

    A date's format holds ``%d`` or ``%B``, a time's ``%M``, a timestamp's both.
    """
    found: dict[str, None] = {}
    for sample in samples:
        asctime = _ASCTIME.fullmatch(sample.strip())
        if asctime is not None and month_in(asctime["month"]):
            zone = asctime["zone"] or ""
            found[f"%a, %B %d %H:%M:%S{' %#z' if zone[1:2] in {'+', '-'} else zone} %Y"] = None
            continue
        match = _PARTS.fullmatch(sample.strip())
        if match is None or not _is_whole(match):
            continue
        weekday = "%a, " if match["weekday"] else ""
        times = _time_formats(match)
        for date in _date_formats(match["date"]) if match["date"] else [""]:
            for time in times:
                found[weekday + date + (match["gap"] or "") + time] = None
    return list(found)


def _is_whole(match: re.Match[str]) -> bool:
    """Whether there is a date, a time, or both with something between them."""
    time = match["time"] or match["digits"]
    if match["digits"] and not (match["gap"] == "T" and match["date"].isdigit()):
        return False
    if match["weekday"] and not (match["date"] and month_in(match["date"])):
        return False
    if match["gap"] == ":" and not month_in(match["date"] or ""):
        return False
    return bool(match["date"] or time) and bool(match["gap"]) == bool(match["date"] and time)


def is_day_first(form: str) -> bool:
    """Whether the format has the day before the month, both as numbers."""
    return "%m" in form and form.find("%d") < form.find("%m") and "%d" in form


def with_other_order(form: str) -> str | None:
    """The format with day and month exchanged; None where that makes no sense (names, year first)."""
    if "%m" not in form or form.startswith(("%Y", "%y")):
        return None
    return form.replace("%d", "\0").replace("%m", "%d").replace("\0", "%m")


def dtype_of(form: str) -> Dtype:
    """What a format yields: ``date``, ``time`` or ``datetime``."""
    has_date, has_time = "%Y" in form or "%y" in form, "%M" in form
    if has_date and has_time:
        return "datetime"
    return "date" if has_date else "time"


def _date_formats(date: str) -> list[str]:
    numeric = _NUMERIC.fullmatch(date)
    if numeric:
        first, mark, _, last = numeric.groups()
        if len(first) > 2:  # noqa: PLR2004 - more than two digits are a year
            return [mark.join(("%Y", "%m", "%d"))] if len(first) == 4 and len(last) <= 2 else []  # noqa: PLR2004 - as above
        if len(last) not in {2, 4}:
            return []
        year = "%Y" if len(last) == 4 else "%y"  # noqa: PLR2004 - four digits are a whole year
        return [mark.join((*order, year)) for order in (_DAY_FIRST, _MONTH_FIRST)]
    fixed = [form for pattern, form in _FIXED if re.fullmatch(pattern, date)]
    return fixed or _named_formats(date)


def _named_formats(date: str) -> list[str]:
    """The format of a date with a month's name; in the text to parse, the dot of a shortened name is left out."""
    month = month_in(date)
    year = re.search(r"\D(\d{2}|\d{4})$", date)
    if month is None or year is None:
        return []
    before = re.sub(r"\d{1,2}", "%d", date[: month.start()])
    between = re.sub(r"\d{1,2}", "%d", date[month.end() : year.start(1)])
    return [before + "%B" + between.removeprefix(".") + ("%y" if len(year[1]) == 2 else "%Y")]  # noqa: PLR2004 - a year without century


def _time_formats(match: re.Match[str]) -> list[str]:
    if match["digits"]:
        return ["%H%M%S" + match["digits"][6:]]
    if not match["time"]:
        return [""]
    half = (match["half"] or "").replace(match["half"].strip(), "%p") if match["half"] else ""
    form = ("%I" if half else "%H") + ":%M" + (":%S" if match["seconds"] else "")
    fraction = match["fraction"] or ""
    if fraction.startswith(","):
        if len(fraction) - 1 not in _COMMA_FRACTIONS:
            return []
        form += f",%{len(fraction) - 1}f"
    elif fraction:
        form += "%.f"
    zone = match["zone"] or ""
    if zone.strip() and zone.strip()[0] in "+-":
        # It also reads Z, and hours without minutes.
        zone = zone[: len(zone) - len(zone.lstrip())] + "%#z"
    return [form + half + zone]
