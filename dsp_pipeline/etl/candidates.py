"""The types that a column's sample suggests, narrowest first. Nothing here looks at the whole column."""

from __future__ import annotations

import collections
import dataclasses
import itertools
import re
from typing import TYPE_CHECKING

from dsp_pipeline.etl import dates, numbers
from dsp_pipeline.etl.cells import NULL_TOKENS, Look, look

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dsp_pipeline.core.artifacts.reading import Dtype

LOOK_SHARE = 0.9
"""A sample speaks for a type if this share of its filled cells looks like it."""

_BOOLEAN_PAIRS = (
    ("true", "false"),
    ("yes", "no"),
    ("ja", "nein"),
    ("oui", "non"),
    ("si", "no"),
    ("t", "f"),
    ("y", "n"),
    ("j", "n"),
)
_DATE_NAME = re.compile(r"date|datum|fecha|dato|day|tag$|(?:^|_)dt(?:_|$)", re.IGNORECASE)
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


def habits_of(samples: Sequence[Sequence[str]], delimiter: str) -> Habits:
    """What the columns' samples and the delimiter together speak for: a semicolon often leaves the comma free."""
    marks = collections.Counter(
        mark for sample in samples for cell in sample[:40] if (mark := numbers.decimal_evidence(cell))
    )
    is_comma = marks[","] > marks["."] if marks else delimiter == ";"
    return Habits(decimal_is_comma=is_comma, is_european=is_comma or delimiter == ";")


def candidates(name: str, sample: Sequence[str], habits: Habits) -> Iterator[Candidate]:
    """The types that a column's sample suggests, the narrowest first."""
    seen = [look(cell) for cell in sample]
    looks = collections.Counter(seen)
    filled = looks.total() - looks[Look.EMPTY]
    if not filled:
        return
    yield from _boolean_candidates(sample)
    if looks[Look.NUMBER] >= LOOK_SHARE * filled:
        if _DATE_NAME.search(name):
            yield from _date_candidates([cell for cell in sample if re.fullmatch(r"(?:19|20)\d{6}", cell.strip())])
        yield from number_candidates(sample, habits)
    if looks[Look.DATE] + looks[Look.NUMBER] >= LOOK_SHARE * filled and looks[Look.DATE]:
        yield from _date_candidates([cell for cell, what in zip(sample, seen, strict=True) if what is Look.DATE])


def _boolean_candidates(sample: Sequence[str]) -> Iterator[Candidate]:
    words = {cell.strip().lower() for cell in sample} - NULL_TOKENS
    for true, false in _BOOLEAN_PAIRS:
        both = words == {true, false}
        if both or (true == "true" and words and words <= {true, false}):
            yield Candidate("boolean", f"{true}/{false}", f"every value is '{true}' or '{false}'")


def number_candidates(sample: Sequence[str], habits: Habits) -> Iterator[Candidate]:
    """The numbers that a column's sample may be, each style that fits it, the likeliest first."""
    texts = [cell.strip() for cell in sample if look(cell) is Look.NUMBER]
    whole = sum(1 for text in texts if _WHOLE.fullmatch(text))
    if texts and whole >= LOOK_SHARE * len(texts):
        yield Candidate("int64", None, "every value is a whole number")
    fitting = [style for style in numbers.STYLES if _fits(style, texts)]
    if not fitting:
        return
    first = numbers.preferred(_equals(fitting, texts), decimal_is_comma=habits.decimal_is_comma)
    for style in dict.fromkeys([first, *fitting]):
        shown = f" written like {style.format}" if style.format else ""
        if style.thousands and not any(
            re.search(r"\d" + re.escape(style.decimal) + r"\d", cell) for cell in sample
        ):
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
    for form in dates.formats_of(sample[:50]):
        dtype = dates.dtype_of(form)
        yield Candidate(
            dtype, form, f"every value is a {'timestamp' if dtype == 'datetime' else dtype} written as {form}"
        )
