"""What holds in most values of a column, and where it does not (MetaInsight: Ma et al. 2021, SIGMOD)."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from dsp_pipeline.core.artifacts.insights import ChartHint, ChartPoint
from dsp_pipeline.ml.insights import evidence, words
from dsp_pipeline.ml.insights.contrast import FEWEST, Contrast, Moments, contrast
from dsp_pipeline.ml.insights.figures import value_title
from dsp_pipeline.ml.insights.interactions import (
    MOST_MEASURES,
    breakdown_pairs,
    is_another,
    joint_moments,
)
from dsp_pipeline.ml.insights.pattern import Measured, Pattern, Wording

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsp_pipeline.ml.insights.subjects import Breakdown, Measure
    from dsp_pipeline.ml.insights.view import View
    from dsp_pipeline.ml.statistics.arrays import Floats

FEWEST_SIBLINGS = 4
COMMON = 0.8
WORTH_CONFIRMING = 0.5


@dataclasses.dataclass(frozen=True)
class Siblings:
    """A label against the others of its column, within each value of another column.

    Attributes:
        measure: What is compared.
        breakdown: The column of the label.
        level: The label.
        within: The other column.
        places: Its values that have enough rows of both.
        exception: The value where it is the other way round; None where there is none.
        sign: 1 where the label's values are higher, -1 where they are lower.
    """

    measure: Measure
    breakdown: Breakdown
    level: int
    within: Breakdown
    places: list[int]
    exception: int | None
    sign: float


Searched: TypeAlias = tuple[Siblings, "Floats"]
"""What one half suggests, and its difference in each value of the other column."""


def _searched(view: View, measure: Measure) -> list[Searched]:
    found = [
        _siblings(view, measure, breakdown, within)
        for one, other in breakdown_pairs(view)
        if is_another(view, measure, one, other)
        for breakdown, within in ((one, other), (other, one))
    ]
    return [each for each in found if each is not None]


def _siblings(view: View, measure: Measure, breakdown: Breakdown, within: Breakdown) -> Searched | None:
    """What the searched half suggests, and its differences per value of the other column."""
    if len(within.levels) < FEWEST_SIBLINGS or len(breakdown.levels) < 2:  # noqa: PLR2004 - a label and others
        return None
    searched = joint_moments(view, measure, (breakdown, within), "search")
    n, sums = searched.n, np.where(searched.n > 0, searched.n * searched.mean, 0.0)
    overall = _apart(n.sum(axis=1), sums.sum(axis=1))
    level = int(np.argmax(np.abs(overall) * np.sqrt(n.sum(axis=1))))
    sign = 1.0 if overall[level] > 0 else -1.0
    enough = np.flatnonzero((n[level] >= FEWEST) & (n.sum(axis=0) - n[level] >= FEWEST))
    if len(enough) < FEWEST_SIBLINGS:
        return None
    found = _apart(n[:, enough], sums[:, enough])[level] * sign
    return Siblings(measure, breakdown, level, within, [int(place) for place in enough], None, sign), found


def _apart(n: Floats, sums: Floats) -> Floats:
    """How far the mean of each label lies from that of all others; 0 where one of them has fewer than two rows."""
    others = n.sum(axis=0) - n
    with np.errstate(invalid="ignore", divide="ignore"):
        apart = sums / n - (sums.sum(axis=0) - sums) / others
    return np.where(np.minimum(n, others) < 2, 0.0, apart)  # noqa: PLR2004 - a contrast needs two of each


def _against_others(moments: Moments, level: int, place: int | slice) -> Contrast:
    others = np.arange(moments.n.shape[0]) != level
    return contrast([(1.0, moments.pooled((level, place))), (-1.0, moments.pooled((others, place)))])


def confirmed_in(view: View, siblings: Siblings) -> list[Contrast]:
    """The contrast in each place, positive where it goes the common way, in the confirming half."""
    moments = joint_moments(view, siblings.measure, (siblings.breakdown, siblings.within), "confirm")
    found = [_against_others(moments, siblings.level, place) for place in siblings.places]
    return [each.signed(siblings.sign) for each in found]


def partial_conjunction_p(ps: Floats, least: int) -> float:
    """The p that fewer than `least` of several effects are there (Benjamini & Heller 2008, Biometrics 64:1215).

    Bonferroni's version, which holds however the tests depend on each other: the `least`-th smallest p, times the
    number of those not smaller.
    """
    ordered = np.sort(ps)
    return float(min(1.0, (len(ps) - least + 1) * ordered[least - 1]))


class OverSiblings(Pattern[Siblings]):
    """The interface's parts that commonness and exception share."""

    acts = "segment"
    least_effect = 0.2

    def candidates(self, view: View) -> Iterator[Searched]:
        """What the searched half suggests, of every measure; searched for once."""
        for measure in view.measures[:MOST_MEASURES]:
            yield from view.once(("siblings", measure.name), functools.partial(_searched, view, measure))

    def measured(
        self, view: View, siblings: Siblings, confirmed: list[Contrast], found: tuple[float, Contrast]
    ) -> Measured[Siblings]:
        """A candidate with the p of the whole claim and the contrast whose size is told."""
        p, named = found
        exception = siblings.exception
        measure, breakdown, within = siblings.measure, siblings.breakdown, siblings.within
        rows = int(view.crossed_with(measure, breakdown, within)[:, siblings.places].sum())
        subspace = {} if exception is None else {within.name: within.levels[exception]}
        return Measured(
            columns=(measure.name, breakdown.name, within.name),
            n=rows,
            effect=named.value,
            effect_name="difference from the others, in standard deviations of the ranks"
            + (", in the middle one of the values" if exception is None else ", where it is the other way round"),
            strength=min(1.0, 0.25 + 0.35 * abs(named.value) + (0.0 if exception is None else 0.3)),
            impact=rows / view.rows * 0.7 * view.interest(*((measure.name, breakdown.name, within.name))),
            detail=siblings,
            p=p,
            ci=named.interval,
            subspace=subspace,
            confirmed_on=len(view.halves.confirm) if confirmed else None,
        )

    @staticmethod
    def averages(siblings: Siblings) -> tuple[Floats, Floats]:
        """The label's average and that of the others in each place."""
        within, codes = siblings.within, siblings.breakdown.codes
        cells = np.where((codes >= 0) & (within.codes >= 0), 2 * within.codes + (codes == siblings.level), -1)
        middles = siblings.measure.middles(cells, 2 * len(within.levels))
        places = 2 * np.array(siblings.places)
        return middles[places + 1], middles[places]

    @staticmethod
    def source(siblings: Siblings) -> str:
        """The averages of the label and of the others per place, as a sub-query."""
        measure, breakdown, within = siblings.measure, siblings.breakdown, siblings.within
        is_it = breakdown.condition(siblings.level)
        other = breakdown.other_than(siblings.level)
        return evidence.grouped(
            evidence.identifier(within.name),
            [(measure.middle_sql(is_it), "here"), (measure.middle_sql(other), "other")],
            where=" OR ".join(f"({within.condition(place)})" for place in siblings.places),
        )

    @staticmethod
    def chart(view: View, siblings: Siblings, here: Floats, other: Floats) -> ChartHint:
        """Bars of the differences in each place."""
        measure, within = siblings.measure, siblings.within
        what = measure.middle_of(view.noun)
        title = value_title(view, measure, what)
        return ChartHint(
            kind="bar",
            columns=[measure.name, siblings.breakdown.name, within.name],
            title=words.sentence(
                f"{measure.said}: {siblings.breakdown.say(siblings.level)} against the others, by {within.said}"
            ),
            value_title=f"difference of {title}"
            if not measure.is_rate
            else f"points of {title.removeprefix('% of ')}",
            points=[
                ChartPoint(label=within.say(place), value=float(a - b), told=place == siblings.exception)
                for place, a, b in zip(siblings.places, here, other, strict=True)
            ],
        )


