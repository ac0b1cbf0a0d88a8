"""Ranges around predicted quantities: conformal, from errors on rows that a model of the kind had not seen.

Vovk et al. (2005): if new rows come from where these came from, the range holds the truth in the stated share.
Counts are compared on the square-root scale, on which a Poisson variable's spread hardly depends on its mean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from dsp_pipeline.core.sidecar import Task
    from dsp_pipeline.ml.automl.arrays import Floats

COVERAGE = 0.9
"""The share of rows whose truth lies within the range."""


def half_width(task: Task, y: Floats, predicted: Floats) -> float:
    """Half the range's width on the task's scale, from rows that the model had not seen; NaN without rows."""
    errors = np.abs(scaled(task, y) - scaled(task, predicted))
    if errors.size == 0:
        return float("nan")
    level = min(1.0, np.ceil((errors.size + 1) * COVERAGE) / errors.size)
    return float(np.quantile(errors, level, method="higher"))


def limits(task: Task, predicted: Floats, half: float) -> tuple[Floats, Floats]:
    """The range of each prediction."""
    centre = scaled(task, predicted)
    if task == "count":
        return np.asarray(np.maximum(centre - half, 0) ** 2), np.asarray((centre + half) ** 2)
    return centre - half, centre + half


def scaled(task: Task, values: Floats) -> Floats:
    """Quantities on the scale on which ranges are as wide everywhere."""
    return np.asarray(np.sqrt(np.maximum(values, 0))) if task == "count" else values
