"""Whether a series rises or falls, and how fast, whatever the form of its noise."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.ml.statistics.ranks import average_ranks, dense_codes
from dsp_pipeline.ml.statistics.series.autocorrelation import autocorrelations
from dsp_pipeline.ml.statistics.significance import TWO_SIDED_95, normal_p

if TYPE_CHECKING:
    from dsp_pipeline.ml.statistics.arrays import Floats

_MOST_RHO = 0.99
_FEWEST_FOR_RHO = 8


@dataclasses.dataclass(frozen=True)
class MannKendall:
    """Mann and Kendall's test of a trend, with Theil and Sen's slope.

    Attributes:
        s: Rising minus falling pairs.
        tau: The same as a share of all pairs.
        variance: The variance of `s` if values came in any order, ties considered.
        inflation: What autocorrelation multiplies the variance by, 1 at least.
        slope: The median of the slopes between all pairs.
        p: Two-sided, with continuity correction.
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
    z = (s - np.sign(s)) / np.sqrt(variance * inflation)
    return MannKendall(s, s / (n * (n - 1) / 2), variance, inflation, slope, normal_p(float(z)))


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
