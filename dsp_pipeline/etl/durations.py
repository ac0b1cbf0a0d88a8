"""How people write how long something took; a table holds it in seconds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

_SECONDS = r"(?P<s>[0-5]\d(?:[.,]\d{1,6})?)"
_SIGN = r"^(?P<sign>[+-])?"

FORMATS: dict[str, str] = {
    "[h]:mm:ss": rf"{_SIGN}(?:(?P<d>\d+)(?: days?,? | ?d,? |\.))?(?P<h>\d+):(?P<m>[0-5]\d):{_SECONDS}$",
    "[h]:mm": rf"{_SIGN}(?P<h>\d+):(?P<m>[0-5]\d)$",
    "[m]:ss": rf"{_SIGN}(?P<m>\d+):{_SECONDS}$",
    "ISO 8601": (
        r"^(?P<sign>[+-])?P(?:(?P<w>\d+)W)?(?:(?P<d>\d+)D)?"
        r"(?:T(?:(?P<h>\d+)H)?(?:(?P<m>\d+)M)?(?:(?P<s>\d+(?:[.,]\d{1,6})?)S)?)?$"
    ),
    "1d 2h 3m 4s": (
        rf"{_SIGN}(?:(?P<w>\d+) ?w(?:eeks?)? ?)?(?:(?P<d>\d+) ?(?:d|days?) ?)?"
        r"(?:(?P<h>\d+) ?(?:h|hrs?|hours?|std) ?)?"
        r"(?:(?P<m>\d+) ?(?:m|min|mins|minutes?) ?)?(?:(?P<s>\d+(?:[.,]\d{1,6})?) ?(?:s|sec|secs|seconds?))?$"
    ),
}
"""What a column's format is called, to what each of its texts matches."""

_MICROSECONDS = {"w": 604_800_000_000, "d": 86_400_000_000, "h": 3_600_000_000, "m": 60_000_000}
_MILLION = 1_000_000
_NAME = re.compile(
    r"duration|elapsed|runtime|run_time|lap|dauer|laufzeit|dur[ée]e|duraci[oó]n|durata|uptime|time_spent"
    r"|arbeitszeit|hours|stunden",
    re.IGNORECASE,
)
_CLOCK_NAME = re.compile(r"length|länge|longueur|longitud", re.IGNORECASE)
"""What says so only where a text is written with colons: 45m may be metres."""

_HOURS_NAME = re.compile(r"hour|stunde|arbeitszeit|heure|hora", re.IGNORECASE)
_PARTS = re.compile(r"\d+ ?[^\W\d]+\.? ?\d+ ?[^\W\d]")
_A_DAY = 24
_CLOCK = re.compile(r"(\d+):\d\d(?::\d\d)?(?:[.,]\d+)?")


def is_duration(form: str | None) -> bool:
    """Whether a column's format is one of durations."""
    return form in FORMATS


def formats_of(name: str, sample: Sequence[str]) -> list[str]:
    """The ways of writing durations that a column's sample speaks for.

    A clock's time and a duration look the same. They are durations if the column's name says so, or three parts
    have an hour beyond a day's; two parts are hours and minutes if the name speaks of hours, else minutes.
    """
    texts = [text for cell in sample if (text := cell.strip())]
    fitting = [form for form, pattern in FORMATS.items() if _most(texts, pattern)]
    clocks = [match for text in texts if (match := _CLOCK.fullmatch(text))]
    is_named = _NAME.search(name) is not None
    if "1d 2h 3m 4s" in fitting and not is_named and not any(_PARTS.match(text) for text in texts):
        return []
    is_clock_named = is_named or _CLOCK_NAME.search(name) is not None
    is_of_day = "[h]:mm:ss" not in fitting or all(int(match[1]) <= _A_DAY for match in clocks)
    if len(clocks) == len(texts) and not is_clock_named and is_of_day:
        return []
    if len(clocks) == len(texts) and "[h]:mm:ss" not in fitting:
        first = "[h]:mm" if _HOURS_NAME.search(name) else "[m]:ss"
        return [form for form in (first, "[h]:mm", "[m]:ss") if form in fitting][:1]
    return fitting[:1]


def seconds(text: pl.Series, form: str) -> pl.Series:
    """Durations in seconds, Float64; null where a text is not written so. Microseconds are the finest part."""
    # Letters are looked at in one case, but for ISO 8601's, which are capitals.
    said = text.str.to_lowercase() if form == "1d 2h 3m 4s" else text
    parts = said.str.extract_groups(FORMATS[form]).struct.unnest()
    measured = [name for name in parts.columns if name != "sign"]
    is_there = pl.any_horizontal(pl.col(measured).is_not_null())
    total = pl.lit(0, dtype=pl.Int64)
    for name, worth in _MICROSECONDS.items():
        if name in measured:
            total += pl.col(name).cast(pl.Int64, strict=False).fill_null(0) * worth
    if "s" in measured:
        whole = pl.col("s").str.extract(r"^(\d+)").cast(pl.Int64, strict=False).fill_null(0)
        fraction = pl.col("s").str.extract(r"[.,](\d+)$").str.pad_end(6, "0").cast(pl.Int64).fill_null(0)
        total += whole * _MILLION + fraction
    sign = pl.when(pl.col("sign") == "-").then(-1).otherwise(1)
    return parts.select(pl.when(is_there).then(total * sign / _MILLION)).to_series()


def _most(texts: Sequence[str], pattern: str) -> bool:
    regex = re.compile(pattern, re.IGNORECASE)
    fitting = sum(1 for text in texts if (match := regex.match(text)) and any(match.groups()))
    return bool(texts) and fitting >= 0.9 * len(texts)
