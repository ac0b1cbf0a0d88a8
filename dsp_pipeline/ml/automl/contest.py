"""The models that compete: fitted in cross-validation, then on the whole training part."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.ml.automl.booster import Booster, BoosterSettings, fit_booster
from dsp_pipeline.ml.automl.linear_fit import fit_linear
from dsp_pipeline.ml.automl.metrics import losses, score
from dsp_pipeline.ml.automl.scorers import guess, respond
from dsp_pipeline.ml.automl.split import early_stopping_rows, folds_of
from dsp_pipeline.ml.automl.task import is_classes

if TYPE_CHECKING:
    from collections.abc import Callable

    from dsp_pipeline.core.sidecar import Task
    from dsp_pipeline.ml.automl.arrays import Floats, Ints
    from dsp_pipeline.ml.automl.effort import Effort
    from dsp_pipeline.ml.automl.encoding import Matrix
    from dsp_pipeline.ml.automl.outcome import Outcome
    from dsp_pipeline.ml.automl.scorers import Scorer
    from dsp_pipeline.ml.automl.split import Division, Fold

BOOSTED = "XGBoost"
LINEAR: dict[Task, str] = {
    "binary": "Logistic regression",
    "multiclass": "Logistic regression",
    "ordinal": "Logistic regression",
    "regression": "Ridge regression",
    "count": "Poisson regression",
}


@dataclasses.dataclass(frozen=True)
class Arena:
    """What all contestants share. The matrix has one row per row of the outcome."""

    matrix: Matrix
    outcome: Outcome
    division: Division
    effort: Effort
    seed: int
    threads: int
    clock: Callable[[], float] | None


@dataclasses.dataclass(frozen=True)
class Contestant:
    """A fitted model with its scores.

    Attributes:
        name: For the leaderboard.
        scorer: The model fitted on the training part; None for guessing.
        cv: The mean of the headline metric over the folds.
        unseen: Positions that were predicted by a model that had not seen them, in cross-validation.
        unseen_response: What it answered there.
        holdout_response: What the final model answers on the hold-out.
        fit_seconds: Of the final fit; None without a clock.
    """

    name: str
    scorer: Scorer | None
    cv: float
    unseen: Ints
    unseen_response: Floats
    holdout_response: Floats
    fit_seconds: float | None


def compete(arena: Arena) -> list[Contestant]:
    """Guessing, a linear model and boosted trees, in this order."""
    folds = [
        fold for fold in folds_of(arena.division, arena.seed, arena.effort.cv_rows) if _can_learn(arena, fold)
    ]
    return [_guessing(arena, folds), _linear(arena, folds), _boosted(arena, folds)]


def _can_learn(arena: Arena, fold: Fold) -> bool:
    """Whether the rows to fit on hold more than one class or value."""
    y = arena.outcome.y[fold.fit]
    return fold.test.size > 0 and y.size > 0 and bool(np.any(y != y[0]))


def _guessing(arena: Arena, folds: list[Fold]) -> Contestant:
    outcome, division = arena.outcome, arena.division

    def answer(fit: Ints, test: Ints) -> Floats:
        return np.repeat(guess(outcome.task, outcome.y[fit], len(outcome.classes)), test.size, axis=0)

    name = "Guessing (class shares)" if is_classes(outcome.task) else "Guessing (mean)"
    responses = [answer(fold.fit, fold.test) for fold in folds]
    held = answer(division.train, division.holdout)
    return _contestant(arena, folds, responses, name=name, scorer=None, held=held, seconds=None)


def _linear(arena: Arena, folds: list[Fold]) -> Contestant:
    def fit(positions: Ints) -> Scorer:
        rows = _at_most(positions, arena.effort.linear_rows, arena.seed)
        return fit_linear(
            arena.matrix.take(rows), arena.outcome.y[rows], arena.outcome.task, arena.outcome.outputs
        )

    responses = [_answer(arena, fit(fold.fit), fold.test) for fold in folds]
    scorer, seconds = _timed(arena, lambda: fit(arena.division.train))
    held = _answer(arena, scorer, arena.division.holdout)
    name = LINEAR[arena.outcome.task]
    return _contestant(arena, folds, responses, name=name, scorer=scorer, held=held, seconds=seconds)


def _boosted(arena: Arena, folds: list[Fold]) -> Contestant:
    train, effort = arena.division.train, arena.effort
    is_small = train.size <= effort.cv_rows
    limit = effort.rounds_of_small if is_small else effort.rounds
    fitted = [_boost(arena, fold.fit, limit, stops=True) for fold in folds]
    responses = [_answer(arena, each, fold.test) for each, fold in zip(fitted, folds, strict=True)]
    # Where cross-validation saw all rows its rounds hold for the final fit, which then needs no rows to stop by.
    stops = not is_small or not fitted
    rounds = limit if stops else max(1, round(1.1 * float(np.mean([each.rounds for each in fitted]))))
    scorer, seconds = _timed(arena, lambda: _boost(arena, train, rounds, stops=stops))
    held = _answer(arena, scorer, arena.division.holdout)
    return _contestant(arena, folds, responses, name=BOOSTED, scorer=scorer, held=held, seconds=seconds)


def _boost(arena: Arena, positions: Ints, rounds: int, *, stops: bool) -> Booster:
    outcome = arena.outcome
    settings = BoosterSettings(outcome.task, outcome.outputs, rounds, arena.seed, arena.threads)
    stop_by = early_stopping_rows(positions, arena.division.kind, arena.seed) if stops else None
    return fit_booster(arena.matrix.take(positions), outcome.y[positions], settings, stop_by)


def _at_most(positions: Ints, limit: int, seed: int) -> Ints:
    if positions.size <= limit:
        return positions
    return positions[np.sort(np.random.default_rng([seed, 12]).choice(positions.size, limit, replace=False))]


def _answer(arena: Arena, scorer: Scorer, positions: Ints) -> Floats:
    return respond(arena.outcome.task, scorer.margin(arena.matrix.take(positions)))


def _timed(arena: Arena, fit: Callable[[], Scorer]) -> tuple[Scorer, float | None]:
    if arena.clock is None:
        return fit(), None
    start = arena.clock()
    fitted = fit()
    return fitted, round(arena.clock() - start, 3)


def _contestant(
    arena: Arena,
    folds: list[Fold],
    responses: list[Floats],
    *,
    name: str,
    scorer: Scorer | None,
    held: Floats,
    seconds: float | None,
) -> Contestant:
    outcome = arena.outcome
    scores = [
        score(outcome.task, losses(outcome.task, outcome.y[fold.test], response))
        for fold, response in zip(folds, responses, strict=True)
    ]
    unseen = np.concatenate([fold.test for fold in folds]) if folds else np.empty(0, np.int64)
    together = np.concatenate(responses) if responses else held[:0]
    cv = float(np.mean(scores)) if scores else float("nan")
    return Contestant(name, scorer, cv, unseen, together, held, seconds)
