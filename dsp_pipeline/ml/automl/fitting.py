"""The contest between models, its winner, and the report on both."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

from dsp_pipeline.core.artifacts.model import LeaderboardEntry, ModelReport, Split
from dsp_pipeline.ml.automl.artifact import FORMAT, Artifact, Manifest, pack
from dsp_pipeline.ml.automl.bootstrap import Resamples
from dsp_pipeline.ml.automl.contest import compete
from dsp_pipeline.ml.automl.contestants import Arena, Contestant
from dsp_pipeline.ml.automl.encoding import encode
from dsp_pipeline.ml.automl.evaluator import evaluate
from dsp_pipeline.ml.automl.features import described
from dsp_pipeline.ml.automl.learning import learning_curve
from dsp_pipeline.ml.automl.metrics import headline, interval, losses, score
from dsp_pipeline.ml.automl.model import Model
from dsp_pipeline.ml.automl.outcome import NoModelError
from dsp_pipeline.ml.automl.permutation import Judged, column_worths
from dsp_pipeline.ml.automl.ranges import half_width
from dsp_pipeline.ml.automl.serving import served
from dsp_pipeline.ml.automl.split import cluster_codes
from dsp_pipeline.ml.automl.task import is_classes
from dsp_pipeline.ml.automl.threshold import chosen_threshold, judged_threshold
from dsp_pipeline.ml.automl.typical import relearnt, without_own
from dsp_pipeline.ml.automl.verdict import Comparison, in_words

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.model import Evaluation, Threshold
    from dsp_pipeline.etl.tables import ValidatedTable
    from dsp_pipeline.ml.automl.arrays import Floats, Ints
    from dsp_pipeline.ml.automl.effort import Effort
    from dsp_pipeline.ml.automl.encoding import Matrix
    from dsp_pipeline.ml.automl.inputs import Inputs
    from dsp_pipeline.ml.automl.options import ModelOptions
    from dsp_pipeline.ml.automl.outcome import Outcome
    from dsp_pipeline.ml.automl.preparation import Prepared


@dataclasses.dataclass(frozen=True)
class _Bench:
    """What judges contestants: the hold-out's truth, and the draws of its rows that all intervals are from."""

    prepared: Prepared
    truth: Floats
    resamples: Resamples
    seed: int

    def losses(self, contestant: Contestant) -> Floats:
        """Its loss on each row of the hold-out."""
        return losses(self.prepared.outcome.task, self.truth, contestant.holdout_response)

    def entry(self, contestant: Contestant) -> LeaderboardEntry:
        """Its line of the leaderboard."""
        task = self.prepared.outcome.task
        rows = self.losses(contestant)
        low, high = interval(task, rows, self.resamples)
        return LeaderboardEntry(
            name=contestant.name,
            cv=None if math.isnan(contestant.cv) else contestant.cv,
            holdout=score(task, rows),
            ci_low=low,
            ci_high=high,
            fit_seconds=contestant.fit_seconds,
            predict_seconds=contestant.predict_seconds,
        )


def fit(
    validated: ValidatedTable, prepared: Prepared, inputs: Inputs, effort: Effort, *, options: ModelOptions
) -> Model:
    """The best of the contestants in cross-validation, with its files, judged on the hold-out.

    Raises:
        NoModelError: One of the two parts of the rows holds a single class or value.
    """
    outcome, division = prepared.outcome, prepared.division
    _check_parts(prepared)
    matrix = without_own(
        encode(validated.table[outcome.rows], inputs.encodings),
        inputs.encodings,
        validated.table,
        outcome,
        division=division,
        seed=options.seed,
    )
    arena = Arena(
        matrix,
        outcome,
        division,
        effort,
        options.seed,
        threads=options.threads,
        clock=options.clock,
        monotone=inputs.monotone,
    )
    guessing, *models = compete(arena)
    best = min(models, key=lambda each: (math.isnan(each.cv), each.cv, each.name))
    truth = outcome.y[division.holdout]
    clusters = cluster_codes(division, division.holdout)
    bench = _Bench(prepared, truth, Resamples.of(truth.size, clusters, options.seed), options.seed)
    half = float("nan")
    if not is_classes(outcome.task):
        half = half_width(outcome.task, outcome.y[best.unseen], best.unseen_response[:, 0])
    evaluation = evaluate(
        outcome.task,
        outcome.classes,
        truth,
        best.holdout_response,
        half,
        resamples=bench.resamples,
        threshold=_threshold(prepared, best, options),
    )
    report = _report(bench, guessing, models, best, evaluation=evaluation, inputs=inputs, folds=len(arena.folds))
    judged = Judged(matrix.take(division.holdout), truth, clusters)
    worth = column_worths(outcome.task, best.model.scorer, judged, options.seed)

    def learnt_from(rows: Ints) -> Matrix:
        fewer = dataclasses.replace(division, train=rows)
        return relearnt(matrix, inputs.encodings, validated.table, outcome, division=fewer, seed=options.seed)

    learning = learning_curve(
        arena, best.model.again, best.holdout_response, bench.resamples, learnt_from=learnt_from
    )
    notes = [*report.notes, *_call_notes(outcome, options)]
    report = report.model_copy(update={"worth": worth, "learning": learning, "notes": notes})
    artifact = _artifact(validated, prepared, inputs, best, half=half, effort=effort, seed=options.seed)
    if evaluation.threshold is not None and evaluation.threshold.used:
        threshold = evaluation.threshold.value
        artifact = dataclasses.replace(
            artifact, manifest=artifact.manifest.model_copy(update={"threshold": threshold})
        )
    return Model(report, pack(served(artifact, arena, best)))


