"""What each column of text is: candidates from a sample, verified over the whole column, widened on failure."""

from __future__ import annotations

import dataclasses
import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import polars as pl

from dsp_pipeline.core.artifacts.reading import Alternative, Decision
from dsp_pipeline.etl import dates
from dsp_pipeline.etl.ahead import Guess, look_ahead
from dsp_pipeline.etl.candidates import Candidate, Habits, candidates, habits_of
from dsp_pipeline.etl.casting import MAX_THREADS
from dsp_pipeline.etl.cells import TEXT_NULL_TOKENS
from dsp_pipeline.etl.columns import TextColumn
from dsp_pipeline.etl.date_order import settle_order
from dsp_pipeline.etl.declared import as_declared
from dsp_pipeline.etl.kinds import described, described_as_text
from dsp_pipeline.etl.search import best_fit
from dsp_pipeline.etl.tables import LINE, StoredTable
from dsp_pipeline.etl.text_reasons import MAX_EXCEPTIONS, why_text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from dsp_pipeline.core.artifacts.reading import ColumnReading
    from dsp_pipeline.core.sidecar import ColumnType, ExceptionPolicy
    from dsp_pipeline.etl.ahead import Ahead
    from dsp_pipeline.etl.tables import TypedTable

_SAMPLE_CELLS = 250_000
_SAMPLE_ROWS = (40, 1_000)
_HEAD_ROWS = 2_000
_STRETCHES = 20
_STRETCH_ROWS = 100
_LONG_ROWS = 1 << 17
"""Looking ahead at fewer rows saves less than it costs."""


@dataclasses.dataclass(frozen=True)
class _Found:
    """A column's reading, and the other date format that fits as well (None: there is none)."""

    reading: ColumnReading
    other_format: str | None = None


@dataclasses.dataclass(frozen=True)
class Inferred:
    """What the columns of a table of text are.

    Attributes:
        columns: One reading per column.
        decisions: Those that had to be made between equals.
        typed: The table, typed so, where it was wanted and came about on the way.
    """

    columns: list[ColumnReading]
    decisions: list[Decision]
    typed: TypedTable | None = None


