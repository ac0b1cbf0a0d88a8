"""Single periods that stand apart from those around them, and shares that no period changes."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from dsp_pipeline.ml.insights import evidence, words
from dsp_pipeline.ml.insights.courses import Course, courses
from dsp_pipeline.ml.insights.pattern import Measured, Pattern, Wording
from dsp_pipeline.ml.insights.subjects import Indicator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsp_pipeline.ml.insights.timeline import Timeline
    from dsp_pipeline.ml.insights.view import View
    from dsp_pipeline.ml.statistics.arrays import Floats, Integers

_FEWEST_PERIODS = 40
_NEIGHBOURS = 3
_NORMAL_QN = 2.21914
_FEWEST_REPEATS = 8
_NOTABLE_CHANGE = 0.1
_ROWS_A_PERIOD = 5
_NONE = 0.01


@dataclasses.dataclass(frozen=True)
class Point:
    """A period of a course, and its neighbours.

    Attributes:
        course: The course.
        at: The period.
        first: The first of its neighbours.
        last: The last of them, up to three on either side.
    """

    course: Course
    at: int
    first: int
    last: int


class UnusualPoint(Pattern[Point]):
    """A period far above or below those around it."""

    type = "unusual_point"
    least_effect = 4.0
    may_lack_words = True

    def measure(self, view: View) -> Iterator[Measured[Point]]:
        """The period of each course that lies furthest from the median of its neighbours.

        What repeats with the week or the year is taken off before, and each distance is weighed by the root of
        the period's rows where it is a measure's mean.
        """
        for course in courses(view, _FEWEST_PERIODS):
            distances = _distances(course)
            if distances is None:
                continue
            at, p = farthest(distances)
            distance, n = float(distances[at]), len(distances)
            yield Measured(
                columns=course.columns,
                n=course.rows,
                effect=distance,
                effect_name=f"robust standard deviations of the {course.line.unit}s around it",
                strength=min(1.0, 0.3 + abs(distance) / 40),
                impact=0.6 * course.impact(view),
                detail=Point(course, at, max(0, at - _NEIGHBOURS), min(n - 1, at + _NEIGHBOURS)),
                p=p,
                ci=(distance - 2, distance + 2),
                subspace={**course.subspace, course.line.unit: course.line.say(at)},
            )

    def word(self, view: View, found: Measured[Point]) -> Wording | None:
        """The period's figure, and that of its neighbours together."""
        point = found.detail
        course, at = point.course, point.at
        here, around = course.value(at, at), course.value(point.first, point.last, without=at)
        apart = here - around
        if apart * found.effect <= 0 or not course.is_notable(here, around, least=_NOTABLE_CHANGE):
            return None
        name = course.line.say(at)
        return Wording(
            statement=words.sentence(
                f"{course.what(view)} is unusually {'high' if apart > 0 else 'low'} in {name}: "
                f"{course.say(here)}, "
                f"against {course.say(around)} in the {point.last - point.first} {course.line.unit}s around it."
            ),
            action=f"Check what happened in {name}, or whether its rows are complete, before averaging over it.",
            evidence=evidence.select(
                (course.sql(at, at), "here"),
                (course.sql(point.first, point.last, without=at), "around"),
                (evidence.literal(point.last - point.first), "periods"),
            ),
            chart=course.chart(view, at),
        )


def _distances(course: Course) -> Floats | None:
    """Each period's distance from the median of its neighbours; None where most periods are alike."""
    rest = course.tested - _repeating(course.line, course.tested)
    if course.measure is None:
        return standardised(rest)
    rows = course.line.rows_with(course.measure)
    return standardised(rest, rows) if rows.min() >= _ROWS_A_PERIOD else None


def standardised(values: Floats, rows: Integers | None = None) -> Floats | None:
    """Each value's distance from the median of its neighbours in robust standard deviations.

    Args:
        values: A series without gaps.
        rows: How many rows each value is the mean of, where it is one.

    Returns:
        None where most values are alike.
    """
    apart = values - _median_around(values)
    if rows is not None:
        apart = apart * np.sqrt(rows)
    spread = qn(apart)
    return np.asarray(apart / spread) if spread > 0 else None


