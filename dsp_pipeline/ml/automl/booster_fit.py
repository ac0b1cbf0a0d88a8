"""Gradient-boosted trees, fitted by XGBoost's native interface."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import xgboost as xgb

from dsp_pipeline.ml.automl.booster import FILE, Booster, types_of
from dsp_pipeline.ml.automl.booster_shapes import REGULAR, Shape
from dsp_pipeline.ml.automl.task import is_classes

if TYPE_CHECKING:
    from dsp_pipeline.core.sidecar import Task
    from dsp_pipeline.ml.automl.arrays import Floats, Ints
    from dsp_pipeline.ml.automl.encoding import Matrix

MAX_FILE_BYTES = 4_500_000
"""That the trees of an artifact may take."""

_PATIENCE = 20
_MAX_BIN = 128

_SHAPES = (
    (1_000, 3, 0.06, 2.0),
    (10_000, 4, 0.08, 3.0),
    (50_000, 6, 0.1, 5.0),
    (float("inf"), 6, 0.12, 10.0),
)
"""Up to how many training rows: depth, step size, and least weight of a leaf (docs/user-guide/model.md)."""

_ROWS_WORTH_THREADS = 10_000


def threads_for(rows: int, threads: int) -> int:
    """One thread for small tables: there, waking the others costs more than they save (measured: twice)."""
    return threads if rows >= _ROWS_WORTH_THREADS else 1


@dataclasses.dataclass(frozen=True)
class BoosterSettings:
    """What is fixed before fitting.

    Attributes:
        task: The task.
        outputs: Margins per row.
        rounds: Boosting rounds at most.
        seed: Of row and column sampling.
        threads: That XGBoost may use.
        shape: How trees are grown.
        max_bytes: That the trees' file may take.
        monotone: For each input whether the margin may only grow (1) or fall (-1) with it; empty asks for nothing.
    """

    task: Task
    outputs: int
    rounds: int
    seed: int
    threads: int
    shape: Shape = REGULAR
    max_bytes: int = MAX_FILE_BYTES
    monotone: tuple[int, ...] = ()

    def parameters(self, rows: int) -> dict[str, Any]:
        """XGBoost's parameters for so many training rows: fewer rows, shallower trees and smaller steps."""
        depth, eta, weight = next(shape for bound, *shape in _SHAPES if rows < bound)
        if self.outputs > 1:
            # One tree per class and round: steps are larger so that rounds are fewer.
            depth, eta = min(depth, 6), min(0.3, 1.6 * eta)
        regular = {
            "tree_method": "hist",
            "max_depth": depth,
            "eta": eta,
            "min_child_weight": 0.1 * weight if is_classes(self.task) else weight,
            "subsample": 0.8,
            "colsample_bytree": 0.8,
            "lambda": 2.0,
            "max_bin": _MAX_BIN,
            "nthread": threads_for(rows, self.threads),
            "seed": self.seed,
            "verbosity": 0,
        }
        side_by_side = {"num_parallel_tree": self.shape.side_by_side(self.outputs)}
        kept = {"monotone_constraints": self.monotone} if any(self.monotone) else {}
        return regular | self.shape.changes | side_by_side | kept | self._objective()

    def _objective(self) -> dict[str, Any]:
        if self.task == "count":
            return {"objective": "count:poisson"}
        if self.task == "regression":
            return {"objective": "reg:squarederror"}
        if self.outputs == 1:
            return {"objective": "binary:logistic"}
        return {"objective": "multi:softprob", "num_class": self.outputs}


def fit_booster(
    matrix: Matrix, y: Floats, settings: BoosterSettings, stop_by: tuple[Ints, Ints] | None
) -> Booster:
    """Trees fitted to rows.

    Args:
        matrix: The inputs.
        y: Class indices or quantities, one per row; at least two different ones.
        settings: What is fixed beforehand.
        stop_by: Rows to fit on and rows to stop by, when more rounds stop helping; None fits all rounds on all.
    """
    if stop_by is None:
        made = _standardised(matrix, y, settings)
        parameters = settings.parameters(y.size)
        trees = xgb.train(parameters, made.quantised(None, None), settings.rounds, verbose_eval=False)
        return _within_size(made.booster(trees, settings.rounds), settings.max_bytes)
    grown, _ = grow_watched(matrix, y, settings, stop_by)
    return _within_size(grown.first(grown.trees.best_iteration + 1), settings.max_bytes)


def grow_watched(
    matrix: Matrix, y: Floats, settings: BoosterSettings, parts: tuple[Ints, Ints]
) -> tuple[Booster, Floats]:
    """All trees that were grown before more of them stopped helping, and the loss on the watched rows by rounds.

    Args:
        matrix: The inputs.
        y: As in `fit_booster`.
        settings: What is fixed beforehand.
        parts: Rows to fit on, and rows to watch.
    """
    fit, watched = parts
    made = _standardised(matrix, y, settings, fit)
    train = made.quantised(fit, None)
    losses: dict[str, dict[str, list[float]]] = {}
    trees = xgb.train(
        settings.parameters(fit.size),
        train,
        settings.rounds,
        evals=[(made.quantised(watched, train), "watched")],
        early_stopping_rounds=_PATIENCE,
        evals_result=losses,
        verbose_eval=False,
    )
    (curve,) = losses["watched"].values()
    return made.booster(trees, trees.num_boosted_rounds()), np.array(curve)


@dataclasses.dataclass(frozen=True)
class _Standardised:
    """Inputs and labels in the trees' unit."""

    matrix: Matrix
    labels: Floats
    centre: float
    scale: float
    settings: BoosterSettings

    def quantised(self, rows: Ints | None, reference: xgb.DMatrix | None) -> xgb.DMatrix:
        """Rows as XGBoost takes them; None takes all."""
        matrix, labels = (
            (self.matrix, self.labels) if rows is None else (self.matrix.take(rows), self.labels[rows])
        )
        return _quantised(matrix, labels, self.settings, reference)

    def booster(self, trees: xgb.Booster, rounds: int) -> Booster:
        """Fitted trees with the way back to the target's unit."""
        settings = self.settings
        return Booster(trees, settings.outputs, rounds, settings.threads, self.centre, self.scale)


def _standardised(matrix: Matrix, y: Floats, settings: BoosterSettings, fit: Ints | None = None) -> _Standardised:
    """Quantities less their mean and by their spread among the rows that are fitted on."""
    learnt = y if fit is None else y[fit]
    centre, scale = (float(learnt.mean()), float(learnt.std())) if settings.task == "regression" else (0.0, 1.0)
    return _Standardised(matrix, (y - centre) / scale, centre, scale, settings)


def _within_size(fitted: Booster, max_bytes: int) -> Booster:
    """The first rounds of it, as many as the artifact's size allows."""
    size = len(fitted.to_files()[FILE])
    if size <= max_bytes:
        return fitted
    rounds = max(1, int(fitted.rounds * max_bytes / size))
    return fitted.first(rounds)


def _quantised(matrix: Matrix, y: Floats, settings: BoosterSettings, reference: xgb.DMatrix | None) -> xgb.DMatrix:
    return xgb.QuantileDMatrix(
        matrix.values,
        y,
        feature_types=types_of(matrix),
        enable_categorical=True,
        nthread=threads_for(matrix.values.shape[0], settings.threads),
        max_bin=_MAX_BIN,
        ref=reference,
    )
