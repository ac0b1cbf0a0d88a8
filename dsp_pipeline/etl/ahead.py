"""A long table typed while its columns are looked at: what some rows speak for is tried on all, in one pass.

Where every column proves to be what it seemed, the table that the pass has written is the typed one, and the text
is not gone over again. What a column is, is decided as for any other (search.py): here are the answers, ready.
"""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import polars as pl

from dsp_pipeline.etl.casting import MAX_THREADS, POLARS_TYPES, Failure
from dsp_pipeline.etl.cells import NULL_TOKENS
from dsp_pipeline.etl.seen import SeenValues, SeenWords
from dsp_pipeline.etl.tables import StoredTable, TypedTable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from dsp_pipeline.core.artifacts.reading import ColumnReading, Dtype
    from dsp_pipeline.etl.seen import WholeColumn, Words

_MOST_HASHES = 1 << 24
"""Different texts of which the hashes are held, over all columns."""


@dataclasses.dataclass(frozen=True)
class Guess:
    """What a column seems to be.

    Attributes:
        dtype: Its type.
        form: How its values are written.
        words: Texts (lower case) that stand for missing values if it is text.
    """

    dtype: Dtype
    form: str | None
    words: Collection[str]


class _MistakenError(Exception):
    """A column is not what it seemed to be."""


@dataclasses.dataclass(frozen=True)
class Ahead:
    """Columns as they were guessed, looked at as a whole; those that are not text are in ``stored``, typed."""

    stored: StoredTable
    _seen: Mapping[str, SeenValues | SeenWords]

    def converted(
        self, name: str, dtype: Dtype, form: str | None, null_tokens: Collection[str]
    ) -> WholeColumn | None:
        """A column as values of a type; None if another one was tried."""
        seen = self._seen.get(name)
        if not isinstance(seen, SeenValues):
            return None
        if (seen.dtype, seen.form, seen.null_tokens) != (dtype, form, null_tokens):
            return None
        return seen.whole(self.stored.column(name))

    def words(self, name: str, null_tokens: Collection[str]) -> Words | None:
        """What there is to know of a column as text; None if that is not known."""
        seen = self._seen.get(name)
        if not isinstance(seen, SeenWords) or seen.null_tokens != null_tokens or not seen.is_known:
            return None
        return seen.words()

    def typed(self, readings: Sequence[ColumnReading]) -> TypedTable | None:
        """The typed table; None if a column was found to be something else than what it seemed.

        Args:
            readings: What the columns are, in their order; those that are not in the table are passed over.
        """
        failures: list[Failure] = []
        for reading in readings:
            seen = self._seen.get(reading.name)
            if isinstance(seen, SeenWords) and reading.dtype != "string":
                return None
            if isinstance(seen, SeenValues):
                if (seen.dtype, seen.form) != (reading.dtype, reading.format):
                    return None
                rows, values = seen.failures()
                if len(rows):
                    failures.append(Failure(reading, rows, values))
        return TypedTable(self.stored, failures)


def look_ahead(
    table: StoredTable, guesses: Mapping[str, Guess], *, allowed: float, between: Callable[[], None]
) -> Ahead | None:
    """Some columns of a table of text, all looked at and typed in one pass.

    Args:
        table: The table.
        guesses: What its columns seem to be, by name; those that are not named are passed over.
        allowed: The largest share of cells that may be no values of a column's type.
        between: Called between pieces of the work; what it raises ends it.

    Returns:
        None as soon as a column can't be what it seemed to be.
    """
    most = _MOST_HASHES // max(len(guesses), 1)
    seen = {name: _nothing_of(guess, most) for name, guess in guesses.items()}
    pass_over = _frames(table, seen, allowed=allowed, between=between)
    schema = pl.Schema({name: POLARS_TYPES[guess.dtype] for name, guess in guesses.items()})
    try:
        return Ahead(StoredTable.written(pass_over, schema), seen)
    except _MistakenError:
        return None


def _nothing_of(guess: Guess, most: int) -> SeenValues | SeenWords:
    if guess.dtype == "string":
        return SeenWords(guess.words, most=most)
    return SeenValues(guess.dtype, guess.form, NULL_TOKENS)


def _frames(
    table: StoredTable,
    seen: Mapping[str, SeenValues | SeenWords],
    *,
    allowed: float,
    between: Callable[[], None],
) -> Iterator[pl.DataFrame]:
    # Polars lets other threads work while it converts.
    with ThreadPoolExecutor(min(pl.thread_pool_size(), MAX_THREADS)) as threads:
        for batch in table.batches(list(seen)):
            between()
            typed = threads.map(lambda name: seen[name].add(batch[name]).alias(name), seen)  # noqa: B023 - done with it at once
            yield pl.DataFrame(list(typed))
            if any(_is_mistaken(one, allowed * table.height) for one in seen.values()):
                raise _MistakenError


def _is_mistaken(seen: SeenValues | SeenWords, allowed: float) -> bool:
    """Whether a column is certain not to be taken for what it seemed."""
    if isinstance(seen, SeenWords):
        return False
    most = 0 if seen.dtype == "boolean" else allowed
    return seen.failed > most or seen.are_codes or seen.is_rounded
