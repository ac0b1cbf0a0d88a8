"""Differences of a measure between groups."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.insights import ChartHint
from dsp_pipeline.ml.insights import evidence, words
from dsp_pipeline.ml.insights.figures import Figures, left_out, level_chart
from dsp_pipeline.ml.insights.intervals import explained_interval
from dsp_pipeline.ml.insights.pattern import Measured, Pattern, Wording
from dsp_pipeline.ml.statistics.significance import chi_squared_p

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsp_pipeline.ml.insights.subjects import Breakdown, Measure
    from dsp_pipeline.ml.insights.view import View
    from dsp_pipeline.ml.statistics.arrays import Floats, Integers

_DETERMINED = 0.95
_FEWEST_IN_GROUP = 5
_NAMED_SHARE = 0.01
_FEWEST_ROWS = 20
_ROUNDING = 1e-12


@dataclasses.dataclass(frozen=True)
class Groups:
    """A measure's groups.

    Attributes:
        measure: What is measured.
        breakdown: What it is compared by.
        counts: Rows with both, per level.
        mean_scores: Mean of the standardised ranks per level; NaN without rows.
    """

    measure: Measure
    breakdown: Breakdown
    counts: Integers
    mean_scores: Floats


@dataclasses.dataclass(frozen=True)
class RankTest:
    """Kruskal and Wallis's test of groups, with its effect."""

    p: float
    effect: float
    ci: tuple[float, float]


def rank_test(scores: Floats, codes: Integers, levels: int) -> tuple[RankTest, Integers, Floats] | None:
    """`rank_test_of` scores with their groups.

    Args:
        scores: One finite score per row.
        codes: Each row's group from 0.
        levels: Number of groups.

    Returns:
        The test, rows per group and mean score per group, less that of all; None as there.
    """
    counts = np.bincount(codes, minlength=levels)
    centred = scores - scores.mean() if len(scores) else scores
    sums = np.bincount(codes, weights=centred, minlength=levels).astype(np.float64)
    tested = rank_test_of(counts, sums, float(np.sum(centred * centred)))
    return None if tested is None else (tested[0], counts, tested[1])


def rank_test_of(counts: Integers, sums: Floats, squares: float) -> tuple[RankTest, Floats] | None:
    """Whether scores differ between groups: ``H = (n - 1) * eta^2``, chi-squared with k - 1 degrees of freedom.

    The effect is epsilon squared, ``(H - k + 1) / (n - k)``: the share of the ranks' variance that the groups
    explain, free of the bias that many groups bring (Kelley 1935).

    Args:
        counts: Rows per group.
        sums: The sum of the scores per group.
        squares: The sum of their squares over all groups.

    Returns:
        The test, and the mean score per group less that of all; None with fewer than two groups or no variation.
    """
    groups, n = int((counts > 0).sum()), int(counts.sum())
    mean = float(sums.sum()) / n if n else 0.0
    total = squares - n * mean * mean
    if groups < 2 or n <= groups or total <= _ROUNDING * squares:  # noqa: PLR2004 - a comparison needs two groups
        return None
    with np.errstate(invalid="ignore", divide="ignore"):
        means = sums / counts - mean
    between = float(np.nansum(counts * means**2))
    statistic = (n - 1) * min(1.0, between / total)
    effect = (statistic - groups + 1) / (n - groups)
    p = chi_squared_p(statistic, groups - 1)
    return RankTest(p, max(0.0, effect), explained_interval(statistic, groups - 1, n)), means


