"""The types that a column's sample suggests, narrowest first. Nothing here looks at the whole column."""

from __future__ import annotations

import collections
import dataclasses
import itertools
import re
from typing import TYPE_CHECKING

from dsp_pipeline.etl import booleans, counted_dates, dates, durations, numbers
from dsp_pipeline.etl.cells import NULL_TOKENS, Look, look
from dsp_pipeline.etl.exactness import is_named_code

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dsp_pipeline.core.artifacts.reading import Dtype

LOOK_SHARE = 0.9
"""A sample speaks for a type if this share of its filled cells looks like it."""

_DATE_NAME = re.compile(r"date|datum|fecha|dato|day|tag$|(?:^|_)dt(?:_|$)", re.IGNORECASE)
_VERSION_NAME = re.compile(r"version|release|revision|chapter|kapitel|section|(?:^|_)ver(?:_|$)", re.IGNORECASE)
"""What is written like 2.10.11 there is no date."""

_DATES = 50
"""How many dates are asked for the formats they may be written in."""

_TIME_NAME = re.compile(r"time|date|datum|stamp|zeit|(?:^|_)ts(?:_|$)", re.IGNORECASE)
_WHOLE = re.compile(r"[+-]?\d+")


@dataclasses.dataclass(frozen=True)
class Habits:
    """What the whole file speaks for, where a column alone does not decide."""

    decimal_is_comma: bool
    is_european: bool


@dataclasses.dataclass(frozen=True)
class Candidate:
    """One type that a column may have."""

    dtype: Dtype
    form: str | None
    reason: str

    @property
    def decimal(self) -> str | None:
        """What marks decimals; None for what is no number."""
        if self.dtype not in {"int64", "float64"} or durations.is_duration(self.form):
            return None
        return numbers.NumberStyle.from_format(self.form).decimal


def habits_of(samples: Sequence[Sequence[str]], delimiter: str) -> Habits:
    """What the columns' samples and the delimiter together speak for: a semicolon often leaves the comma free."""
    marks = collections.Counter(
        mark for sample in samples for cell in sample[:40] if (mark := numbers.decimal_evidence(cell))
    )
    is_comma = marks[","] > marks["."] if marks else delimiter == ";"
    return Habits(decimal_is_comma=is_comma, is_european=is_comma or delimiter == ";")


def candidates(
    name: str, sample: Sequence[str], habits: Habits, *, odd: Sequence[str] = ()
) -> Iterator[Candidate]:
    """The types that a column suggests, the narrowest first.

    Args:
        name: The column's name.
        sample: Texts from all over the column.
        habits: What the file speaks for.
        odd: Texts that the sample's best type does not read: there may be one that reads these too.
    """
    seen = [look(cell) for cell in sample]
    looks = collections.Counter(seen)
    filled = [cell.strip() for cell, what in zip(sample, seen, strict=True) if what is not Look.EMPTY]
    if not filled:
        return
    yield from _boolean_candidates(name, sample)
    for form in durations.formats_of(name, filled):
        yield Candidate("float64", form, f"every value is a duration written as {form}, taken in seconds")
    if looks[Look.NUMBER] >= LOOK_SHARE * len(filled):
        yield from _counted_dates(name, filled)
        if not is_named_code(name):
            yield from number_candidates(sample, habits, odd=odd)
    is_date = [what is Look.DATE and not _VERSION_NAME.search(name) for what in seen]
    if looks[Look.DATE] + looks[Look.NUMBER] >= LOOK_SHARE * len(filled) and any(is_date):
        written = [cell for cell, what in zip(sample, is_date, strict=True) if what]
        yield from _date_candidates([*written[:_DATES], *odd[:_DATES]])
    elif set(dates.formats_of(filled[:_DATES])) & set(dates.MONTH_FORMATS):
        yield from _date_candidates([*filled[:_DATES], *odd[:_DATES]])


def _boolean_candidates(name: str, sample: Sequence[str]) -> Iterator[Candidate]:
    words = {cell.strip().lower() for cell in sample} - NULL_TOKENS
    for true, false in booleans.pairs_of(name, words):
        yield Candidate("boolean", f"{true}/{false}", f"every value is '{true}' or '{false}'")


