"""What the model is worth on rows that it has not seen: its metrics, and what each column contributes to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp_pipeline.core.numbers import written
from dsp_pipeline.dashboard.charts.frame import Words
from dsp_pipeline.dashboard.charts.model_charts import Line, curves
from dsp_pipeline.dashboard.view import Fact, Grid
from dsp_pipeline.dashboard.wording import interval, number, p_value, sentence, whole

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.model import Costs, ModelReport, Threshold
    from dsp_pipeline.dashboard.charts.base import PlotlyChart

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
_CHOSEN_FOR = {
    "f1": "Threshold of the best F1 score",
    "costs": "Threshold of the least cost",
    "given": "Threshold, as it was said",
}
_READABLE = 0.1
_LOSSES = {"regression": "squared error", "count": "Poisson deviance"}


def metrics(report: ModelReport) -> tuple[Fact, ...]:
    """The metrics on the hold-out with their intervals; for two classes with the threshold of a row's call."""
    if report.evaluation is None:
        return ()
    intervals = report.evaluation.intervals
    facts = [
        Fact(
            _METRICS.get(name, name.replace("_", " ")),
            number(value),
            note=f"95% interval {interval(*intervals[name])}" if name in intervals else "",
        )
        for name, value in report.evaluation.metrics.items()
    ]
    threshold = report.evaluation.threshold
    if threshold is not None and report.classes:
        facts.append(_called(threshold, report.classes[-1]))
    if threshold is not None and threshold.costs is not None:
        facts.append(_cost(threshold.costs))
    return tuple(facts)


def _called(threshold: Threshold, positive: str) -> Fact:
    """From where on a row is called the last class, and how good the calls are."""
    scores = (
        f"F1 {number(threshold.f1)}, precision {number(threshold.precision)}, recall {number(threshold.recall)}"
    )
    whose = "as predictions do" if threshold.used else "predictions call the more probable class"
    note = f"calling a row \u2018{positive}\u2019 from this probability on, {whose}: {scores}"
    return Fact(_CHOSEN_FOR[threshold.chosen_for], number(threshold.value), note=note)


def _cost(costs: Costs) -> Fact:
    note = (
        f"a false alarm costs {number(costs.false_positive)}, a miss {number(costs.false_negative)}; calling the"
        f" more probable class costs {number(costs.per_row_at_half)}, calling all rows alike"
        f" {number(costs.per_row_all_alike)}"
    )
    return Fact("Cost per row", number(costs.per_row), note=note)


def pace(seconds: float | None) -> str:
    """A time as people say it: ``0.3 s``, ``1.2 ms``; a dash if it was not measured."""
    if seconds is None:
        return ""
    return (
        f"{number(float(f'{seconds:.2g}'))} s" if seconds >= _READABLE else f"{written(seconds * 1_000, '.2g')} ms"
    )


def learning(report: ModelReport) -> PlotlyChart | None:
    """The score by the rows that were learnt from, with its interval."""
    found = report.learning
    if found is None:
        return None
    rows = [float(point.rows) for point in found.points]
    lines = [
        Line("score on unseen rows", rows, [point.score for point in found.points]),
        Line("from (95% interval)", rows, [point.ci_low for point in found.points], aside=True),
        Line("to", rows, [point.ci_high for point in found.points], aside=True),
    ]
    name = report.metric.name if report.metric is not None else "score"
    words = Words("model-learning", "What more rows bring (learning curve)", sentence(found.text))
    return curves(words, lines, titles=("rows learnt from", name))


def worth(report: ModelReport) -> Grid | None:
    """What shuffling each column costs, greatest first."""
    rows = tuple(
        (each.column, number(each.loss), interval(each.ci_low, each.ci_high), p_value(each.p))
        for each in report.worth[:_MOST_COLUMNS]
    )
    if not rows:
        return None
    hidden = len(report.worth) - _MOST_COLUMNS
    return Grid(
        ("Column", f"Growth of the {_LOSSES.get(report.task or '', 'log loss')} per row", "95% interval", "p"),
        rows,
        "What each column is worth: the loss when it is shuffled",
        numeric=frozenset({1, 3}),
        left_out=f"{whole(hidden)} more are in model.json." if hidden > 0 else "",
    )
