"""Numbers and names as people read them, and text from a file made safe to look at.

Nothing here escapes HTML: Jinja2 does that for templates, `escaping` for scripts and charts. Numbers have marks in
the place of separators (`dsp_pipeline.core.numbers`), for which the page puts in its own.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import TYPE_CHECKING

from dsp_pipeline.core.numbers import marked, written

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dsp_pipeline.core.artifacts.profile import ColumnProfile, Histogram
    from dsp_pipeline.core.kinds import ColumnKind

_BIDI = "\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060\u2066-\u2069\ufeff"
_HIDDEN = re.compile(rf"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{_BIDI}]|[\ud800-\udfff]")
NONE = "\u2013"
"""What stands where there is no value: an en dash."""

MINUS = "\u2212"
_SIGNIFICANT = 4
_LARGE = 1e15
_SMALL = 1e-4


def visible(text: str) -> str:
    """The text with controls that would hide or turn it round shown as their code points.

    A right-to-left override, for example, becomes ``⟨U+202E⟩``. Line breaks and tabs stay.
    """
    return _HIDDEN.sub(lambda found: f"⟨U+{ord(found.group()):04X}⟩", text)


def clipped(text: str, length: int) -> str:
    """At most that many characters, with an ellipsis where something is left out."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def whole(count: float) -> str:
    """A count with thousands separators: ``336,776``."""
    return written(count, ",.0f")


def number(value: float | str | None) -> str:
    """A number at four significant digits with thousands separators; text as it is; a dash for None and NaN."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return NONE
    if isinstance(value, str):
        return value
    if isinstance(value, int) and abs(value) < _LARGE:
        return written(value).replace("-", MINUS)
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    return _decimal(float(value)).replace("-", MINUS)


def _decimal(value: float) -> str:
    size = abs(value)
    if size and (size >= _LARGE or size < _SMALL):
        text = f"{value:.{_SIGNIFICANT - 2}e}".replace("e+0", "e").replace("e+", "e").replace("e-0", "e-")
        return marked(text)
    before = len(str(int(size)))
    places = max(0, _SIGNIFICANT - before) if size >= 1 else _SIGNIFICANT - 1 - math.floor(math.log10(size or 1))
    text = f"{value:,.{places}f}"
    return marked(text.rstrip("0").rstrip(".") if "." in text else text)


def as_label(value: float | str | None) -> str:
    """A column's value beside others: a number in full."""
    return value if isinstance(value, str) else marked(str(value))


def cell(text: str, kind: ColumnKind) -> str:
    """A cell's text; that of a column of numbers is one of the page's numbers."""
    return marked(text) if kind.is_numeric else text


def percent(share: float | None) -> str:
    """A share as a percentage: ``12.3%``; ``<0.1%`` and ``>99.9%`` rather than a false 0 or 100."""
    if share is None or math.isnan(share):
        return NONE
    value = 100 * share
    if value in {0.0, 100.0}:
        return f"{value:.0f}%"
    if 0 < value < 0.1:  # noqa: PLR2004 - what one decimal can show
        return marked("<0.1%")
    if 99.9 < value < 100:  # noqa: PLR2004 - as above
        return marked(">99.9%")
    return marked(f"{value:.1f}%".replace(".0%", "%"))


def p_value(value: float | None) -> str:
    """A p or q value: three decimals, ``<0.001`` below."""
    if value is None or math.isnan(value):
        return NONE
    return marked("<0.001") if value < 0.001 else written(value, ".3f")  # noqa: PLR2004 - what three decimals can show


def interval(low: float, high: float) -> str:
    """An interval: ``0.81 to 0.85``."""
    return f"{number(low)} to {number(high)}"


def plural(count: int, one: str, many: str | None = None) -> str:
    """A count with its noun: ``1 column``, ``19 columns``."""
    return f"{whole(count)} {one if count == 1 else many or one + 's'}"


def sentence(text: str) -> str:
    """The text with a capital at its start and a full stop at its end, as a sentence of its own."""
    trimmed = text.strip()
    if not trimmed:
        return ""
    return trimmed[0].upper() + trimmed[1:] + ("" if trimmed[-1] in ".!?…" else ".")


