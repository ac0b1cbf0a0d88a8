"""The models that compete, fitted in cross-validation, then on the whole training part, and their ensemble."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.ml.automl.booster import MAX_FILE_BYTES, Booster, BoosterSettings, fit_booster
from dsp_pipeline.ml.automl.booster_shapes import EXTRA, REGULAR, Shape
from dsp_pipeline.ml.automl.effort import Work, affordable
from dsp_pipeline.ml.automl.ensemble import Ensemble, Member, weighted
from dsp_pipeline.ml.automl.linear_fit import fit_linear
from dsp_pipeline.ml.automl.metrics import losses, score
from dsp_pipeline.ml.automl.scorers import guess, respond
from dsp_pipeline.ml.automl.split import early_stopping_rows, folds_of
from dsp_pipeline.ml.automl.task import is_classes
from dsp_pipeline.ml.automl.weights import choose_weights

if TYPE_CHECKING:
    from collections.abc import Callable

    from dsp_pipeline.core.sidecar import Task
    from dsp_pipeline.ml.automl.arrays import Floats, Ints
    from dsp_pipeline.ml.automl.effort import Effort
    from dsp_pipeline.ml.automl.encoding import Matrix
    from dsp_pipeline.ml.automl.outcome import Outcome
    from dsp_pipeline.ml.automl.scorers import Scorer
    from dsp_pipeline.ml.automl.split import Division, Fold

ENSEMBLE = "Ensemble"
LIGHTER = "Logistic regression, lighter penalty"
_LIGHTER_FREEDOM = 10.0
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
        fit_seconds: Of the final fit, for an ensemble its members' together; None without a clock.
    """

    name: str
    scorer: Scorer | None
    cv: float
    unseen: Ints
    unseen_response: Floats
    holdout_response: Floats
    fit_seconds: float | None


@dataclasses.dataclass(frozen=True)
class _Fitted:
    """A model with its margins, shape (rows, outputs): on each fold that it had not seen, and on the hold-out."""

    name: str
    scorer: Scorer
    unseen: list[Floats]
    held: Floats
    seconds: float | None


def compete(arena: Arena) -> list[Contestant]:
    """Guessing, a linear model, trees in the shapes that the budget allows, and an ensemble where it pays."""
    folds = [
        fold for fold in folds_of(arena.division, arena.seed, arena.effort.cv_rows) if _can_learn(arena, fold)
    ]
    inputs = arena.matrix.values.shape[1]
    work = Work(arena.division.train.size, inputs, arena.outcome.outputs, fits=1 + len(folds))
    extra = affordable(arena.effort, work, EXTRA) if folds else []
    share = MAX_FILE_BYTES // (1 + len(extra))
    models = [_linear(arena, folds, LINEAR[arena.outcome.task])]
    if extra and is_classes(arena.outcome.task):
        models.append(_linear(arena, folds, LIGHTER, _LIGHTER_FREEDOM))
    models += [_boosted(arena, folds, shape, max_bytes=share) for shape in (REGULAR, *extra)]
    models += _ensemble(arena, folds, models)
    return [_guessing(arena, folds), *(_judged(arena, folds, each) for each in models)]


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
    return _contestant(arena, folds, responses, name=name, held=held)


def _linear(arena: Arena, folds: list[Fold], name: str, freedom: float = 1.0) -> _Fitted:
    outcome = arena.outcome

    def fit(positions: Ints) -> Scorer:
        rows = _at_most(positions, arena.effort.linear_rows, arena.seed)
        return fit_linear(arena.matrix.take(rows), outcome.y[rows], outcome.task, outcome.outputs, freedom=freedom)

    unseen = [_margin(arena, fit(fold.fit), fold.test) for fold in folds]
    scorer, seconds = _timed(arena, lambda: fit(arena.division.train))
    return _Fitted(name, scorer, unseen, _margin(arena, scorer, arena.division.holdout), seconds)


