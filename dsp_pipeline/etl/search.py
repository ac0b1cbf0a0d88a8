"""Which type fits a whole column best: those that its sample suggests are tried on every row."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from dsp_pipeline.etl import dates
from dsp_pipeline.etl.casting import NUMBERS, convert
from dsp_pipeline.etl.cells import NULL_TOKENS
from dsp_pipeline.etl.durations import is_duration
from dsp_pipeline.etl.exactness import LONG_DIGITS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import polars as pl

    from dsp_pipeline.etl.candidates import Candidate
    from dsp_pipeline.etl.casting import Converted
    from dsp_pipeline.etl.columns import TextColumn
    from dsp_pipeline.etl.seen import WholeColumn

TEMPORAL = frozenset({"date", "datetime"})
_MAX_ODD = 1_000
_NEARLY = 0.5
"""A type that reads at least this share of the values tells by the others what else there may be."""


@dataclasses.dataclass(frozen=True)
class Fit:
    """A type that a column's values are of, all or nearly all.

    Attributes:
        candidate: The type.
        converted: The column, converted.
        other_order: The format with day and month exchanged, where it fits as well.
    """

    candidate: Candidate
    converted: Converted
    other_order: str | None


def best_fit(
    column: TextColumn, suggest: Callable[[Sequence[str]], Iterable[Candidate]], *, allowed: float
) -> tuple[Fit | None, bool]:
    """The type with the fewest exceptions; of equals the first.

    Args:
        column: The column.
        suggest: The types to try, the narrowest first, given texts that the best of them do not read.
        allowed: The largest share of values that may be exceptions.

    Returns:
        The best type, None where none fits; and whether one was not taken since it would round numbers.
    """
    search = _Search(column, allowed)
    search.run(suggest(()))
    odd = search.odd
    if odd:
        search.run(suggest(odd))
    if search.rounded and (search.best is None or len(search.best.converted.failed)):
        search.run(_as_decimal(one) for one in search.rounded)
    return search.best, bool(search.rounded)


class _Search:
    def __init__(self, column: TextColumn, allowed: float) -> None:
        self._column, self._allowed = column, allowed
        self._tried: set[tuple[str, str | None]] = set()
        self._nearest: tuple[int, pl.Series] | None = None
        self._are_codes = False
        self.best: Fit | None = None
        self.rounded: list[Candidate] = []

    @property
    def odd(self) -> list[str]:
        """Texts that the best type does not read, or the one that came nearest to fitting."""
        if self.best is not None:
            texts = self.best.converted.texts.head(_MAX_ODD)
        elif self._nearest is not None:
            texts = self._nearest[1]
        else:
            return []
        return [text for text in texts.to_list() if text.strip()]

    def run(self, tries: Iterable[Candidate]) -> None:
        """Try each type that was not tried yet, until nothing can be better."""
        for attempt in self._untried(tries):
            if self.best is not None and not self._is_worth_it(attempt, self.best):
                continue
            converted = self._column.converted(attempt.dtype, attempt.form, NULL_TOKENS)
            if not self._holds(attempt, converted):
                continue
            if self.best is None or len(converted.failed) < len(self.best.converted.failed):
                self.best = Fit(attempt, converted, None)
            elif self._is_other_order(attempt) and len(converted.failed) == len(self.best.converted.failed):
                self.best = dataclasses.replace(self.best, other_order=attempt.form)
            if not self._can_be_better(self.best):
                return

    def _untried(self, tries: Iterable[Candidate]) -> Iterator[Candidate]:
        for attempt in tries:
            if (attempt.dtype, attempt.form) not in self._tried:
                self._tried.add((attempt.dtype, attempt.form))
                yield attempt

    @staticmethod
    def _can_be_better(best: Fit) -> bool:
        """Whether there are exceptions, or dates that may be read in the other order."""
        return len(best.converted.failed) > 0 or (
            best.other_order is None and _other_order(best.candidate) is not None
        )

    def _is_other_order(self, attempt: Candidate) -> bool:
        """Whether it is the best format with day and month exchanged."""
        return (
            self.best is not None
            and attempt.form is not None
            and attempt.form == _other_order(self.best.candidate)
        )

    def _is_worth_it(self, attempt: Candidate, best: Fit) -> bool:
        """Whether another type may be better than one that fits: it reads some exceptions, or dates otherwise."""
        if self._is_other_order(attempt):
            return True
        if (best.candidate.dtype in TEMPORAL) != (attempt.dtype in TEMPORAL) or not len(best.converted.failed):
            return False
        texts = best.converted.texts
        again = convert(texts, attempt.dtype, attempt.form, NULL_TOKENS, fold_case=True)
        return len(again.failed) < len(texts)

    def _holds(self, attempt: Candidate, converted: WholeColumn) -> bool:
        """Whether a type fits the whole column: nearly no exceptions, and nothing that it would spoil."""
        failed = len(converted.failed)
        values = len(converted.typed) - converted.typed.null_count() + failed
        if values == failed or failed > self._allowed * values:
            if failed < _NEARLY * values and (self._nearest is None or failed < self._nearest[0]):
                self._nearest = (failed, converted.texts.head(_MAX_ODD))
            if attempt.dtype == "int64":
                self._are_codes |= bool(converted.texts.str.contains(LONG_DIGITS).any())
            return False
        if attempt.dtype == "boolean":
            return failed == 0
        if attempt.dtype not in NUMBERS or is_duration(attempt.form):
            return True
        if self._are_codes or converted.are_codes:
            self._are_codes |= attempt.dtype == "int64"
            return False
        if converted.is_rounded:
            self.rounded.append(attempt)
            return False
        return True


def _other_order(candidate: Candidate) -> str | None:
    return dates.with_other_order(candidate.form or "") if candidate.dtype in TEMPORAL else None


def _as_decimal(candidate: Candidate) -> Candidate:
    """A type that a float would round, as exact decimals."""
    reason = f"{candidate.reason}, kept as exact decimals since they have more digits than a float"
    return dataclasses.replace(candidate, dtype="decimal", reason=reason)
