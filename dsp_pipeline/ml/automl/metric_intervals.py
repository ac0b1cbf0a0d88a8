"""How far each metric of the hold-out could be off: 95 % bootstrap intervals, all from the same draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.ml.automl import metrics
from dsp_pipeline.ml.automl.bootstrap import LEVELS, Resamples
from dsp_pipeline.ml.automl.ranges import limits
from dsp_pipeline.ml.automl.task import is_classes
from dsp_pipeline.ml.automl.threshold import called

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dsp_pipeline.core.sidecar import Task
    from dsp_pipeline.ml.automl.arrays import Bools, Floats, Ints

_MOST_LEVELS = 1_000

Interval = tuple[float, float]


def metric_intervals(
    task: Task,
    y: Floats,
    response: Floats,
    half: float,
    resamples: Resamples,
    *,
    threshold: float | None = None,
) -> dict[str, Interval]:
    """The intervals of the evaluation's metrics, by their names.

    The calibration error has none, since a draw of rows only adds to it, nor has the AUC of more than two classes.

    Args:
        task: The task.
        y: Class indices or quantities of the hold-out.
        response: Probabilities (rows, classes) or predictions (rows, 1).
        half: Half the prediction range's width; NaN if there is none.
        resamples: Draws of these rows.
        threshold: From which probability on the second of two classes is called; None for the more probable one.
    """
    if is_classes(task):
        return _of_classes(task, y, response, resamples, threshold)
    return _of_quantities(task, y, response[:, 0], half, resamples)


def _of_classes(
    task: Task, y: Floats, response: Floats, resamples: Resamples, threshold: float | None
) -> dict[str, Interval]:
    truth = y.astype(np.int64)
    per_row = {
        "log_loss": metrics.losses(task, y, response),
        "accuracy": (called(response, threshold) == truth).astype(np.float64),
        "brier": np.sum((np.eye(response.shape[1])[truth] - response) ** 2, axis=1),
    }
    found = _of_means(per_row, resamples)
    if response.shape[1] == 2:  # noqa: PLR2004 - two classes have one AUC
        ranked = _auc_interval(truth == 1, response[:, 1], resamples)
        found |= {} if ranked is None else {"auc": ranked}
    return found


def _of_quantities(task: Task, y: Floats, predicted: Floats, half: float, draws: Resamples) -> dict[str, Interval]:
    errors = (y - predicted) ** 2
    per_row = {"mae": np.abs(y - predicted)}
    if task == "count":
        per_row["poisson_deviance"] = metrics.losses(task, y, predicted[:, None])
    if np.isfinite(half):
        low, high = limits(task, predicted, half)
        per_row["interval_coverage"] = ((y >= low) & (y <= high)).astype(np.float64)
    found = _of_means(per_row, draws)
    counts = draws.counts()
    centred = y - y.mean()
    squared, total, square = draws.sums(np.column_stack([errors, centred, centred**2])).T
    found["rmse"] = _ends(np.sqrt(squared / counts))
    spread = square - total**2 / counts
    if np.all(spread > 0):
        found["r2"] = _ends(1 - squared / spread)
    return found


def _of_means(per_row: Mapping[str, Floats], resamples: Resamples) -> dict[str, Interval]:
    low, high = resamples.mean_intervals(np.column_stack(list(per_row.values())))
    return {name: (float(low[at]), float(high[at])) for at, name in enumerate(per_row)}


def _auc_interval(positive: Bools, scores: Floats, resamples: Resamples) -> Interval | None:
    """The interval of the AUC, from draws in which both classes occur; None if there are none.

    Rows of one unit are drawn together, so counts by unit and level of the score are all that is needed. More than
    1,000 different scores are taken together into as many levels: pairs within one count half.
    """
    level = _levels(scores)
    up, down = (_drawn_counts(level, mask, resamples) for mask in (positive, ~positive))
    pairs = up.sum(axis=1) * down.sum(axis=1)
    won = np.sum(up * (np.cumsum(down, axis=1) - down / 2), axis=1)
    return _ends(won[pairs > 0] / pairs[pairs > 0]) if np.any(pairs > 0) else None


def _levels(scores: Floats) -> Ints:
    values, level = np.unique(scores, return_inverse=True)
    if values.size <= _MOST_LEVELS:
        return np.asarray(level, np.int64)
    edges = np.unique(np.quantile(scores, np.linspace(0, 1, _MOST_LEVELS + 1)[1:-1]))
    return np.asarray(np.searchsorted(edges, scores, side="right"), np.int64)


def _drawn_counts(level: Ints, mask: Bools, resamples: Resamples) -> Floats:
    """How many of the rows under a mask have each level in each draw, shape (draws, levels)."""
    units, levels = resamples.weights.shape[1], int(level.max()) + 1
    counts = np.bincount(resamples.codes[mask] * levels + level[mask], minlength=units * levels)
    return np.asarray(resamples.weights @ counts.reshape(units, levels).astype(np.float64))


def _ends(values: Floats) -> Interval:
    low, high = np.quantile(values, LEVELS)
    return float(low), float(high)
