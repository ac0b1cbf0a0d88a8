"""What each column of text is: candidates from a sample, verified over the whole column, widened on failure."""

from __future__ import annotations

import dataclasses
import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import polars as pl

from dsp_pipeline.core.artifacts.reading import Alternative, ColumnReading, Decision
from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.etl import dates, numbers
from dsp_pipeline.etl.candidates import LOOK_SHARE, Candidate, Habits, candidates, habits_of, number_candidates
from dsp_pipeline.etl.casting import convert
from dsp_pipeline.etl.cells import NULL_TOKENS, TEXT_NULL_TOKENS, Look, look
from dsp_pipeline.etl.date_order import settle_order
from dsp_pipeline.etl.kinds import kind_of
from dsp_pipeline.etl.tables import LINE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dsp_pipeline.core.artifacts.reading import Dtype
    from dsp_pipeline.core.sidecar import ColumnType
    from dsp_pipeline.etl.casting import Converted
    from dsp_pipeline.etl.tables import StoredTable

_SAMPLE_CELLS = 250_000
_SAMPLE_ROWS = (40, 1_000)
_HEAD_ROWS = 2_000
_STRETCHES = 20
_STRETCH_ROWS = 100
_MAX_THREADS = 4
MAX_EXCEPTIONS = 0.01
"""A column stays what it mostly is with this share of exceptions, which are quarantined; else it is text."""

_TEMPORAL = frozenset({"date", "datetime"})
_LEADING_ZERO = r"^[+-]?0\d"
_LONG_DIGITS = r"^[+-]?\d{16,}$"
_LONG_PHONE = r"^\+\d{8,}$"
_CODE = f"{_LEADING_ZERO}|{_LONG_DIGITS}|{_LONG_PHONE}"
_DECLARED: dict[str, Dtype] = {
    "text": "string",
    "category": "string",
    "integer": "int64",
    "decimal": "float64",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "datetime",
}


@dataclasses.dataclass(frozen=True)
class _Found:
    """A column's reading, and the other date format that fits as well (None: there is none)."""

    reading: ColumnReading
    other_format: str | None = None


