"""`model.json`: what predicts the target, how well, and whether to believe it."""

from __future__ import annotations

from typing import Literal

from dsp_pipeline.core.artifacts import ArtifactModel
from dsp_pipeline.core.sidecar import Task


class Candidate(ArtifactModel):
    """A column that could be the target."""

    column: str
    score: float
    reason: str


class LeaderboardEntry(ArtifactModel):
    """One model's scores in the report's metric: mean over folds, hold-out, and its 95 % bootstrap interval.

    ``fit_seconds`` is None where it was not measured, and for guessing, which is not fitted.
    """

    name: str
    cv: float | None
    holdout: float
    ci_low: float
    ci_high: float
    fit_seconds: float | None = None


class Leak(ArtifactModel):
    """A column left out because it gives the target away."""

    column: str
    evidence: str
    score: float | None = None


class Split(ArtifactModel):
    """How rows were divided. ``kind`` is stratified, random, group or time."""

    kind: Literal["stratified", "random", "group", "time"]
    reason: str
    train_rows: int
    holdout_rows: int
    folds: int


class Feature(ArtifactModel):
    """One input of the model, with the table's column it comes from."""

    name: str
    column: str
    encoding: str


class ExcludedColumn(ArtifactModel):
    """A column that is no input of the model, for another reason than a leak."""

    column: str
    reason: str


class Curve(ArtifactModel):
    """A named line for a chart; ``x`` and ``y`` have one length."""

    name: str
    x: list[float]
    y: list[float]


class Confusion(ArtifactModel):
    """Counts on the hold-out; ``counts[i][j]`` is true class i predicted as class j."""

    labels: list[str]
    counts: list[list[int]]


class Threshold(ArtifactModel):
    """From which probability of the last of two classes on to call a row so, for the greatest F1 score.

    ``value`` was chosen in cross-validation; the scores are those of the hold-out.
    """

    value: float
    f1: float
    precision: float
    recall: float


class ColumnWorth(ArtifactModel):
    """What shuffling a column costs the model on the hold-out: its permutation importance.

    ``loss`` is how much the mean loss of a row grows (log loss, squared error or Poisson deviance), with its 95 %
    bootstrap interval; not above 0 where the column is worth nothing.
    """

    column: str
    loss: float
    ci_low: float
    ci_high: float


class Evaluation(ArtifactModel):
    """What the charts show of the final model on the hold-out.

    Metrics of classes: log_loss, accuracy, brier, auc, calibration_error (expected; of the positive class, or of
    the class called where there are more than two); of quantities: rmse, mae, r2, interval_coverage (share of
    rows within the 90 % range), and poisson_deviance of counts. Curves: roc (false against true positive rate),
    precision_recall (recall against precision), calibration (mean predicted against observed share),
    predicted_vs_actual (points) and residuals (bars: middle against rows).
    """

    metrics: dict[str, float]
    confusion: Confusion | None = None
    curves: list[Curve] = []
    threshold: Threshold | None = None


class Metric(ArtifactModel):
    """The headline metric."""

    name: str
    greater_is_better: bool


class ModelReport(ArtifactModel):
    """The model report. Without a sensible target ``task`` and ``target`` are None and ``verdict`` says why.

    The leaderboard starts with ``best``, the model that is served (chosen in cross-validation), and holds the
    baseline too. ``notes`` say which rows were left out. ``worth`` lists the columns that are inputs,
    the one whose shuffling costs most first; it is empty where there are too many to measure.
    """

    task: Task | None
    target: str | None
    target_reason: str
    candidates: list[Candidate]
    metric: Metric | None
    leaderboard: list[LeaderboardEntry]
    baseline: LeaderboardEntry | None
    best: str | None = None
    verdict: str
    better_than_baseline: bool | None = None
    leakage: list[Leak]
    split: Split | None
    features: list[Feature]
    classes: list[str] = []
    evaluation: Evaluation | None = None
    rows_used: int = 0
    seed: int = 0
    excluded: list[ExcludedColumn] = []
    worth: list[ColumnWorth] = []
    notes: list[str] = []