def _call_notes(outcome: Outcome, options: ModelOptions) -> list[str]:
    """What to say of a threshold that cannot be heeded."""
    if not options.call.is_said or len(outcome.classes) == 2:  # noqa: PLR2004 - what a threshold divides
        return []
    said = "threshold" if options.call.costs is None else "costs"
    return [f"'{said}' has no effect: it is about targets of two classes"]


def _threshold(prepared: Prepared, best: Contestant, options: ModelOptions) -> Threshold | None:
    """From which probability on to call a row positive; None without two classes and a fold to choose in."""
    outcome = prepared.outcome
    if len(outcome.classes) != 2 or best.unseen.size == 0:  # noqa: PLR2004 - what a threshold divides
        return None
    value = chosen_threshold(outcome.y[best.unseen] == 1, best.unseen_response[:, 1], options.call)
    if value is None:
        return None
    truth = outcome.y[prepared.division.holdout] == 1
    return judged_threshold(value, truth, best.holdout_response[:, 1], options.call)


def _check_parts(prepared: Prepared) -> None:
    """Raise where the division leaves nothing to learn or to judge."""
    y = prepared.outcome.y[prepared.division.train]
    if prepared.division.holdout.size == 0 or y.size == 0 or not (y != y[0]).any():
        raise NoModelError(
            f"the rows to learn '{prepared.outcome.target}' from hold a single value of it"
            f" ({prepared.division.reason})"
        )


def _report(
    bench: _Bench,
    guessing: Contestant,
    models: list[Contestant],
    best: Contestant,
    *,
    evaluation: Evaluation,
    inputs: Inputs,
    folds: int,
) -> ModelReport:
    prepared = bench.prepared
    outcome, division = prepared.outcome, prepared.division
    metric = headline(outcome.task)
    comparison = _compare(bench, guessing, best)
    entries = [bench.entry(each) for each in models]
    baseline = bench.entry(guessing)
    return ModelReport(
        task=outcome.task,
        target=outcome.target,
        target_reason="",
        candidates=[],
        metric=metric,
        leaderboard=sorted([*entries, baseline], key=lambda each: (each.name != best.name, each.holdout)),
        baseline=baseline,
        best=best.name,
        verdict=in_words(comparison, metric.name, evaluation.metrics),
        better_than_baseline=comparison.is_better,
        leakage=list(inputs.leaks),
        split=Split(
            kind=division.kind,
            reason=division.reason,
            train_rows=division.train.size,
            holdout_rows=division.holdout.size,
            folds=folds,
        ),
        features=described(inputs.encodings),
        classes=list(outcome.classes),
        evaluation=evaluation,
        rows_used=outcome.rows.size,
        seed=bench.seed,
        notes=[*outcome.notes, *inputs.notes],
    )


def _compare(bench: _Bench, guessing: Contestant, best: Contestant) -> Comparison:
    task = bench.prepared.outcome.task
    ours, theirs = bench.losses(best), bench.losses(guessing)
    low, high = bench.resamples.mean_interval(theirs - ours)
    return Comparison(
        task=task,
        target=bench.prepared.outcome.target,
        rows=bench.truth.size,
        model=score(task, ours),
        baseline=score(task, theirs),
        gain_low=low,
        gain_high=high,
        # Without a fold to compare in, the hold-out alone decides.
        cv_gain=guessing.cv - best.cv if not math.isnan(best.cv) else low,
    )


def _artifact(
    validated: ValidatedTable,
    prepared: Prepared,
    inputs: Inputs,
    best: Contestant,
    *,
    half: float,
    effort: Effort,
    seed: int,
) -> Artifact:
    scorer = best.model.scorer
    outcome = prepared.outcome
    manifest = Manifest(
        format=FORMAT,
        model=scorer.kind,
        name=best.name,
        target=outcome.target,
        target_dtype=str(validated.table[outcome.target].dtype),
        task=outcome.task,
        classes=outcome.classes,
        half_width=None if math.isnan(half) else half,
        inputs=[validated.reading.column(each.column) for each in inputs.encodings],
        seed=seed,
        rows_limit=effort.rows,
        table_rows=validated.table.height,
    )
    return Artifact(manifest, inputs.encodings, scorer)
