"""Which family of distributions a column of numbers is close to, if any."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.profile import Distribution
from dsp_pipeline.ml.statistics.families import CONTINUOUS, COUNTS, Fit

if TYPE_CHECKING:
    from dsp_pipeline.ml.statistics.arrays import Floats

FEWEST_VALUES = 30
CLOSE = 0.05
"""The largest distance between cumulative shares at which a family is called close."""
_MOST_VALUES = 5_000
_MOST_COUNT_VALUES = 100


def closest_family(ordered: Floats, *, whole: bool) -> Distribution:
    """The family with the least AIC, if the values are close to it; ``family=None`` with the reason otherwise.

    Families are fitted by maximum likelihood to at most 5,000 evenly spaced order statistics. ``statistic`` is
    the Kolmogorov-Smirnov distance to the chosen family. It counts as close up to 0.05, or up to ``1 / sqrt(n)``
    where fewer values cannot tell (about the 5 % point with estimated parameters: Lilliefors 1967). No p is
    given: with estimated parameters the plain table's would be wrong.

    Args:
        ordered: The finite values in ascending order.
        whole: Whether all are whole numbers.
    """
    count = len(ordered)
    if count < FEWEST_VALUES:
        return Distribution(family=None, text=f"Too few values ({count}) to name a distribution.")
    if ordered[0] == ordered[-1]:
        return Distribution(family=None, text="All values are the same.")
    positions = _positions(count)
    sample = ordered[positions]
    counted = whole and ordered[0] >= 0 and ordered[-1] - ordered[0] < _MOST_COUNT_VALUES
    with np.errstate(all="ignore"):
        made = (make(sample) for make in (COUNTS if counted else CONTINUOUS))
        fits = [fit for fit in made if fit is not None and _is_usable(fit)]
        if not fits:
            return Distribution(family=None, text="No family could be fitted.")
        best = min(fits, key=lambda fit: fit.aic)
        distance = _distance(best, ordered, positions, discrete=counted)
    return _statement(best, distance, count)


def _positions(count: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    if count <= _MOST_VALUES:
        return np.arange(count)
    return np.linspace(0, count - 1, _MOST_VALUES).round().astype(np.int64)


def _is_usable(fit: Fit) -> bool:
    return math.isfinite(fit.aic) and all(map(math.isfinite, fit.parameters.values()))


def _distance(
    fit: Fit, ordered: Floats, positions: np.ndarray[tuple[int], np.dtype[np.int64]], *, discrete: bool
) -> float:
    """The largest gap between the column's and the family's cumulative shares."""
    count = len(ordered)
    if discrete:
        values = np.unique(ordered)
        observed = np.searchsorted(ordered, values, side="right") / count
        return float(np.abs(observed - fit.cdf(values)).max())
    expected = fit.cdf(ordered[positions])
    return float(max(((positions + 1) / count - expected).max(), (expected - positions / count).max()))


def _statement(best: Fit, distance: float, count: int) -> Distribution:
    if not math.isfinite(distance):
        return Distribution(family=None, text="No family could be fitted.")
    close = distance <= max(CLOSE, 1 / math.sqrt(count))
    points = f"{100 * distance:.1f} percentage points"
    text = (
        f"Close to {best.family}: cumulative shares differ by at most {points}."
        if close
        else f"No simple family fits; the nearest, {best.family}, is off by up to {points}."
    )
    return Distribution(
        family=best.family if close else None,
        parameters=best.parameters if close else {},
        statistic=distance,
        text=text,
    )
