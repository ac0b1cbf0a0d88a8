"""What the hold-out says of a model: metrics people know, and the lines that charts draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.model import Confusion, Curve, Evaluation
from dsp_pipeline.ml.automl import metrics
from dsp_pipeline.ml.automl.metric_intervals import metric_intervals
from dsp_pipeline.ml.automl.ranges import limits
from dsp_pipeline.ml.automl.task import is_classes
from dsp_pipeline.ml.automl.threshold import called

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.model import Threshold
    from dsp_pipeline.core.sidecar import Task
    from dsp_pipeline.ml.automl.arrays import Bools, Floats
    from dsp_pipeline.ml.automl.bootstrap import Resamples

_MAX_POINTS = 400
_BARS = 40
_PARTS = 10


def evaluate(
    task: Task,
    classes: tuple[str, ...],
    y: Floats,
    response: Floats,
    half: float,
    *,
    resamples: Resamples | None = None,
    threshold: Threshold | None = None,
) -> Evaluation:
    """The evaluation of one model.

    Args:
        task: The task.
        classes: The labels; empty for quantities.
        y: Class indices or quantities of the hold-out.
        response: Probabilities (rows, classes) or predictions (rows, 1).
        half: Half the prediction range's width; NaN if there is none.
        resamples: Draws of the rows for intervals; None gives none.
        threshold: From where on to call a row the second of two classes; what predictions do not use is only told.
    """
    used = threshold.value if threshold is not None and threshold.used else None
    if is_classes(task):
        found = _of_classes(task, classes, y, response, used)
    else:
        found = _of_quantities(task, y, response[:, 0], half)
    found = found.model_copy(update={"threshold": threshold})
    if resamples is None:
        return found
    intervals = metric_intervals(task, y, response, half, resamples, threshold=used)
    return found.model_copy(update={"intervals": intervals})


def _of_classes(
    task: Task, classes: tuple[str, ...], y: Floats, response: Floats, threshold: float | None
) -> Evaluation:
    truth = y.astype(np.int64)
    calls = called(response, threshold)
    counts = np.zeros((len(classes), len(classes)), np.int64)
    np.add.at(counts, (truth, calls), 1)
    targets = np.eye(len(classes))[truth]
    measured = {
        "log_loss": metrics.score(task, metrics.losses(task, y, response)),
        "accuracy": float(np.mean(calls == truth)),
        "brier": float(np.mean(np.sum((targets - response) ** 2, axis=1))),
    }
    curves: list[Curve] = []
    if len(classes) == 2:  # noqa: PLR2004 - two classes have one curve
        curves = _binary_curves(truth == 1, response[:, 1])
        measured["calibration_error"] = metrics.calibration_error(truth == 1, response[:, 1])
        ranked = metrics.auc(truth == 1, response[:, 1])
    else:
        surest = response.max(axis=1)
        measured["calibration_error"] = metrics.calibration_error(calls == truth, surest)
        areas = [metrics.auc(truth == index, response[:, index]) for index in range(len(classes))]
        known = [area for area in areas if area is not None]
        ranked = float(np.mean(known)) if known else None
        curves = [_calibration(calls == truth, surest)]
    if ranked is not None:
        measured["auc"] = ranked
    return Evaluation(
        metrics=measured, confusion=Confusion(labels=list(classes), counts=counts.tolist()), curves=curves
    )


def _binary_curves(positive: Bools, scores: Floats) -> list[Curve]:
    curves = [_calibration(positive, scores)]
    if positive.any() and not positive.all():
        false, true = metrics.roc(positive, scores)
        recall, precision = metrics.precision_recall(positive, scores)
        curves = [
            _curve("roc", false, true),
            _curve("precision_recall", recall, precision),
            _curve("gains", *metrics.gains(positive, scores)),
            *curves,
        ]
    return curves


def _calibration(positive: Bools, scores: Floats) -> Curve:
    means, shares, _ = metrics.calibration(positive, scores)
    return _curve("calibration", means, shares)


def _of_quantities(task: Task, y: Floats, predicted: Floats, half: float) -> Evaluation:
    residuals = y - predicted
    measured = {
        "rmse": float(np.sqrt(np.mean(residuals**2))),
        "mae": float(np.mean(np.abs(residuals))),
    }
    explained = metrics.r_squared(y, predicted)
    if explained is not None:
        measured["r2"] = explained
    if task == "count":
        measured["poisson_deviance"] = metrics.score(task, metrics.losses(task, y, predicted[:, None]))
    if np.isfinite(half):
        low, high = limits(task, predicted, half)
        measured["interval_coverage"] = float(np.mean((y >= low) & (y <= high)))
    low_edge, high_edge = np.quantile(residuals, [0.005, 0.995])
    inside = residuals[(residuals >= low_edge) & (residuals <= high_edge)]
    counts, edges = np.histogram(inside, bins=_BARS)
    shown = np.linspace(0, y.size - 1, min(_MAX_POINTS, y.size)).astype(np.int64)
    curves = [
        _curve("predicted_vs_actual", predicted[shown], y[shown]),
        _curve("residuals", (edges[:-1] + edges[1:]) / 2, counts.astype(np.float64)),
        _tenths(y, predicted),
    ]
    return Evaluation(metrics=measured, curves=curves)


def _tenths(y: Floats, predicted: Floats) -> Curve:
    """Mean prediction and mean truth of each tenth of the rows, the lowest predictions first."""
    parts = [part for part in np.array_split(np.argsort(predicted, kind="stable"), _PARTS) if part.size]
    means = [np.array([values[part].mean() for part in parts]) for values in (predicted, y)]
    return _curve("tenths", *means)


def _curve(name: str, x: Floats, y: Floats) -> Curve:
    """A line of at most 400 points, ends included; six significant digits are enough to draw."""
    at = np.unique(np.linspace(0, x.size - 1, min(_MAX_POINTS, x.size)).astype(np.int64))
    return Curve(name=name, x=[float(f"{v:.6g}") for v in x[at]], y=[float(f"{v:.6g}") for v in y[at]])
