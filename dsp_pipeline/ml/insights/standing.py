"""A group of rows in which a measure is clearly higher, or lower, than in every other group."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from dsp_pipeline.ml.insights import evidence, words
from dsp_pipeline.ml.insights.contrast import FEWEST, Contrast, Moments, differences
from dsp_pipeline.ml.insights.figures import Figures, left_out, level_chart
from dsp_pipeline.ml.insights.pattern import Measured, Pattern, Wording
from dsp_pipeline.ml.insights.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsp_pipeline.ml.insights.halves import Half
    from dsp_pipeline.ml.insights.subjects import Breakdown, Measure
    from dsp_pipeline.ml.insights.view import View
    from dsp_pipeline.ml.statistics.arrays import Floats, Integers

MOST_MEASURES = 12
MOST_BREAKDOWNS = 10
NAMED_SHARE = 0.01
_WORTH_CONFIRMING = 0.5
_FEWEST_LEVELS = 3
_FAR = 0.8
"""Standard deviations from which on a difference is called large (Cohen 1988, section 2.2)."""


@dataclasses.dataclass(frozen=True)
class Standing:
    """A group and the next one.

    Attributes:
        measure: What is compared.
        breakdown: What it is compared by.
        level: The group that stands out.
        rivals: The other groups that are large enough to be compared with.
        contrast: How far it lies from the nearest of them, in standard deviations of the ranks.
    """

    measure: Measure
    breakdown: Breakdown
    level: int
    rivals: Integers
    contrast: Contrast


def pairs_to_compare(view: View) -> Iterator[tuple[Measure, Breakdown]]:
    """The foremost measures with the foremost breakdowns that are another subject and no numbers."""
    for measure in view.measures[:MOST_MEASURES]:
        for breakdown in view.breakdowns[:MOST_BREAKDOWNS]:
            # What is highest at one end of a number is a correlation, not a value that stands out.
            is_number = view.roles[breakdown.name] is Role.MEASURE
            apart = view.copies[measure.name] != view.copies[breakdown.name]
            if not is_number and apart and not view.is_determined(measure, breakdown):
                yield measure, breakdown


def moments_by(view: View, measure: Measure, breakdown: Breakdown, half: Half) -> Moments:
    """The moments of the measure's standardised ranks per level, in the rows of a half."""
    sampled = view.sampled(measure, half)
    return Moments.of(sampled.scores, view.codes_in(breakdown, half)[sampled.kept], len(breakdown.levels))


class _Outstanding(Pattern[Standing]):
    """The interface's parts that both directions share."""

    topic = "relation"
    acts = "segment"
    least_effect = 0.2
    sign: ClassVar[float]
    end: ClassVar[str]
    extent: ClassVar[str]

    def measure(self, view: View) -> Iterator[Measured[Standing]]:
        """Every measure by every breakdown: who leads is looked for in one half, the lead tested in the other.

        The null hypothesis is that some other group is as high. It is rejected if each of them is: the largest of
        the one-sided p of Welch's tests against them (Berger 1982, Technometrics 24:295-300).
        """
        for measure, breakdown in pairs_to_compare(view):
            standing = self._standing(view, measure, breakdown)
            if standing is None:
                continue
            share = float(breakdown.counts[standing.level] / view.rows)
            value = standing.contrast.value
            yield Measured(
                columns=(measure.name, breakdown.name),
                n=int(breakdown.grouping.rows_with(measure).sum()),
                effect=value,
                effect_name="distance to the next group, in standard deviations of the ranks",
                strength=min(1.0, 0.3 + 0.5 * max(0.0, value)),
                impact=share**0.5 * view.interest(measure.name, breakdown.name),
                detail=standing,
                p=standing.contrast.p,
                ci=standing.contrast.interval,
                subspace={breakdown.name: breakdown.levels[standing.level]},
                confirmed_on=len(view.halves.confirm),
            )

    def _standing(self, view: View, measure: Measure, breakdown: Breakdown) -> Standing | None:
        searched = moments_by(view, measure, breakdown, "search")
        named = np.flatnonzero(searched.n >= max(FEWEST, NAMED_SHARE * searched.n.sum()))
        if len(named) < _FEWEST_LEVELS:
            return None
        order = named[np.argsort(-self.sign * searched.mean[named], kind="stable")]
        lead = self.sign * float(searched.mean[order[0]] - searched.mean[order[1]])
        if lead < _WORTH_CONFIRMING * self.least_effect:
            return None
        confirming = moments_by(view, measure, breakdown, "confirm")
        level, rivals = int(order[0]), order[1:]
        found = differences(confirming.at(level), confirming.at(rivals))
        signed = [each.signed(self.sign) for each in found]
        weakest = max(signed, key=lambda each: (each.p, -each.value))
        return Standing(measure, breakdown, level, rivals, weakest)

    def word(self, view: View, found: Measured[Standing]) -> Wording | None:
        """The group, the next one, and all; None where neither averages nor medians order them as ranks do."""
        standing = found.detail
        measure, breakdown, level = standing.measure, standing.breakdown, standing.level
        figures = self._figures(standing)
        if figures is None:
            return None
        values = figures.values
        rivals, named = standing.rivals, np.append(standing.rivals, level)
        second = int(rivals[np.argmax(self.sign * values[rivals])])
        what = figures.what(view)
        edge = float(values[second])
        belied = figures.leaves_out(named, high=edge) if self.sign > 0 else figures.leaves_out(named, low=edge)
        degree = "by far" if found.effect >= _FAR else "clearly"
        none = f"no other {'compared ' if belied else ''}value of {breakdown.said} is as {self.extent}"
        return Wording(
            statement=words.sentence(
                f"the {what} is {degree} the {self.end} {breakdown.at(level)}: {measure.say(values[level])}, "
                "against "
                f"{measure.say(values[second])} {breakdown.at(second)}, which comes next, and "
                f"{measure.say(figures.overall)} overall."
            )
            + (left_out(view, breakdown) if belied else ""),
            action=(
                f"Use {measure.said} to tell {breakdown.say(level)} from the others: {none}."
                if breakdown.name == view.model.target
                else f"Look at {breakdown.say(level)} apart, and find out what is different there: {none}."
            ),
            evidence=evidence.select(
                (figures.sql(breakdown.condition(level)), "first"),
                (figures.sql(breakdown.condition(second)), "next"),
                (figures.sql(None), "overall"),
            ),
            chart=level_chart(view, figures, breakdown, told=(level, second), among=named.tolist()),
        )

    def _figures(self, standing: Standing) -> Figures | None:
        for figures in Figures.fitting(standing.measure, standing.breakdown.codes, len(standing.breakdown.levels)):
            values: Floats = self.sign * figures.values
            if values[standing.level] > np.max(values[standing.rivals]):
                return figures
        return None


class OutstandingFirst(_Outstanding):
    """The group with clearly the highest values."""

    type = "outstanding_first"
    sign = 1.0
    end = "highest"
    extent = "high"


class OutstandingLast(_Outstanding):
    """The group with clearly the lowest values."""

    type = "outstanding_last"
    sign = -1.0
    end = "lowest"
    extent = "low"
