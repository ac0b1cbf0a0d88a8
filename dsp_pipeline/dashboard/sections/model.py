"""The model: what it predicts, whether to believe it, and how it was judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp_pipeline.dashboard.charts.custom_charts import whisker
from dsp_pipeline.dashboard.charts.frame import Words
from dsp_pipeline.dashboard.charts.model_charts import Line, curves
from dsp_pipeline.dashboard.charts.plotly_charts import histogram, matrix
from dsp_pipeline.dashboard.sections.model_worth import learning, metrics, pace, worth
from dsp_pipeline.dashboard.sections.overview import tone_of_model
from dsp_pipeline.dashboard.view import Fact, Grid, ModelView, Standing
from dsp_pipeline.dashboard.wording import interval, number, percent, sentence, whole

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.model import Confusion, Curve, LeaderboardEntry, ModelReport
    from dsp_pipeline.dashboard.charts.base import PlotlyChart
    from dsp_pipeline.dashboard.sections.material import Material

_MOST_FEATURES = 200
_MOST_CANDIDATES = 10
_MOST_CLASSES = 20


def model(material: Material) -> ModelView:
    """The whole section; without a model it says why and which columns could be a target."""
    report = material.model
    return ModelView(
        fitted=bool(report.leaderboard),
        tone=tone_of_model(report),
        verdict=sentence(report.verdict),
        target=report.target or "",
        task=report.task or "",
        target_reason=sentence(report.target_reason),
        metric=_metric(report),
        standings=_standings(report),
        facts=_facts(report),
        metrics=metrics(report),
        charts=_charts(report),
        leakage=_leakage(report),
        worth=worth(report),
        candidates=_candidates(report),
        excluded=_excluded(report),
        features=_features(report),
        notes=tuple(sentence(note) for note in report.notes),
    )


def _words(name: str) -> str:
    return name.replace("_", " ")


def _metric(report: ModelReport) -> str:
    if report.metric is None:
        return ""
    return f"{_words(report.metric.name)}, {'higher' if report.metric.greater_is_better else 'lower'} is better"


def _entries(report: ModelReport) -> list[LeaderboardEntry]:
    entries = list(report.leaderboard)
    if report.baseline is not None and all(entry.name != report.baseline.name for entry in entries):
        entries.append(report.baseline)
    greater = report.metric is None or report.metric.greater_is_better
    return sorted(entries, key=lambda entry: entry.holdout, reverse=greater)


def _standings(report: ModelReport) -> tuple[Standing, ...]:
    entries = _entries(report)
    if not entries:
        return ()
    bounds = (min(entry.ci_low for entry in entries), max(entry.ci_high for entry in entries))
    return tuple(
        Standing(
            name=_words(entry.name),
            cv=number(entry.cv),
            holdout=number(entry.holdout),
            interval=interval(entry.ci_low, entry.ci_high),
            svg=whisker(
                entry.ci_low,
                entry.holdout,
                entry.ci_high,
                bounds=bounds,
                label=f"{number(entry.holdout)}, 95% interval {interval(entry.ci_low, entry.ci_high)}",
            ),
            is_best=entry.name == report.best,
            is_baseline=report.baseline is not None and entry.name == report.baseline.name,
            fit=pace(entry.fit_seconds),
            predict=pace(entry.predict_seconds),
        )
        for entry in entries
    )


def _facts(report: ModelReport) -> tuple[Fact, ...]:
    facts = []
    if report.rows_used:
        facts.append(Fact("Rows used", whole(report.rows_used)))
    if report.split is not None:
        facts.append(Fact("Trained on", whole(report.split.train_rows)))
        facts.append(Fact("Held out", whole(report.split.holdout_rows)))
        facts.append(Fact("Split", report.split.kind, note=report.split.reason))
        facts.append(Fact("Folds", whole(report.split.folds)))
    if report.classes:
        facts.append(Fact("Classes", whole(len(report.classes))))
    if report.leaderboard:
        facts.append(Fact("Seed", str(report.seed)))
    return tuple(facts)


def _charts(report: ModelReport) -> tuple[PlotlyChart, ...]:
    if report.evaluation is None:
        return ()
    charts = [_confusion(report.evaluation.confusion)] if report.evaluation.confusion is not None else []
    families: dict[str, list[Curve]] = {}
    for curve in report.evaluation.curves:
        families.setdefault(_family(curve.name), []).append(curve)
    drawn = [_curves(family, found, place) for place, (family, found) in enumerate(families.items(), start=1)]
    learnt = learning(report)
    return tuple(chart for chart in (*charts, *drawn, learnt) if chart is not None)


def _confusion(confusion: Confusion) -> PlotlyChart | None:
    labels = confusion.labels[:_MOST_CLASSES]
    counts = [row[: len(labels)] for row in confusion.counts[: len(labels)]]
    total, right = sum(map(sum, counts)), sum(row[place] for place, row in enumerate(counts))
    if not total:
        return None
    shares = [[count / (sum(row) or 1) for count in row] for row in counts]
    cut = (
        f" The first {len(labels)} of {len(confusion.labels)} classes are shown."
        if len(labels) < len(confusion.labels)
        else ""
    )
    summary = (
        f"{whole(right)} of {whole(total)} held-out rows ({percent(right / total)}) are predicted right. "
        f"Each row divides one true class over the predictions.{cut}"
    )
    return matrix(
        Words("model-confusion", "True against predicted class", summary),
        (labels, labels),
        shares,
        titles=("predicted", "true"),
        texts=[[whole(count) for count in row] for row in counts],
        least_height=320,
    )


def _family(name: str) -> str:
    """The kind of curve that a name begins with: ``roc``, ``calibration: class a`` and so on."""
    lower = name.lower()
    known = {
        "roc": "roc",
        "precision": "pr",
        "calibration": "calibration",
        "predicted": "predicted",
        "residual": "residual",
        "gains": "gains",
        "tenths": "tenths",
    }
    return next((family for start, family in known.items() if lower.startswith(start)), name)


_TITLES = {
    "roc": ("Sensitivity against false alarms (ROC)", "false positive rate", "true positive rate"),
    "pr": ("Precision against recall", "recall", "precision"),
    "calibration": ("Predicted against observed share (calibration)", "predicted probability", "observed share"),
    "gains": ("Found among the likeliest rows (gains)", "share of all rows", "share found"),
    "tenths": ("Actual against predicted, by tenths of the rows (lift)", "mean predicted", "mean actual"),
    "predicted": ("Actual against predicted values", "predicted", "actual"),
    "residual": ("Residuals: actual minus predicted", "residual", "rows"),
}
_SUMMARIES = {
    "roc": "The further above the dashed diagonal, the better the model separates the classes.",
    "pr": "How often a positive prediction is right, for each share of the positives found.",
    "calibration": "On the dashed diagonal, predicted probabilities can be taken at their word.",
    "predicted": "Each dot is a held-out row; on the dashed line the prediction is exact.",
    "gains": "How many of the last class are found in the rows most likely to have it; dashed: by chance.",
    "tenths": "Each dot is a tenth of the held-out rows; on the dashed line the model is right on average.",
    "residual": "How far held-out values lie from their predictions; the narrower around 0, the better.",
}


def _curves(family: str, found: list[Curve], place: int) -> PlotlyChart | None:
    drawn = [curve for curve in found if curve.x]
    if not drawn:
        return None
    title, x_title, y_title = _TITLES.get(family, (_words(family), "", ""))
    words = Words(f"model-curve-{place}", title, _SUMMARIES.get(family, f"{_words(family)} on the held-out rows."))
    if family == "residual":
        return _residuals(words, drawn[0])
    dots = family in {"predicted", "tenths"}
    lines = [Line(_words(curve.name), curve.x, curve.y, dots=dots) for curve in drawn]
    return curves(words, lines, titles=(x_title, y_title), reference=_reference(family, drawn))


def _residuals(words: Words, curve: Curve) -> PlotlyChart:
    """Bars around the middles in ``curve.x``, which lie at equal steps."""
    step = curve.x[1] - curve.x[0] if len(curve.x) > 1 else 1.0
    edges = [curve.x[0] - step / 2, *(middle + step / 2 for middle in curve.x)]
    return histogram(words, edges, [round(count) for count in curve.y], value_title="actual minus predicted")


def _reference(family: str, found: list[Curve]) -> tuple[tuple[float, float], tuple[float, float]] | None:
    if family in {"roc", "calibration", "gains"}:
        return (0.0, 0.0), (1.0, 1.0)
    if family in {"predicted", "tenths"}:
        values = [value for curve in found for value in curve.x]
        return (min(values), min(values)), (max(values), max(values))
    return None


def _leakage(report: ModelReport) -> Grid | None:
    rows = tuple((leak.column, leak.evidence, number(leak.score)) for leak in report.leakage)
    header = ("Column", "Evidence", "Score")
    return (
        Grid(header, rows, "Left out because they give the target away", numeric=frozenset({2})) if rows else None
    )


def _excluded(report: ModelReport) -> Grid | None:
    rows = tuple((one.column, one.reason) for one in report.excluded[:_MOST_FEATURES])
    hidden = len(report.excluded) - _MOST_FEATURES
    left_out = f"{whole(hidden)} more are in model.json." if hidden > 0 else ""
    return Grid(("Column", "Reason"), rows, "Columns the model does not see", left_out=left_out) if rows else None


def _candidates(report: ModelReport) -> Grid | None:
    rows = tuple((one.column, number(one.score), one.reason) for one in report.candidates[:_MOST_CANDIDATES])
    caption = "Columns that could be the target"
    return Grid(("Column", "Score", "Reason"), rows, caption, numeric=frozenset({1})) if rows else None


def _features(report: ModelReport) -> Grid | None:
    rows = tuple((one.name, one.column, _words(one.encoding)) for one in report.features[:_MOST_FEATURES])
    hidden = len(report.features) - _MOST_FEATURES
    left_out = f"{whole(hidden)} more are in model.json." if hidden > 0 else ""
    return (
        Grid(("Feature", "Column", "Encoding"), rows, "What the model sees", left_out=left_out) if rows else None
    )
