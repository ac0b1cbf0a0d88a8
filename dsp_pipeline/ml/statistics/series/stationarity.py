"""Whether a series keeps its level: the augmented Dickey-Fuller test and the test of KPSS.

The first asks whether there is a unit root, the second whether the level is constant; together they tell more than
either. See docs/decisions/0012 for why they are written here.
"""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

from dsp_pipeline.core.artifacts.series import UnitRootTest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dsp_pipeline.core.artifacts.series import Verdict
    from dsp_pipeline.ml.statistics.arrays import Floats

FEWEST_POINTS = 20
_LEVEL = 0.05
# The p of the statistic with a constant and one series (MacKinnon 1994, J. Bus. Econ. Stat. 12:167-176, tables 3
# and 4): the normal distribution of a polynomial, one below and one above the first number, between the other
# two.
_SPLIT, _LEAST, _MOST = -1.61, -18.83, 2.74
_LOWER = (2.1659, 1.4412, 0.038269)
_UPPER = (1.7339, 0.93202, -0.12745, -0.010368)
# Kwiatkowski, Phillips, Schmidt & Shin (1992, J. Econometrics 54:159-178), table 1, level stationarity.
_KPSS_STATISTICS = (0.347, 0.463, 0.574, 0.739)
_KPSS_PS = (0.10, 0.05, 0.025, 0.01)


def augmented_dickey_fuller(values: Floats) -> UnitRootTest | None:
    """The test with a constant, its lags chosen by AIC among 0..12 (n / 100)^(1/4) (Schwert 1989).

    Args:
        values: The series without gaps.

    Returns:
        None if the series is constant or shorter than 20 points.
    """
    if len(values) < FEWEST_POINTS:
        return None
    found = step_regression(values, akaike, most=schwert_lags(len(values)))
    if found is None:
        return None
    return UnitRootTest(statistic=found.statistic, p=_mackinnon_p(found.statistic), lags=found.lags)


@dataclasses.dataclass(frozen=True)
class StepRegression:
    """A regression of a series' steps on a constant, the level before each, and earlier steps.

    Attributes:
        level: The level's coefficient: 0 where there is a unit root, below where levels come back.
        error: Its standard error.
        lags: How many earlier steps take part.
    """

    level: float
    error: float
    lags: int

    @property
    def statistic(self) -> float:
        """Dickey and Fuller's."""
        return self.level / self.error


