"""Weights of an ensemble: greedy selection with replacement, on rows that no model had seen.

Caruana, Niculescu-Mizil, Crew and Ksikes, "Ensemble selection from libraries of models" (2004): start with the
best model, then add again and again the one that lowers the loss of the average most. A model's weight is the
share of the times that it was chosen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.ml.automl.ensemble import weighted
from dsp_pipeline.ml.automl.metrics import losses
from dsp_pipeline.ml.automl.scorers import respond

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.core.sidecar import Task
    from dsp_pipeline.ml.automl.arrays import Floats

_STEPS = 20
_MIN_WEIGHT = 0.1
_MIN_SAVED = 0.01


def choose_weights(task: Task, y: Floats, margins: Sequence[Floats]) -> Floats | None:
    """What each model counts for; the weights add up to one.

    Models with a weight below a tenth are left out, since all that are in it have to be kept, run and explained.

    Args:
        task: The task.
        y: Class indices or quantities of rows that no model had seen.
        margins: What each model adds up there, shape (rows, outputs).

    Returns:
        None unless the ensemble's loss is at least 1 % below that of its best model: one model is easier to read.
    """
    if y.size == 0 or len(margins) < 2:  # noqa: PLR2004 - one model is no ensemble
        return None
    alone = [_loss(task, y, each) for each in margins]
    counts = _chosen(task, y, margins, int(np.argmin(alone)))
    weights = counts / counts.sum()
    weights[weights < _MIN_WEIGHT] = 0.0
    weights /= weights.sum()
    together = _loss(task, y, weighted(zip(weights.tolist(), margins, strict=True)))
    return weights if together < (1 - _MIN_SAVED) * min(alone) else None


def _chosen(task: Task, y: Floats, margins: Sequence[Floats], first: int) -> Floats:
    """How often each model was chosen when the average was best."""
    counts = np.zeros(len(margins))
    counts[first] = 1
    total = margins[first].astype(np.float64)
    best, best_loss = counts.copy(), _loss(task, y, total)
    for size in range(2, _STEPS + 1):
        found = [_loss(task, y, (total + each) / size) for each in margins]
        added = int(np.argmin(found))
        total = total + margins[added]
        counts[added] += 1
        if found[added] < best_loss:
            best, best_loss = counts.copy(), found[added]
    return best


def _loss(task: Task, y: Floats, margin: Floats) -> float:
    return float(np.mean(losses(task, y, respond(task, margin))))
