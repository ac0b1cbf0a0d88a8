"""Figures that long tails do not spoil: trimmed and geometric means, and the power that makes values symmetric."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.ml.statistics.descriptive import finite_or_none, moments
from dsp_pipeline.ml.statistics.samples import evenly_spaced

if TYPE_CHECKING:
    from dsp_pipeline.ml.statistics.arrays import Floats
    from dsp_pipeline.ml.statistics.descriptive import Statistics

_TRIMMED = 0.1
_SKEWED = 1.0
_MOST_VALUES = 1_000
_LOWEST, _HIGHEST = -3.0, 3.0
_STEPS = 60
_GOLDEN = (math.sqrt(5) - 1) / 2
_NEARLY_ZERO = 1e-8


def tail_statistics(ordered: Floats, skewness: float | None) -> Statistics:
    """A trimmed mean; for positive values a geometric mean, and where they are skewed Box and Cox's power.

    ``trimmed_mean`` leaves out a tenth of the values on either side. ``box_cox`` is the power (0 means the
    logarithm) that makes the values as normal as a power can (Box and Cox 1964, J. R. Stat. Soc. B 26:211-252),
    by maximum likelihood between -3 and 3; ``skewness_after`` is what it leaves of the skewness. Of more than
    1,000 values that many evenly spaced ones are taken for both.

    Args:
        ordered: Finite values in ascending order, one at least.
        skewness: Theirs; None where it is not known.
    """
    cut = int(len(ordered) * _TRIMMED)
    figures: Statistics = {"trimmed_mean": finite_or_none(ordered[cut : len(ordered) - cut].mean())}
    if not ordered[0] > 0:
        return figures
    figures["geometric_mean"] = finite_or_none(np.exp(np.log(ordered).mean()))
    if skewness is not None and abs(skewness) >= _SKEWED:
        power = box_cox_power(ordered)
        if power is not None:
            figures["box_cox"] = power
            figures["skewness_after"] = moments(transformed(_few(ordered), power))["skewness"]
    return figures


def box_cox_power(ordered: Floats) -> float | None:
    """The likeliest power; None where no value differs or the powers cannot be computed."""
    values = _few(ordered)
    logs = np.log(values)
    # A common factor changes nothing but the numbers' size.
    logs = logs - logs.mean()

    def likelihood(power: float) -> float:
        spread = float(_powered(logs, power).var())
        return power * float(logs.mean()) - 0.5 * math.log(spread) if spread > 0 else -math.inf

    low, high = _LOWEST, _HIGHEST
    for _ in range(_STEPS):
        step = _GOLDEN * (high - low)
        if likelihood(high - step) < likelihood(low + step):
            low = high - step
        else:
            high = low + step
    found = (low + high) / 2
    return found if math.isfinite(likelihood(found)) else None


def transformed(ordered: Floats, power: float) -> Floats:
    """The values raised to a power, shifted and scaled so that powers near 0 come near the logarithm."""
    logs = np.log(ordered)
    return _powered(logs - logs.mean(), power)


def _powered(logs: Floats, power: float) -> Floats:
    return logs if abs(power) < _NEARLY_ZERO else np.expm1(power * logs) / power


def _few(ordered: Floats) -> Floats:
    return ordered[evenly_spaced(len(ordered), _MOST_VALUES)]
