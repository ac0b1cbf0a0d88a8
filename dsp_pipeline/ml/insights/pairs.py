"""Measures that go together: in step, or in another way than a straight line."""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.insights import ChartHint
from dsp_pipeline.ml.insights import evidence, words
from dsp_pipeline.ml.insights.groups import rank_test
from dsp_pipeline.ml.insights.pattern import Measured, Pattern, Wording
from dsp_pipeline.ml.insights.view import MOST_MEASURES
from dsp_pipeline.ml.statistics.significance import fisher_interval

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsp_pipeline.ml.insights.subjects import Measure
    from dsp_pipeline.ml.insights.view import View
    from dsp_pipeline.ml.statistics.arrays import Floats, Integers

_FEWEST_PAIRS = 20
_AGREES = 0.15
_SAME_QUANTITY = 0.5
_NEARLY_ONE = 0.9
_FEWEST_BINS, _MOST_BINS = 4, 8
_VALUES_A_BIN = 40
_TURN = 0.25
_FEW_MEASURES = 15
_FEW_VALUES = 6


@dataclasses.dataclass(frozen=True)
class Pair:
    """Two measures, the second one said to rise or fall with the first."""

    x: Measure
    y: Measure
    pearson: float | None


def ordered(view: View, a: Measure, b: Measure) -> tuple[Measure, Measure]:
    """The two with the target last, else what is no coordinate, else the one that stands later in the table."""
    if view.model.target in {a.name, b.name}:
        return (b, a) if view.model.target == a.name else (a, b)
    if a.is_position != b.is_position:
        return (a, b) if a.is_position else (b, a)
    order = list(view.columns)
    return (a, b) if order.index(a.name) < order.index(b.name) else (b, a)


def numbers_of(view: View) -> list[Measure]:
    """The foremost measures that are no flags, and coordinates."""
    return [measure for measure in view.every_measure.values() if not measure.is_rate][:MOST_MEASURES]


class Correlation(Pattern[Pair]):
    """Two measures of which one rises or falls with the other, by Spearman's rho."""

    type = "correlation"
    acts = "model"
    topic = "relation"
    least_effect = 0.2

    def measure(self, view: View) -> Iterator[Measured[Pair]]:
        """Every pair of measures that the profile tested; pairs that are one and the same thing left out."""
        numbers = {name: measure for name, measure in view.every_measure.items() if not measure.is_rate}
        for rho in view.profile.associations:
            if rho.measure != "spearman" or rho.n < _FEWEST_PAIRS or not {rho.a, rho.b} <= numbers.keys():
                continue
            a, b = numbers[rho.a], numbers[rho.b]
            if view.copies[a.name] == view.copies[b.name] or (a.is_position and b.is_position):
                continue
            x, y = ordered(view, a, b)
            pearson = view.pair(a.name, b.name, "pearson")
            yield Measured(
                columns=(y.name, x.name),
                n=rho.n,
                effect=rho.value,
                effect_name="Spearman's rank correlation",
                strength=abs(rho.value) * _novelty(a, b, rho.value),
                impact=rho.n / view.rows * view.interest(a.name, b.name),
                detail=Pair(x, y, pearson.value if pearson else None),
                p=rho.p,
                ci=fisher_interval(rho.value, rho.n),
            )

    def word(self, view: View, found: Measured[Pair]) -> Wording | None:
        """The average of one in the lowest and the highest quarter of the other."""
        x, y, pearson = found.detail.x, found.detail.y, found.detail.pearson
        quarters = Quarters.of(x, y)
        if quarters is None or (quarters.high - quarters.low) * found.effect <= 0:
            return None
        said = pearson is not None and abs(pearson - found.effect) <= _AGREES
        correlation = f"; correlation {words.coefficient(pearson)}" if said and pearson is not None else ""
        corr = f"CORR({x.sql}, {y.sql})"
        return Wording(
            statement=words.sentence(
                f"{y.said} {'rises' if found.effect > 0 else 'falls'} with {x.said}: it averages "
                f"{y.say(quarters.low)} in the lowest quarter of {x.said} and {y.say(quarters.high)} in the "
                f"highest{correlation}."
            ),
            action=_use_together(view, x, y),
            evidence=evidence.select(*quarters.sql(x, y), *([(corr, "correlation")] if said else [])),
            chart=ChartHint(kind="scatter", columns=[x.name, y.name]),
        )


@dataclasses.dataclass(frozen=True)
class Quarters:
    """The mean of y where x is in its lowest and its highest quarter.

    Attributes:
        first: x's lower quartile among the rows with both values.
        third: Its upper one.
        low: Mean of y at or below `first`.
        high: Mean of y at or above `third`.
    """

    first: float
    third: float
    low: float
    high: float

    @classmethod
    def of(cls, x: Measure, y: Measure) -> Quarters | None:
        """The quarters; None where x has no middle half to leave out."""
        rows = x.present & y.present
        values, others = x.values[rows], y.values[rows]
        if not len(values):
            return None
        first, third = (float(each) for each in np.quantile(values, (0.25, 0.75)))
        if first == third:
            return None
        scale = 100.0 if y.is_rate else 1.0
        low, high = others[values <= first].mean() * scale, others[values >= third].mean() * scale
        return cls(first, third, float(low), float(high))

    def sql(self, x: Measure, y: Measure) -> list[tuple[str, str]]:
        """The two means as expressions with names."""
        return [
            (evidence.average(y.sql, f"{x.sql} <= {evidence.literal(self.first)}"), "in_lowest_quarter"),
            (evidence.average(y.sql, f"{x.sql} >= {evidence.literal(self.third)}"), "in_highest_quarter"),
        ]


