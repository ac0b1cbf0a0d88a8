"""`model.json`: what predicts the target, how well, and whether to believe it."""

from __future__ import annotations

from typing import Literal

from dsp_pipeline.core.artifacts import ArtifactModel, WordedModel
from dsp_pipeline.core.sidecar import Task


class Candidate(WordedModel):
    """A column that could be the target."""

    column: str
    score: float
    reason: str


class LeaderboardEntry(ArtifactModel):
    """One model's scores in the report's metric: mean over folds, hold-out, and its 95 % bootstrap interval.

    ``fit_seconds`` is None where it was not measured, and for guessing, which is not fitted. ``predict_seconds``
    are for 1,000 rows.
    """

    name: str
    cv: float | None
    holdout: float
    ci_low: float
    ci_high: float
    fit_seconds: float | None = None
    predict_seconds: float | None = None


class Leak(WordedModel):
    """A column left out because it gives the target away."""

    column: str
    evidence: str
    score: float | None = None


class Split(WordedModel):
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


class ExcludedColumn(WordedModel):
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


class Costs(ArtifactModel):
    """What a wrong call costs a row on average on the hold-out, in the owner's units.

    ``per_row`` is by the threshold; beside it calling the more probable class, and calling all rows alike (the
    cheaper way of it).
    """

    false_positive: float
    false_negative: float
    per_row: float
    per_row_at_half: float
    per_row_all_alike: float


class Threshold(ArtifactModel):
    """From which probability of the last of two classes on to call a row so.

    It is chosen in cross-validation for the greatest F1 score, or for the least cost where the owner has said what
    wrong calls cost, or is what the owner said; the scores are those of the hold-out. ``used`` says whether
    predictions call classes by it; they call the more probable one where nothing was said.
    """

    value: float
    f1: float
    precision: float
    recall: float
    chosen_for: Literal["f1", "costs", "given"] = "f1"
    used: bool = False
    costs: Costs | None = None


class ColumnWorth(ArtifactModel):
    """What shuffling a column costs the model on the hold-out: its permutation importance.

    ``loss`` is how much the mean loss of a row grows (log loss, squared error or Poisson deviance), with its 95 %
    bootstrap interval; not above 0 where the column is worth nothing. ``p`` is how probable a mean loss as low as
    the unshuffled one would be if the column said nothing: where it lies among the shuffled ones.
    """

    column: str
    loss: float
    ci_low: float
    ci_high: float
    p: float | None = None


class LearningPoint(ArtifactModel):
    """The headline metric on the hold-out of the best model fitted on so many rows, with its 95 % interval."""

    rows: int
    score: float
    ci_low: float
    ci_high: float


class LearningCurve(WordedModel):
    """How the best model's score grows with the rows it learns from.

    ``next_gain`` is what twice as many rows might save of the headline metric, extrapolated from the last two
    doublings; ``more_rows_help`` if that is at least 1 % of it and the last doubling's gain is no chance.
    """

    points: list[LearningPoint]
    more_rows_help: bool
    next_gain: float
    text: str


class Evaluation(ArtifactModel):
    """What the charts show of the final model on the hold-out.

    Metrics of classes: log_loss, accuracy, brier, auc, calibration_error (expected; of the positive class, or of
    the class called where there are more than two); of quantities: rmse, mae, r2, interval_coverage (share of
    rows within the 90 % range), and poisson_deviance of counts. Curves: roc (false against true positive rate),
    precision_recall (recall against precision), calibration (mean predicted against observed share),
    predicted_vs_actual (points), residuals (bars: middle against rows) and tenths (mean prediction against mean
    truth of each tenth of the rows); gains of two classes (share of rows, the most probable first, against the
    share of the last class found). ``intervals`` are the metrics' 95 % bootstrap intervals, where they have one.
    Accuracy and confusion are of the classes that predictions call, by the threshold where it is used.
    """

    metrics: dict[str, float]
    intervals: dict[str, tuple[float, float]] = {}
    confusion: Confusion | None = None
    curves: list[Curve] = []
    threshold: Threshold | None = None


class Metric(ArtifactModel):
    """The headline metric."""

    name: str
    greater_is_better: bool


class ModelReport(WordedModel):
    """The model report. Without a sensible target ``task`` and ``target`` are None and ``verdict`` says why.

    The leaderboard starts with ``best``, the model that is served (chosen in cross-validation), and holds the
    baseline too. ``notes`` say which rows were left out. ``worth`` lists the columns that are inputs,
    the one whose shuffling costs most first; it is empty where there are too many to measure. ``learning`` is None
    where half of the rows would be too few.
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
    learning: LearningCurve | None = None
    notes: list[str] = []
