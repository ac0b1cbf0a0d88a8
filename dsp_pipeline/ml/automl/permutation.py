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

_REPEATS = 3
_MAX_ROWS = 2_000
_MAX_SCORED = 20_000
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
    """Each column's importance, greatest first, with its 95 % bootstrap interval over the rows.

    Measured on at most 2,000 rows, fewer where there are many columns; with more than 133 none is measured.

    Args:
        task: The task.
        scorer: The model as served.
        judged: Rows that it has not learnt from.
        seed: Of the sampling, shuffling and bootstrap.
    """
    columns = list(dict.fromkeys(judged.matrix.columns))
    limit = min(_MAX_ROWS, _MAX_SCORED // (_REPEATS * len(columns)))
    if limit < _MIN_ROWS:
        return []
    rng = np.random.default_rng([seed, 31])
    if judged.y.size > limit:
        judged = judged.take(np.sort(rng.choice(judged.y.size, limit, replace=False)))
    plain = losses(task, judged.y, respond(task, scorer.margin(judged.matrix)))
    lost = np.column_stack([_shuffled_losses(task, scorer, judged, column, rng=rng) - plain for column in columns])
    low, high = mean_intervals(lost, judged.clusters, seed)
    worths = [
        ColumnWorth(column=column, loss=float(lost[:, at].mean()), ci_low=float(low[at]), ci_high=float(high[at]))
        for at, column in enumerate(columns)
    ]
    return sorted(worths, key=lambda each: -each.loss)


def _shuffled_losses(
    task: Task, scorer: Scorer, judged: Judged, column: str, *, rng: np.random.Generator
) -> Floats:
    """Each row's loss, averaged over a few shuffles of one column."""
    rows = judged.y.size
    values = np.tile(judged.matrix.values, (_REPEATS, 1))
    order = np.concatenate([rng.permutation(rows) for _ in range(_REPEATS)])
    inputs = [index for index, name in enumerate(judged.matrix.columns) if name == column]
    values[:, inputs] = judged.matrix.values[order][:, inputs]
    response = respond(task, scorer.margin(dataclasses.replace(judged.matrix, values=values)))
    found = losses(task, np.tile(judged.y, _REPEATS), response)
    return np.asarray(found.reshape(_REPEATS, rows).mean(axis=0))
