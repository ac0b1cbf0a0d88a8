"""Maximum-likelihood estimates that need iterations, for many samples at once, one to a row.

Each returns its parameters as columns. A row that does not converge keeps its last estimate; whoever uses it
looks at whether the result is finite.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from dsp_pipeline.ml.statistics.arrays import Floats

_MOST_STEPS = 100
_CONVERGED = 1e-11
_LEAST_GAP = 1e-12
_LARGE = 1e4
_SMALLEST_DF, _LARGEST_DF = 0.2, 200.0


def _mean(x: Floats) -> Floats:
    return np.asarray(x.mean(axis=1, keepdims=True))


def trigamma(x: Floats) -> Floats:
    """The derivative of the digamma function of positive numbers.

    SciPy's takes minutes beyond 1e10; from 10,000 on four terms of the asymptotic series (Abramowitz and Stegun
    6.4.12) are exact to the last digit.
    """
    small = special.polygamma(1, np.minimum(x, _LARGE))
    inverse = 1 / np.maximum(x, _LARGE)
    series = inverse * (1 + inverse * (1 / 2 + inverse * (1 / 6 - inverse**2 / 30)))
    return np.where(x < _LARGE, small, series)


def logistic(x: Floats) -> tuple[Floats, Floats]:
    """Location and scale of logistic samples.

    The likelihood's equations are those of weighted means with weights tanh(z/2) / z; they are solved in turn.
    """
    middle = _mean(x)
    scale = np.sqrt(_mean((x - middle) ** 2)) * math.sqrt(3) / math.pi
    for _ in range(_MOST_STEPS):
        z = (x - middle) / scale
        weights = np.where(np.abs(z) < 1e-6, 0.5, np.tanh(z / 2) / np.where(z == 0, 1, z))  # noqa: PLR2004 - its limit
        moved = _mean(weights * x) / _mean(weights)
        widened = np.sqrt(_mean(weights * (x - moved) ** 2))
        done = np.abs(moved - middle).max() <= 1e-9 * scale.min() and np.allclose(
            widened, scale, rtol=1e-9, atol=0
        )
        middle, scale = moved, widened
        if done:
            break
    return middle, scale


def gamma(x: Floats) -> tuple[Floats, Floats]:
    """Shape and scale of gamma samples: Newton's steps on the shape, from Minka's (2002) start."""
    mean = _mean(x)
    gap = np.log(mean) - _mean(np.log(x))
    # Of values that differ by less than this, relatively, rounding decides.
    gap = np.where(gap > _LEAST_GAP, gap, np.nan)
    shape = (3 - gap + np.sqrt((gap - 3) ** 2 + 24 * gap)) / (12 * gap)
    for _ in range(_MOST_STEPS):
        slope = 1 / shape - trigamma(shape)
        step = (np.log(shape) - special.digamma(shape) - gap) / slope
        shape = np.where(shape > step, shape - step, shape / 2)
        if np.all(np.abs(step) <= _CONVERGED * shape):
            break
    return shape, mean / shape


def weibull(x: Floats) -> tuple[Floats, Floats]:
    """Shape and scale of Weibull samples: Newton's steps on the shape."""
    top = x[:, -1:]
    unit = x / top
    logs = np.log(unit)
    mean_log = _mean(logs)
    shape = 1.2 / logs.std(axis=1, keepdims=True)
    for _ in range(_MOST_STEPS):
        powers = np.exp(shape * logs)
        total, first, second = _mean(powers), _mean(powers * logs), _mean(powers * logs * logs)
        value = first / total - 1 / shape - mean_log
        slope = second / total - (first / total) ** 2 + 1 / shape**2
        step = value / slope
        shape = np.where(shape > step, shape - step, shape / 2)
        if np.all(np.abs(step) <= _CONVERGED * shape):
            break
    return shape, top * _mean(np.exp(shape * logs)) ** (1 / shape)


