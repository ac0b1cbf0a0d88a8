"""Families of counts, fitted to how often each whole number from 0 occurs, one sample to a row.

So a million counts below a hundred are a hundred numbers, and the honest p of a fit draws whole samples at once.
"""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from dsp_pipeline.ml.statistics.iterations import trigamma

if TYPE_CHECKING:
    from collections.abc import Callable

    from dsp_pipeline.ml.statistics.arrays import Floats

    Parameters = tuple[Floats, ...]

_MOST_STEPS = 100
_CONVERGED = 1e-11
_MOST_TRIALS = 1_000
_LARGEST_SHAPE = 1e6


@dataclasses.dataclass(frozen=True)
class CountFamily:
    """One family. ``k`` is the row 0, 1, 2 ...; ``counts`` has how often each occurs, one sample to a row.

    Attributes:
        name: As people say it.
        parameters: Their names, in the order in which all functions take them.
        estimate: Maximum likelihood for each row of counts; NaN where there is none.
        log_share: Natural log of the share of each of ``k``.
    """

    name: str
    parameters: tuple[str, ...]
    estimate: Callable[[Floats, Floats], Parameters]
    log_share: Callable[..., Floats]


def _mean(k: Floats, counts: Floats) -> Floats:
    return np.asarray((counts * k).sum(axis=1, keepdims=True) / counts.sum(axis=1, keepdims=True))


def _variance(k: Floats, counts: Floats) -> Floats:
    mean = _mean(k, counts)
    return np.asarray((counts * (k - mean) ** 2).sum(axis=1, keepdims=True) / counts.sum(axis=1, keepdims=True))


POISSON = CountFamily(
    "Poisson",
    ("mean",),
    lambda k, counts: (_mean(k, counts),),
    lambda k, mean: special.xlogy(k, mean) - mean - special.gammaln(k + 1),
)

GEOMETRIC = CountFamily(
    "geometric",
    ("probability",),
    lambda k, counts: (1 / (1 + _mean(k, counts)),),
    lambda k, p: np.log(p) + special.xlog1py(k, -p),
)


def _negative_binomial(k: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """Newton's steps on the log of the shape; none where the values vary less than Poisson's would."""
    mean, variance = _mean(k, counts), _variance(k, counts)
    shape = np.where(variance > mean, mean**2 / np.maximum(variance - mean, 1e-12), np.nan)
    rows = counts.sum(axis=1, keepdims=True)
    for _ in range(_MOST_STEPS):
        first = (counts * (special.digamma(k + shape) - special.digamma(shape))).sum(axis=1, keepdims=True) / rows
        bends = counts * (trigamma(k + shape) - trigamma(shape))
        second = bends.sum(axis=1, keepdims=True) / rows
        score = first + np.log(shape / (shape + mean))
        slope = second + 1 / shape - 1 / (shape + mean)
        # In the log of the shape the likelihood is nearly a parabola; where it bends up, the step follows the
        # score.
        curve = shape * score + shape**2 * slope
        step = np.where(curve < 0, -shape * score / curve, np.sign(score) * 0.5)
        shape = np.minimum(shape * np.exp(np.clip(step, -2, 2)), _LARGEST_SHAPE)
        if not np.any(np.abs(step) > _CONVERGED):
            break
    return shape, shape / (shape + mean)


NEGATIVE_BINOMIAL = CountFamily(
    "negative binomial",
    ("size", "probability"),
    _negative_binomial,
    lambda k, size, p: (
        special.gammaln(k + size)
        - special.gammaln(size)
        - special.gammaln(k + 1)
        + size * np.log(p)
        + special.xlog1py(k, -p)
    ),
)


def _binomial_share(k: Floats, trials: Floats, p: Floats) -> Floats:
    inside = np.minimum(k, trials)
    ways = special.gammaln(trials + 1) - special.gammaln(inside + 1) - special.gammaln(trials - inside + 1)
    return np.where(k <= trials, ways + special.xlogy(inside, p) + special.xlog1py(trials - inside, -p), -np.inf)


def _binomial(k: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """The likeliest number of trials, doubled and then searched between; NaN where it would be infinite.

    The profile likelihood has one peak in the number of trials (Levin and Reeds 1977, Ann. Statist. 5:79-87).
    """
    mean, variance = _mean(k, counts), _variance(k, counts)
    largest = np.where(counts > 0, k, 0).max(axis=1, keepdims=True)

    def rises(trials: Floats) -> Floats:
        return np.asarray(_profile(k, counts, trials + 1, mean) > _profile(k, counts, trials, mean))

    low, high = largest, np.maximum(largest, _MOST_TRIALS)
    for _ in range(math.ceil(math.log2(_MOST_TRIALS)) + 1):
        middle = np.floor((low + high) / 2)
        up = rises(middle)
        low, high = np.where(up & (low < high), middle + 1, low), np.where(up, high, middle)
    trials = np.where((variance < mean) & (low < _MOST_TRIALS), low, np.nan)
    return trials, mean / trials


def _profile(k: Floats, counts: Floats, trials: Floats, mean: Floats) -> Floats:
    shares = _binomial_share(k, trials, mean / trials)
    return np.asarray(np.where(counts > 0, counts * shares, 0).sum(axis=1, keepdims=True))


BINOMIAL = CountFamily("binomial", ("trials", "probability"), _binomial, _binomial_share)


def _ends(k: Floats, counts: Floats) -> tuple[Floats, Floats]:
    seen = counts > 0
    return np.where(seen, k, np.inf).min(axis=1, keepdims=True), np.where(seen, k, 0).max(axis=1, keepdims=True)


WHOLE_UNIFORM = CountFamily(
    "uniform over whole numbers",
    ("low", "high"),
    _ends,
    lambda k, low, high: np.where((low <= k) & (k <= high), -np.log(high - low + 1), -np.inf),
)

COUNTS: tuple[CountFamily, ...] = (POISSON, GEOMETRIC, NEGATIVE_BINOMIAL, BINOMIAL, WHOLE_UNIFORM)
