"""Which family of distributions a column of numbers comes from or is close to, if any."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

from dsp_pipeline.core.artifacts.profile import Distribution, QuantilePair
from dsp_pipeline.core.numbers import written
from dsp_pipeline.ml.statistics import goodness
from dsp_pipeline.ml.statistics.count_families import COUNTS, CountFamily
from dsp_pipeline.ml.statistics.descriptive import quantile
from dsp_pipeline.ml.statistics.families import CONTINUOUS, Family
from dsp_pipeline.ml.statistics.modality import modality
from dsp_pipeline.ml.statistics.samples import evenly_spaced

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.ml.statistics.arrays import Floats, Integers
    from dsp_pipeline.ml.statistics.families import Parameters

F = TypeVar("F", Family, CountFamily)

FEWEST_VALUES = 30
CLOSE = 0.05
"""The largest distance between cumulative shares at which a family is called close."""
SIGNIFICANT = 0.05
_MOST_VALUES, _BRIEF_VALUES = 5_000, 1_000
_MOST_COUNT_VALUES = 100
_NEXT_FAMILIES = 4
_SHARES = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)


@dataclasses.dataclass(frozen=True)
class Fit(Generic[F]):
    """One family fitted to values.

    Attributes:
        family: Which.
        fitted: Its parameters by maximum likelihood, as arrays of one row.
        log_likelihood: Natural log, summed over the values.
    """

    family: F
    fitted: Parameters
    log_likelihood: float

    @property
    def aic(self) -> float:
        """Akaike's information criterion; less is better."""
        return 2 * len(self.fitted) - 2 * self.log_likelihood

    @property
    def parameters(self) -> dict[str, float]:
        """The estimates under their names."""
        return {name: float(each.item()) for name, each in zip(self.family.parameters, self.fitted, strict=True)}

    @property
    def is_usable(self) -> bool:
        """Whether the iterations led anywhere."""
        return math.isfinite(self.log_likelihood) and all(map(math.isfinite, self.parameters.values()))


def closest_family(ordered: Floats, *, whole: bool, brief: bool = False) -> Distribution:
    """The family with the least AIC, if the values come from it or are close to it; ``family=None`` otherwise.

    Families are fitted by maximum likelihood to at most 5,000 evenly spaced order statistics; counts below 100
    to all values. A family is named if the cumulative shares differ by at most 5 percentage points, or by no
    more than chance allows (p above 0.05, with the parameters estimated; see `goodness`).

    Args:
        ordered: The finite values in ascending order.
        whole: Whether all are whole numbers.
        brief: Whether to leave out what costs much: the p of families that need their own samples, and the dip
            test.
    """
    count = len(ordered)
    if count < FEWEST_VALUES:
        return Distribution(family=None, text=f"Too few values ({count}) to name a distribution.")
    if ordered[0] == ordered[-1]:
        return Distribution(family=None, text="All values are the same.")
    if not math.isfinite(ordered[-1] - ordered[0]):
        return Distribution(family=None, text="The values span more than can be computed with.")
    with np.errstate(all="ignore"):
        if whole and ordered[0] >= 0 and ordered[-1] < _MOST_COUNT_VALUES:
            return _of_counts(ordered, brief=brief)
        return _of_measurements(ordered, brief=brief)


def fit(family: Family, ordered: Floats) -> Fit[Family] | None:
    """A family fitted to ascending values; None where it cannot be."""
    if not family.suits(ordered):
        return None
    row = ordered[None, :]
    fitted = family.estimate(row)
    made = Fit(family, fitted, float(family.log_density(row, *fitted).sum()))
    return made if made.is_usable else None


def fit_counts(family: CountFamily, counts: Integers) -> Fit[CountFamily] | None:
    """A family fitted to how often 0, 1, 2 ... occur; None where it cannot be."""
    row = counts[None, :].astype(np.float64)
    k = np.arange(len(counts), dtype=np.float64)[None, :]
    with np.errstate(all="ignore"):
        # Where no estimate exists it is NaN, which is looked at below.
        fitted = family.estimate(k, row)
        likelihood = np.where(row > 0, row * family.log_share(k, *fitted), 0.0).sum()
    made = Fit(family, fitted, float(likelihood))
    return made if made.is_usable else None