def infer_columns(
    table: StoredTable,
    originals: Sequence[str],
    *,
    delimiter: str,
    declared: dict[str, ColumnType],
) -> tuple[list[ColumnReading], list[Decision]]:
    """The type and the kind of every column.

    Args:
        table: Text, with or without `LINE`; one column for each thread is held in memory.
        originals: The columns' names as they stand in the file.
        delimiter: What separates cells: a semicolon speaks for decimal commas.
        declared: What the sidecar says of columns, which always wins.

    Returns:
        One reading per column, and the decisions that had to be made between equals.
    """
    names = [name for name in table.schema if name != LINE]
    most = max(_SAMPLE_ROWS[0], min(_SAMPLE_ROWS[1], _SAMPLE_CELLS // max(len(names), 1)))
    spread = _spread(table, names)
    samples = [_sample(spread[name], most) for name in names]
    habits = habits_of(samples, delimiter)

    def read(name: str, original: str, sample: Sequence[str]) -> _Found:
        return _column(table.column(name), original, sample, declared.get(name), habits)

    # Polars lets other threads work while it converts.
    with ThreadPoolExecutor(min(pl.thread_pool_size(), _MAX_THREADS)) as threads:
        found = list(threads.map(read, names, originals, samples))
    decisions = _about_decimals(found)
    orders = {dates.is_day_first(f.reading.format or "") for f in found if _has_told_order(f)}
    for place, one in enumerate(found):
        if one.other_format is not None:
            reading, decision = settle_order(
                one.reading, one.other_format, table.column(names[place]), told=orders, habits=habits
            )
            found[place] = dataclasses.replace(one, reading=reading)
            decisions.append(decision)
    return [one.reading for one in found], decisions


def _spread(table: StoredTable, names: Sequence[str]) -> pl.DataFrame:
    """Rows from all over a table: all of a small one."""
    if table.is_small:
        return table.frame
    rows = table.scan().select(names)
    step = table.height // _STRETCHES
    places = [0, *range(step // 2, table.height, step)]
    lengths = [_HEAD_ROWS, *[_STRETCH_ROWS] * (len(places) - 1)]
    return pl.concat([rows.slice(place, length).collect() for place, length in zip(places, lengths, strict=True)])


def _sample(series: pl.Series, most: int) -> list[str]:
    """Texts from all over a column: its first rows, and others evenly spread."""
    present = series.head(most * 4).drop_nulls()
    if len(present) < most // 2 or len(series) > most * 4:
        step = max(1, len(series) // most)
        present = pl.concat([present.head(most // 2), series.gather_every(step).drop_nulls()])
    return [cell for cell in present.head(most).to_list() if cell.strip()]


def _column(
    series: pl.Series, original: str, sample: Sequence[str], said: ColumnType | None, habits: Habits
) -> _Found:
    if said is not None and (said.type is not None or said.decimal is not None):
        return _as_declared(series, original, said, sample, habits)
    found = _first_that_holds(series, original, candidates(series.name, sample, habits))
    return found or _as_text(series, original, sample)


def _first_that_holds(series: pl.Series, original: str, tries: Iterator[Candidate]) -> _Found | None:
    """The type with the fewest exceptions; of equals the first. A later one has to read what the best can't."""
    best: tuple[Candidate, Converted] | None = None
    equal: str | None = None
    for attempt in tries:
        if best is not None and not _is_worth_it(attempt, *best):
            continue
        converted = convert(series, attempt.dtype, attempt.form, NULL_TOKENS, fold_case=True)
        if not _holds(series, attempt, converted):
            continue
        if best is None or len(converted.failed) < len(best[1].failed):
            best, equal = (attempt, converted), None
        elif len(converted.failed) == len(best[1].failed) and attempt.form != best[0].form:
            equal = attempt.form
        if not converted.failed.len() and attempt.dtype not in _TEMPORAL:
            break
    if best is None:
        return None
    return _Found(_reading(series, original, *best), equal if best[0].dtype in _TEMPORAL else None)


def _is_worth_it(attempt: Candidate, best: Candidate, converted: Converted) -> bool:
    """Whether another type may be better than one that fits: it reads some exceptions, or dates otherwise."""
    if best.dtype in _TEMPORAL:
        return attempt.dtype == best.dtype
    again = convert(converted.texts, attempt.dtype, attempt.form, NULL_TOKENS, fold_case=True)
    return len(again.failed) < len(converted.texts)


def _holds(series: pl.Series, attempt: Candidate, converted: Converted) -> bool:
    """Whether a type fits the whole column: nearly no exceptions, and nothing that it would spoil."""
    values = len(converted.typed) - converted.typed.null_count() + len(converted.failed)
    if values == len(converted.failed) or len(converted.failed) > MAX_EXCEPTIONS * values:
        return False
    if attempt.dtype == "boolean":
        return len(converted.failed) == 0
    return attempt.dtype not in {"int64", "float64"} or not _is_code(series, attempt)


def _is_code(series: pl.Series, attempt: Candidate) -> bool:
    """Leading zeros, more digits than a number keeps, phone numbers: digits that are names."""
    suspects = series.filter(series.str.contains(_CODE))
    if suspects.is_empty():
        return False
    if suspects.str.contains(f"{_LEADING_ZERO}|{_LONG_PHONE}").any():
        return True
    digits = suspects.filter(suspects.str.contains(_LONG_DIGITS))
    if attempt.dtype == "float64":
        return len(digits) > 0
    return digits.cast(pl.Int64, strict=False).null_count() > 0


def _reading(series: pl.Series, original: str, attempt: Candidate, converted: Converted) -> ColumnReading:
    exceptions = len(converted.failed)
    values = len(converted.typed) - converted.typed.null_count() + exceptions
    kind, because = kind_of(series.name, converted.typed, dtype=attempt.dtype)
    reason = attempt.reason
    if exceptions:
        example = converted.texts[0]
        reason = (
            f"{reason.replace('every value is', 'the values are')}, but for {exceptions:,} such as {example!r}"
        )
    return ColumnReading(
        name=series.name,
        original_name=original,
        kind=kind,
        dtype=attempt.dtype,
        confidence=round(1 - 5 * exceptions / values, 3) if values else 0.5,
        format=attempt.form,
        null_tokens=converted.null_tokens,
        reason=f"{reason}; {because}" if because else reason,
    )


def _as_text(series: pl.Series, original: str, sample: Sequence[str]) -> _Found:
    tokens = TEXT_NULL_TOKENS - {"na"} if _are_codes(sample) else TEXT_NULL_TOKENS
    converted = convert(series, "string", None, tokens, fold_case=True)
    if converted.typed.null_count() == len(converted.typed):
        attempt = Candidate("string", None, "there are no values")
    else:
        attempt = Candidate("string", None, _why_text(series, sample))
    return _Found(_reading(series, original, attempt, converted))


def _are_codes(sample: Sequence[str]) -> bool:
    """Whether the words are two capitals, as countries' codes are: NA is Namibia there."""
    words = {cell.strip() for cell in sample}
    return len(words) > 2 and all(re.fullmatch(r"[A-Z]{2}", word) for word in words)  # noqa: PLR2004 - 'NA' and one code prove nothing


def _why_text(series: pl.Series, sample: Sequence[str]) -> str:
    numeric = sum(1 for cell in sample if look(cell) is Look.NUMBER)
    if sample and numeric >= LOOK_SHARE * len(sample):
        if series.str.contains(_LEADING_ZERO).any():
            return "the values are digits with leading zeros, which a number would lose"
        if series.str.contains(_LONG_DIGITS).any() or series.str.contains(_LONG_PHONE).any():
            return "the values have more digits than a number keeps"
        return f"more than {MAX_EXCEPTIONS:.0%} of the values are not numbers"
    return "the values are words"


def _as_declared(
    series: pl.Series, original: str, said: ColumnType, sample: Sequence[str], habits: Habits
) -> _Found:
    if said.type is None:
        wanted = [
            a
            for a in number_candidates(sample, habits)
            if numbers.NumberStyle.from_format(a.form).decimal == said.decimal
        ]
        found = _first_that_holds(series, original, iter(wanted))
        return found or _as_text(series, original, sample)
    dtype = _DECLARED[said.type]
    form = said.format or _declared_format(dtype, said, sample, series.name)
    tokens = TEXT_NULL_TOKENS if dtype == "string" else NULL_TOKENS
    converted = convert(series, dtype, form, tokens, fold_case=True)
    reading = _reading(series, original, Candidate(dtype, form, f"the sidecar says {said.type}"), converted)
    kind = {"category": ColumnKind.CATEGORY, "text": ColumnKind.TEXT}.get(said.type, reading.kind)
    if reading.kind in {ColumnKind.EMPTY, ColumnKind.CONSTANT, ColumnKind.IDENTIFIER} and said.type != "category":
        kind = reading.kind
    return _Found(reading.model_copy(update={"kind": kind, "confidence": 1.0}))


def _declared_format(dtype: Dtype, said: ColumnType, sample: Sequence[str], name: str) -> str | None:
    if dtype in {"int64", "float64"}:
        habits = Habits(decimal_is_comma=said.decimal == ",", is_european=False)
        forms = [a.form for a in number_candidates(sample, habits) if a.dtype == dtype]
        if said.decimal is not None:
            forms = [form for form in forms if numbers.NumberStyle.from_format(form).decimal == said.decimal]
            return next(iter(forms), numbers.NumberStyle("", said.decimal).format)
        return next(iter(forms), None)
    wanted = [
        a.form
        for a in candidates(name, sample, Habits(decimal_is_comma=False, is_european=False))
        if a.dtype == dtype
    ]
    return next(iter(wanted), None)


def _about_decimals(found: Sequence[_Found]) -> list[Decision]:
    commas = [f.reading.name for f in found if f.reading.format and f.reading.format.endswith(",5")]
    if not commas:
        return []
    why = (
        f"numbers in {len(commas)} column{'s' if len(commas) > 1 else ''} are written so: {', '.join(commas[:5])}"
    )
    return [
        Decision(
            what="decimal mark",
            choice="comma",
            why=why,
            confidence=0.95,
            alternatives=[Alternative(choice="point")],
        )
    ]


def _has_told_order(found: _Found) -> bool:
    form = found.reading.format
    return found.other_format is None and form is not None and dates.with_other_order(form) is not None
