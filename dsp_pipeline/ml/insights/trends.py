"""What rises or falls over time, and the period that stands out."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.insights import ChartHint
from dsp_pipeline.ml.insights import evidence, words
from dsp_pipeline.ml.insights.courses import Course, courses
from dsp_pipeline.ml.insights.intervals import kendall_interval
from dsp_pipeline.ml.insights.pattern import Measured, Pattern, Wording
from dsp_pipeline.ml.insights.timeline import timeline
from dsp_pipeline.ml.statistics.series.trend import mann_kendall
from dsp_pipeline.ml.statistics.series.wandering import trend_test, variance_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsp_pipeline.ml.insights.timeline import Timeline
    from dsp_pipeline.ml.insights.view import View
    from dsp_pipeline.ml.statistics.series.trend import MannKendall

_FEWEST_PERIODS = 12
_MANY_PERIODS = 40
_NOTABLE_CHANGE = 0.05
_FACT = 0.45
_NOTABLY_BUSY = 0.25


class Trend(Pattern[Course]):
    """Rows, a measure's average or a label's share that rise or fall over time."""

    type = "trend"
    topic = "course"
    least_effect = 0.4
    may_lack_words = True

    def measure(self, view: View) -> Iterator[Measured[Course]]:
        """Rows per period and the mean scores of the foremost measures, by Mann and Kendall.

        Where there are forty shorter periods, p is theirs: a hundred weeks tell a line from noise and from a walk
        better than two dozen months do (docs/decisions/0022). The effect is that of the long ones, which are told.
        """
        shorter = {(each.columns, *each.subspace.values()): each for each in courses(view, _MANY_PERIODS)}
        for course in courses(view, _FEWEST_PERIODS):
            values = course.tested
            times, third = np.arange(len(values), dtype=float), len(values) // 3
            test = mann_kendall(times, values)
            if test is None:
                continue
            p, variance = _tested(test, course, shorter.get((course.columns, *course.subspace.values()), course))
            yield Measured(
                columns=course.columns,
                n=course.rows,
                effect=test.tau,
                effect_name=f"Kendall's tau over {len(values)} {course.line.unit}s",
                strength=abs(test.tau) * course.weight(values[:third].mean(), values[-third:].mean()),
                impact=course.impact(view),
                detail=course,
                p=p,
                ci=kendall_interval(test.tau, variance, len(values)),
                subspace=course.subspace,
            )

    def word(self, view: View, found: Measured[Course]) -> Wording | None:
        """The average of the first third of periods and of the last."""
        course, line = found.detail, found.detail.line
        size = len(line.starts)
        spans = [(0, size // 3 - 1), (size - size // 3, size - 1)]
        first, last = (course.value(*span) for span in spans)
        if (last - first) * found.effect <= 0 or not course.is_notable(first, last, least=_NOTABLE_CHANGE):
            return None
        return Wording(
            statement=words.sentence(
                f"{course.what(view)} {'rises' if found.effect > 0 else 'falls'} over time: from "
                f"{course.say(first)} ({course.span(*spans[0])}) to {course.say(last)} ({course.span(*spans[1])})."
            ),
            action="Plan with the latest periods: an average over all of them misleads.",
            evidence=evidence.select((course.sql(*spans[0]), "first"), (course.sql(*spans[1]), "last")),
            chart=course.chart(view, spans[0][0], spans[1][1]),
        )


def _tested(test: MannKendall, told: Course, course: Course) -> tuple[float, float]:
    """The p of a trend in a course, and the variance of S in the one that is told with which it has that p."""
    values = course.tested
    times = np.arange(len(values), dtype=float)
    own = test if course is told else mann_kendall(times, values)
    if own is None or own.s * test.s < 0:
        return 1.0, math.inf
    tested = trend_test(own, times, values)
    return tested.p, tested.variance if course is told else max(test.variance, variance_of(test.s, tested.p))


@dataclasses.dataclass(frozen=True)
class Peak:
    """The period with the most rows."""

    line: Timeline
    period: int
    mean: float


class BusiestPeriod(Pattern[Peak]):
    """The period with the most rows."""

    type = "busiest_period"

    def measure(self, view: View) -> Iterator[Measured[Peak]]:
        """One candidate where it has a quarter more than the average period at least."""
        line = timeline(view)
        if line is None:
            return
        mean, period = float(line.counts.mean()), int(np.argmax(line.counts))
        above = float(line.counts[period] / mean - 1)
        if above >= _NOTABLY_BUSY:
            yield Measured(
                columns=(line.column.name,),
                n=int(line.counts.sum()),
                effect=above,
                effect_name="rows above the average period, as a share of it",
                strength=min(1.0, _FACT + above / 4),
                impact=_FACT,
                detail=Peak(line, period, mean),
            )

    def word(self, view: View, found: Measured[Peak]) -> Wording:
        """Its rows, and those of an average period."""
        line, period = found.detail.line, found.detail.period
        everything = evidence.rows(line.condition(0, len(line.starts) - 1))
        return Wording(
            statement=words.sentence(
                f"{line.say(period)} is the {line.unit} with the most {view.noun}: "
                f"{words.count(int(line.counts[period]))}, against {words.number(found.detail.mean)} in an "
                f"average {line.unit}."
            ),
            action=f"Check what happened in {line.say(period)} before taking it for normal.",
            evidence=evidence.select(
                (evidence.rows(line.condition(period, period)), "rows"),
                (f"{everything} / {len(line.starts)}e0", "average"),
            ),
            chart=ChartHint(kind="line", columns=[line.column.name]),
        )