def _of_measurements(ordered: Floats, *, brief: bool) -> Distribution:
    positions = evenly_spaced(len(ordered), _BRIEF_VALUES if brief else _MOST_VALUES)
    sample = ordered[positions]
    fits = [made for family in CONTINUOUS if (made := fit(family, sample)) is not None]
    best = min(fits, key=lambda made: made.aic, default=None)
    if best is None:
        return Distribution(family=None, text="No family could be fitted.")
    family = best.family
    shares = family.cdf(sample[None, :], *best.fitted)[0]
    distance = goodness.distance(positions, len(ordered), shares)
    values = goodness.tested(ordered, pivotal=family.pivotal)
    p = goodness.p_value(family, values) if (family.pivotal or not brief) and family.suits(values) else None
    expected = family.quantile(np.asarray(_SHARES)[None, :], *best.fitted)[0]
    return _statement(best, [] if brief else fits, distance, p, count=len(ordered)).model_copy(
        update={
            "tested": len(values) if p is not None else 0,
            "normal_p": goodness.normal_p(ordered),
            "quantiles": [] if brief else _pairs(ordered, expected),
            "modality": None if brief else modality(ordered),
        }
    )


def _of_counts(ordered: Floats, *, brief: bool) -> Distribution:
    counts = np.bincount(ordered.astype(np.int64))
    fits = [made for family in COUNTS if (made := fit_counts(family, counts)) is not None]
    best = min(fits, key=lambda made: made.aic, default=None)
    if best is None:
        return Distribution(family=None, text="No family could be fitted.")
    family = best.family
    row, k = counts[None, :].astype(np.float64), np.arange(len(counts), dtype=np.float64)[None, :]
    distance = float(goodness.count_distance(family, k, row, best.fitted)[0])
    p = None if brief else goodness.count_p_value(family, k, row, best.fitted)
    cumulative = np.cumsum(np.exp(family.log_share(np.arange(10.0 * _MOST_COUNT_VALUES), *best.fitted))[0])
    expected = np.searchsorted(cumulative, np.asarray(_SHARES) - 1e-12).astype(np.float64)
    return _statement(best, fits, distance, p, count=len(ordered)).model_copy(
        update={
            "tested": len(ordered) if p is not None else 0,
            "quantiles": [] if brief else _pairs(ordered, expected),
        }
    )


def _pairs(ordered: Floats, expected: Floats) -> list[QuantilePair]:
    observed = [quantile(ordered, share) for share in _SHARES]
    return [
        QuantilePair(share=share, observed=seen, expected=float(wanted))
        for share, seen, wanted in zip(_SHARES, observed, expected, strict=True)
        if math.isfinite(seen) and math.isfinite(wanted)
    ]


def _statement(
    best: Fit[F], fits: Sequence[Fit[F]], distance: float, p: float | None, *, count: int
) -> Distribution:
    if not math.isfinite(distance):
        return Distribution(family=None, text="No family could be fitted.")
    name = best.family.name
    by_chance = p > SIGNIFICANT if p is not None else distance <= 1 / math.sqrt(count)
    named = distance <= CLOSE or by_chance
    points = f"{written(100 * distance, '.1f')} percentage points"
    text = (
        f"Close to {name}: cumulative shares differ by at most {points}"
        if named
        else f"No simple family fits; the nearest, {name}, is off by up to {points}"
    )
    if p is not None:
        text += f", {'no more' if by_chance else 'more'} than chance would explain (p = {_rounded(p)})"
    others = sorted((made for made in fits if made is not best), key=lambda made: made.aic)[:_NEXT_FAMILIES]
    return Distribution(
        family=name if named else None,
        parameters=best.parameters if named else {},
        statistic=distance,
        text=f"{text}.",
        nearest=name,
        p=p,
        aic={made.family.name: made.aic - best.aic for made in others},
    )


def _rounded(p: float) -> str:
    return written(p, ".3f") if p < 0.1 else written(p, ".2f")  # noqa: PLR2004 - where more digits say nothing
