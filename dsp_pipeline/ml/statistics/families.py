"""Families of distributions: fit by maximum likelihood, score, and say how likely each value is.

Only what `scipy.special` offers is used; importing `scipy.stats` would cost every run two seconds.
"""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from dsp_pipeline.ml.statistics.ranks import dot

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dsp_pipeline.ml.statistics.arrays import Floats

_NEWTON_STEPS = 100
_CONVERGED = 1e-12


@dataclasses.dataclass(frozen=True)
class Fit:
    """One family fitted to values.

    Attributes:
        family: Its name, as people say it.
        parameters: Estimates by maximum likelihood.
        log_likelihood: Natural log, summed over the values.
        cdf: Share of the fitted distribution at or below each value.
    """

    family: str
    parameters: dict[str, float]
    log_likelihood: float
    cdf: Callable[[Floats], Floats]

    @property
    def aic(self) -> float:
        """Akaike's information criterion; less is better."""
        return 2 * len(self.parameters) - 2 * self.log_likelihood


def fit_normal(x: Floats) -> Fit | None:
    """Normal with ``mean`` and ``std`` (dividing by n)."""
    mean, std = float(x.mean()), float(x.std())
    if std <= 0:
        return None
    likelihood = -len(x) / 2 * (math.log(2 * math.pi) + 2 * math.log(std) + 1)
    return Fit("normal", {"mean": mean, "std": std}, likelihood, lambda v: special.ndtr((v - mean) / std))


def fit_laplace(x: Floats) -> Fit | None:
    """Laplace (double exponential) with ``location`` (the median) and ``scale``."""
    middle = float(np.median(x))
    scale = float(np.abs(x - middle).mean())
    if scale <= 0:
        return None

    def cdf(v: Floats) -> Floats:
        z = (v - middle) / scale
        return np.where(z < 0, 0.5 * np.exp(np.minimum(z, 0)), 1 - 0.5 * np.exp(-np.maximum(z, 0)))

    return Fit("Laplace", {"location": middle, "scale": scale}, -len(x) * (math.log(2 * scale) + 1), cdf)


def fit_uniform(x: Floats) -> Fit | None:
    """Uniform between ``low`` and ``high``."""
    low, high = float(x.min()), float(x.max())
    if high <= low:
        return None
    likelihood = -len(x) * math.log(high - low)
    return Fit(
        "uniform", {"low": low, "high": high}, likelihood, lambda v: np.clip((v - low) / (high - low), 0, 1)
    )


def fit_exponential(x: Floats) -> Fit | None:
    """Exponential from 0 with ``mean``; values at least 0."""
    mean = float(x.mean())
    if x.min() < 0 or mean <= 0:
        return None
    return Fit("exponential", {"mean": mean}, -len(x) * (math.log(mean) + 1), lambda v: -special.expm1(-v / mean))


def fit_lognormal(x: Floats) -> Fit | None:
    """Log-normal with ``mu`` and ``sigma`` of the natural logs; values above 0."""
    if x.min() <= 0:
        return None
    logs = np.log(x)
    mu, sigma = float(logs.mean()), float(logs.std())
    if sigma <= 0:
        return None
    likelihood = -len(x) / 2 * (math.log(2 * math.pi) + 2 * math.log(sigma) + 1) - float(logs.sum())
    return Fit(
        "log-normal", {"mu": mu, "sigma": sigma}, likelihood, lambda v: special.ndtr((np.log(v) - mu) / sigma)
    )


def fit_gamma(x: Floats) -> Fit | None:
    """Gamma with ``shape`` and ``scale``; values above 0. Newton's steps on the shape (Minka 2002)."""
    if x.min() <= 0:
        return None
    mean, mean_log = float(x.mean()), float(np.log(x).mean())
    gap = math.log(mean) - mean_log
    if gap <= 0:
        return None
    shape = (3 - gap + math.sqrt((gap - 3) ** 2 + 24 * gap)) / (12 * gap)
    for _ in range(_NEWTON_STEPS):
        slope = 1 / shape - float(special.zeta(2, shape))
        step = (math.log(shape) - float(special.digamma(shape)) - gap) / slope
        shape = shape - step if shape > step else shape / 2
        if abs(step) < _CONVERGED * shape:
            break
    scale = mean / shape
    per_value = (shape - 1) * mean_log - shape - shape * math.log(scale) - float(special.gammaln(shape))
    return Fit(
        "gamma", {"shape": shape, "scale": scale}, len(x) * per_value, lambda v: special.gammainc(shape, v / scale)
    )


def fit_weibull(x: Floats) -> Fit | None:
    """Weibull with ``shape`` and ``scale``; values above 0. Newton's steps on the shape."""
    if x.min() <= 0 or x.min() == x.max():
        return None
    top = float(x.max())
    unit = x / top
    logs = np.log(unit)
    mean_log = float(logs.mean())
    shape = 1.2 / float(logs.std())
    for _ in range(_NEWTON_STEPS):
        powers = unit**shape
        total, first, second = powers.sum(), dot(powers, logs), dot(powers, logs * logs)
        value = first / total - 1 / shape - mean_log
        slope = second / total - (first / total) ** 2 + 1 / shape**2
        step = float(value / slope)
        shape = shape - step if shape > step else shape / 2
        if abs(step) < _CONVERGED * shape:
            break
    scale = top * float(np.mean(unit**shape)) ** (1 / shape)
    per_value = math.log(shape) - shape * math.log(scale) + (shape - 1) * (mean_log + math.log(top)) - 1
    return Fit(
        "Weibull",
        {"shape": shape, "scale": scale},
        len(x) * per_value,
        lambda v: -special.expm1(-((v / scale) ** shape)),
    )


def fit_poisson(x: Floats) -> Fit | None:
    """Poisson with ``mean``; whole numbers from 0."""
    mean = float(x.mean())
    if mean <= 0:
        return None
    likelihood = -len(x) * mean + float(x.sum()) * math.log(mean) - float(special.gammaln(x + 1).sum())
    return Fit("Poisson", {"mean": mean}, likelihood, lambda v: special.pdtr(v, mean))


def fit_geometric(x: Floats) -> Fit | None:
    """Geometric: failures before the first success, with ``probability``; whole numbers from 0."""
    mean = float(x.mean())
    if mean <= 0:
        return None
    p = 1 / (1 + mean)
    likelihood = len(x) * (math.log(p) + mean * math.log1p(-p))
    return Fit("geometric", {"probability": p}, likelihood, lambda v: 1 - (1 - p) ** (v + 1))


def fit_whole_uniform(x: Floats) -> Fit | None:
    """Every whole number between ``low`` and ``high`` equally common."""
    low, high = float(x.min()), float(x.max())
    if high <= low:
        return None
    size = high - low + 1
    return Fit(
        "uniform over whole numbers",
        {"low": low, "high": high},
        -len(x) * math.log(size),
        lambda v: np.clip((v - low + 1) / size, 0, 1),
    )


CONTINUOUS: Sequence[Callable[[Floats], Fit | None]] = (
    fit_normal,
    fit_laplace,
    fit_uniform,
    fit_exponential,
    fit_lognormal,
    fit_gamma,
    fit_weibull,
)
COUNTS: Sequence[Callable[[Floats], Fit | None]] = (fit_poisson, fit_geometric, fit_whole_uniform)
