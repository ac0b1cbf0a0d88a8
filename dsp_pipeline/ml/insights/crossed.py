"""Two measures that go together over the groups of a column, as averages of groups."""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.insights import ChartHint, ChartPoint
from dsp_pipeline.ml.insights import evidence, words
from dsp_pipeline.ml.insights.figures import value_title
from dsp_pipeline.ml.insights.pattern import Measured, Pattern, Wording
from dsp_pipeline.ml.insights.roles import Role
from dsp_pipeline.ml.statistics.ranks import average_ranks, dense_codes
from dsp_pipeline.ml.statistics.significance import correlation_p, fisher_interval

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsp_pipeline.ml.insights.subjects import Breakdown, Measure
    from dsp_pipeline.ml.insights.view import View
    from dsp_pipeline.ml.statistics.arrays import Booleans, Floats

_FEWEST_GROUPS = 12
_FEWEST_IN_GROUP = 10
_MOST_MEASURES = 10
_KNOWN = 0.3


@dataclasses.dataclass(frozen=True)
class Crossing:
    """Two measures over the groups of a column; without a second one, the number of rows in each."""

    breakdown: Breakdown
    measure: Measure
    other: Measure | None
    groups: Booleans


class CrossMeasure(Pattern[Crossing]):
    """Groups with more rows, or a higher average of one measure, that have a higher or lower one of another."""

    type = "cross_measure"
    topic = "relation"
    least_effect = 0.5

    def measure(self, view: View) -> Iterator[Measured[Crossing]]:
        """Every pair of measures over every column of labels with twelve groups of ten rows at least.

        Averages of few rows vary more than those of many, whichever the measure, and would go together without
        any reason. So Spearman's rho has to hold twice: of the averages, and of each group's distance from the
        overall average times the root of its rows, which is equally uncertain everywhere. The larger p counts.
        """
        for breakdown in view.breakdowns:
            groups = breakdown.counts >= _FEWEST_IN_GROUP
            if view.roles[breakdown.name] is not Role.LABEL or groups.sum() < _FEWEST_GROUPS:
                continue
            measures = [
                each
                for each in view.measures[:_MOST_MEASURES]
                if view.copies[each.name] != view.copies[breakdown.name]
            ]
            means = {each.name: _means(view, each, breakdown) for each in measures}
            for measure in measures:
                yield from _crossed(view, Crossing(breakdown, measure, None, groups), means)
            for measure, other in itertools.combinations(measures, 2):
                if not _is_known(view, measure, other):
                    yield from _crossed(view, Crossing(breakdown, measure, other, groups), means)

    def word(self, view: View, found: Measured[Crossing]) -> Wording | None:
        """The average over the groups in the lower half of one measure, and over those in the upper half."""
        crossing = found.detail
        breakdown, measure, other = crossing.breakdown, crossing.measure, crossing.other
        if measure.tail_is_heavy or (other is not None and other.tail_is_heavy):
            return None
        low, high, middle = _halves(crossing)
        if (high - low) * found.effect <= 0:
            return None
        name = evidence.identifier(breakdown.name)
        x = "COUNT(*)" if other is None else evidence.average(other.sql)
        source = evidence.grouped(
            name,
            [(x, "x"), (evidence.average(measure.sql), "y"), ("COUNT(*)", "n")],
            where=f"{name} IS NOT NULL",
        )
        named = f"n >= {_FEWEST_IN_GROUP}"
        bound = evidence.literal(middle)
        what = f"more {view.noun}" if other is None else f"a higher {other.middle_of(view.noun)}"
        edge = f"{words.number(middle)} {view.noun}" if other is None else other.say(middle)
        return Wording(
            statement=words.sentence(
                f"values of {breakdown.said} with {what} have a {'higher' if found.effect > 0 else 'lower'} "
                f"{measure.middle_of(view.noun)}: {measure.say(high)} over those above {edge}, {measure.say(low)} "
                "over the "
                f"others ({found.detail.groups.sum()} values compared)."
            ),
            action=(
                f"Compare values of {breakdown.said} of like {'size' if other is None else other.said} when "
                f"{measure.said} is judged: the two go together, whatever the reason."
            ),
            evidence=evidence.select(
                (evidence.average("y", f"{named} AND x > {bound}"), "above"),
                (evidence.average("y", f"{named} AND x <= {bound}"), "others"),
                (bound, "edge"),
                (evidence.rows(named), "values"),
                source=source,
            ),
            chart=ChartHint(
                kind="bar",
                columns=list(found.columns),
                title=words.sentence(f"{measure.said} over values of {breakdown.said}"),
                value_title=value_title(view, measure, measure.middle_of(view.noun)),
                points=[
                    ChartPoint(label=f"above {edge}", value=high, told=True),
                    ChartPoint(label="the others", value=low, told=True),
                ],
            ),
        )


def _is_known(view: View, a: Measure, b: Measure) -> bool:
    """Whether the two go together row by row already, or are one subject."""
    rho = view.pair(a.name, b.name, "spearman")
    return view.families[a.name] == view.families[b.name] or (rho is not None and abs(rho.value) >= _KNOWN)


@dataclasses.dataclass(frozen=True)
class _Means:
    """A measure's mean scores per group, and the same made equally uncertain."""

    ranks: Floats
    weighed: Floats


def _means(view: View, measure: Measure, breakdown: Breakdown) -> _Means:
    n = breakdown.grouping.rows_with(measure)
    with np.errstate(invalid="ignore", divide="ignore"):
        ranks = view.score_sums(measure, breakdown) / n
    return _Means(ranks, ranks * np.sqrt(n))


def _crossed(view: View, crossing: Crossing, means: dict[str, _Means]) -> Iterator[Measured[Crossing]]:
    measure, other, groups = crossing.measure, crossing.other, crossing.groups
    own = means[measure.name]
    counts = crossing.breakdown.counts.astype(np.float64)
    pairs = (
        [(counts, own.ranks), (counts, own.weighed)]
        if other is None
        else [(means[other.name].ranks, own.ranks), (means[other.name].weighed, own.weighed)]
    )
    if any(np.isnan(values[groups]).any() for pair in pairs for values in pair):
        return
    rho = [_spearman(x[groups], y[groups]) for x, y in pairs]
    n = int(groups.sum())
    weakest = min(rho, key=abs) if rho[0] * rho[1] > 0 else 0.0
    columns = (measure.name, *((other.name,) if other else ()), crossing.breakdown.name)
    yield Measured(
        columns=columns,
        n=int(crossing.breakdown.counts[groups].sum()),
        effect=weakest,
        effect_name=f"Spearman's rank correlation over {n} groups",
        strength=0.7 * abs(weakest),
        impact=0.7 * view.interest(*columns),
        detail=crossing,
        p=float(correlation_p(np.array([weakest]), n)[0]),
        ci=fisher_interval(weakest, n),
    )


def _spearman(x: Floats, y: Floats) -> float:
    a, b = average_ranks(dense_codes(x)), average_ranks(dense_codes(y))
    if np.ptp(a) <= 0 or np.ptp(b) <= 0:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


def _halves(crossing: Crossing) -> tuple[float, float, float]:
    """The mean of the groups' averages below and above the median of the other side, and that median."""
    breakdown, groups, other = crossing.breakdown, crossing.groups, crossing.other
    codes, size = breakdown.codes, len(breakdown.levels)
    y = crossing.measure.middles(codes, size)[groups]
    x = (breakdown.counts if other is None else other.middles(codes, size))[groups]
    middle = float(np.median(x))
    return float(y[x <= middle].mean()), float(y[x > middle].mean()), middle
