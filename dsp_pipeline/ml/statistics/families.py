"""Families of continuous distributions: estimate by maximum likelihood, score, draw, and say where values lie.

All work on many samples at once, one to a row and each in ascending order: the honest p of a fit needs hundreds of
samples fitted again. Only what `scipy.special` offers is used; importing `scipy.stats` would cost every run a
third of a second.
"""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from dsp_pipeline.ml.statistics import iterations

if TYPE_CHECKING:
    from collections.abc import Callable

    from dsp_pipeline.ml.statistics.arrays import Floats

    Parameters = tuple[Floats, ...]

_LOG_TWO_PI = math.log(2 * math.pi)


@dataclasses.dataclass(frozen=True)
class Family:
    """One family. Parameters are columns, one number for each row of the values.

    Attributes:
        name: As people say it.
        parameters: Their names, in the order in which all functions take them.
        estimate: Maximum likelihood for each row of ascending values.
        log_density: Natural log of the density at each value.
        cdf: Share at or below each value.
        quantile: The value below which a share lies.
        draw: Random values of a shape.
        suits: Whether ascending values of one row can be fitted at all.
        pivotal: Whether the distance to the fit has one distribution whatever the parameters are, as it has
            where they only shift and stretch the values or their logs.
    """

    name: str
    parameters: tuple[str, ...]
    estimate: Callable[[Floats], Parameters]
    log_density: Callable[..., Floats]
    cdf: Callable[..., Floats]
    quantile: Callable[..., Floats]
    draw: Callable[..., Floats]
    suits: Callable[[Floats], bool]
    pivotal: bool = False


def _row_mean(x: Floats) -> Floats:
    return np.asarray(x.mean(axis=1, keepdims=True))


