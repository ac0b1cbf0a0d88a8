"""What a statement quotes of groups of rows: averages, or medians where those say what the test says."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.insights import ChartHint, ChartPoint
from dsp_pipeline.ml.insights import evidence, words
from dsp_pipeline.ml.insights.grouping import means_by, medians_by

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dsp_pipeline.ml.insights.subjects import Breakdown, Measure
    from dsp_pipeline.ml.insights.view import View
    from dsp_pipeline.ml.statistics.arrays import Floats, Integers

MOST_BARS = 12


@dataclasses.dataclass(frozen=True)
class Figures:
    """A measure's average or median in each group of rows.

    Attributes:
        measure: The measure.
        values: One per group, a percentage for rates; NaN without rows.
        overall: That of all rows with a value.
        are_medians: Whether they are medians.
    """

    measure: Measure
    values: Floats
    overall: float
    are_medians: bool

    @classmethod
    def fitting(cls, measure: Measure, codes: Integers, levels: int) -> Iterator[Figures]:
        """The averages, unless single values decide them, and then the medians, unless it is a rate."""
        rows = measure.present & (codes >= 0)
        values, groups = measure.values[rows], codes[rows]
        if not measure.tail_is_heavy:
            means = means_by(values, groups, levels)
            scale = 100.0 if measure.is_rate else 1.0
            yield cls(
                measure, scale * means, scale * float(measure.values[measure.present].mean()), are_medians=False
            )
        if not measure.is_rate:
            yield cls(
                measure,
                medians_by(values, groups, levels),
                float(np.median(measure.values[measure.present])),
                are_medians=True,
            )

    def what(self, view: View) -> str:
        """What a sentence calls them: average price, share of orders with returned."""
        if self.measure.is_rate:
            return self.measure.share_of(view.noun)
        return f"{'median' if self.are_medians else 'average'} {self.measure.counted}"

    def leaves_out(self, named: Integers, *, low: float = -np.inf, high: float = np.inf) -> bool:
        """Whether a group with rows that is not among those named lies outside of a range."""
        others = np.delete(self.values, named)
        return bool(np.any((others > high) | (others < low)))

    def sql(self, condition: str | None) -> str:
        """The figure of the rows that meet a condition, in SQL."""
        return (evidence.median if self.are_medians else evidence.average)(self.measure.sql, condition)


def left_out(view: View, breakdown: Breakdown) -> str:
    """The sentence after a statement that a group too small to be compared would belie."""
    return f" Values of {breakdown.said} with too few {view.noun} to compare are left out."


def level_chart(
    view: View,
    figures: Figures,
    breakdown: Breakdown,
    *,
    told: Sequence[int],
    among: Sequence[int] | None = None,
) -> ChartHint:
    """Bars of the largest groups and of those that the statement names, the highest first."""
    candidates = np.asarray(among if among is not None else np.arange(len(breakdown.levels)))
    largest = candidates[np.argsort(-breakdown.counts[candidates], kind="stable")][:MOST_BARS]
    shown = {int(level) for level in [*told, *largest] if np.isfinite(figures.values[level])}
    return ChartHint(
        kind="bar",
        columns=[figures.measure.name, breakdown.name],
        title=words.sentence(f"{figures.measure.said} by {breakdown.said}"),
        value_title=value_title(view, figures.measure, figures.what(view)),
        points=[
            ChartPoint(label=breakdown.say(level), value=float(figures.values[level]), told=level in told)
            for level in sorted(shown, key=lambda level: (-figures.values[level], level))
        ],
    )


def value_title(view: View, measure: Measure, what: str) -> str:
    """The title of an axis, with its unit: "% of orders with returned", "average price (EUR)"."""
    if measure.is_rate:
        return f"% {measure.share_of(view.noun).removeprefix('share ')}"
    unit = words.unit_of(measure.name)
    return f"{what} ({unit})" if unit else what
