"""What sentences are about: measures and what they are compared by."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.ml.insights import evidence, words
from dsp_pipeline.ml.statistics.ranks import average_ranks, dense_codes, standardised

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.profile import ColumnProfile
    from dsp_pipeline.ml.statistics.arrays import Booleans, Column, Floats, Integers


_NOTHING = 1e-9


@dataclasses.dataclass(frozen=True)
class Measure:
    """A column whose average means something.

    Attributes:
        column: The column.
        profile: Its profile.
        is_rate: Whether it holds 0 and 1, or false and true, so that its average is a share.
    """

    column: Column
    profile: ColumnProfile
    is_rate: bool

    @property
    def name(self) -> str:
        """The column's name in the table."""
        return self.column.name

    @property
    def said(self) -> str:
        """The column's name in sentences."""
        return words.humanise(self.name)

    @functools.cached_property
    def values(self) -> Floats:
        """Finite numbers, NaN where missing; 0 and 1 for rates."""
        if self.is_rate and not self.column.has_numbers:
            levels = self.column.levels
            positive = levels.names.index("true")
            return np.where(levels.codes < 0, np.nan, (levels.codes == positive).astype(np.float64))
        return self.column.finite

    @functools.cached_property
    def present(self) -> Booleans:
        """Where there is a finite value."""
        return ~np.isnan(self.values)

    @functools.cached_property
    def rank_codes(self) -> Integers:
        """Positions of the values among the distinct ones, -1 where missing."""
        return dense_codes(self.values)

    @functools.cached_property
    def scores(self) -> Floats:
        """Ranks scaled to mean 0 and mean square 1, with 0 where missing."""
        scores = np.zeros(len(self.values))
        scaled = standardised(average_ranks(self.rank_codes, self.present)) if self.present.any() else None
        if scaled is not None:
            scores[self.present] = scaled
        return scores

    @property
    def sql(self) -> str:
        """The value in SQL, null where it is not finite."""
        quoted = evidence.identifier(self.name)
        if self.is_rate:
            positive = "1" if self.column.series.dtype.is_numeric() else "TRUE"
            return f"CASE WHEN {quoted} = {positive} THEN 1e2 WHEN {quoted} IS NOT NULL THEN 0e0 END"
        series = self.column.series
        if series.dtype.is_float() and not series.drop_nulls().is_finite().all():
            return f"CASE WHEN ABS({quoted}) <= 1.7976931348623157e308 THEN {quoted} END"
        return quoted

    @property
    def tail_is_heavy(self) -> bool:
        """Whether single values decide the average, so that medians are the ones to quote."""
        kurtosis = self.profile.statistics.get("kurtosis")
        return isinstance(kurtosis, float) and kurtosis > max(100.0, 0.02 * self.profile.count)

    @property
    def typical(self) -> str:
        """What stands for many values in a sentence: the average, or the median where the tail is heavy."""
        return "median" if self.tail_is_heavy else "average"

    def middle(self, rows: Booleans) -> float:
        """The average (or median, as `typical` says) of chosen rows with values; a percentage for rates."""
        chosen = self.values[rows]
        value = float(np.median(chosen) if self.tail_is_heavy else chosen.mean())
        return 100 * value if self.is_rate else value

    def middle_sql(self, condition: str) -> str:
        """What `middle` is in SQL."""
        return (evidence.median if self.tail_is_heavy else evidence.average)(self.sql, condition)

    def say(self, value: float) -> str:
        """A value of this measure with its unit; a percentage for rates, which come in as such.

        What is nothing beside the measure's spread is said as 0: averages of centred columns miss it by rounding.
        """
        spread = self.profile.statistics.get("std")
        if isinstance(spread, float) and abs(value) < _NOTHING * spread:
            value = 0.0
        return f"{words.number(value)}%" if self.is_rate else words.quantity(value, self.name)


@dataclasses.dataclass(frozen=True)
class Breakdown:
    """A column with few enough values to compare by.

    Attributes:
        column: The column.
        part: The part of the calendar that it holds, if it does.
    """

    column: Column
    part: str | None

    @property
    def name(self) -> str:
        """The column's name in the table."""
        return self.column.name

    @property
    def said(self) -> str:
        """The column's name in sentences."""
        return words.humanise(self.name)

    @property
    def levels(self) -> list[str]:
        """The values as text, commonest first."""
        return self.column.levels.names

    @property
    def codes(self) -> Integers:
        """Each row's position in `levels`, -1 where missing."""
        return self.column.levels.codes

    @property
    def counts(self) -> Integers:
        """How often each level occurs."""
        return self.column.levels.counts

    def say(self, level: int) -> str:
        """A level as a sentence says it: July, 17:00, carrier UA."""
        value = self.levels[level]
        if self.part == "month" and 1 <= int(value) <= 12:  # noqa: PLR2004 - the months there are
            return words.month_name(int(value))
        if self.part == "hour":
            return f"{int(value)}:00"
        if self.part == "year":
            return value
        if self.column.series.dtype.is_float() and not value.lstrip("-").isdigit():
            return f"{self.said} {words.number(float(value))}"
        return f"{self.said} {words.printable(value) or '(blank)'}"

    def at(self, level: int) -> str:
        """A level with its preposition: in July, at 17:00, for carrier UA."""
        preposition = {"month": "in", "year": "in", "hour": "at"}.get(self.part or "", "for")
        return f"{preposition} {self.say(level)}"

    def condition(self, level: int) -> str:
        """The SQL condition for a level."""
        value, quoted = self.levels[level], evidence.identifier(self.name)
        dtype = self.column.series.dtype
        if dtype.is_numeric():
            return f"{quoted} = {evidence.literal(float(value))}"
        return (
            f"{quoted} = {value.upper()}"
            if self.column.kind is ColumnKind.BOOLEAN
            and value
            in {
                "true",
                "false",
            }
            else f"{quoted} = {evidence.text(value)}"
        )