def schwert_lags(points: int) -> int:
    """The most lags that so many points bear, 12 (n / 100)^(1/4) (Schwert 1989, J. Bus. Econ. Stat. 7:147-159)."""
    most: float = 12 * (points / 100) ** 0.25
    return min(math.ceil(most), points // 2 - 2)


def step_regression(
    values: Floats, criterion: Callable[[Floats, Floats], int], *, most: int
) -> StepRegression | None:
    """The regression with as many lags as a criterion says.

    Args:
        values: The series without gaps.
        criterion: How many lags to keep, by the regression with all of them: its columns and what they explain.
        most: The most lags.

    Returns:
        None if the series is constant, too short for so many lags or follows from its past without error.
    """
    if len(values) < 2 * most + 4 or values.min() == values.max():
        return None
    # The statistic does not depend on level and scale; sums of squares do, in their last digits.
    values = (values - values.mean()) / values.std()
    steps = np.diff(values)
    lags = criterion(_design(values, steps, most), steps[most:])
    design, target = _design(values, steps, lags), steps[lags:]
    inverse = np.linalg.pinv(design.T @ design)
    coefficients = inverse @ design.T @ target
    rest = target - design @ coefficients
    freedom = len(target) - design.shape[1]
    error = math.sqrt(float(rest @ rest) / freedom * inverse[1, 1]) if freedom > 0 else 0.0
    return StepRegression(float(coefficients[1]), error, lags) if error > 0 else None


def _design(values: Floats, steps: Floats, lags: int) -> Floats:
    """A constant, the level before each step, and the steps before it, the last first."""
    rows = len(steps) - lags
    columns = [
        np.ones(rows),
        values[lags:-1],
        *(steps[lags - lag : len(steps) - lag] for lag in range(1, lags + 1)),
    ]
    return np.column_stack(columns)


def akaike(design: Floats, target: Floats) -> int:
    """How many of the lags to keep, by Akaike's criterion of the regressions on the first columns."""
    return _least(design, target, lambda _: 0.0)


def schwarz(design: Floats, target: Floats) -> int:
    """The same by Schwarz's criterion (1978, Ann. Stat. 6:461-464), which keeps fewer."""
    return _least(design, target, lambda _: 0.0, each=math.log(len(target)))


def modified_akaike(design: Floats, target: Floats) -> int:
    """The same by Ng and Perron's criterion (2001, Econometrica 69:1519-1554).

    It keeps the lags that noise around a wandering level needs; without them the level seems to come back.
    """
    level = design[:, 1] - design[:, 1].mean()
    spread = float(level @ level)
    return _least(design, target, lambda coefficient: coefficient**2 * spread)


def _least(design: Floats, target: Floats, extra: Callable[[float], float], *, each: float = 2.0) -> int:
    """The lags with the least criterion; ``extra`` squares, of the level's coefficient, are a further penalty.

    ``each`` is the penalty of a column.
    """
    products, moments = design.T @ design, design.T @ target
    total, count = float(target @ target), len(target)
    scores = []
    for columns in range(2, design.shape[1] + 1):
        coefficients = np.linalg.pinv(products[:columns, :columns]) @ moments[:columns]
        left = total - float(coefficients @ moments[:columns])
        penalty = each * columns + 2 * extra(float(coefficients[1])) * count / left if left > 0 else 0.0
        scores.append(count * math.log(left) + penalty if left > 0 else -math.inf)
    return int(np.argmin(scores))


def _mackinnon_p(statistic: float) -> float:
    if statistic >= _MOST:
        return 1.0
    if statistic <= _LEAST:
        return 0.0
    coefficients = _LOWER if statistic <= _SPLIT else _UPPER
    return float(ndtr(sum(c * statistic**power for power, c in enumerate(coefficients))))


def kpss(values: Floats) -> UnitRootTest | None:
    """The test of a constant level.

    Its lags are chosen as Hobijn, Franses & Ooms do (2004, Statistica Neerlandica 58:483-502).

    Args:
        values: The series without gaps.

    Returns:
        None if the series is constant or shorter than 20 points.
    """
    n = len(values)
    if n < FEWEST_POINTS or values.min() == values.max():
        return None
    rest = values - values.mean()
    lags = min(_hobijn_lags(rest), n - 1)
    statistic = kpss_statistic(rest, lags)
    if statistic is None:
        return None
    p = float(np.interp(statistic, _KPSS_STATISTICS, _KPSS_PS))
    return UnitRootTest(statistic=statistic, p=p, lags=lags)


def kpss_statistic(rest: Floats, lags: int, parts: Sequence[Floats] | None = None) -> float | None:
    """That of KPSS for the deviations from a level or a line; None where their long-run variance is 0.

    Args:
        rest: The deviations.
        lags: Of the long-run variance.
        parts: The deviations from each of several levels, whose statistics are added up.
    """
    variance = long_run_variance(rest, lags)
    squares = sum(float(np.sum(np.cumsum(part) ** 2)) / len(part) ** 2 for part in parts or [rest])
    return squares / variance if variance > 0 else None


def long_run_variance(rest: Floats, lags: int) -> float:
    """Newey and West's estimate with Bartlett's weights (1987, Econometrica 55:703-708) of a series of mean 0."""
    total = float(rest @ rest)
    for lag in range(1, lags + 1):
        total += 2 * (1 - lag / (lags + 1)) * float(rest[lag:] @ rest[:-lag])
    return total / len(rest)


def _hobijn_lags(rest: Floats) -> int:
    n = len(rest)
    products = [2 * float(rest[lag:] @ rest[:-lag]) / n for lag in range(1, int(n ** (2 / 9)) + 1)]
    level = float(rest @ rest) / n + sum(products)
    slope = sum(lag * product for lag, product in enumerate(products, start=1))
    return int(1.1447 * ((slope / level) ** 2) ** (1 / 3) * n ** (1 / 3)) if level else 0


def verdict(adf: UnitRootTest | None, level: UnitRootTest | None) -> Verdict | None:
    """What both say: they agree, or there is change but no unit root, or neither can tell; None without them."""
    if adf is None or level is None:
        return None
    no_root, moves = adf.p <= _LEVEL, level.p < _LEVEL
    if no_root:
        return "changing" if moves else "stationary"
    return "non-stationary" if moves else "unclear"
