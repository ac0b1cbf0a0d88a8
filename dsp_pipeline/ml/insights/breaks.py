"""Where a series of periods changes: its level for good, or the way it is going."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from dsp_pipeline.ml.insights import evidence, words
from dsp_pipeline.ml.insights.courses import Course, courses
from dsp_pipeline.ml.insights.pattern import Measured, Pattern, Wording
from dsp_pipeline.ml.statistics.series.autocorrelation import autocorrelations
from dsp_pipeline.ml.statistics.series.change_points import Split, likeliest_split
from dsp_pipeline.ml.statistics.series.local_level import level_step
from dsp_pipeline.ml.statistics.series.wandering import persistence, step_regression_of
from dsp_pipeline.ml.statistics.significance import TWO_SIDED_95

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsp_pipeline.ml.insights.view import View
    from dsp_pipeline.ml.statistics.arrays import Floats
    from dsp_pipeline.ml.statistics.series.stationarity import StepRegression

_FEWEST_PERIODS = 30
_MOST_KNOTS = 40
_INNER = 0.15
_NOTABLE_CHANGE = 0.05
_BETTER = 0.9
_ONE_BREAK = -4.8


@dataclasses.dataclass(frozen=True)
class Break:
    """A course with the period from which on it is different.

    Attributes:
        course: The course.
        at: The first period of the new level or direction.
    """

    course: Course
    at: int


def wanders(rest: Floats) -> bool:
    """Whether a series comes back too seldom to what was fitted to it for a level or a bend to mean anything.

    The bound is that of a random walk with a break where it suits best (Zivot & Andrews 1992, models A and C).
    """
    return not _comes_back(step_regression_of(rest))


def _comes_back(found: StepRegression | None) -> bool:
    return found is None or found.statistic <= _ONE_BREAK


def _line_rest(values: Floats) -> float:
    """The sum of squares around the straight line that fits best."""
    times = np.arange(len(values)) - (len(values) - 1) / 2
    centred = values - values.mean()
    slope = float(times @ centred) / float(times @ times)
    return float(np.sum((centred - slope * times) ** 2))


class ChangePoint(Pattern[Break]):
    """Rows, a measure's average or a label's share that keep another level from some period on."""

    type = "change_point"
    topic = "course"
    least_effect = 0.8
    may_lack_words = True

    def measure(self, view: View) -> Iterator[Measured[Break]]:
        """Each course by its likeliest change of level."""
        for course in courses(view, _FEWEST_PERIODS):
            step = stepped(course.tested)
            if step is None:
                continue
            yield Measured(
                columns=course.columns,
                n=course.rows,
                effect=step.effect,
                effect_name=f"change of level, in standard deviations of the {course.line.unit}s",
                strength=math.sqrt(step.explained) * course.weight(step.before, step.after),
                impact=course.impact(view),
                detail=Break(course, step.at),
                p=step.p,
                ci=step.interval,
                subspace=course.subspace,
            )

    def word(self, view: View, found: Measured[Break]) -> Wording | None:
        """Both levels; None where the averages hardly differ."""
        course, at = found.detail.course, found.detail.at
        spans = [(0, at - 1), (at, len(course.line.starts) - 1)]
        first, last = (course.value(*span) for span in spans)
        notable = course.is_notable(first, last, least=_NOTABLE_CHANGE)
        if not notable or (last - first) * found.effect <= 0:
            return None
        return Wording(
            statement=words.sentence(
                f"{course.what(view)} {'rises' if last > first else 'drops'} to another level with "
                f"{course.line.say(at)}: {course.say(last)} from then on, against {course.say(first)} before."
            ),
            action=(
                f"Find out what changed at that time, and compare only {course.line.unit}s on the same side: an "
                "average over both describes neither."
            ),
            evidence=evidence.select((course.sql(*spans[1]), "after"), (course.sql(*spans[0]), "before")),
            chart=course.chart(view, at),
        )


class TrendChange(Pattern[Break]):
    """A course that turns: it rises until some period and falls after it, or the other way round."""

    type = "trend_change"
    topic = "course"
    least_effect = 0.15
    may_lack_words = True

    def measure(self, view: View) -> Iterator[Measured[Break]]:
        """Each course by the bent line that fits best, against a straight one."""
        for course in courses(view, _FEWEST_PERIODS):
            bend = bent(course.tested)
            if bend is None:
                continue
            yield Measured(
                columns=course.columns,
                n=course.rows,
                effect=bend.explained,
                effect_name="share of the variance around a straight line that the bend explains",
                strength=math.sqrt(max(0.0, bend.explained_of_all)) * _swing(course, bend) if bend.turns else 0.0,
                impact=course.impact(view),
                detail=Break(course, bend.at),
                p=bend.p if bend.turns else 1.0,
                ci=bend.interval,
                subspace=course.subspace,
            )

    def word(self, view: View, found: Measured[Break]) -> Wording | None:
        """The first and the last sixth of the periods, and the sixth around the turn."""
        course, at = found.detail.course, found.detail.at
        size = len(course.line.starts)
        part = max(2, size // 6)
        begin = min(max(0, at - part // 2), size - part)
        spans = [(0, part - 1), (begin, begin + part - 1), (size - part, size - 1)]
        first, turn, last = (course.value(*span) for span in spans)
        is_peak = turn > max(first, last)
        far = all(course.is_notable(turn, end, least=_NOTABLE_CHANGE) for end in (first, last))
        if not far or not (is_peak or turn < min(first, last)):
            return None
        moves = ("rises", "falls") if is_peak else ("falls", "rises")
        return Wording(
            statement=words.sentence(
                f"{course.what(view)} {moves[0]} until about {course.line.say(at)} and {moves[1]} after it: from "
                f"{course.say(first)} ({course.span(*spans[0])}) to {course.say(turn)} ({course.span(*spans[1])}) "
                f"and then {course.say(last)} ({course.span(*spans[2])})."
            ),
            action=f"Plan from {course.line.say(at)} on: what was true before it has turned round.",
            evidence=evidence.select(
                (course.sql(*spans[0]), "first"), (course.sql(*spans[1]), "turn"), (course.sql(*spans[2]), "last")
            ),
            chart=course.chart(view, at),
        )


@dataclasses.dataclass(frozen=True)
class Step:
    """Two levels of a series.

    Attributes:
        before: The mean before the change.
        after: The mean from it on.
        at: The first point of the second level.
        effect: The change, in standard deviations around the levels.
        interval: That of `effect`.
        explained: The share of all variance that the levels explain.
        p: See `stepped`.
    """

    before: float
    after: float
    at: int
    effect: float
    interval: tuple[float, float]
    explained: float
    p: float


def stepped(values: Floats) -> Step | None:
    """The likeliest change of level of 20 values or more; None where nothing varies.

    The larger p of two counts. One is that of the largest cumulated deviation from the mean, widened for
    autocorrelation; it is left out where the series wanders even around its levels, of which it knows nothing. The
    other is that of the step in a series that is allowed to wander besides, times the number of places tried
    (Bonferroni). Where a straight line describes the series as well, p is 1. docs/decisions/0025 has the figures.
    """
    total = float(np.sum((values - values.mean()) ** 2))
    if not total > 0:
        return None
    split, n = likeliest_split(values), len(values)
    before, after = float(values[: split.at].mean()), float(values[split.at :].mean())
    rest = float(split.rest @ split.rest)
    found = step_regression_of(split.rest, split.at)
    spread, inflation = math.sqrt(rest / (n - 2)), _inflation(split, found)
    effect = (after - before) / spread if spread > 0 else math.copysign(10.0, after - before)
    wandering, comes_back = level_step(values, split.at), _comes_back(found)
    error = wandering.error / spread if spread > 0 else 0.0
    p = split.places * wandering.p
    if comes_back:
        error = max(error, math.sqrt(inflation * (1 / split.at + 1 / (n - split.at))))
        p = max(p, split.p(spread**2 * inflation))
    half = TWO_SIDED_95 * error
    return Step(
        before=before,
        after=after,
        at=split.at,
        effect=effect,
        interval=(effect - half, effect + half),
        explained=max(0.0, 1 - rest / total),
        p=min(1.0, p) if rest <= _BETTER * _line_rest(values) else 1.0,
    )


def _inflation(split: Split, found: StepRegression | None) -> float:
    """What dependence between neighbours multiplies the variance of means on either side of a split by.

    The larger of what the variance in the long run gives, which sums over few neighbours and is too small where
    many depend on each other, and ``(1 + a) / (1 - a)``, a being the share of a deviation that is left a period
    later (Andrews & Monahan 1992, Econometrica 60:953-966); without bound where all of it seems to be left.
    """
    n = len(split.rest)
    variance = float(split.rest @ split.rest) / (n - 2)
    left = persistence(found, n) if found else 0.0
    if left == 1:
        return math.inf
    in_the_long_run = split.long_run_variance / variance if variance > 0 else 1.0
    return max(1.0, in_the_long_run, (1 + left) / (1 - left))


@dataclasses.dataclass(frozen=True)
class Bend:
    """A line of two straight parts through a series.

    Attributes:
        at: Where they meet.
        turns: Whether one rises and the other falls.
        explained: The share of variance around a straight line that the bend explains.
        explained_of_all: The same of all variance, for both parts together.
        p: Of the bend, times the number of places tried, widened for autocorrelation.
        interval: That of `explained`.
    """

    at: int
    turns: bool
    explained: float
    explained_of_all: float
    p: float
    interval: tuple[float, float]


def bent(values: Floats) -> Bend | None:
    """The bent line that fits best among up to 40 places in the inner 70 %; None where nothing varies.

    The F of the bend follows F(1, n - 4) for a given place and independent noise; it is divided by what
    first-order autocorrelation multiplies variances by, and its p multiplied by the number of places (Bonferroni).
    Of a series that wanders even around the bent line it is 1.
    """
    n = len(values)
    straight = _line_rest(values)
    total = float(np.sum((values - values.mean()) ** 2))
    if straight <= 1e-12 * total or total <= 0:
        return None
    times = np.arange(n, dtype=np.float64)
    knots = np.unique(np.linspace(_INNER * n, (1 - _INNER) * n, _MOST_KNOTS).astype(int))
    fits = [_fit(times, values, int(knot)) for knot in knots]
    place = int(np.argmin([rest for rest, _, _ in fits]))
    rest, slopes, residuals = fits[place]
    rho = float(autocorrelations(residuals, 1)[0])
    inflation = max(1.0, (1 + min(rho + 1 / n, 0.95)) / (1 - min(rho + 1 / n, 0.95)))
    f = (straight - rest) / (rest / (n - 4)) / inflation if rest > 0 else math.inf
    explained = 1 - rest / straight
    half = TWO_SIDED_95 * 2 * math.sqrt(explained) * (1 - explained) * math.sqrt(inflation / n)
    return Bend(
        at=int(knots[place]),
        turns=slopes[0] * slopes[1] < 0,
        explained=explained,
        explained_of_all=1 - rest / total,
        p=1.0 if wanders(residuals) else min(1.0, len(knots) * float(special.fdtrc(1, n - 4, f))),
        interval=(max(0.0, explained - half), min(1.0, explained + half)),
    )


def _swing(course: Course, bend: Bend) -> float:
    """How much the turn matters: its height over the nearer end."""
    values, part = course.tested, max(2, len(course.tested) // 6)
    turn = float(values[max(0, bend.at - part // 2) : bend.at + part // 2 + 1].mean())
    ends = float(values[:part].mean()), float(values[-part:].mean())
    return min(course.weight(end, turn) for end in ends)


def _fit(times: Floats, values: Floats, knot: int) -> tuple[float, tuple[float, float], Floats]:
    """The rest, both slopes and the residuals of a line that bends at a place."""
    design = np.column_stack([np.ones_like(times), times, np.maximum(times - knot, 0.0)])
    solution, *_ = np.linalg.lstsq(design, values, rcond=None)
    residuals = values - design @ solution
    return float(residuals @ residuals), (float(solution[1]), float(solution[1] + solution[2])), residuals
