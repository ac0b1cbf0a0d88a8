"""A group of rows outside the range of many others."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from dsp_pipeline.ml.insights import evidence, words
from dsp_pipeline.ml.insights.contrast import FEWEST, contrast
from dsp_pipeline.ml.insights.figures import Figures, level_chart
from dsp_pipeline.ml.insights.pattern import Measured, Pattern, Wording
from dsp_pipeline.ml.insights.standing import NAMED_SHARE, moments_by, pairs_to_compare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsp_pipeline.ml.insights.subjects import Breakdown, Measure
    from dsp_pipeline.ml.insights.view import View
    from dsp_pipeline.ml.statistics.arrays import Floats, Integers


@dataclasses.dataclass(frozen=True)
class Outlier:
    """A group far from all others, which lie close together.

    Attributes:
        measure: What is compared.
        breakdown: What it is compared by.
        level: The group.
        others: The groups it is compared with.
    """

    measure: Measure
    breakdown: Breakdown
    level: int
    others: Integers


class CategoryOutlier(Pattern[Outlier]):
    """A group that lies outside the range of many others."""

    type = "category_outlier"
    topic = "relation"
    acts = "segment"
    least_effect = 0.3
    _fewest = 6

    def measure(self, view: View) -> Iterator[Measured[Outlier]]:
        """Every measure by every breakdown with six groups at least, by two tests that must both be passed.

        Grubbs's test of the groups' means (1950, Ann. Math. Stat. 21:27-58) asks whether the one furthest from the
        mean of all is too far for as many groups; Welch's test against the rows of all others, times the number
        of groups, asks whether its own few rows could have done it.
        """
        for measure, breakdown in pairs_to_compare(view):
            everything = moments_by(view, measure, breakdown, "both")
            named = np.flatnonzero(everything.n >= max(FEWEST, NAMED_SHARE * everything.n.sum()))
            if len(named) < self._fewest:
                continue
            means = everything.mean[named]
            place = int(np.argmax(np.abs(means - means.mean())))
            others = np.delete(named, place)
            rest = everything.pooled(others)
            apart = contrast([(1.0, everything.at(named[place])), (-1.0, rest)])
            sign = 1.0 if apart.value > 0 else -1.0
            level = int(named[place])
            yield Measured(
                columns=(measure.name, breakdown.name),
                n=int(everything.n[named].sum()),
                effect=apart.value,
                effect_name="distance to all others, in standard deviations of the ranks",
                strength=min(1.0, 0.5 + 0.5 * abs(apart.value)),
                impact=float(breakdown.counts[level] / view.rows) ** 0.5
                * view.interest(measure.name, breakdown.name),
                detail=Outlier(measure, breakdown, level, others),
                p=max(grubbs_p(means, place), min(1.0, 2 * len(named) * apart.signed(sign).p)),
                ci=apart.interval,
                subspace={breakdown.name: breakdown.levels[level]},
            )

    def word(self, view: View, found: Measured[Outlier]) -> Wording | None:
        """The group, and the range of all others."""
        outlier = found.detail
        measure, breakdown, level, others = outlier.measure, outlier.breakdown, outlier.level, outlier.others
        for figures in Figures.fitting(measure, breakdown.codes, len(breakdown.levels)):
            low, high = float(figures.values[others].min()), float(figures.values[others].max())
            value = float(figures.values[level])
            if (value > high) if found.effect > 0 else (value < low):
                break
        else:
            return None
        conditions = [breakdown.condition(int(other)) for other in others]
        each = evidence.grouped(
            evidence.identifier(breakdown.name),
            [(figures.sql(None), "v")],
            where=" OR ".join(conditions),
        )
        return Wording(
            statement=words.sentence(
                f"{breakdown.say(level)} stands apart: the {figures.what(view)} is {measure.say(value)} there, "
                "while "
                f"it lies between {measure.say(low)} and {measure.say(high)} for each of the other {len(others)} "
                f"{breakdown.values_of(len(others) + 1)}."
            ),
            action=(
                f"Find out what is different about {breakdown.say(level)}, and compare the others without it: it "
                "would pull any overall figure."
            ),
            evidence=evidence.select(
                (evidence.figure(figures.sql(breakdown.condition(level))), "here"),
                ("MIN(v)", "lowest_other"),
                ("MAX(v)", "highest_other"),
                ("COUNT(v)", "others"),
                source=each,
            ),
            chart=level_chart(view, figures, breakdown, told=(level,), among=[level, *map(int, others)]),
        )


def grubbs_p(values: Floats, place: int) -> float:
    """Grubbs's p that the value furthest from the mean belongs to the same normal sample, two-sided."""
    n = len(values)
    spread = float(values.std(ddof=1))
    if not spread > 0 or n < 3:  # noqa: PLR2004 - two values are never outliers of each other
        return 1.0
    g = abs(float(values[place] - values.mean())) / spread
    most = (n - 1) / np.sqrt(n)
    if g >= most:
        return 0.0
    t = np.sqrt(n * (n - 2) * g * g / ((n - 1) ** 2 - n * g * g))
    return float(min(1.0, 2 * n * special.stdtr(n - 2, -t)))