def size(count: int) -> str:
    """A number of bytes: ``812 bytes``, ``4.2 kB``, ``31 MB``."""
    value = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":  # noqa: PLR2004 - SI steps
            return f"{written(value, '.0f' if unit == 'bytes' or value >= 10 else '.1f')} {unit}"  # noqa: PLR2004
        value /= 1000
    raise AssertionError("unreachable: the last unit always returns")


def moment(seconds: float, *, day_only: bool = False) -> str:
    """Seconds since 1970 (UTC) as a date, with the time unless ``day_only``; the number where there is no date."""
    try:
        when = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=seconds)
    except OverflowError:
        return number(seconds)
    return when.strftime("%Y-%m-%d") if day_only else when.strftime("%Y-%m-%d %H:%M")


def timestamp(when: dt.datetime | None) -> str:
    """A point in time to the minute, in UTC: ``2026-03-01 14:05 UTC``; a dash for None."""
    if when is None:
        return NONE
    utc = when.astimezone(dt.UTC) if when.tzinfo else when.replace(tzinfo=dt.UTC)
    return utc.strftime("%Y-%m-%d %H:%M UTC")


_STATISTIC_LABELS = {
    "std": "Standard deviation",
    "cv": "Coefficient of variation",
    "iqr": "Interquartile range",
    "mad": "Median absolute deviation",
    "min": "Smallest",
    "max": "Largest",
    "length_min": "Shortest",
    "length_mean": "Mean length",
    "length_median": "Median length",
    "length_max": "Longest",
    "words_mean": "Mean words",
    "mode": "Commonest",
    "mode_share": "Share of the commonest",
    "range_days": "Range in days",
    "gap_max_days": "Widest gap in days",
    "gap_median_days": "Median gap in days",
    "entropy": "Entropy in bits",
    "singletons": "Values that occur once",
    "kurtosis": "Excess kurtosis",
    "trimmed_mean": "Mean without the outer tenths",
    "box_cox": "Box-Cox power",
    "skewness_after": "Skewness after that power",
}
_QUANTILE = re.compile(r"(?:q|p|quantile_|percentile_)0*(\d{1,2})")


def statistic_label(name: str) -> str:
    """A statistic's name in the profile as a label: ``q25`` is ``25th percentile``."""
    if name in _STATISTIC_LABELS:
        return _STATISTIC_LABELS[name]
    found = _QUANTILE.fullmatch(name)
    if found:
        return f"{_ordinal(int(found.group(1)))} percentile"
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]


def _ordinal(value: int) -> str:
    endings = {1: "st", 2: "nd", 3: "rd"}
    teen = 10 < value % 100 < 14  # noqa: PLR2004 - eleventh, twelfth, thirteenth
    return f"{value}{'th' if teen else endings.get(value % 10, 'th')}"


def spread(column: ColumnProfile, shown: Histogram, part: Sequence[int] | None = None) -> str:
    """A histogram in words: from where to where, and its fullest bar with its share.

    Args:
        column: What is shown; its least and greatest values are named where all of its values are shown.
        shown: Its bars.
        part: How many values of some of the rows are in each bar, where only these are shown.
    """
    edges, counts = shown.edges, shown.counts if part is None else part
    filled = [place for place, count in enumerate(counts) if count]
    if not filled:
        return "There are no values."
    show: Callable[[float], str] = moment if column.kind.is_temporal else number
    least, most = (column.statistics.get(name) if part is None else None for name in ("min", "max"))
    first = least if isinstance(least, int | float) else edges[filled[0]]
    last = most if isinstance(most, int | float) else edges[filled[-1] + 1]
    fullest = max(filled, key=lambda place: counts[place])
    left, right = edges[fullest], edges[fullest + 1]
    share = percent(counts[fullest] / sum(counts))
    # Bars around whole numbers are one value each.
    if right - left == 1 and (left + 0.5).is_integer() and not column.kind.is_temporal:
        return f"From {show(first)} to {show(last)}; {number(left + 0.5)} is the commonest, with {share}."
    return f"From {show(first)} to {show(last)}; the fullest bar is {show(left)} to {show(right)}, with {share}."
