"""Whether what looks like a trend is more than the wandering of a series that never comes back to a line.

A random walk rises or falls most of the time: tests of a trend in noise that comes back find one in a quarter of
all walks and more. There the question is whether the steps have a mean.
"""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri, stdtr

from dsp_pipeline.ml.statistics.series.stationarity import (
    kpss_statistic,
    modified_akaike,
    schwarz,
    step_regression,
)
from dsp_pipeline.ml.statistics.series.trend import kendall_p

if TYPE_CHECKING:
    from dsp_pipeline.ml.statistics.arrays import Floats
    from dsp_pipeline.ml.statistics.series.stationarity import StepRegression
    from dsp_pipeline.ml.statistics.series.trend import MannKendall

_LINE = 2
"""Parameters of a straight line."""
_MEDIAN = -2.18
"""What Dickey and Fuller's statistic of a wandering series around a line is below in half of all samples."""
_FAR = 10.0
_KPSS_LINE = 0.146
"""What the statistic of Kwiatkowski and others for deviations from a line exceeds in 5 % (their table 1)."""
_KPSS_TWO_LEVELS = 0.748
"""The same of those from two levels: the Cramer-von Mises distribution with two degrees of freedom."""


@dataclasses.dataclass(frozen=True)
class TrendTest:
    """What a test says that holds whether the noise comes back or wanders.

    Attributes:
        p: Two-sided.
        variance: That of Mann and Kendall's S under the same hypothesis, so that intervals and p agree.
    """

    p: float
    variance: float


def trend_test(test: MannKendall, times: Floats, values: Floats) -> TrendTest:
    """The test of a trend, whether the noise around it comes back or wanders.

    Which of the two it is, the regression of Dickey and Fuller on the deviations from a straight line says, as in
    Perron & Yabu (2009, J. Econometrics 151:56-69). Where deviations come back, this is Mann and Kendall's test,
    its variance multiplied by ``(1 + a) / (1 - a)`` at least (Yue & Wang 2004), a being the share of a deviation
    that is left a point later. Where they wander it is Student's of the mean step, by the steps' long-run
    variance.

    Few lags, chosen by Schwarz's criterion, tell noise from walks well and leave short series their power; noise
    around a level that wanders needs many, chosen by Ng and Perron's. Many are taken where the test of
    Kwiatkowski, Phillips, Schmidt & Shin (1992, J. Econometrics 54:159-178) says that deviations from the line do
    not keep to it. docs/decisions/0022 compares sizes and powers.

    Args:
        test: Mann and Kendall's.
        times: Ascending, all different.
        values: As many, without gaps.
    """
    line = np.column_stack([np.ones(len(times)), (times - times.mean()) / times.std()])
    rest = np.asarray(values - line @ np.linalg.lstsq(line, values, rcond=None)[0])
    found = step_regression_of(rest)
    if found is None:
        return TrendTest(test.p, test.variance * test.inflation)
    left = persistence(found, len(values))
    if left == 1:
        p = _drift_p(np.diff(values), found.lags)
        return TrendTest(p, max(test.variance, variance_of(test.s, p)))
    variance = test.variance * max(test.inflation, (1 + left) / (1 - left))
    return TrendTest(kendall_p(test.s, variance, len(values)), variance)


def step_regression_of(rest: Floats, split: int | None = None) -> StepRegression | None:
    """That of Dickey and Fuller on deviations, with few lags unless they fail the test of KPSS.

    Args:
        rest: A series' deviations from what was fitted to it.
        split: Where the second of two levels begins, if that is what was fitted, else it was a line. For two
            levels KPSS's statistics of both parts are added up (Busetti & Harvey 2001, J. Time Ser. Anal. 22:127).
    """
    points = len(rest)
    few = int(4 * (points / 100) ** 0.25)
    # With as many lags, KPSS takes noise around a wandering level for noise that comes back.
    lags = max(1, few // 2)
    if split is None:
        statistic, bound = kpss_statistic(rest, lags), _KPSS_LINE
    else:
        statistic, bound = kpss_statistic(rest, lags, parts=[rest[:split], rest[split:]]), _KPSS_TWO_LEVELS
    if statistic is not None and statistic > bound:
        return step_regression(rest, modified_akaike, most=min(int(12 * (points / 100) ** 0.25), points // 3))
    return step_regression(rest, schwarz, most=max(1, min(few, points // 5)))


def variance_of(s: float, p: float) -> float:
    """The variance with which Mann and Kendall's S has this p; without bound where p is 1."""
    quantile = float(ndtri(p / 2))
    return (s / quantile) ** 2 if quantile < 0 else math.inf


def persistence(found: StepRegression, points: int) -> float:
    """The share of a deviation that is left a point later; 1 where it cannot be told from 1.

    The estimate's bias is taken off (Roy & Fuller 2001, J. Bus. Econ. Stat. 19:482-493); within ``1 / sqrt(n)``
    of 1 it counts as 1 (Perron & Yabu 2009).

    Args:
        found: The regression of the deviations' steps.
        points: How many points the series has.
    """
    share = 1 + found.level + _correction(found.statistic, found.lags, points) * found.error
    margin = 1 / math.sqrt(points)
    return 1.0 if share >= 1 - margin else max(share, margin - 1)


def _correction(tau: float, lags: int, points: int) -> float:
    """Roy and Fuller's correction in standard errors (Perron & Yabu 2009, section 3.2)."""
    half, freedom = (lags + 2) // 2, 1 + _LINE
    if tau > _MEDIAN:
        return -tau
    if tau > -_FAR:
        reach = (freedom * points - _MEDIAN**2 * (half + points)) / (_MEDIAN * (_FAR + _MEDIAN) * (half + points))
        return half * tau / points - freedom / (tau + reach * (tau + _FAR))
    if tau > -math.sqrt(freedom * points):
        return half * tau / points - freedom / tau
    return 0.0


def _drift_p(steps: Floats, lags: int) -> float:
    """The p of steps whose mean is 0: their variance is that in the long run, and no less than their own."""
    mean, count = float(steps.mean()), len(steps)
    steps = steps - mean
    variance = max(float(steps @ steps) / (count - 1), _long_run(steps, lags))
    if not variance > 0:
        return 0.0 if mean else 1.0
    return float(2 * stdtr(count - 1, -abs(mean) * math.sqrt(count / variance)))


def _long_run(steps: Floats, lags: int) -> float:
    """The long-run variance of an autoregression of so many lags; 0 where it has no such."""
    if not lags:
        return 0.0
    before = np.column_stack([steps[lags - lag : len(steps) - lag] for lag in range(1, lags + 1)])
    weights = np.linalg.lstsq(before, steps[lags:], rcond=None)[0]
    surprise = steps[lags:] - before @ weights
    memory = 1 - float(weights.sum())
    return float(surprise @ surprise) / max(1, len(surprise) - lags) / memory**2 if memory else 0.0
