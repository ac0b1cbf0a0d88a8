"""How the table runs over time, as series of periods that tests can be made of."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.insights import ChartHint, ChartPoint
from dsp_pipeline.ml.insights import evidence, words
from dsp_pipeline.ml.insights.figures import value_title
from dsp_pipeline.ml.insights.subjects import Indicator
from dsp_pipeline.ml.insights.timeline import timeline

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dsp_pipeline.ml.insights.subjects import Measure
    from dsp_pipeline.ml.insights.timeline import Timeline
    from dsp_pipeline.ml.insights.view import View
    from dsp_pipeline.ml.statistics.arrays import Floats, Integers

MOST_MEASURES = 12
_NOTABLE_SPREAD = 0.2


@dataclasses.dataclass(frozen=True)
class Course:
    """The number of rows, or a measure, over the periods of a timeline.

    Attributes:
        line: The timeline.
        measure: What is measured in each period; None for the number of rows.
        tested: One value per period that tests use: rows, or the mean of the measure's normal scores.
    """

    line: Timeline
    measure: Measure | None
    tested: Floats

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it is about, the measured one first."""
        time = self.line.column.name
        return (time,) if self.measure is None else (self.measure.name, time)

    @property
    def subspace(self) -> Mapping[str, str]:
        """The label whose share it is."""
        measure = self.measure
        return {measure.name: measure.of.levels[measure.level]} if isinstance(measure, Indicator) else {}

    @property
    def rows(self) -> int:
        """The rows in the periods."""
        return int(self.line.counts.sum())

    def impact(self, view: View) -> float:
        """How much of the table it rests on, and how much people care."""
        return self.rows / view.rows * view.interest(*self.columns)

    def value(self, first: int, last: int, *, without: int | None = None) -> float:
        """The rows per period from `first` to `last`, or the measure's average or median in them.

        Args:
            first: The first period.
            last: The last one, included.
            without: A period to leave out.
        """
        if self.measure is not None and self.measure.tail_is_heavy:
            codes = self.line.codes
            rows = self.measure.present & (codes >= first) & (codes <= last)
            if without is not None:
                rows &= codes != without
            return self.measure.middle(rows)
        sums, rows_or_periods = self._totals
        kept = np.arange(first, last + 1)
        if without is not None:
            kept = kept[kept != without]
        return float(sums[kept].sum() / rows_or_periods[kept].sum())

    def sql(self, first: int, last: int, *, without: int | None = None) -> str:
        """What `value` is in SQL."""
        condition = self.line.condition(first, last)
        if without is not None:
            condition = f"({condition}) AND NOT ({self.line.condition(without, without)})"
        if self.measure is None:
            return f"{evidence.rows(condition)} / {last - first + 1 - (without is not None)}e0"
        return self.measure.middle_sql(condition)

    def weight(self, before: float, after: float) -> float:
        """How much a change of the tested values matters, from 0.2 to 1."""
        apart = abs(after - before)
        size = max(abs(before), abs(after)) if self.measure is None else 1.0
        return min(1.0, 0.2 + 2 * apart / size) if size > 0 else 0.2

    def is_notable(self, one: float, other: float, *, least: float) -> bool:
        """Whether two values differ by a share of the larger, or a fifth of the measure's deviation."""
        apart = abs(one - other)
        if apart >= least * max(abs(one), abs(other)):
            return True
        return self.measure is not None and apart >= _NOTABLE_SPREAD * self.measure.spread

    def say(self, value: float) -> str:
        """A value in words."""
        return words.number(value) if self.measure is None else self.measure.say(value)

    def what(self, view: View) -> str:
        """What runs over time: the number of orders per month, the average price."""
        if self.measure is None:
            return f"the number of {view.noun} per {self.line.unit}"
        return f"the {self.measure.middle_of(view.noun)}"

    def span(self, first: int, last: int) -> str:
        """Some periods in words."""
        return self.line.say(first) if first == last else f"{self.line.say(first)} to {self.line.say(last)}"

    def chart(self, view: View, *told: int) -> ChartHint:
        """A line over all periods."""
        what = self.what(view).removeprefix("the ")
        title = (
            f"{view.noun} per {self.line.unit}" if self.measure is None else value_title(view, self.measure, what)
        )
        return ChartHint(
            kind="line",
            columns=[self.line.column.name, *([self.measure.name] if self.measure else [])],
            title=words.sentence(f"{what} over time"),
            value_title=title,
            points=[
                ChartPoint(label=str(start), value=value, told=period in told)
                for period, (start, value) in enumerate(zip(self.line.starts, self.values().tolist(), strict=True))
                if np.isfinite(value)
            ],
        )

    def values(self) -> Floats:
        """The value of each period; NaN where the measure has none."""
        return self._values

    @functools.cached_property
    def _totals(self) -> tuple[Floats, Integers]:
        """What `value` divides in each period: rows by 1, or the measure's sum by the rows that have it."""
        line, measure = self.line, self.measure
        if measure is None:
            return line.counts, np.ones(len(line.counts), dtype=np.int64)
        return line.sums(measure) * (100.0 if measure.is_rate else 1.0), line.rows_with(measure)

    @functools.cached_property
    def _values(self) -> Floats:
        measure = self.measure
        if measure is None or not measure.tail_is_heavy:
            sums, rows = self._totals
            with np.errstate(invalid="ignore", divide="ignore"):
                return np.asarray(sums / rows)
        return measure.middles(self.line.codes, len(self.line.starts))


def courses(view: View, fewest: int) -> Iterator[Course]:
    """The rows, the foremost measures and the shares of labels over at least so many periods, without gaps."""
    line = timeline(view, fewest)
    if line is None:
        return
    yield from view.once(
        ("courses", line.unit), lambda: [Course(line, None, line.counts), *_of_measures(view, line)]
    )


def _of_measures(view: View, line: Timeline) -> Iterator[Course]:
    for measure in (*view.measures[:MOST_MEASURES], *view.indicators):
        values = line.mean_scores(measure)
        if not np.isnan(values).any():
            yield Course(line, measure, values)