class GroupDifference(Pattern[Groups]):
    """A measure that differs between the values of another column."""

    type = "group_difference"
    acts = "segment"
    topic = "relation"
    least_effect = 0.01

    def measure(self, view: View) -> Iterator[Measured[Groups]]:
        """Every measure by every breakdown, ranks tested by Kruskal and Wallis."""
        for measure in view.measures:
            for breakdown in view.breakdowns:
                if self._is_apart(view, measure, breakdown):
                    found = self._compare(view, measure, breakdown)
                    if found:
                        yield found

    def _is_apart(self, view: View, measure: Measure, breakdown: Breakdown) -> bool:
        """Whether the two are different subjects, and not the same pair of flags the other way round."""
        if view.copies[measure.name] == view.copies[breakdown.name]:
            return False
        of_target = breakdown.flagged and breakdown.name == view.model.target
        if of_target and measure.name in {each.name for each in view.breakdowns}:
            # The share of the target by a column is what people ask for, not the column by the target.
            return False
        both = {measure.name, breakdown.name}
        flags = {each.name for each in view.measures if each.is_rate}
        if both <= flags:
            return measure.name == (view.model.target if view.model.target in both else max(both))
        return True

    def _compare(self, view: View, measure: Measure, breakdown: Breakdown) -> Measured[Groups] | None:
        by = breakdown.grouping
        counts = by.rows_with(measure)
        n = int(counts.sum())
        if n < _FEWEST_ROWS:
            return None
        tested = rank_test_of(counts, view.score_sums(measure, breakdown), by.squares(measure))
        if tested is None:
            return None
        test, means = tested
        if test.effect >= _DETERMINED and not measure.is_rate and len(breakdown.levels) > 2:  # noqa: PLR2004
            return None
        return Measured(
            columns=(measure.name, breakdown.name),
            n=n,
            effect=test.effect,
            effect_name="share of the ranks' variance between groups (epsilon squared)",
            strength=min(1.0, test.effect**0.5 * 1.2),
            impact=n / view.rows * view.interest(measure.name, breakdown.name),
            detail=Groups(measure, breakdown, counts, means),
            p=test.p,
            ci=test.ci,
        )

    def word(self, view: View, found: Measured[Groups]) -> Wording | None:
        """The highest and the lowest group, against all."""
        groups = found.detail
        measure, breakdown = groups.measure, groups.breakdown
        contrast = _contrast(groups)
        if contrast is None:
            return None
        top, bottom, figures = contrast.top, contrast.bottom, contrast.figures
        return Wording(
            statement=_say(view, breakdown, contrast),
            action=_advise(view, measure, breakdown, top),
            evidence=evidence.select(
                (figures.sql(breakdown.condition(top)), "highest"),
                (figures.sql(breakdown.condition(bottom)), "lowest"),
                (figures.sql(None), "overall"),
            ),
            chart=(
                level_chart(view, figures, breakdown, told=(top, bottom), among=contrast.named.tolist())
                if measure.is_rate
                else ChartHint(kind="box", columns=[measure.name, breakdown.name])
            ),
        )


@dataclasses.dataclass(frozen=True)
class _Contrast:
    """The highest and the lowest group, and the figures that tell them.

    Attributes:
        top: The highest of the named groups.
        bottom: The lowest of them.
        figures: Averages or medians of all groups.
        named: The groups that are large enough to be named.
    """

    top: int
    bottom: int
    figures: Figures
    named: Integers

    @property
    def leaves_out(self) -> bool:
        """Whether a group that is too small to be named lies beyond those that are."""
        values = self.figures.values
        return self.figures.leaves_out(self.named, low=float(values[self.bottom]), high=float(values[self.top]))


def _contrast(groups: Groups) -> _Contrast | None:
    """The groups to tell of those that are large enough to be named.

    Averages are quoted where they order the two groups as the tested ranks do, else medians; None if neither does.
    """
    floor = max(_FEWEST_IN_GROUP, _NAMED_SHARE * groups.counts.sum())
    named = np.flatnonzero(groups.counts >= min(floor, np.sort(groups.counts)[-2:][0]))
    for figures in Figures.fitting(groups.measure, groups.breakdown.codes, len(groups.breakdown.levels)):
        values = figures.values
        top, bottom = int(named[np.argmax(values[named])]), int(named[np.argmin(values[named])])
        if values[top] > values[bottom] and groups.mean_scores[top] > max(0.0, groups.mean_scores[bottom]):
            return _Contrast(top, bottom, figures, named)
    return None


def _say(view: View, breakdown: Breakdown, contrast: _Contrast) -> str:
    figures = contrast.figures
    say = figures.measure.say
    high, low = say(float(figures.values[contrast.top])), say(float(figures.values[contrast.bottom]))
    at_top, at_bottom = breakdown.at(contrast.top), breakdown.at(contrast.bottom)
    if len(breakdown.levels) == 2:  # noqa: PLR2004 - two groups are one comparison
        return words.sentence(f"the {figures.what(view)} is {high} {at_top}, against {low} {at_bottom}.")
    told = words.sentence(
        f"the {figures.what(view)} is highest {at_top} ({high}) and lowest {at_bottom} ({low}); overall it is "
        f"{say(figures.overall)}."
    )
    if contrast.leaves_out:
        told += left_out(view, breakdown)
    return told


def _advise(view: View, measure: Measure, breakdown: Breakdown, top: int) -> str:
    if view.model.target == breakdown.name:
        return f"Use {measure.said} to tell the values of {breakdown.said} apart: its groups differ clearly."
    return (
        f"Report {measure.said} by {breakdown.said} rather than as one figure, and look first at "
        f"{breakdown.say(top)}: one overall figure hides the difference."
    )