def beta(x: Floats) -> tuple[Floats, Floats]:
    """Both shapes of beta samples: Newton's steps on both, from the method of moments."""
    mean, variance = _mean(x), x.var(axis=1, keepdims=True)
    size = np.maximum(mean * (1 - mean) / variance - 1, 1e-3)
    a, b = mean * size, (1 - mean) * size
    log_x, log_rest = _mean(np.log(x)), _mean(np.log1p(-x))
    for _ in range(_MOST_STEPS):
        both = special.digamma(a + b)
        first, second = log_x - special.digamma(a) + both, log_rest - special.digamma(b) + both
        shared = trigamma(a + b)
        of_a, of_b = shared - trigamma(a), shared - trigamma(b)
        determinant = of_a * of_b - shared**2
        step_a = (of_b * first - shared * second) / determinant
        step_b = (of_a * second - shared * first) / determinant
        a = np.where(a > step_a, a - step_a, a / 2)
        b = np.where(b > step_b, b - step_b, b / 2)
        if np.all(np.abs(step_a) <= _CONVERGED * a) and np.all(np.abs(step_b) <= _CONVERGED * b):
            break
    return a, b


def student(x: Floats) -> tuple[Floats, Floats, Floats]:
    """Degrees of freedom (at most 200), location and scale of Student's t samples.

    Fisher's scoring: the location moves by itself; the logs of scale and degrees of freedom together, with the
    information matrix of Lange, Little and Taylor (1989, JASA 84:881-896, appendix B).
    """
    count = x.shape[1]
    middle = (x[:, (count - 1) // 2, None] + x[:, count // 2, None]) / 2
    quarters = x[:, (3 * count) // 4, None] - x[:, count // 4, None]
    scale = np.where(quarters > 0, quarters / 1.5, x.std(axis=1, keepdims=True))
    df = np.full_like(middle, 4.0)
    for _ in range(_MOST_STEPS):
        z = (x - middle) / scale
        squares = z * z
        weights = (df + 1) / (df + squares)
        to_middle = scale * _mean(weights * z) * (df + 3) / (df + 1)
        by_scale = _mean(weights * squares) - 1
        by_df = _df_score(df, squares, weights)
        to_scale, to_df = _scored(df, by_scale, by_df)
        middle = middle + to_middle
        scale = scale * np.exp(np.clip(to_scale, -1, 1))
        df = np.clip(df * np.exp(np.clip(to_df, -1, 1)), _SMALLEST_DF, _LARGEST_DF)
        at_edge = (df >= _LARGEST_DF) | (df <= _SMALLEST_DF)
        settled = np.where(at_edge, 0, np.abs(to_df)) + np.abs(to_scale) + np.abs(to_middle) / scale
        if settled.max() <= 1e-9:  # noqa: PLR2004 - relative
            break
    return df, middle, scale


def _df_score(df: Floats, squares: Floats, weights: Floats) -> Floats:
    """The mean derivative of the log-density by the log of the degrees of freedom."""
    gammas = special.digamma((df + 1) / 2) - special.digamma(df / 2)
    inner = gammas - 1 / df - _mean(np.log1p(squares / df)) + _mean(weights * squares) / df
    return np.asarray(df / 2 * inner)


def _scored(df: Floats, by_scale: Floats, by_df: Floats) -> tuple[Floats, Floats]:
    """The steps of log scale and log degrees of freedom: the inverse information times the scores."""
    of_scale = 2 * df / (df + 3)
    shared = -2 * df / ((df + 1) * (df + 3))
    trigammas = trigamma(df / 2) - trigamma((df + 1) / 2)
    of_df = df**2 / 4 * (trigammas - 2 * (df + 5) / (df * (df + 1) * (df + 3)))
    determinant = of_scale * of_df - shared**2
    return (of_df * by_scale - shared * by_df) / determinant, (of_scale * by_df - shared * by_scale) / determinant