class Commonness(OverSiblings):
    """A difference that is there in most values of another column."""

    type = "commonness"
    topic = "siblings"

    def measure(self, view: View) -> Iterator[Measured[Siblings]]:
        """The label that differs most, and each other column within which it does so everywhere.

        Looked for in one half; in the other it is tested, by partial conjunction of Welch's tests, that the
        difference is there in four of five values at least.
        """
        for siblings, searched in self.candidates(view):
            if np.median(searched) < WORTH_CONFIRMING * self.least_effect or np.mean(searched > 0) < COMMON:
                continue
            confirmed = confirmed_in(view, siblings)
            least = int(np.ceil(COMMON * len(confirmed)))
            p = partial_conjunction_p(np.array([each.p for each in confirmed]), least)
            middle = sorted(confirmed, key=lambda each: each.value)[(len(confirmed) - 1) // 2]
            yield self.measured(view, siblings, confirmed, (p, middle))

    def word(self, view: View, found: Measured[Siblings]) -> Wording | None:
        """In how many values it is so, and the range of the differences; None unless in four of five."""
        siblings = found.detail
        measure, breakdown, within = siblings.measure, siblings.breakdown, siblings.within
        here, other = self.averages(siblings)
        apart = siblings.sign * (here - other)
        count = int((apart > 0).sum())
        if count < COMMON * len(apart):
            return None
        sign = ">" if siblings.sign > 0 else "<"
        what = measure.middle_of(view.noun)
        everywhere = count == len(apart)
        of = f"all {count}" if everywhere else f"{count} of the {len(apart)}"
        low, high = float(apart[apart > 0].min()), float(apart.max())
        say = _points if measure.is_rate else measure.say
        gap = "CASE WHEN here > other THEN here - other ELSE other - here END"
        so = f"CASE WHEN here {sign} other THEN {gap} END"
        return Wording(
            statement=words.sentence(
                f"the {what} is {'higher' if siblings.sign > 0 else 'lower'} {breakdown.at(siblings.level)} "
                f"than {breakdown.at_others(siblings.level)} in {of} {within.values_of(len(apart))}, by "
                f"{say(low)} to {say(high)}."
            ),
            action=(
                f"Take this difference by {breakdown.said} as a general one: it does not come from the mix of "
                f"{within.said}."
            ),
            evidence=evidence.select(
                (evidence.rows(f"here {sign} other"), "values"),
                (evidence.rows("here IS NOT NULL AND other IS NOT NULL"), "of"),
                (f"MIN({so})", "least"),
                (f"MAX({so})", "most"),
                source=self.source(siblings),
            ),
            chart=self.chart(view, siblings, here, other),
        )


def _points(value: float) -> str:
    return f"{words.number(value)} points"
