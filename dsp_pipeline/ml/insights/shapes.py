"""What single measures look like: their usual range, long tails, and totals held by few rows."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.insights import ChartHint
from dsp_pipeline.ml.insights import evidence, words
from dsp_pipeline.ml.insights.additive import is_relative
from dsp_pipeline.ml.insights.pattern import Measured, Pattern, Wording
from dsp_pipeline.ml.insights.view import MOST_MEASURES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dsp_pipeline.ml.insights.subjects import Measure
    from dsp_pipeline.ml.insights.view import View

_LONG_TAIL = 2.0
_HOLDS_MUCH = 0.4
_MAJORITY = 0.5
_FEWEST = 20
_FEWEST_FOR_RANGE = 5


@dataclasses.dataclass(frozen=True)
class Spread:
    """A measure with three of its quantiles."""

    measure: Measure
    low: float
    median: float
    high: float


def _spreads(measures: Iterable[Measure], *, fewest: int = _FEWEST) -> Iterator[Spread]:
    for measure in measures:
        figures = measure.profile.statistics
        low, middle, high = (figures.get(name) for name in ("q05", "median", "q95"))
        enough = not measure.is_rate and measure.profile.count >= fewest
        if enough and isinstance(low, float) and isinstance(middle, float) and isinstance(high, float):
            yield Spread(measure, low, middle, high)


def _quantile(measure: Measure, share: float) -> str:
    return f"QUANTILE_CONT({measure.sql}, {share})"


class UsualRange(Pattern[Spread]):
    """Where nine in ten values lie, or all of them where they are few."""

    type = "usual_range"

    def measure(self, view: View) -> Iterator[Measured[Spread]]:
        """Every measure, and coordinates."""
        for spread in _spreads(list(view.every_measure.values())[:MOST_MEASURES], fewest=_FEWEST_FOR_RANGE):
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
        """The 5th and 95th percentile, or both ends, and the median."""
        spread, measure = found.detail, found.detail.measure
        few = measure.profile.count < _FEWEST
        outer = (0.0, 1.0) if few else (0.05, 0.95)
        values = measure.values[measure.present]
        low, high = (float(values.min()), float(values.max())) if few else (spread.low, spread.high)
        which = f"all {words.count(measure.profile.count)}" if few else "nine in ten"
        return Wording(
            statement=words.sentence(
                f"{which} values of {measure.said} lie between {measure.say(low)} and {measure.say(high)}; the "
                "median "
                f"is {measure.say(spread.median)}."
            ),
            action=(
                f"Watch for {measure.said} outside this range in the next drop: none is so far."
                if few
                else f"Watch for more than one in ten values of {measure.said} outside this range in the next "
                "drop: that would be unusual."
            ),
            evidence=evidence.select(
                (_quantile(measure, outer[0]), "low"),
                (_quantile(measure, outer[1]), "high"),
                (_quantile(measure, 0.5), "median"),
            ),
            chart=ChartHint(kind="histogram", columns=[measure.name]),
        )


class LongTail(Pattern[Spread]):
    """A measure of which a few values are much larger or smaller than the rest."""

    type = "long_tail"

    def measure(self, view: View) -> Iterator[Measured[Spread]]:
        """Every measure whose skewness is 2 at least, either way."""
        for spread in _spreads(view.measures):
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
    acts = "segment"

    def measure(self, view: View) -> Iterator[Measured[Holding]]:
        """Every measure without negative values whose largest tenth holds 40 % of the total at least."""
        for measure in view.measures:
            few = measure.profile.count < _FEWEST or measure.profile.distinct < _FEWEST
            if measure.is_rate or few or is_relative(measure) or measure.profile.statistics.get("negatives"):
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
                f"{measure.say(holding.threshold)} hold {words.percent(holding.share)} of the total of "
                f"{measure.said}."
            ),
            action=(
                f"Treat these {view.noun} one by one: {'most' if holding.share > _MAJORITY else 'much'} of the "
                f"total of {measure.said} is decided there."
            ),
            evidence=evidence.select(
                (evidence.share(above, f"{measure.sql} IS NOT NULL"), "percent_of_rows"),
                (f"1e2 * SUM(CASE WHEN {above} THEN {measure.sql} END) / SUM({measure.sql})", "percent_of_total"),
                (evidence.literal(holding.threshold), "above"),
            ),
            chart=ChartHint(kind="histogram", columns=[measure.name]),
        )


class LowVariance(Pattern[Spread]):
    """A measure that hardly varies."""

    type = "low_variance"
    acts = "drop"
    _most = 0.05

    def measure(self, view: View) -> Iterator[Measured[Spread]]:
        """Every measure of one sign of which nine in ten values lie within 5 % of the median."""
        for spread in _spreads(view.measures):
            middle = abs(spread.median)
            apart = max(spread.high - spread.median, spread.median - spread.low)
            if spread.low * spread.high > 0 and apart <= self._most * middle:
                yield Measured(
                    columns=(spread.measure.name,),
                    n=spread.measure.profile.count,
                    effect=apart / middle,
                    effect_name="distance of nine in ten values from the median, as a share of it",
                    strength=0.45,
                    impact=0.4 * view.interest(spread.measure.name),
                    detail=spread,
                )

    def word(self, view: View, found: Measured[Spread]) -> Wording:
        """The 5th and 95th percentile, and how close they lie."""
        spread, measure = found.detail, found.detail.measure
        low, median, high = (_quantile(measure, share) for share in (0.05, 0.5, 0.95))
        apart = f"CASE WHEN {high} - {median} > {median} - {low} THEN {high} - {median} ELSE {median} - {low} END"
        return Wording(
            statement=words.sentence(
                f"{measure.said} hardly varies: nine in ten values lie between {measure.say(spread.low)} and "
                f"{measure.say(spread.high)}, within {words.percent(found.effect)} of the median."
            ),
            action=(
                f"Leave {measure.said} out of comparisons unless so little matters: it is nearly the same for all "
                f"{view.noun}."
            ),
            evidence=evidence.select(
                (low, "low"), (high, "high"), (f"1e2 * ({apart}) / ABS({median})", "percent")
            ),
            chart=ChartHint(kind="histogram", columns=[measure.name]),
        )
