"""What sentences are about: measures and what they are compared by."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.ml.insights import evidence, words
from dsp_pipeline.ml.insights.grouping import Grouping, means_by, medians_by
from dsp_pipeline.ml.statistics.ranks import dense_codes, dot

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.profile import ColumnProfile
    from dsp_pipeline.ml.statistics.arrays import Booleans, Column, Floats, Integers


_NOTHING = 1e-9
_SEEN = 0.1
_TWO = 2
_POSITIONS = frozenset({"latitude", "longitude"})
"""What the profile calls columns of coordinates."""


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

    def share_of(self, noun: str) -> str:
        """What the average of a rate is the share of: share of returned orders, share of orders with discount."""
        return f"share of {words.those_with(noun, self.said)}"

    @property
    def is_position(self) -> bool:
        """Whether it is a latitude or a longitude: what lies where may go with it, its own average says little."""
        return self.profile.meaning is not None and self.profile.meaning.name in _POSITIONS

    @functools.cached_property
    def counted(self) -> str:
        """What is averaged: price, number of complaints."""
        return f"number of {self.said}" if counts_things(self.column, self.profile) else self.said

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
    def absent(self) -> Integers:
        """The rows without a value."""
        return np.flatnonzero(~self.present)

    @functools.cached_property
    def filled(self) -> Floats:
        """The values with 0 where missing, for sums."""
        return np.where(self.present, self.values, 0.0) if len(self.absent) else self.values

    @functools.cached_property
    def _codes(self) -> Integers:
        """Positions of the values among the distinct ones, -1 where missing."""
        if not self.is_rate:
            return dense_codes(self.values)
        codes = np.where(self.present, self.values, -1).astype(np.int64)
        return codes if (codes == 0).any() else np.minimum(codes, 0)

    @functools.cached_property
    def _occurrences(self) -> Integers:
        """How often each distinct value occurs, the smallest first."""
        return np.bincount(self._codes[self.present] if len(self.absent) else self._codes)

    @functools.cached_property
    def scores(self) -> Floats:
        """Ranks scaled to mean 0 and mean square 1, with 0 where missing."""
        return self._of_rows(self.distinct_scores)

    @functools.cached_property
    def sum_of_squares(self) -> float:
        """That of the scores."""
        return dot(self.scores, self.scores)

    @functools.cached_property
    def normal_scores(self) -> Floats:
        """What normal values of the same ranks would be (van der Waerden), scaled as `scores` are."""
        if self.is_rate:
            return self.scores
        n = int(self._occurrences.sum())
        return self._of_rows(self._scaled(np.asarray(special.ndtri(self._ranks / (n + 1)))))

    @functools.cached_property
    def distinct_scores(self) -> Floats:
        """The score of each distinct value, the smallest first."""
        return self._scaled(self._ranks)

    @property
    def _ranks(self) -> Floats:
        """The rank of each distinct value, ties sharing their mean."""
        counts = self._occurrences
        if len(counts) and counts.max() == 1:
            return np.arange(1, len(counts) + 1, dtype=np.float64)
        return np.asarray(np.cumsum(counts) - (counts - 1) / 2)

    def _scaled(self, table: Floats) -> Floats:
        """One value for each distinct one, scaled over all rows; 0 where nothing varies."""
        counts = self._occurrences
        if len(counts) < _TWO:
            return np.zeros(len(counts))
        table = table - dot(counts.astype(np.float64), table) / counts.sum()
        table /= np.sqrt(dot(counts * table, table) / counts.sum())
        return table

    def _of_rows(self, table: Floats) -> Floats:
        # Missing values have code -1, which is the last place.
        return np.asarray(np.append(table, 0.0)[self._codes])

    @property
    def spread(self) -> float:
        """The standard deviation of the values, of percentages for rates."""
        values = self.values[self.present]
        return float(values.std()) * (100 if self.is_rate else 1) if len(values) else 0.0

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

    def middles(self, codes: Integers, size: int) -> Floats:
        """`middle` of the rows of each of so many groups, those with codes below 0 left out; NaN without rows."""
        rows = codes >= 0
        if len(self.absent):
            rows &= self.present
        values, codes = (self.values, codes) if rows.all() else (self.values[rows], codes[rows])
        found = medians_by(values, codes, size) if self.tail_is_heavy else means_by(values, codes, size)
        return 100 * found if self.is_rate else found

    def middle_of(self, noun: str) -> str:
        """What `middle` is called: share of returned orders, average price, median number of complaints."""
        return self.share_of(noun) if self.is_rate else f"{self.typical} {self.counted}"

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
        if self.is_rate:
            return words.percent(value / 100)
        # A tenth of the spread is a difference that tests find and readers have to see.
        step = _SEEN * spread if isinstance(spread, float) and spread > 0 else None
        return words.quantity(value, self.name, step=step)


def counts_things(column: Column, profile: ColumnProfile) -> bool:
    """Whether whole numbers count what the column is called after: complaints, items."""
    said, low = words.humanise(column.name), profile.statistics.get("min")
    is_plural = said.isalpha() and said.islower() and words.singular(said) != said
    return column.kind is ColumnKind.INTEGER and is_plural and isinstance(low, float) and low >= 0


@dataclasses.dataclass(frozen=True)
class Breakdown:
    """A column with few enough values to compare by.

    Attributes:
        column: The column.
        part: The part of the calendar that it holds, if it does.
        is_count: Whether its values say how many there are of what it is called after.
        flagged: What rows are called, in the plural, if its values say whether it holds for them; else empty.
    """

    column: Column
    part: str | None
    is_count: bool = False
    flagged: str = ""

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

    @functools.cached_property
    def grouping(self) -> Grouping:
        """All rows by level."""
        return Grouping.of(self.codes, len(self.levels))

    def say(self, level: int) -> str:
        """A level as a sentence says it: July, 17:00, carrier UA."""
        value = self.levels[level]
        if self.part:
            return self._part_of_calendar(value)
        if self.flagged:
            return words.those_with(self.flagged, self.said, are=value in {"true", "1"})
        if self.is_count:
            return words.amount(int(value), self.said)
        if self.column.series.dtype.is_float() and not value.lstrip("-").isdigit():
            return f"{self.said} {words.number(float(value))}"
        return f"{self.said} {words.printable(value) or '(blank)'}"

    def _part_of_calendar(self, value: str) -> str:
        if self.part == "month" and 1 <= int(value) <= 12:  # noqa: PLR2004 - the months there are
            return words.month_name(int(value))
        if self.part == "hour":
            return f"{int(value)}:00"
        return value if self.part == "year" else f"{self.said} {words.printable(value)}"

    def at(self, level: int) -> str:
        """A level with its preposition: in July, at 17:00, for carrier UA."""
        preposition = {"month": "in", "year": "in", "hour": "at"}.get(
            self.part or "", "with" if self.is_count else "for"
        )
        return f"{preposition} {self.say(level)}"

    def values_of(self, compared: int) -> str:
        """What so many of its values are called: values of shop, or compared values of shop if there are more."""
        return f"{'compared ' if compared < len(self.levels) else ''}values of {self.said}"

    def at_others(self, level: int) -> str:
        """All rows but a level's, with their preposition: for sex m, for all other values of shop together."""
        if len(self.levels) == _TWO:
            return self.at(1 - level)
        return f"for all other values of {self.said} together"

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

    def other_than(self, level: int) -> str:
        """The SQL condition for every other level."""
        return f"{evidence.identifier(self.name)} IS NOT NULL AND NOT ({self.condition(level)})"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Indicator(Measure):
    """A label as a flag: 1 where a column has it, 0 where another, so that its average is the label's share.

    Attributes:
        of: The column of labels.
        level: The label's position.
    """

    of: Breakdown
    level: int

    @property
    def said(self) -> str:
        """The label as a sentence says it."""
        return self.of.say(self.level)

    @functools.cached_property
    def values(self) -> Floats:
        """1 where the label is, 0 where another is, NaN where missing."""
        codes = self.of.codes
        return np.where(codes < 0, np.nan, (codes == self.level).astype(np.float64))

    @functools.cached_property
    def _occurrences(self) -> Integers:
        """Rows with another label, and with this one."""
        hits = self.of.counts[self.level]
        return np.array([self.of.counts.sum() - hits, hits])

    @property
    def sql(self) -> str:
        """A percentage in SQL, null where the label is missing."""
        return (
            f"CASE WHEN {self.of.condition(self.level)} THEN 1e2 "
            f"WHEN {evidence.identifier(self.name)} IS NOT NULL THEN 0e0 END"
        )

    @property
    def tail_is_heavy(self) -> bool:
        """Never: the average of a flag is its share."""
        return False

    def say(self, value: float) -> str:
        """A share, which comes in as a percentage."""
        return words.percent(value / 100)
