"""The table over time: which periods there are, and what each of them holds."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import polars as pl

from dsp_pipeline.ml.insights import evidence, words
from dsp_pipeline.ml.insights.grouping import Grouping
from dsp_pipeline.ml.insights.subjects import Indicator

if TYPE_CHECKING:
    from dsp_pipeline.ml.insights.subjects import Breakdown, Measure
    from dsp_pipeline.ml.insights.view import View
    from dsp_pipeline.ml.statistics.arrays import Column, Floats, Integers

Unit: TypeAlias = Literal["year", "month", "week", "day"]

_STEPS: dict[Unit, str] = {"year": "1y", "month": "1mo", "week": "1w", "day": "1d"}
_DAYS: dict[Unit, int] = {"year": 365, "month": 30, "week": 7, "day": 1}
_FEWEST_PERIODS = 12
_MOST_PERIODS = 1_000
_MOST_EMPTY = 0.2
_DAY = dt.timedelta(days=1)
_EPOCH = dt.date(1970, 1, 1)
_MONDAY = 3
"""Days from the Monday of the week that holds 1970-01-01."""


@dataclasses.dataclass(frozen=True)
class Timeline:
    """The full periods of a time column; the first and the last one are left out where they are cut off.

    Attributes:
        column: The time column.
        unit: How long a period is.
        starts: The first day of each period, without gaps.
        end: The first day after the last period.
        codes: Each row's period, -1 outside.
        counts: Rows of each period.
    """

    column: Column
    unit: Unit
    starts: list[dt.date]
    end: dt.date
    codes: np.ndarray[tuple[int], np.dtype[np.int64]]
    counts: Floats

    @functools.cached_property
    def _grouping(self) -> Grouping:
        return Grouping.of(self.codes, len(self.starts))

    @functools.cached_property
    def _labels(self) -> dict[str, Integers]:
        return {}

    def label_counts(self, breakdown: Breakdown) -> Integers:
        """Rows by period and label, counted once for all labels of a column."""
        if breakdown.name not in self._labels:
            self._labels[breakdown.name] = self._grouping.crossed(breakdown.grouping)[:-1, :-1]
        return self._labels[breakdown.name]

    def rows_with(self, measure: Measure) -> Integers:
        """The rows of each period in which the measure has a value."""
        if isinstance(measure, Indicator):
            return np.asarray(self.label_counts(measure.of).sum(axis=1))
        return self._grouping.rows_with(measure)

    def sums(self, measure: Measure) -> Floats:
        """The sum of the measure's values in each period."""
        if isinstance(measure, Indicator):
            return self.label_counts(measure.of)[:, measure.level].astype(np.float64)
        return self._grouping.sums(measure.filled)

    def mean_scores(self, measure: Measure) -> Floats:
        """The mean of the measure's normal scores in each period; NaN in periods without a value.

        Scores of ranks, because averages of a long-tailed measure grow with the number of rows that they are taken
        over; normal ones, because they keep what values far out say (Chernoff & Savage 1958).
        """
        rows = self.rows_with(measure)
        if isinstance(measure, Indicator):
            other, own = measure.distinct_scores
            hits = self.sums(measure)
            sums = own * hits + other * (rows - hits)
        else:
            sums = self._grouping.sums(measure.normal_scores)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(sums / rows)

    def say(self, period: int) -> str:
        """A period as a sentence says it: March 2013, the week of 2013-03-04, 2013-03-04."""
        return self.named(self.starts[period])

    def named(self, start: dt.date) -> str:
        """The period that begins on a day, as a sentence says it."""
        if self.unit == "year":
            return str(start.year)
        if self.unit == "month":
            return f"{words.month_name(start.month)} {start.year}"
        return f"the week of {start}" if self.unit == "week" else str(start)

    def condition(self, first: int, last: int) -> str:
        """The SQL condition for the periods from `first` to `last`, both included."""
        after = self.starts[last + 1] if last + 1 < len(self.starts) else self.end
        day = self.day
        return f"{day} >= DATE '{self.starts[first]}' AND {day} < DATE '{after}'"

    def ordinal(self, period: int) -> int:
        """The number that `ordinal_sql` gives the rows of a period; neighbours are one apart."""
        start = self.starts[period]
        if self.unit == "year":
            return start.year
        if self.unit == "month":
            return 12 * start.year + start.month
        days = (start - _EPOCH).days
        return (days + _MONDAY) // 7 if self.unit == "week" else days

    @property
    def ordinal_sql(self) -> str:
        """The SQL expression for the number of a row's period."""
        day = self.day
        if self.unit == "year":
            return f"EXTRACT(YEAR FROM {day})"
        if self.unit == "month":
            return f"12 * EXTRACT(YEAR FROM {day}) + EXTRACT(MONTH FROM {day})"
        days = f"CAST({day} AS INTEGER)"
        return f"FLOOR(({days} + {_MONDAY}) / 7e0)" if self.unit == "week" else days

    @property
    def whole(self) -> str:
        """The SQL condition for all of its periods."""
        return self.condition(0, len(self.starts) - 1)

    @property
    def day(self) -> str:
        """The SQL expression for a row's day."""
        return f"CAST({evidence.identifier(self.column.name)} AS DATE)"


def timeline(view: View, fewest: int = _FEWEST_PERIODS) -> Timeline | None:
    """The table's timeline in the longest unit that gives so many full periods; None without any."""
    return view.once(("timeline", fewest), lambda: _made(view, fewest))


def _made(view: View, fewest: int) -> Timeline | None:
    column = view.time
    if column is None:
        return None
    days = column.series.cast(pl.Date) if column.series.dtype != pl.Date else column.series
    first, last = days.min(), days.max()
    if not isinstance(first, dt.date) or not isinstance(last, dt.date):
        return None
    for unit in _STEPS:
        made = _in_units(column, days, unit, (first, last), fewest)
        if made is not None:
            return made
    return None


def _in_units(
    column: Column, days: pl.Series, unit: Unit, span: tuple[dt.date, dt.date], fewest: int
) -> Timeline | None:
    first, last = span
    step = _STEPS[unit]
    if (last - first).days > _MOST_PERIODS * _DAYS[unit]:
        return None
    bounds = pl.Series([first, last], dtype=pl.Date).dt.truncate(step)
    starts = pl.date_range(bounds[0], bounds[1], interval=step, eager=True).to_list()
    end = pl.Series([starts[-1]], dtype=pl.Date).dt.offset_by(step)[0]
    if last + _DAY < end:
        end = starts.pop()
    if starts and first > starts[0]:
        starts = starts[1:]
    if len(starts) < fewest:
        return None
    codes = _codes(days, np.array([*starts, end], dtype="datetime64[D]").astype(np.int64))
    counts = np.bincount(codes[codes >= 0], minlength=len(starts))
    if (counts == 0).mean() > _MOST_EMPTY:
        return None
    return Timeline(column, unit, starts, end, codes, counts.astype(np.float64))


def _codes(days: pl.Series, edges: Integers) -> Integers:
    """Each day's period, -1 outside of them and where missing; looked up, which is quicker than a search.

    Args:
        days: A date per row.
        edges: The first day of each period and the day after the last one, since 1970.
    """
    low, high = int(edges[0]), int(edges[-1])
    periods = np.full(high - low + 2, -1, dtype=np.int64)
    periods[1:-1] = np.repeat(np.arange(len(edges) - 1), np.diff(edges))
    numbers = days.to_physical().cast(pl.Int64).fill_null(low - 1).to_numpy()
    return np.asarray(periods[np.clip(numbers, low - 1, high) - (low - 1)])