def _novelty(a: Measure, b: Measure, rho: float) -> float:
    """Less than 1 where nobody is surprised: one quantity measured twice, as names that share a word suggest."""
    related = set(words.tokens(a.name)) & set(words.tokens(b.name))
    return (_SAME_QUANTITY if related else 1.0) * (_SAME_QUANTITY if abs(rho) > _NEARLY_ONE else 1.0)


def _use_together(view: View, x: Measure, y: Measure) -> str:
    if view.model.target == y.name:
        return f"Keep {x.said} among the inputs of any model of {y.said}: the two move together."
    return (
        f"Compare {y.said} only between {view.noun} of similar {x.said}: the two move together, whatever the "
        "reason."
    )


@dataclasses.dataclass(frozen=True)
class Bend:
    """A measure in bins of another."""

    x: Measure
    y: Measure
    edges: Floats
    mean_scores: Floats


def _binned(view: View, x: Measure, y: Measure) -> tuple[Floats, Integers, Floats]:
    """The edges of bins of x, and each row's bin and y's score, over the rows of both halves with both values.

    The bins are made once for all measures that have a value in each of these rows.
    """
    other = view.sampled(y, "both")
    if isinstance(other.kept, slice):
        key = "bins", x.name
        edges, bins = view.once(key, lambda: _bins(x.values[view.halves.both[view.sampled(x, "both").kept]]))
        return edges, bins, other.scores[view.sampled(x, "both").kept]
    rows = view.halves.both[other.kept]
    both = x.present[rows]
    return *_bins(x.values[rows[both]]), other.scores[both]


def _bins(values: Floats) -> tuple[Floats, Integers]:
    """Four to eight bins of about as many values, 40 at least, fewer where values repeat; and each value's bin."""
    if not len(values):
        return values, np.zeros(0, dtype=np.int64)
    bins = min(_MOST_BINS, max(_FEWEST_BINS, len(values) // _VALUES_A_BIN))
    edges = np.asarray(np.unique(np.quantile(values, np.linspace(0, 1, bins + 1))))
    return edges, np.searchsorted(edges[1:-1], values, side="right")


class NonlinearAssociation(Pattern[Bend]):
    """A measure that depends on another in a way that correlation misses: high or low in the middle."""

    type = "nonlinear_association"
    acts = "model"
    topic = "relation"
    least_effect = 0.05
    may_lack_words = True

    def measure(self, view: View) -> Iterator[Measured[Bend]]:
        """Every ordered pair of the foremost measures: do ranks of y differ between bins of x?"""
        for x, y in itertools.permutations(numbers_of(view)[:_FEW_MEASURES], 2):
            if y.is_position:
                continue
            rho = view.pair(x.name, y.name, "spearman")
            if view.copies[x.name] == view.copies[y.name] or x.profile.distinct < _FEW_VALUES or rho is None:
                continue
            edges, bins, scores = _binned(view, x, y)
            if len(edges) < 4 or rho.n < _FEWEST_PAIRS:  # noqa: PLR2004 - a bend needs three bins
                continue
            tested = rank_test(scores, bins, len(edges) - 1)
            if tested is None:
                continue
            test, _, means = tested
            beyond = max(0.0, test.effect - rho.value**2)
            yield Measured(
                columns=(y.name, x.name),
                n=len(scores),
                effect=beyond,
                effect_name="share of the ranks' variance beyond what Spearman's correlation explains",
                strength=min(1.0, beyond**0.5),
                impact=rho.n / view.rows * view.interest(x.name, y.name),
                detail=Bend(x, y, edges, means),
                p=test.p,
                ci=(max(0.0, test.ci[0] - rho.value**2), max(0.0, test.ci[1] - rho.value**2)),
            )

    def word(self, view: View, found: Measured[Bend]) -> Wording | None:  # noqa: ARG002 - the interface's
        """Where along x the average of y is furthest from the rest; None unless that is in the middle."""
        bend = found.detail
        x, y, edges = bend.x, bend.y, bend.edges
        best = _turning_point(bend.mean_scores)
        if best is None:
            return None
        low, high = float(edges[best]), float(edges[best + 1])
        rows = x.present & y.present
        inside = rows & (x.values >= low) & (x.values < high)
        overall, here = float(y.values[rows].mean()), float(y.values[inside].mean())
        is_peak = bool(bend.mean_scores[best] > 0)
        if (here > overall) != is_peak:
            return None
        both = f"{x.sql} IS NOT NULL"
        between = f"{x.sql} >= {evidence.literal(low)} AND {x.sql} < {evidence.literal(high)}"
        return Wording(
            statement=words.sentence(
                f"{y.said} {'peaks' if is_peak else 'dips'} in the middle range of {x.said}: it averages "
                f"{y.say(here)} from {x.say(low)} to {x.say(high)}, against {y.say(overall)} overall."
            ),
            action=f"Model {y.said} with a curve or in bands of {x.said}: a straight line would miss the turn.",
            evidence=evidence.select(
                (evidence.average(y.sql, between), "inside"),
                (evidence.average(y.sql, both), "overall"),
                (evidence.literal(low), "from"),
                (evidence.literal(high), "to"),
            ),
            chart=ChartHint(kind="scatter", columns=[x.name, y.name]),
        )


def _turning_point(scores: Floats) -> int | None:
    """The inner bin that lies furthest above or below both outer ones, a quarter of a deviation at least."""
    inner, ends = scores[1:-1], (scores[0], scores[-1])
    above, below = inner - max(ends), min(ends) - inner
    beyond = np.maximum(above, below)
    best = int(np.argmax(beyond))
    return best + 1 if beyond[best] >= _TURN else None
