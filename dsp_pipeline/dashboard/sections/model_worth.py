"""What the model is worth on rows that it has not seen: its metrics, and what each column contributes to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp_pipeline.dashboard.view import Fact, Grid
from dsp_pipeline.dashboard.wording import interval, number, whole

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.model import ModelReport

_MOST_COLUMNS = 50

_METRICS = {
    "accuracy": "Accuracy",
    "auc": "AUC",
    "brier": "Brier score",
    "calibration_error": "Expected calibration error",
    "interval_coverage": "Share within the 90% range",
    "log_loss": "Log loss",
    "mae": "Mean absolute error",
    "poisson_deviance": "Poisson deviance",
    "r2": "Share of variance explained (R²)",
    "rmse": "RMSE",
}
_LOSSES = {"regression": "squared error", "count": "Poisson deviance"}


def metrics(report: ModelReport) -> tuple[Fact, ...]:
    """The metrics on the hold-out; for two classes with the threshold of the greatest F1 score."""
    if report.evaluation is None:
        return ()
    facts = [
        Fact(_METRICS.get(name, name.replace("_", " ")), number(value))
        for name, value in report.evaluation.metrics.items()
    ]
    threshold = report.evaluation.threshold
    if threshold is not None and report.classes:
        note = (
            f"calling a row \u2018{report.classes[-1]}\u2019 from a probability of {number(threshold.value)} on: "
            f"precision {number(threshold.precision)}, recall {number(threshold.recall)}"
        )
        facts.append(Fact("Best F1 score", number(threshold.f1), note=note))
    return tuple(facts)


def worth(report: ModelReport) -> Grid | None:
    """What shuffling each column costs, greatest first."""
    rows = tuple(
        (each.column, number(each.loss), interval(each.ci_low, each.ci_high))
        for each in report.worth[:_MOST_COLUMNS]
    )
    if not rows:
        return None
    hidden = len(report.worth) - _MOST_COLUMNS
    return Grid(
        ("Column", f"Growth of the {_LOSSES.get(report.task or '', 'log loss')} per row", "95% interval"),
        rows,
        "What each column is worth: the loss when it is shuffled",
        numeric=frozenset({1}),
        left_out=f"{whole(hidden)} more are in model.json." if hidden > 0 else "",
    )