def infer_columns(
    table: StoredTable,
    originals: Sequence[str],
    *,
    delimiter: str,
    declared: dict[str, ColumnType],
    exceptions: ExceptionPolicy = "quarantine",
    leave_out: AbstractSet[str] | None = None,
    between: Callable[[], None] = lambda: None,
) -> Inferred:
    """The type and the kind of every column.

    Args:
        table: Text, with or without `LINE`; the values of one column for each thread are held in memory.
        originals: The columns' names as they stand in the file.
        delimiter: What separates cells: a semicolon speaks for decimal commas.
        declared: What the sidecar says of columns, which always wins.
        exceptions: ``text`` has a column text where a single value is not what all the others are.
        leave_out: Columns that a typed table is to lack; None if no such table is wanted.
        between: Called between pieces of the work, from several threads; what it raises ends it.
    """
    names = [name for name in table.schema if name != LINE]
    most = max(_SAMPLE_ROWS[0], min(_SAMPLE_ROWS[1], _SAMPLE_CELLS // max(len(names), 1)))
    spread = _spread(table, names)
    samples = [_sample(spread[name], most) for name in names]
    habits = habits_of(samples, delimiter)
    evidence = _Evidence(names, originals, samples, declared, habits, exceptions)
    ahead = None
    if leave_out is not None and table.height >= _LONG_ROWS and set(names) - leave_out:
        guesses = evidence.guesses(StoredTable.of(spread.select(names)), leave_out)
        ahead = look_ahead(table, guesses, allowed=evidence.allowed, between=between)
    found = evidence.found(table, between, ahead)
    decisions = _about_decimals(found)
    orders = {dates.is_day_first(f.reading.format or "") for f in found if _has_told_order(f)}
    for place, one in enumerate(found):
        if one.other_format is not None:
            column = TextColumn(table, names[place], between, ahead)
            reading, decision = settle_order(one.reading, one.other_format, column, told=orders, habits=habits)
            found[place] = dataclasses.replace(one, reading=reading)
            decisions.append(decision)
    columns = [one.reading for one in found]
    return Inferred(columns, decisions, ahead.typed(columns) if ahead else None)


@dataclasses.dataclass(frozen=True)
class _Evidence:
    """What there is to tell columns by, besides their cells."""

    names: Sequence[str]
    originals: Sequence[str]
    samples: Sequence[Sequence[str]]
    declared: Mapping[str, ColumnType]
    habits: Habits
    exceptions: ExceptionPolicy
    _suggested: dict[str, list[Candidate]] = dataclasses.field(default_factory=dict)

    @property
    def allowed(self) -> float:
        """The largest share of a column's values that may be exceptions."""
        return 0 if self.exceptions == "text" else MAX_EXCEPTIONS

    def found(
        self, table: StoredTable, between: Callable[[], None] = lambda: None, ahead: Ahead | None = None
    ) -> list[_Found]:
        """What each column of a table is."""

        def one(name: str, original: str, sample: Sequence[str]) -> _Found:
            return self._one(TextColumn(table, name, between, ahead), original, sample)

        # Polars lets other threads work while it converts.
        with ThreadPoolExecutor(min(pl.thread_pool_size(), MAX_THREADS)) as threads:
            return list(threads.map(one, self.names, self.originals, self.samples))

    def guesses(self, some: StoredTable, leave_out: Collection[str]) -> dict[str, Guess]:
        """What the columns seem to be by some of their rows."""
        found = zip(self.names, self.found(some), self.samples, strict=True)
        return {
            name: Guess(one.reading.dtype, one.reading.format, self._null_tokens(name, sample))
            for name, one, sample in found
            if name not in leave_out
        }

    def _null_tokens(self, name: str, sample: Sequence[str]) -> Collection[str]:
        """What stands for a missing value in a column that stays text."""
        said = self.declared.get(name)
        is_declared = said is not None and said.type is not None
        return TEXT_NULL_TOKENS if is_declared else _null_tokens(sample)

    def _one(self, column: TextColumn, original: str, sample: Sequence[str]) -> _Found:
        said = self.declared.get(column.name)
        if said is not None and said.type is not None:
            return _Found(as_declared(column, original, said, sample))

        def suggest(odd: Sequence[str]) -> list[Candidate]:
            return self._candidates(column.name, sample, odd)

        fit, was_rounded = best_fit(column, suggest, allowed=self.allowed)
        if fit is None:
            exceptions = self.exceptions
            return _as_text(column, original, sample, was_rounded=was_rounded, exceptions=exceptions)
        return _Found(described(column.name, original, fit.candidate, fit.converted), fit.other_order)

    def _candidates(self, name: str, sample: Sequence[str], odd: Sequence[str]) -> list[Candidate]:
        """The types that a column's sample suggests; without odd texts they are asked for twice."""
        known = self._suggested.get(name)
        if known is not None and not odd:
            return known
        said = self.declared.get(name)
        mark = said.decimal if said else None
        every = candidates(name, sample, self.habits, odd=odd)
        found = [one for one in every if mark is None or one.decimal == mark]
        if not odd:
            self._suggested[name] = found
        return found


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


def _as_text(
    column: TextColumn,
    original: str,
    sample: Sequence[str],
    *,
    was_rounded: bool,
    exceptions: ExceptionPolicy,
) -> _Found:
    words = column.words(_null_tokens(sample))
    if not words.present:
        why = "there are no values"
    elif was_rounded:
        why = "the values have more digits than a number keeps"
    else:
        why = why_text(column, sample, exceptions)
    return _Found(described_as_text(column.name, original, why, words))


def _null_tokens(sample: Sequence[str]) -> Collection[str]:
    return TEXT_NULL_TOKENS - {"na"} if _are_codes(sample) else TEXT_NULL_TOKENS


def _are_codes(sample: Sequence[str]) -> bool:
    """Whether the words are two capitals, as countries' codes are: NA is Namibia there."""
    words = {cell.strip() for cell in sample}
    return len(words) > 2 and all(re.fullmatch(r"[A-Z]{2}", word) for word in words)  # noqa: PLR2004 - 'NA' and one code prove nothing


def _about_decimals(found: Sequence[_Found]) -> list[Decision]:
    commas = [f.reading.name for f in found if f.reading.format and ",5" in f.reading.format]
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