def _row_median(x: Floats) -> Floats:
    count = x.shape[1]
    return (x[:, (count - 1) // 2, None] + x[:, count // 2, None]) / 2


def _any(x: Floats) -> bool:
    return bool(x[0] < x[-1])


def _positive(x: Floats) -> bool:
    return bool(0 < x[0] < x[-1])


def _normal(x: Floats) -> Parameters:
    mean = _row_mean(x)
    return mean, np.sqrt(_row_mean((x - mean) ** 2))


NORMAL = Family(
    "normal",
    ("mean", "std"),
    _normal,
    lambda x, mean, std: -0.5 * ((x - mean) / std) ** 2 - np.log(std) - 0.5 * _LOG_TWO_PI,
    lambda x, mean, std: special.ndtr((x - mean) / std),
    lambda p, mean, std: mean + std * special.ndtri(p),
    lambda rng, size, mean, std: rng.normal(mean, std, size),
    _any,
    pivotal=True,
)


def _laplace(x: Floats) -> Parameters:
    middle = _row_median(x)
    return middle, _row_mean(np.abs(x - middle))


def _laplace_cdf(x: Floats, middle: Floats, scale: Floats) -> Floats:
    z = (x - middle) / scale
    return np.where(z < 0, 0.5 * np.exp(np.minimum(z, 0)), 1 - 0.5 * np.exp(-np.maximum(z, 0)))


LAPLACE = Family(
    "Laplace",
    ("location", "scale"),
    _laplace,
    lambda x, middle, scale: -np.abs(x - middle) / scale - np.log(2 * scale),
    _laplace_cdf,
    lambda p, middle, scale: middle - scale * np.sign(p - 0.5) * np.log1p(-2 * np.abs(p - 0.5)),
    lambda rng, size, middle, scale: rng.laplace(middle, scale, size),
    _any,
    pivotal=True,
)

LOGISTIC = Family(
    "logistic",
    ("location", "scale"),
    iterations.logistic,
    lambda x, middle, scale: _logistic_density((x - middle) / scale) - np.log(scale),
    lambda x, middle, scale: special.expit((x - middle) / scale),
    lambda p, middle, scale: middle + scale * special.logit(p),
    lambda rng, size, middle, scale: rng.logistic(middle, scale, size),
    _any,
    pivotal=True,
)


def _logistic_density(z: Floats) -> Floats:
    return np.asarray(-np.abs(z) - 2 * np.log1p(np.exp(-np.abs(z))))


STUDENT = Family(
    "Student t",
    ("df", "location", "scale"),
    iterations.student,
    lambda x, df, middle, scale: _student_density((x - middle) / scale, df) - np.log(scale),
    lambda x, df, middle, scale: special.stdtr(df, (x - middle) / scale),
    lambda p, df, middle, scale: middle + scale * special.stdtrit(df, p),
    lambda rng, size, df, middle, scale: middle + scale * rng.standard_t(df, size),
    lambda x: bool(_any(x) and _heavy_tails(x)),
)


def _student_density(z: Floats, df: Floats) -> Floats:
    constant = special.gammaln((df + 1) / 2) - special.gammaln(df / 2) - 0.5 * np.log(math.pi * df)
    return np.asarray(constant - (df + 1) / 2 * np.log1p(z * z / df))


def _heavy_tails(x: Floats) -> bool:
    """Whether the kurtosis is above the normal's; elsewhere the likeliest degrees of freedom are infinite."""
    centred = x - x.mean()
    squares = centred * centred
    return bool((squares * squares).mean() > 3 * squares.mean() ** 2)


UNIFORM = Family(
    "uniform",
    ("low", "high"),
    lambda x: (x[:, :1], x[:, -1:]),
    lambda x, low, high: np.where((low <= x) & (x <= high), -np.log(high - low), -np.inf),
    lambda x, low, high: np.clip((x - low) / (high - low), 0, 1),
    lambda p, low, high: low + p * (high - low),
    lambda rng, size, low, high: rng.uniform(low, high, size),
    _any,
    pivotal=True,
)

EXPONENTIAL = Family(
    "exponential",
    ("mean",),
    lambda x: (_row_mean(x),),
    lambda x, mean: -x / mean - np.log(mean),
    lambda x, mean: -special.expm1(-x / mean),
    lambda p, mean: -mean * np.log1p(-p),
    lambda rng, size, mean: rng.exponential(mean, size),
    lambda x: bool(0 <= x[0] < x[-1]),
    pivotal=True,
)

LOG_NORMAL = Family(
    "log-normal",
    ("mu", "sigma"),
    lambda x: _normal(np.log(x)),
    lambda x, mu, sigma: NORMAL.log_density(np.log(x), mu, sigma) - np.log(x),
    lambda x, mu, sigma: special.ndtr((np.log(x) - mu) / sigma),
    lambda p, mu, sigma: np.exp(mu + sigma * special.ndtri(p)),
    lambda rng, size, mu, sigma: rng.lognormal(mu, sigma, size),
    _positive,
    pivotal=True,
)

GAMMA = Family(
    "gamma",
    ("shape", "scale"),
    iterations.gamma,
    lambda x, shape, scale: (shape - 1) * np.log(x) - x / scale - shape * np.log(scale) - special.gammaln(shape),
    lambda x, shape, scale: special.gammainc(shape, x / scale),
    lambda p, shape, scale: scale * special.gammaincinv(shape, p),
    lambda rng, size, shape, scale: rng.gamma(shape, scale, size),
    _positive,
)

WEIBULL = Family(
    "Weibull",
    ("shape", "scale"),
    iterations.weibull,
    lambda x, shape, scale: np.log(shape) - shape * np.log(scale) + (shape - 1) * np.log(x) - (x / scale) ** shape,
    lambda x, shape, scale: -special.expm1(-((x / scale) ** shape)),
    lambda p, shape, scale: scale * (-np.log1p(-p)) ** (1 / shape),
    lambda rng, size, shape, scale: scale * rng.weibull(shape, size),
    _positive,
    pivotal=True,
)

BETA = Family(
    "beta",
    ("a", "b"),
    iterations.beta,
    lambda x, a, b: (a - 1) * np.log(x) + (b - 1) * np.log1p(-x) - special.betaln(a, b),
    lambda x, a, b: special.betainc(a, b, np.clip(x, 0, 1)),
    lambda p, a, b: special.betaincinv(a, b, p),
    lambda rng, size, a, b: rng.beta(a, b, size),
    lambda x: bool(0 < x[0] < x[-1] < 1),
)


def _pareto(x: Floats) -> Parameters:
    low = x[:, :1]
    return low, 1 / _row_mean(np.log(x / low))


PARETO = Family(
    "Pareto",
    ("low", "exponent"),
    _pareto,
    lambda x, low, exponent: np.where(
        x < low, -np.inf, np.log(exponent) + exponent * np.log(low) - (exponent + 1) * np.log(x)
    ),
    lambda x, low, exponent: -special.expm1(-exponent * np.log(np.maximum(x / low, 1))),
    lambda p, low, exponent: low * (1 - p) ** (-1 / exponent),
    lambda rng, size, low, exponent: low * (1 + rng.pareto(exponent, size)),
    _positive,
    pivotal=True,
)

CONTINUOUS: tuple[Family, ...] = (
    *(NORMAL, LAPLACE, LOGISTIC, STUDENT, UNIFORM, EXPONENTIAL),
    *(LOG_NORMAL, GAMMA, WEIBULL, BETA, PARETO),
)
