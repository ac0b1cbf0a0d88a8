"""The models that compete, fitted in cross-validation, then on the whole training part, and their ensemble."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.ml.automl.booster_fit import MAX_FILE_BYTES
from dsp_pipeline.ml.automl.booster_shapes import EXTRA, REGULAR
from dsp_pipeline.ml.automl.contestants import Arena, Contestant, Fitted, boosted, linear
from dsp_pipeline.ml.automl.effort import Work, affordable, linear_seconds, rounds_for
from dsp_pipeline.ml.automl.ensemble import Ensemble, Member, weighted
from dsp_pipeline.ml.automl.linear_shapes import shapes_for
from dsp_pipeline.ml.automl.metrics import losses, score
from dsp_pipeline.ml.automl.scorers import guess, respond
from dsp_pipeline.ml.automl.task import is_classes
from dsp_pipeline.ml.automl.weights import choose_weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.ml.automl.arrays import Floats, Ints
    from dsp_pipeline.ml.automl.scorers import Scorer
    from dsp_pipeline.ml.automl.split import Fold

ENSEMBLE = "Ensemble"
_TIMED_ROWS = 1_000


def compete(arena: Arena) -> list[Contestant]:
    """Guessing, linear models and trees in the shapes that the budget allows, and an ensemble where it pays."""
    folds = [fold for fold in arena.folds if arena.can_learn(fold)]
    inputs = arena.matrix.values.shape[1]
    work = Work(
        arena.division.train.size, inputs, arena.outcome.outputs, fits=2 + len(folds) if arena.is_small else 1
    )
    extra = affordable(arena.effort, work, EXTRA) if folds else []
    share = MAX_FILE_BYTES // (1 + len(extra))
    sample = arena.matrix.take(arena.division.train[:1_000])
    seconds = linear_seconds(arena.effort, work) if folds else 0.0
    lines = shapes_for(sample, arena.outcome.task, work.within(arena.effort.linear_rows), seconds)
    # Trees keep to a direction by construction; a line's could only be looked at after it is fitted.
    models = [] if any(arena.monotone) else [linear(arena, folds, shape) for shape in lines]
    rounds = rounds_for(arena.effort, work)
    models += [boosted(arena, folds, shape, rounds=rounds, max_bytes=share) for shape in (REGULAR, *extra)]
    models += _ensemble(arena, folds, models)
    return [_guessing(arena, folds), *(_judged(arena, folds, each) for each in models)]


def _guessing(arena: Arena, folds: list[Fold]) -> Contestant:
    outcome, division = arena.outcome, arena.division

    def answer(fit: Ints, test: Ints) -> Floats:
        return np.repeat(guess(outcome.task, outcome.y[fit], len(outcome.classes)), test.size, axis=0)

    name = "Guessing (class shares)" if is_classes(outcome.task) else "Guessing (mean)"
    responses = [answer(fold.fit, fold.test) for fold in folds]
    held = answer(division.train, division.holdout)
    return _contestant(arena, folds, responses, name=name, held=held)


def _ensemble(arena: Arena, folds: list[Fold], models: list[Fitted]) -> list[Fitted]:
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
        Fitted(
            name=ENSEMBLE,
            scorer=_together(chosen, [each.scorer for _, each in chosen]),
            unseen=[weighted((weight, each.unseen[at]) for weight, each in chosen) for at in range(len(folds))],
            held=weighted((weight, each.held) for weight, each in chosen),
            seconds=round(sum(times), 3) if times else None,
            again=lambda matrix, rows: _together(chosen, [each.again(matrix, rows) for _, each in chosen]),
        )
    ]


def _together(chosen: Sequence[tuple[float, Fitted]], scorers: Sequence[Scorer]) -> Ensemble:
    members = [Member(each.name, weight, scorer) for (weight, each), scorer in zip(chosen, scorers, strict=True)]
    return Ensemble(tuple(members))


def _judged(arena: Arena, folds: list[Fold], model: Fitted) -> Contestant:
    task = arena.outcome.task
    responses = [respond(task, margin) for margin in model.unseen]
    made = _contestant(arena, folds, responses, name=model.name, held=respond(task, model.held))
    return dataclasses.replace(made, fitted=dataclasses.replace(model, predict_seconds=_pace(arena, model)))


def _pace(arena: Arena, model: Fitted) -> float | None:
    """Seconds for predicting 1,000 rows, measured on as many of the hold-out; None without a clock."""
    if arena.clock is None:
        return None
    rows = arena.matrix.take(arena.division.holdout[:_TIMED_ROWS])
    start = arena.clock()
    model.scorer.margin(rows)
    return float(f"{1_000 * (arena.clock() - start) / rows.values.shape[0]:.3g}")


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
    return Contestant(name, None, cv, unseen, together, held)
