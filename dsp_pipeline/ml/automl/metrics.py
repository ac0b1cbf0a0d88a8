"""Scores of predictions: losses per row, their intervals, and the metrics that people know.

Sources: Gneiting and Raftery (2007) for proper scores; Fawcett (2006) for ROC curves, ties included.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.model import Metric
from dsp_pipeline.ml.automl.bootstrap import Resamples
from dsp_pipeline.ml.automl.task import is_classes

if TYPE_CHECKING:
    from dsp_pipeline.core.sidecar import Task
    from dsp_pipeline.ml.automl.arrays import Bools, Floats, Ints

_TINY = 1e-7
"""Probabilities are taken to be no surer than single precision can say."""


def headline(task: Task) -> Metric:
    """The metric that the report leads with; lower is better for all of them."""
    if is_classes(task):
        return Metric(name="log loss", greater_is_better=False)
    return Metric(name="Poisson deviance" if task == "count" else "RMSE", greater_is_better=False)


def losses(task: Task, y: Floats, response: Floats) -> Floats:
    """Each row's loss; `score` of them is the headline metric.

    Args:
        task: The task.
        y: Class indices or quantities, shape (rows,).
        response: Probabilities (rows, classes) or predictions (rows, 1).
    """
    if is_classes(task):
        chosen = response[np.arange(y.size), y.astype(np.int64)]
        result: Floats = -np.log(np.clip(chosen, _TINY, 1 - _TINY))
        return result
    predicted = response[:, 0]
    if task == "count":
        safe = np.maximum(predicted, _TINY)
        ratio = np.where(y > 0, y * np.log(np.maximum(y, _TINY) / safe), 0.0)
        return np.asarray(2 * (ratio - (y - safe)))
    return np.asarray((y - predicted) ** 2)


def score(task: Task, rows: Floats) -> float:
    """The headline metric of rows' losses."""
    return score_of_mean(task, float(np.mean(rows)))


def score_of_mean(task: Task, mean: float) -> float:
    """The headline metric of rows whose losses have this mean."""
    return float(np.sqrt(max(mean, 0.0))) if task == "regression" else mean


def interval(task: Task, rows: Floats, resamples: Resamples) -> tuple[float, float]:
    """The 95 % bootstrap interval of the headline metric (percentiles of 1,000 resamples).

    Args:
        task: The task.
        rows: Losses per row.
        resamples: Draws of these rows.
    """
    low, high = resamples.mean_interval(rows)
    return score_of_mean(task, low), score_of_mean(task, high)


def mean_intervals(columns: Floats, clusters: Ints | None, seed: int) -> tuple[Floats, Floats]:
    """The 95 % bootstrap intervals of the means of columns, shape (rows, columns), all from the same resamples."""
    return Resamples.of(columns.shape[0], clusters, seed).mean_intervals(columns)


def auc(positive: Bools, scores: Floats) -> float | None:
    """The area under the ROC curve with ties counted half (Mann-Whitney); None where one class is absent."""
    n_positive = int(positive.sum())
    n_negative = positive.size - n_positive
    if not n_positive or not n_negative:
        return None
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    total = float(ranks[positive].sum()) - n_positive * (n_positive + 1) / 2
    return total / (n_positive * n_negative)


def roc(positive: Bools, scores: Floats) -> tuple[Floats, Floats]:
    """False and true positive rates at every threshold, from (0, 0) to (1, 1)."""
    true, false = cumulated(positive, scores)
    return np.r_[0.0, false / max(false[-1], 1.0)], np.r_[0.0, true / max(true[-1], 1.0)]


def gains(positive: Bools, scores: Floats) -> tuple[Floats, Floats]:
    """The share of all rows, highest scores first, and the share of the positives among them, from (0, 0) on."""
    true, false = cumulated(positive, scores)
    return np.r_[0.0, (true + false) / positive.size], np.r_[0.0, true / max(true[-1], 1.0)]


def precision_recall(positive: Bools, scores: Floats) -> tuple[Floats, Floats]:
    """Recall and precision at every threshold, from the highest score down."""
    true, false = cumulated(positive, scores)
    return true / max(true[-1], 1.0), true / (true + false)


def cumulated(positive: Bools, scores: Floats) -> tuple[Floats, Floats]:
    """True and false positives when all down to each distinct score are called positive."""
    order = np.argsort(-scores, kind="stable")
    ends = np.r_[np.flatnonzero(np.diff(scores[order])), scores.size - 1]
    true = np.cumsum(positive[order])[ends].astype(np.float64)
    return true, ends + 1.0 - true


def calibration(positive: Bools, scores: Floats, bins: int = 10) -> tuple[Floats, Floats, Ints]:
    """Mean score, observed share and rows of each of equally filled bins."""
    order = np.argsort(scores, kind="stable")
    parts = [part for part in np.array_split(order, bins) if part.size]
    means = np.array([scores[part].mean() for part in parts])
    shares = np.array([positive[part].mean() for part in parts])
    return means, shares, np.array([part.size for part in parts])


def calibration_error(positive: Bools, scores: Floats) -> float:
    """The expected calibration error over ten equally filled bins: how far observed shares lie from mean scores.

    Rows weigh alike (Naeini et al. 2015; equal filling by Nguyen and O'Connor 2015). It is never negative, so
    chance alone makes it greater than 0, the more so the fewer rows there are.
    """
    means, shares, counts = calibration(positive, scores)
    return float(np.sum(counts * np.abs(means - shares)) / counts.sum())


def r_squared(y: Floats, predicted: Floats) -> float | None:
    """The share of the variance that predictions explain; None for a constant y."""
    total = float(np.sum((y - y.mean()) ** 2))
    return 1 - float(np.sum((y - predicted) ** 2)) / total if total > 0 else None
