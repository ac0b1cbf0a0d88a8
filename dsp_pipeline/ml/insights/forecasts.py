"""What the next period holds if a course goes on as a straight line, where such a line has predicted before."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from dsp_pipeline.core.artifacts.insights import ChartPoint
from dsp_pipeline.ml.insights import evidence, words
from dsp_pipeline.ml.insights.courses import Course, courses
from dsp_pipeline.ml.insights.pattern import Measured, Pattern, Wording
from dsp_pipeline.ml.statistics.series.trend import mann_kendall
from dsp_pipeline.ml.statistics.series.wandering import trend_test
from dsp_pipeline.ml.statistics.significance import TWO_SIDED_95

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsp_pipeline.ml.insights.view import View
    from dsp_pipeline.ml.statistics.arrays import Floats

_FEWEST_PERIODS = 40
_LEVEL = 0.975


@dataclasses.dataclass(frozen=True)
class Forecast:
    """A course with its next value.

    Attributes:
        course: The course.
        value: What the line gives for the period after the last one.
        low: The lower end of the 95 % prediction interval.
        high: Its upper end.
        quantile: Student's 97.5 % point that it was made with.
    """

    course: Course
    value: float
    low: float
    high: float
    quantile: float


class NextPeriod(Pattern[Forecast]):
    """The next period by a straight line through all, with its 95 % interval."""

    type = "forecast"
    acts = "watch"
    least_effect = 0.15

    def measure(self, view: View) -> Iterator[Measured[Forecast]]:
        """Each course whose line beats the average of all earlier periods in the second half of them.

        Every period of the second half is predicted from those before it, by the line and by their average. The
        null hypothesis is that either is nearer as often as the other; a sign test counts. Errors of neighbours
        depend on each other, so that only every second period counts. A series that wanders is nearer to its line
        too: the test of a trend has to be passed as well, and the larger p counts.
        """
        for course in courses(view, _FEWEST_PERIODS):
            values = course.values()
            if course.measure is not None and course.measure.tail_is_heavy:
                continue
            line, mean = _errors(values)
            wins, tries, skill = _backtest(line, mean)
            made = _next(course, values)
            yield Measured(
                columns=course.columns,
                n=course.rows,
                effect=skill,
                effect_name="error that the line saves against the average of earlier periods, as a share of it",
                strength=min(1.0, 0.3 + max(0.0, skill) / 2),
                impact=0.7 * course.impact(view),
                detail=made,
                p=max(_rises_p(values), float(special.bdtrc(wins - 1, tries, 0.5))) if wins else 1.0,
                ci=_skill_interval(line, mean),
                subspace=course.subspace,
                confirmed_on=tries,
            )

    def word(self, view: View, found: Measured[Forecast]) -> Wording | None:
        """The next value with its interval, and the last one; None where the interval leaves what is possible."""
        made, course, line = found.detail, found.detail.course, found.detail.course.line
        size = len(line.starts)
        last = course.value(size - 1, size - 1)
        least, most = _bounds(course)
        if made.low < least or made.high > most:
            return None
        chart = course.chart(view)
        following = ChartPoint(label=str(line.end), value=made.value, told=True, low=made.low, high=made.high)
        return Wording(
            statement=words.sentence(
                f"{course.what(view)} comes to {course.say(made.value)} in {line.named(line.end)} if it keeps to "
                f"its straight line (95% interval {course.say(made.low)} to {course.say(made.high)}); in "
                f"{line.say(size - 1)} it was {course.say(last)}."
            ),
            action=(
                f"Plan with the interval, and watch for a {line.unit} outside it: the course may have changed."
            ),
            evidence=_query(made, last_sql=course.sql(size - 1, size - 1)),
            chart=chart.model_copy(update={"points": [*chart.points, following]}),
        )


def _bounds(course: Course) -> tuple[float, float]:
    """Between what values can lie: shares within 0 and 100 %, and nothing below 0 where no value has been."""
    measure = course.measure
    if measure is None:
        return 0.0, math.inf
    if measure.is_rate:
        return 0.0, 100.0
    least = measure.profile.statistics.get("min")
    return (0.0 if isinstance(least, float) and least >= 0 else -math.inf), math.inf


def _rises_p(values: Floats) -> float:
    times = np.arange(len(values), dtype=np.float64)
    test = mann_kendall(times, values)
    return 1.0 if test is None else trend_test(test, times, values).p


def _line_at(values: Floats, time: float) -> float:
    times = np.arange(len(values), dtype=np.float64)
    centred = times - times.mean()
    return float(values.mean() + centred @ values / (centred @ centred) * (time - times.mean()))


def _errors(values: Floats) -> tuple[Floats, Floats]:
    """What the line and the average miss each period of the second half by."""
    n = len(values)
    places = range(n // 2, n)
    line = [abs(_line_at(values[:place], place) - values[place]) for place in places]
    mean = [abs(float(values[:place].mean()) - values[place]) for place in places]
    return np.array(line), np.array(mean)


def _backtest(line: Floats, mean: Floats) -> tuple[int, int, float]:
    """How often the line is nearer, of how many tries, and what it saves, by the errors of both."""
    nearer = (line < mean)[::2]
    return int(nearer.sum()), len(nearer), 1 - float(line.mean() / mean.mean()) if mean.mean() > 0 else 0.0


def _skill_interval(line: Floats, mean: Floats) -> tuple[float, float]:
    """The 95 % interval of what the line saves, from the spread of the differences of errors."""
    if not mean.mean() > 0:
        return 0.0, 0.0
    saved = (mean - line)[::2]
    half = TWO_SIDED_95 * float(saved.std(ddof=1)) / math.sqrt(len(saved))
    centre = float((mean - line).mean())
    return (centre - half) / float(mean.mean()), (centre + half) / float(mean.mean())


def _next(course: Course, values: Floats) -> Forecast:
    """The line at the next period, with the interval for one more value (Draper & Smith, section 1.4)."""
    n = len(values)
    times = np.arange(n, dtype=np.float64)
    centred = times - times.mean()
    slope = float(centred @ values / (centred @ centred))
    rest = values - values.mean() - slope * centred
    variance = float(rest @ rest) / (n - 2)
    ahead = n - float(times.mean())
    quantile = float(special.stdtrit(n - 2, _LEVEL))
    half = quantile * math.sqrt(variance * (1 + 1 / n + ahead**2 / float(centred @ centred)))
    value = float(values.mean()) + slope * ahead
    return Forecast(course, value, value - half, value + half, quantile)


def _query(made: Forecast, *, last_sql: str) -> str:
    """The line and its interval from sums over the periods, as a query."""
    course, line = made.course, made.course.line
    first = line.ordinal(0)
    value = "COUNT(*)" if course.measure is None else evidence.average(course.measure.sql)
    place = f"MIN({line.ordinal_sql}) - {first}"
    periods = evidence.grouped(
        line.ordinal_sql, [(f"1e0 * ({place})", "i"), (f"1e0 * {value}", "y")], where=line.whole
    )
    sums = evidence.select(
        ("1e0 * COUNT(*)", "n"),
        ("AVG(i)", "mi"),
        ("AVG(y)", "my"),
        ("AVG(i * y) - AVG(i) * AVG(y)", "c"),
        ("AVG(i * i) - AVG(i) * AVG(i)", "v"),
        ("AVG(y * y) - AVG(y) * AVG(y)", "w"),
        source=periods,
    )
    middle = "my + c / v * (n - mi)"
    half = (
        f"{evidence.literal(made.quantile)} * SQRT(n * (w - c * c / v) / (n - 2) "
        "* (1 + 1 / n + (n - mi) * (n - mi) / (n * v)))"
    )
    return evidence.select(
        (middle, "next"),
        (f"{middle} - {half}", "low"),
        (f"{middle} + {half}", "high"),
        (evidence.figure(last_sql), "last"),
        source=f"({sums}) AS sums",
    )
