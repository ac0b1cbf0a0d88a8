"""How people write dates and times: the strptime formats that a column's texts suggest."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dsp_pipeline.core.artifacts.reading import Dtype

_PARTS = re.compile(
    r"(?P<date>\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d{1,2}[- .]+[A-Za-z]{3,9}[- .,]+\d{2,4}"
    r"|[A-Za-z]{3,9}\.? \d{1,2}, \d{4}|\d{8})?"
    r"(?P<gap>T|,? +)?(?:(?P<time>\d{1,2}:\d{2})(?P<seconds>:\d{2})?(?P<fraction>\.\d+)?(?P<half> ?[AaPp][Mm])?"
    r"(?P<zone> ?Z| ?[+-]\d{2}:?\d{2}| UTC)?)?"
)
_NUMERIC = re.compile(r"(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})")
_DAY_FIRST = ("%d", "%m")
_MONTH_FIRST = ("%m", "%d")


def formats_of(samples: Iterable[str]) -> list[str]:
    """The formats that at least one of the texts may be written in, without any check of the values.

    A date's format holds ``%d``, a time's ``%M``, a timestamp's both.
    """
    found: dict[str, None] = {}
    for sample in samples:
        match = _PARTS.fullmatch(sample.strip())
        if (
            match is None
            or not (match["date"] or match["time"])
            or bool(match["gap"]) != bool(match["date"] and match["time"])
        ):
            continue
        times = _time_formats(match)
        for date in _date_formats(match["date"]) if match["date"] else [""]:
            for time in times:
                found[date + (match["gap"] or "") + time] = None
    return list(found)


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
    has_date, has_time = "%d" in form, "%M" in form
    if has_date and has_time:
        return "datetime"
    return "date" if has_date else "time"


def _date_formats(date: str) -> list[str]:
    numeric = _NUMERIC.fullmatch(date)
    if numeric:
        first, mark, _, last = numeric.groups()
        if len(first) > 2:  # noqa: PLR2004 - more than two digits are a year
            return [mark.join(("%Y", "%m", "%d"))] if len(first) == 4 and len(last) <= 2 else []  # noqa: PLR2004 - as above
        if len(last) == 3:  # noqa: PLR2004 - no year has three digits
            return []
        year = "%Y" if len(last) == 4 else "%y"  # noqa: PLR2004 - four digits are a whole year
        return [mark.join((*order, year)) for order in (_DAY_FIRST, _MONTH_FIRST)]
    if date.isdigit():
        return ["%Y%m%d"]
    short_year = re.search(r"\D(\d{2}|\d{4})$", date)
    if short_year is None:
        return []
    year = "%y" if len(short_year[1]) == 2 else "%Y"  # noqa: PLR2004 - two digits are a year without century
    shape = re.sub(r"[A-Za-z]+", "%B", date[: short_year.start(1)])
    return [re.sub(r"\d{1,2}", "%d", shape) + year]


def _time_formats(match: re.Match[str]) -> list[str]:
    if not match["time"]:
        return [""]
    half = (match["half"] or "").replace(match["half"].strip(), "%p") if match["half"] else ""
    form = ("%I" if half else "%H") + ":%M" + (":%S" if match["seconds"] else "")
    form += "%.f" if match["fraction"] else ""
    zone = match["zone"] or ""
    if zone.strip() and zone.strip()[0] in "+-":
        zone = zone[: len(zone) - len(zone.lstrip())] + "%z"
    return [form + half + zone]
