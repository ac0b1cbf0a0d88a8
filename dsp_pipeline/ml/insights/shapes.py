"""What single measures look like: their usual range, long tails, and totals held by few rows."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.insights import ChartHint
from dsp_pipeline.ml.insights import evidence, words
from dsp_pipeline.ml.insights.pattern import Measured, Pattern, Wording

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsp_pipeline.ml.insights.subjects import Measure
    from dsp_pipeline.ml.insights.view import View

_LONG_TAIL = 2.0
_HOLDS_MUCH = 0.4
_FEWEST = 20


@dataclasses.dataclass(frozen=True)
class Spread:
    """A measure with three of its quantiles."""

    measure: Measure
    low: float
    median: float
    high: float


def _spreads(view: View) -> Iterator[Spread]:
    for measure in view.measures:
        figures = measure.profile.statistics
        low, middle, high = (figures.get(name) for name in ("q05", "median", "q95"))
        enough = not measure.is_rate and measure.profile.count >= _FEWEST
        if enough and isinstance(low, float) and isinstance(middle, float) and isinstance(high, float):
            yield Spread(measure, low, middle, high)


def _quantile(measure: Measure, share: float) -> str:
    return f"QUANTILE_CONT({measure.sql}, {share})"


class UsualRange(Pattern[Spread]):
    """Where nine in ten values lie."""

    type = "usual_range"

    def measure(self, view: View) -> Iterator[Measured[Spread]]:
        """Every measure."""
        for spread in _spreads(view):
            yield Measured(
                columns=(spread.measure.name,),
                n=spread.measure.profile.count,
                effect=spread.high - spread.low,
                effect_name="width of the range",
                strength=0.2,
                impact=0.3 * view.interest(spread.measure.name),
                detail=spread,
            )

    def word(self, view: View, found: Measured[Spread]) -> Wording:  # noqa: ARG002 - the interface's
        """The 5th and 95th percentile, and the median."""
        spread, measure = found.detail, found.detail.measure
        return Wording(
            statement=words.sentence(
                f"nine in ten values of {measure.said} lie between {measure.say(spread.low)} and "
                f"{measure.say(spread.high)}; the median is {measure.say(spread.median)}."
            ),
            action=f"Watch for {measure.said} outside this range in the next drop: that would be unusual.",
            evidence=evidence.select(
                (_quantile(measure, 0.05), "low"),
                (_quantile(measure, 0.95), "high"),
                (_quantile(measure, 0.5), "median"),
            ),
            chart=ChartHint(kind="histogram", columns=[measure.name]),
        )


class LongTail(Pattern[Spread]):
    """A measure of which a few values are much larger or smaller than the rest."""

    type = "long_tail"

    def measure(self, view: View) -> Iterator[Measured[Spread]]:
        """Every measure whose skewness is 2 at least, either way."""
        for spread in _spreads(view):
            skewness = spread.measure.profile.statistics.get("skewness")
            if isinstance(skewness, float) and abs(skewness) >= _LONG_TAIL and spread.low < spread.high:
                yield Measured(
                    columns=(spread.measure.name,),
                    n=spread.measure.profile.count,
                    effect=skewness,
                    effect_name="skewness",
                    strength=min(0.75, 0.3 + abs(skewness) / 20),
                    impact=0.5 * view.interest(spread.measure.name),
                    detail=spread,
                )

    def word(self, view: View, found: Measured[Spread]) -> Wording:  # noqa: ARG002 - the interface's
        """The median, and what the far end of the tail reaches."""
        spread, measure = found.detail, found.detail.measure
        right = found.effect > 0
        end = spread.high if right else spread.low
        side, other, reach = (
            ("at or below", "highest", "or more") if right else ("at or above", "lowest", "or less")
        )
        return Wording(
            statement=words.sentence(
                f"half of all values of {measure.said} are {side} {measure.say(spread.median)}, yet the "
                f"{other} 5% reach {measure.say(end)} {reach}."
            ),
            action=f"Use the median for a typical {measure.said}: the average is pulled by the tail.",
            evidence=evidence.select(
                (_quantile(measure, 0.5), "median"), (_quantile(measure, 0.95 if right else 0.05), "tail")
            ),
            chart=ChartHint(kind="histogram", columns=[measure.name]),
        )


@dataclasses.dataclass(frozen=True)
class Holding:
    """How much of a measure's total the largest tenth of rows holds."""

    measure: Measure
    threshold: float
    share: float


class TotalHeldByFew(Pattern[Holding]):
    """A total of which a tenth of the rows holds a large part."""

    type = "total_held_by_few"

    def measure(self, view: View) -> Iterator[Measured[Holding]]:
        """Every measure without negative values whose largest tenth holds 40 % of the total at least."""
        for measure in view.measures:
            if measure.is_rate or measure.profile.count < _FEWEST or measure.profile.statistics.get("negatives"):
                continue
            values = measure.values[measure.present]
            total = float(values.sum())
            threshold = float(np.quantile(values, 0.9, method="lower"))
            above = values[values > threshold]
            share = float(above.sum() / total) if total > 0 and np.isfinite(total) else 0.0
            if share >= _HOLDS_MUCH and len(above):
                yield Measured(
                    columns=(measure.name,),
                    n=len(values),
                    effect=share,
                    effect_name="share of the total",
                    strength=share,
                    impact=0.6 * view.interest(measure.name),
                    detail=Holding(measure, threshold, share),
                )

    def word(self, view: View, found: Measured[Holding]) -> Wording:
        """The rows above the threshold, and their share of the total."""
        holding, measure = found.detail, found.detail.measure
        above = f"{measure.sql} > {evidence.literal(holding.threshold)}"
        share_of_rows = float((measure.values[measure.present] > holding.threshold).mean())
        return Wording(
            statement=words.sentence(
                f"the {words.percent(share_of_rows)} of {view.noun} with {measure.said} above "
                f"{measure.say(holding.threshold)} hold {words.percent(holding.share)} of its total."
            ),
            action=f"Treat these {view.noun} one by one: most of the total of {measure.said} is decided there.",
            evidence=evidence.select(
                (evidence.share(above, f"{measure.sql} IS NOT NULL"), "percent_of_rows"),
                (f"1e2 * SUM(CASE WHEN {above} THEN {measure.sql} END) / SUM({measure.sql})", "percent_of_total"),
                (evidence.literal(holding.threshold), "above"),
            ),
            chart=ChartHint(kind="histogram", columns=[measure.name]),
        )
