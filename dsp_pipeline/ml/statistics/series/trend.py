"""Whether a series rises or falls, and how fast, whatever the form of its noise."""

from __future__ import annotations

import dataclasses
import functools
import math
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.ml.statistics.ranks import average_ranks, dense_codes
from dsp_pipeline.ml.statistics.series.autocorrelation import autocorrelations
from dsp_pipeline.ml.statistics.significance import TWO_SIDED_95, normal_p

if TYPE_CHECKING:
    from dsp_pipeline.ml.statistics.arrays import Floats

_MOST_RHO = 0.99
_FEWEST_FOR_RHO = 8
_MOST_EXACT = 100
"""Up to so many points p comes from the exact distribution; beyond, the normal one differs little."""


@dataclasses.dataclass(frozen=True)
class MannKendall:
    """Mann and Kendall's test of a trend, with Theil and Sen's slope.

    Attributes:
        s: Rising minus falling pairs.
        tau: The same as a share of all pairs.
        variance: The variance of `s` if values came in any order, ties considered.
        inflation: What autocorrelation multiplies the variance by, 1 at least.
        slope: The median of the slopes between all pairs.
        p: Two-sided, as `kendall_p` has it.
    """

    s: float
    tau: float
    variance: float
    inflation: float
    slope: float
    p: float


def mann_kendall(times: Floats, values: Floats) -> MannKendall | None:
    """The test (Mann 1945, Kendall 1975), its variance corrected for autocorrelation.

    The larger of two corrections is taken: Hamed & Rao's sum over the autocorrelations of the detrended series'
    ranks that differ from 0 (1998, J. Hydrology 204:182-196), and Yue & Wang's for a first-order process, (1 +
    r) / (1 - r) (2004, Water Resour. Manag. 18:201-218). Neither may make the variance smaller.

    Args:
        times: Ascending, all different.
        values: As many, without gaps; three at least.

    Returns:
        None where nothing varies.
    """
    n = len(values)
    counts = np.unique(values, return_counts=True)[1].astype(np.float64)
    variance = (n * (n - 1) * (2 * n + 5) - float(np.sum(counts * (counts - 1) * (2 * counts + 5)))) / 18
    if variance <= 0:
        return None
    s, slope = _pairs(times, values)
    inflation = _inflation(values - slope * times)
    p = kendall_p(s, variance * inflation, n)
    return MannKendall(s, s / (n * (n - 1) / 2), variance, inflation, slope, p)


def kendall_p(s: float, variance: float, points: int) -> float:
    """The two-sided p of S, with continuity correction, where its variance is another than that without ties.

    S is shrunk to the scale that it has without ties and autocorrelation. Up to 100 points it is looked up in its
    exact distribution (Kendall 1975, chapter 5), its logarithm interpolated between whole values: the normal one
    makes small p too large, of 23 points 0.00003 three times.

    Args:
        s: Rising minus falling pairs.
        variance: Its variance under the hypothesis that there is no trend.
        points: How many points were compared.
    """
    z = max(0.0, abs(s) - 1) / math.sqrt(variance)
    if points > _MOST_EXACT or z == 0:
        return normal_p(z)
    shrunk = z * math.sqrt(points * (points - 1) * (2 * points + 5) / 18) + 1
    tail = _log_tail(points)
    falling = (points * (points - 1) / 2 - shrunk) / 2
    return min(1.0, 2 * float(np.exp(np.interp(falling, np.arange(len(tail)), tail))))


@functools.lru_cache(maxsize=8)
def _log_tail(points: int) -> Floats:
    """The logarithm of the chance of at most 0, 1, 2, … falling pairs among so many points in any order."""
    chances = np.ones(1)
    for count in range(2, points + 1):
        sums = np.cumsum(np.pad(chances, (0, count - 1)))
        sums[count:] -= sums[:-count].copy()
        chances = sums / count
    return np.asarray(np.log(np.cumsum(chances)))


def _pairs(times: Floats, values: Floats) -> tuple[float, float]:
    first, second = np.triu_indices(len(values), 1)
    rises = values[second] - values[first]
    return float(np.sign(rises).sum()), float(np.median(rises / (times[second] - times[first])))


def _inflation(detrended: Floats) -> float:
    n = len(detrended)
    rho = autocorrelations(average_ranks(dense_codes(detrended)), n - 1)
    # The autocorrelation of a short series is too small by (1 + 4 rho) / n (Marriott & Pope 1954).
    first = min(_MOST_RHO, (n * float(rho[0]) + 1) / (n - 4)) if n > _FEWEST_FOR_RHO else 0.0
    return max(1.0, hamed_rao(rho), (1 + first) / (1 - first))


def hamed_rao(rho: Floats) -> float:
    """Hamed & Rao's factor for the variance.

    Args:
        rho: The autocorrelations of the ranks of a detrended series at all lags from 1; n - 1 of them.
    """
    n = len(rho) + 1
    lags = np.arange(1, n)
    counted = np.abs(rho) > TWO_SIDED_95 / np.sqrt(n)
    weights = (n - lags) * (n - lags - 1.0) * (n - lags - 2.0)
    return 1 + 2 / (n * (n - 1.0) * (n - 2.0)) * float(np.sum(weights[counted] * rho[counted]))
