"""One figure about two columns, before the false discovery rate over all of them is known."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from dsp_pipeline.ml.statistics.ranks import dense_codes
from dsp_pipeline.ml.statistics.significance import TWO_SIDED_95

if TYPE_CHECKING:
    from dsp_pipeline.ml.statistics.arrays import Column, Floats, Integers

MOST_LEVELS = 100

ORDER = (
    "pearson",
    "spearman",
    "kendall",
    "cramers_v",
    "theils_u",
    "correlation_ratio",
    "mutual_information",
    "partial_pearson",
)
"""The measures of one pair in the order in which they are listed."""


@dataclasses.dataclass(frozen=True)
class Variable:
    """A column ready to be measured.

    Attributes:
        name: The column's name.
        position: Its place among the columns that are measured.
        codes: Codes of labels (commonest first) or of the ranks of numbers, from 0; -1 is missing.
        numbers: The finite values of a column of numbers or points in time, NaN where missing; None for labels.
        levels: Number of labels; 0 for numbers.
        is_temporal: Whether the numbers are points in time.
    """

    name: str
    position: int
    codes: Integers
    numbers: Floats | None
    levels: int
    is_temporal: bool = False

    def restricted(self, rows: Integers) -> Variable:
        """The column on some rows only."""
        numbers = None if self.numbers is None else self.numbers[rows]
        return dataclasses.replace(self, codes=self.codes[rows], numbers=numbers)


def variable_of(column: Column, position: int, rows: Integers | None = None) -> Variable:
    """A column as it is measured, on all rows or some: labels beyond the `MOST_LEVELS` commonest are one."""
    if column.has_numbers or column.is_temporal or column.is_time_of_day:
        numbers = column.finite if rows is None else column.finite[rows]
        return Variable(column.name, position, dense_codes(numbers), numbers, 0, is_temporal=column.is_temporal)
    codes = column.levels.lumped(MOST_LEVELS)
    levels = min(len(column.levels.names), MOST_LEVELS)
    return Variable(column.name, position, codes if rows is None else codes[rows], None, levels)


_CORRELATIONS = frozenset({"pearson", "spearman", "correlation_ratio"})


@dataclasses.dataclass(frozen=True, slots=True)
class Measured:
    """One measure of one pair; what `Association` says about it, without q.

    Attributes:
        a: Position of the first column.
        b: Position of the second.
        measure: One of `ORDER`.
        value: Its value.
        n: Rows with both values that it rests on.
        p: Its p; None where none can be given.
        error: Half a 95 % interval around the value over all rows, where `n` of them were sampled.
        given: Position of the column that was held constant.
    """

    a: int
    b: int
    measure: str
    value: float
    n: int
    p: float | None
    error: float | None = None
    given: int | None = None

    @property
    def pair(self) -> tuple[int, int]:
        """The two positions in ascending order."""
        return (self.a, self.b) if self.a < self.b else (self.b, self.a)

    @property
    def place(self) -> tuple[tuple[int, int], int, int]:
        """What the list of all figures is sorted by."""
        return (self.pair, ORDER.index(self.measure), self.a)

    def of_a_sample(self) -> Measured:
        """The figure with its error, if its rows are a sample and it is a correlation: ``1 - r^2`` by root n.

        By the delta method for normal values; of ranks it is larger by the root of ``1 + r^2 / 2`` (Bonett &
        Wright 2000, Psychometrika 65:23-28), of the correlation ratio as of a multiple correlation (Olkin & Finn
        1995, Psychol. Bull. 118:155-164).
        """
        if self.measure not in _CORRELATIONS:
            return self
        square = self.value**2
        ranks = 1 + square / 2 if self.measure == "spearman" else 1.0
        return dataclasses.replace(self, error=TWO_SIDED_95 * (1 - square) * (ranks / self.n) ** 0.5)