def farthest(distances: Floats) -> tuple[int, float]:
    """The place of the largest distance, and its p.

    The p is Student's times the number of periods (Bonferroni), with half of that number as degrees of freedom: of
    1,000 series of 24 to 104 normal values each, at most 3.5 % have p <= 0.05 and 0.3 % have p <= 0.005; of 365
    values, 5 % and 0.8 %.
    """
    at, n = int(np.argmax(np.abs(distances))), len(distances)
    return at, min(1.0, 2 * n * float(special.stdtr(n / 2, -abs(float(distances[at])))))


def qn(values: Floats) -> float:
    """The spread Qn of Rousseeuw & Croux (1993, J. Am. Stat. Assoc. 88:1273-1283): a quarter of pairs is nearer.

    Like the median deviation it bears half of the values being anything, and of normal ones it needs 45 where that
    needs 100: its own error makes no distances look large.
    """
    n = len(values)
    half = n // 2 + 1
    apart = np.abs(values[:, None] - values).ravel()
    # Each pair stands twice among them, and the diagonal's zeros come before all.
    place = n + half * (half - 1) - 2
    small = n / (n + 1.4) if n % 2 else n / (n + 3.8)
    return _NORMAL_QN * small * float(np.partition(apart, place)[place])


def _median_around(values: Floats) -> Floats:
    """The median of up to three values on either side of each, which takes no part in it."""
    aside = [offset for offset in range(-_NEIGHBOURS, _NEIGHBOURS + 1) if offset]
    places = np.arange(len(values))[:, None] + np.array(aside)
    inside = (places >= 0) & (places < len(values))
    return np.asarray(np.nanmedian(np.where(inside, values[places % len(values)], np.nan), axis=1))


def _repeating(line: Timeline, values: Floats) -> Floats:
    """The median of each day of the week, or month of the year, where there are eight of each at least."""
    if line.unit not in {"day", "month"}:
        return np.zeros(len(values))
    parts = np.array([start.weekday() if line.unit == "day" else start.month - 1 for start in line.starts])
    counts = np.bincount(parts)
    if counts[counts > 0].min() < _FEWEST_REPEATS:
        return np.zeros(len(values))
    medians = np.array([np.median(values[parts == part]) if counts[part] else 0.0 for part in range(len(counts))])
    return np.asarray(medians[parts] - np.median(values))


@dataclasses.dataclass(frozen=True)
class Steady:
    """A label's share, with its range over all periods."""

    course: Course
    low: float
    high: float
    overall: float


class SteadyShare(Pattern[Steady]):
    """A label's share that stays nearly the same in every period."""

    type = "steady_share"
    topic = "steady"
    _fewest_periods = 12
    _most_apart = 5.0

    def measure(self, view: View) -> Iterator[Measured[Steady]]:
        """The labels whose share moves by five points at most, and by three tenths of itself, over all periods."""
        for course in courses(view, self._fewest_periods):
            if not isinstance(course.measure, Indicator):
                continue
            shares = course.values()
            low, high = float(shares.min()), float(shares.max())
            overall = course.value(0, len(course.line.starts) - 1)
            # Exactly the same everywhere is how the table was made, not what it says.
            if high - low < _NONE or high - low > min(self._most_apart, 0.3 * overall, 0.3 * (100 - overall)):
                continue
            yield Measured(
                columns=course.columns,
                n=course.rows,
                effect=high - low,
                effect_name="points between the lowest and the highest share",
                strength=0.4,
                impact=0.4 * course.impact(view),
                detail=Steady(course, low, high, overall),
                subspace=course.subspace,
            )

    def word(self, view: View, found: Measured[Steady]) -> Wording:
        """The range of the share, and the share over all periods."""
        steady, course, line = found.detail, found.detail.course, found.detail.course.line
        assert course.measure is not None  # noqa: S101 - `measure` yields shares only
        say = course.measure.say
        source = evidence.grouped(
            line.ordinal_sql, [(evidence.average(course.measure.sql), "v")], where=line.whole
        )
        return Wording(
            statement=words.sentence(
                f"{course.what(view)} is steady: between {say(steady.low)} and {say(steady.high)} in each of the "
                f"{len(line.starts)} {line.unit}s, {say(steady.overall)} over all."
            ),
            action=f"Take a {line.unit} outside this range for news: none has been so far.",
            evidence=evidence.select(
                ("MIN(v)", "lowest"),
                ("MAX(v)", "highest"),
                ("COUNT(v)", "periods"),
                (evidence.figure(course.measure.middle_sql(line.whole)), "overall"),
                source=source,
            ),
            chart=course.chart(view),
        )