def _boosted(arena: Arena, folds: list[Fold], shape: Shape, *, max_bytes: int) -> _Fitted:
    outcome, division, effort = arena.outcome, arena.division, arena.effort
    is_small = division.train.size <= effort.cv_rows
    limit = shape.rounds_of(effort.rounds_of_small if is_small else effort.rounds)
    settings = BoosterSettings(outcome.task, outcome.outputs, limit, arena.seed, arena.threads, shape, max_bytes)
    fitted = [_boost(arena, fold.fit, settings, stops=not shape.forest) for fold in folds]
    unseen = [_margin(arena, each, fold.test) for each, fold in zip(fitted, folds, strict=True)]
    # Where cross-validation saw all rows its rounds hold for the final fit, which then needs no rows to stop by.
    stops = not shape.forest and (not is_small or not fitted)
    if not stops and not shape.forest:
        limit = max(1, round(1.1 * float(np.mean([each.rounds for each in fitted]))))
    final = dataclasses.replace(settings, rounds=limit)
    scorer, seconds = _timed(arena, lambda: _boost(arena, division.train, final, stops=stops))
    return _Fitted(shape.name, scorer, unseen, _margin(arena, scorer, division.holdout), seconds)


def _boost(arena: Arena, positions: Ints, settings: BoosterSettings, *, stops: bool) -> Booster:
    stop_by = early_stopping_rows(positions, arena.division.kind, arena.seed) if stops else None
    return fit_booster(arena.matrix.take(positions), arena.outcome.y[positions], settings, stop_by)


def _ensemble(arena: Arena, folds: list[Fold], models: list[_Fitted]) -> list[_Fitted]:
    """The weighted sum of the models if it beats each of them on rows that none had seen, else nothing."""
    if not folds:
        return []
    y = arena.outcome.y[np.concatenate([fold.test for fold in folds])]
    weights = choose_weights(arena.outcome.task, y, [np.concatenate(each.unseen) for each in models])
    if weights is None:
        return []
    chosen = [(float(weight), each) for weight, each in zip(weights, models, strict=True) if weight]
    times = [each.seconds for _, each in chosen if each.seconds is not None]
    return [
        _Fitted(
            name=ENSEMBLE,
            scorer=Ensemble(tuple(Member(each.name, weight, each.scorer) for weight, each in chosen)),
            unseen=[weighted((weight, each.unseen[at]) for weight, each in chosen) for at in range(len(folds))],
            held=weighted((weight, each.held) for weight, each in chosen),
            seconds=round(sum(times), 3) if times else None,
        )
    ]


def _at_most(positions: Ints, limit: int, seed: int) -> Ints:
    if positions.size <= limit:
        return positions
    return positions[np.sort(np.random.default_rng([seed, 12]).choice(positions.size, limit, replace=False))]


def _margin(arena: Arena, scorer: Scorer, positions: Ints) -> Floats:
    return scorer.margin(arena.matrix.take(positions))


def _timed(arena: Arena, fit: Callable[[], Scorer]) -> tuple[Scorer, float | None]:
    if arena.clock is None:
        return fit(), None
    start = arena.clock()
    fitted = fit()
    return fitted, round(arena.clock() - start, 3)


def _judged(arena: Arena, folds: list[Fold], model: _Fitted) -> Contestant:
    task = arena.outcome.task
    responses = [respond(task, margin) for margin in model.unseen]
    made = _contestant(arena, folds, responses, name=model.name, held=respond(task, model.held))
    return dataclasses.replace(made, scorer=model.scorer, fit_seconds=model.seconds)


def _contestant(
    arena: Arena, folds: list[Fold], responses: list[Floats], *, name: str, held: Floats
) -> Contestant:
    outcome = arena.outcome
    scores = [
        score(outcome.task, losses(outcome.task, outcome.y[fold.test], response))
        for fold, response in zip(folds, responses, strict=True)
    ]
    unseen = np.concatenate([fold.test for fold in folds]) if folds else np.empty(0, np.int64)
    together = np.concatenate(responses) if responses else held[:0]
    cv = float(np.mean(scores)) if scores else float("nan")
    return Contestant(name, None, cv, unseen, together, held, None)
