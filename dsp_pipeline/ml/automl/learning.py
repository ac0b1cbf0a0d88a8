"""How the winner's score grows with the rows that it learns from, and whether more of them would help.

It is fitted again on an eighth, a quarter and a half of the rows (less than one more fit in all; half of that on
large tables), with what cross-validation found on all of them, and judged on the same hold-out.
"""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.model import LearningCurve, LearningPoint
from dsp_pipeline.core.numbers import written
from dsp_pipeline.ml.automl.metrics import headline, interval, losses, score
from dsp_pipeline.ml.automl.scorers import respond

if TYPE_CHECKING:
    from collections.abc import Callable

    from dsp_pipeline.core.sidecar import Task
    from dsp_pipeline.ml.automl.arrays import Floats, Ints
    from dsp_pipeline.ml.automl.bootstrap import Resamples
    from dsp_pipeline.ml.automl.contestants import Arena
    from dsp_pipeline.ml.automl.encoding import Matrix
    from dsp_pipeline.ml.automl.scorers import Scorer

_SHARES = (0.125, 0.25, 0.5)
_SHARES_OF_LARGE = (0.0625, 0.125, 0.25)
_LARGE = 20_000
_MIN_ROWS = 40
_WORTH_IT = 0.01
"""The share of the score that another doubling has to save to be worth it."""


@dataclasses.dataclass(frozen=True)
class _Rung:
    rows: int
    losses: Floats


def learning_curve(
    arena: Arena,
    again: Callable[[Matrix, Ints], Scorer],
    response: Floats,
    resamples: Resamples,
    *,
    learnt_from: Callable[[Ints], Matrix],
) -> LearningCurve | None:
    """The curve of a model; None where the largest share of the rows is too small to learn from.

    Args:
        arena: The rows and how they are divided.
        again: Fits the model on rows of a matrix.
        response: What the model that was fitted on the whole training part answers on the hold-out.
        resamples: Draws of the hold-out's rows.
        learnt_from: The inputs of all rows if only these had been there to learn their encodings' outcomes from.
    """
    task, division = arena.outcome.task, arena.division
    truth = arena.outcome.y[division.holdout]
    rungs = []
    shares = _SHARES_OF_LARGE if division.train.size > _LARGE else _SHARES
    for share in shares:
        rows = _part(arena, share)
        if _can_learn(arena, rows):
            matrix = learnt_from(rows)
            found = respond(task, again(matrix, rows).margin(matrix.take(division.holdout)))
            rungs.append(_Rung(rows.size, losses(task, truth, found)))
    if not rungs or rungs[-1].rows < shares[-1] * division.train.size - 1:
        return None
    rungs.append(_Rung(division.train.size, losses(task, truth, response)))
    return _judged(arena.outcome.task, rungs, resamples)


def _part(arena: Arena, share: float) -> Ints:
    """A share of the rows to learn from: the latest ones where time drives them, else drawn; smaller in larger."""
    train = arena.division.train
    count = round(share * train.size)
    if arena.division.kind == "time":
        return train[train.size - count :]
    order = np.random.default_rng([arena.seed, 41]).permutation(train.size)
    return train[np.sort(order[:count])]


def _can_learn(arena: Arena, rows: Ints) -> bool:
    """Whether there are enough rows, with every class of the training part among them."""
    y = arena.outcome.y
    if rows.size < _MIN_ROWS:
        return False
    if arena.outcome.classes:
        return np.unique(y[rows]).size == np.unique(y[arena.division.train]).size
    return bool(np.any(y[rows] != y[rows[0]]))


def _judged(task: Task, rungs: list[_Rung], resamples: Resamples) -> LearningCurve:
    points = []
    for rung in rungs:
        low, high = interval(task, rung.losses, resamples)
        points.append(LearningPoint(rows=rung.rows, score=score(task, rung.losses), ci_low=low, ci_high=high))
    gain_low, _ = resamples.mean_interval(rungs[-2].losses - rungs[-1].losses)
    # Gains shrink from doubling to doubling; the next one is taken to shrink as the last one did.
    last = _per_doubling(points[-2], points[-1])
    before = _per_doubling(points[-3], points[-2]) if len(points) > 2 else last  # noqa: PLR2004 - two steps
    following = last * min(1.0, max(0.0, last / before)) if before > 0 and last > 0 else 0.0
    helps = gain_low > 0 and following >= _WORTH_IT * abs(points[-1].score)
    return LearningCurve(
        points=points,
        more_rows_help=helps,
        next_gain=following,
        text=_in_words(headline(task).name, points, helps=helps, is_sure=gain_low > 0, following=following),
    )


def _per_doubling(fewer: LearningPoint, more: LearningPoint) -> float:
    """What twice as many rows saved of the metric, between two points."""
    return (fewer.score - more.score) / math.log2(more.rows / fewer.rows)


def _in_words(metric: str, points: list[LearningPoint], *, helps: bool, is_sure: bool, following: float) -> str:
    half, whole = points[-2], points[-1]
    step = (
        f"from {written(half.rows)} to {written(whole.rows)} rows the {metric} went from "
        f"{written(half.score, '.3g')} to {written(whole.score, '.3g')}"
    )
    if helps:
        return f"More rows would help: {step}, and twice as many might save another {written(following, '.2g')}"
    if is_sure:
        return f"More rows would help little: {step}, and twice as many might save {written(following, '.1g')}"
    return f"More rows would hardly help: {step}, which may be chance"
