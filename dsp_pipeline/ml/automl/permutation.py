"""What a model loses when a column is shuffled, on rows that it has not learnt from.

Permutation importance (Breiman 2001; Fisher, Rudin and Dominici 2019). Unlike SHAP values, which say what the
model uses, it says what using it is worth: a column that the model leans on in vain has an importance around zero
or below. All inputs of a column are shuffled together. Columns that say the same can each seem to be worth little.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.model import ColumnWorth
from dsp_pipeline.ml.automl.metrics import losses, mean_intervals
from dsp_pipeline.ml.automl.scorers import respond

if TYPE_CHECKING:
    from dsp_pipeline.core.sidecar import Task
    from dsp_pipeline.ml.automl.arrays import Floats, Ints
    from dsp_pipeline.ml.automl.encoding import Matrix
    from dsp_pipeline.ml.automl.scorers import Scorer

_REPEATS, _ENOUGH_FOR_P, _FEW_REPEATS = 20, 10, 3
_MAX_ROWS = 2_000
_MOST_SCORED, _LEAST_SCORED = 80_000, 20_000
"""Predictions in all: the most for a model of one output, and the least where each costs more."""

_GOOD_ROWS = 200
_MIN_ROWS = 50


@dataclasses.dataclass(frozen=True)
class Judged:
    """Rows that judge: their inputs, truths, and what is resampled together (None: single rows)."""

    matrix: Matrix
    y: Floats
    clusters: Ints | None

    def take(self, rows: Ints) -> Judged:
        """These rows of it."""
        clusters = None if self.clusters is None else self.clusters[rows]
        return Judged(self.matrix.take(rows), self.y[rows], clusters)


def column_worths(task: Task, scorer: Scorer, judged: Judged, seed: int) -> list[ColumnWorth]:
    """Each column's importance, greatest first, with its 95 % bootstrap interval over the rows, and its p-value.

    Measured on at most 2,000 rows, fewer where there are many columns, and there with fewer shuffles; with more
    than 133 columns none is measured, and beyond 40 there are no p-values.

    Args:
        task: The task.
        scorer: The model as served.
        judged: Rows that it has not learnt from.
        seed: Of the sampling, shuffling and bootstrap.
    """
    columns = list(dict.fromkeys(judged.matrix.columns))
    rng = np.random.default_rng([seed, 31])
    plain = scorer.margin(judged.matrix.take(np.arange(1)))
    repeats, limit = _effort(len(columns), outputs=plain.shape[1])
    if limit < _MIN_ROWS:
        return []
    if judged.y.size > limit:
        judged = judged.take(np.sort(rng.choice(judged.y.size, limit, replace=False)))
    kept = losses(task, judged.y, respond(task, scorer.margin(judged.matrix)))
    shuffled = [_shuffled_losses(task, scorer, judged, column, repeats=repeats, rng=rng) for column in columns]
    lost = np.column_stack([each.mean(axis=0) - kept for each in shuffled])
    low, high = mean_intervals(lost, judged.clusters, seed)
    worths = [
        ColumnWorth(
            column=column,
            loss=float(lost[:, at].mean()),
            ci_low=float(low[at]),
            ci_high=float(high[at]),
            p=_null_p(float(kept.mean()), shuffled[at].mean(axis=1)) if repeats >= _ENOUGH_FOR_P else None,
        )
        for at, column in enumerate(columns)
    ]
    return sorted(worths, key=lambda each: -each.loss)


def _effort(columns: int, *, outputs: int) -> tuple[int, int]:
    """How often each column is shuffled, and on how many rows: as often as leaves enough rows."""
    scored = max(_LEAST_SCORED, _MOST_SCORED // outputs)
    for repeats in (_REPEATS, _ENOUGH_FOR_P):
        if scored // (repeats * columns) >= _GOOD_ROWS:
            return repeats, min(_MAX_ROWS, scored // (repeats * columns))
    return _FEW_REPEATS, min(_MAX_ROWS, _LEAST_SCORED // (_FEW_REPEATS * columns))


def _null_p(kept: float, shuffled: Floats) -> float:
    """How probable so low a mean loss is if the column is worth nothing: then it is one more of the shuffled ones.

    A normal curve is laid through these, as Altmann et al. (2010) do for null importances; that it comes from a
    few shuffles only is allowed for by Student's t.
    """
    from scipy.special import stdtr  # noqa: PLC0415 - costs nothing beside XGBoost, and much where there is no model

    spread = float(shuffled.std(ddof=1)) * np.sqrt(1 + 1 / shuffled.size)
    distance = float(shuffled.mean()) - kept
    if spread <= 0:
        return 0.0 if distance > 0 else 1.0
    return float(stdtr(shuffled.size - 1, -distance / spread))


def _shuffled_losses(
    task: Task, scorer: Scorer, judged: Judged, column: str, *, repeats: int, rng: np.random.Generator
) -> Floats:
    """Each row's loss in each of a few shuffles of one column, shape (shuffles, rows)."""
    rows = judged.y.size
    values = np.tile(judged.matrix.values, (repeats, 1))
    order = np.concatenate([rng.permutation(rows) for _ in range(repeats)])
    inputs = [index for index, name in enumerate(judged.matrix.columns) if name == column]
    values[:, inputs] = judged.matrix.values[order][:, inputs]
    response = respond(task, scorer.margin(dataclasses.replace(judged.matrix, values=values)))
    return np.asarray(losses(task, np.tile(judged.y, repeats), response).reshape(repeats, rows))