def _counted_dates(name: str, filled: Sequence[str]) -> Iterator[Candidate]:
    """Dates that are numbers; only where the column's name says so too."""
    if _DATE_NAME.search(name):
        yield from _date_candidates([cell for cell in filled if re.fullmatch(r"(?:19|20)\d{6}", cell)][:_DATES])
    digits = [cell for cell in filled if re.fullmatch(r"(?:19|20)\d{12}", cell)]
    if _TIME_NAME.search(name) and len(digits) >= LOOK_SHARE * len(filled):
        yield Candidate("datetime", "%Y%m%d%H%M%S", "every value is a timestamp written as %Y%m%d%H%M%S")
    for form in counted_dates.formats_of(name, filled):
        dtype: Dtype = "date" if form == counted_dates.EXCEL and counted_dates.is_of_days(filled) else "datetime"
        counted = "days as Excel counts them" if form == counted_dates.EXCEL else f"{form[6:]} since 1970 in UTC"
        yield Candidate(dtype, form, f"the name says so, and every value is a number of {counted}")


def number_candidates(sample: Sequence[str], habits: Habits, *, odd: Sequence[str] = ()) -> Iterator[Candidate]:
    """The numbers that a column's sample may be, each style that fits it, the likeliest first."""
    texts = [cell.strip() for cell in sample if look(cell) is Look.NUMBER]
    whole = sum(1 for text in texts if _WHOLE.fullmatch(text))
    if texts and whole >= LOOK_SHARE * len(texts):
        yield Candidate("int64", None, "every value is a whole number")
    seen = [*texts, *(cell.strip() for cell in odd if look(cell) is Look.NUMBER)]
    fitting = [
        style
        for unit, negative in numbers.decorations(seen)
        for base in numbers.STYLES
        if _fits(style := dataclasses.replace(base, unit=unit, negative=negative), texts)
    ]
    if not fitting:
        return
    first = numbers.preferred(_equals(fitting, texts), decimal_is_comma=habits.decimal_is_comma)
    for style in dict.fromkeys([first, *fitting]):
        yield from _in_style(style, texts)


def _in_style(style: numbers.NumberStyle, texts: Sequence[str]) -> Iterator[Candidate]:
    shown = f" written like {style.format}" if style.format else ""
    shown += "; a percentage stays the number that is written" if style.unit == numbers.PERCENT else ""
    decimals = re.compile(r"\d" + re.escape(style.decimal) + r"\d")
    has_decimals = any(decimals.search(text) for text in texts)
    is_grouped = style.thousands or style.unit or style.negative != "-"
    if is_grouped and not has_decimals:
        yield Candidate("int64", style.format, f"every value is a whole number{shown}")
    yield Candidate("float64", style.format, f"the values are decimal numbers{shown}")


def _fits(style: numbers.NumberStyle, texts: Sequence[str]) -> bool:
    pattern = re.compile(style.pattern)
    allowed = (1 - LOOK_SHARE) * len(texts)
    strange = (text for text in texts if not pattern.match(text))
    return sum(1 for _ in itertools.islice(strange, int(allowed) + 1)) <= allowed


def _equals(fitting: list[numbers.NumberStyle], sample: Sequence[str]) -> list[numbers.NumberStyle]:
    """The fitting styles between which the sample does not decide: all of them if it has but 1,234 and 1.234."""
    marks = {mark for cell in sample if (mark := numbers.decimal_evidence(cell))}
    return [style for style in fitting if style.decimal in marks] or fitting if marks else fitting


def _date_candidates(sample: Sequence[str]) -> Iterator[Candidate]:
    for form in dates.formats_of(sample):
        dtype = dates.dtype_of(form)
        what = "timestamp" if dtype == "datetime" else dtype
        month = "; a month is its first day" if form in dates.MONTH_FORMATS else ""
        yield Candidate(dtype, form, f"every value is a {what} written as {form}{month}")
