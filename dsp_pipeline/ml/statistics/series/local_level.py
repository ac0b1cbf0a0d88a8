"""How sure a step is in a series whose level may wander besides."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.fft import dst
from scipy.special import stdtr

if TYPE_CHECKING:
    from dsp_pipeline.ml.statistics.arrays import Floats

_RATIOS = np.concatenate([[0.0], np.geomspace(1e-4, 1e3, 57)])
"""Variances of the level's own steps that are tried, in that of the noise around it."""
_NOTHING = 1e-12


@dataclasses.dataclass(frozen=True)
class LevelStep:
    """A step of the level.

    Attributes:
        size: How far.
        error: Its standard error.
        ratio: The variance of the level's own steps, in that of the noise around it.
        p: Two-sided, of Student's distribution.
    """

    size: float
    error: float
    ratio: float
    p: float


def level_step(values: Floats, at: int) -> LevelStep:
    """The step at a place, in the local level model: noise around a level that is a random walk (Harvey 1989).

    How much of the variance is the walk's, restricted likelihood says (Patterson & Thompson 1971, Biometrika
    58:545-554), with the step taken off: it would pass for wandering. Where that is nothing, the step is the
    difference of the means on either side; the more it is, the nearer have the points to be that tell it. Steps
    between neighbours are all that the model needs: the sine transform takes their covariances apart, as they
    reach one neighbour far.

    Args:
        values: A series without gaps, not constant.
        at: The first point after the step.
    """
    n = len(values)
    order = np.arange(1, n)
    steps = dst(np.diff(values), type=1, norm="ortho")
    step = math.sqrt(2 / n) * np.sin(np.pi * order * at / n)
    variances = 2 - 2 * np.cos(np.pi * order / n) + _RATIOS[:, None]
    information = np.sum(step * step / variances, axis=1)
    sizes = np.sum(step * steps / variances, axis=1) / information
    total = np.sum(steps * steps / variances, axis=1)
    rest = total - sizes**2 * information
    if np.any(rest <= _NOTHING * total):
        return LevelStep(float(sizes[0]), 0.0, 0.0, 0.0)
    likelihood = -(n - 2) * np.log(rest) - np.log(variances).sum(axis=1) - np.log(information)
    best = int(np.argmax(likelihood))
    size = float(sizes[best])
    error = math.sqrt(float(rest[best]) / (n - 2) / float(information[best]))
    p = float(2 * stdtr(n - 2, -abs(size) / error))
    return LevelStep(size, error, float(_RATIOS[best]), p)
