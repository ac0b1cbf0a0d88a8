"""Gradient-boosted trees by XGBoost's native interface."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import xgboost as xgb

from dsp_pipeline.ml.automl.booster_shapes import REGULAR, Shape
from dsp_pipeline.ml.automl.task import is_classes
from dsp_pipeline.ml.automl.tree_shap import forest_of
from dsp_pipeline.ml.automl.tree_tables import are_worth_tables
from dsp_pipeline.ml.automl.trees import read_trees

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dsp_pipeline.core.sidecar import Task
    from dsp_pipeline.ml.automl.arrays import Floats, Ints
    from dsp_pipeline.ml.automl.encoding import Matrix
    from dsp_pipeline.ml.automl.tree_shap import Forest
    from dsp_pipeline.ml.automl.trees import Tree

FILE = "booster.ubj"
MAX_FILE_BYTES = 4_500_000
"""That the trees of an artifact may take."""

_PATIENCE = 20
_MAX_BIN = 128
_SECONDS_PER_LEAF, _SECONDS_PER_LEAF_AND_INPUT = 3e-9, 5e-11
"""CPU-seconds of TreeSHAP by tables, per row, as measured."""

_SECONDS_PER_PAIR_OF_SPLITS = 3.5e-9
"""CPU-seconds of XGBoost's own TreeSHAP per row and leaf, as measured."""

_ROWS_WORTH_TABLES = 300

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


@dataclasses.dataclass(frozen=True)
class Booster:
    """Fitted trees.

    Attributes:
        trees: As XGBoost has them.
        outputs: Margins per row.
        rounds: Boosting rounds that were kept.
        threads: That predictions may use.
        centre: What the trees' sums are counted from, in the target's unit.
        scale: The target's unit in the trees' one. XGBoost's tolerances are absolute, so quantities are learnt
            standardised: millionths are learnt as well as millions.
    """

    trees: xgb.Booster
    outputs: int
    rounds: int
    threads: int
    centre: float = 0.0
    scale: float = 1.0

    @property
    def kind(self) -> Literal["booster"]:
        """What the manifest calls it."""
        return "booster"

    @property
    def method(self) -> str:
        """How contributions are computed."""
        return "tree SHAP (exact, path-dependent)"

    @functools.cached_property
    def bases_and_trees(self) -> tuple[list[float], list[Tree]]:
        """What each output's sum starts from, and the trees that are added to it."""
        return read_trees(self.trees, self.outputs)

    @functools.cached_property
    def _forest(self) -> Forest:
        """The trees with tables of what they add."""
        return forest_of(*self.bases_and_trees)

    @functools.cached_property
    def explain_seconds(self) -> float:
        """About how many CPU-seconds `contributions` takes per row, where there are many."""
        if not are_worth_tables(self._depths):
            return self._tree_shap_seconds
        return len(self._depths) * (_SECONDS_PER_LEAF + _SECONDS_PER_LEAF_AND_INPUT * self.trees.num_features())

    @property
    def interact_seconds(self) -> float:
        """About how many CPU-seconds `interactions` takes per row: XGBoost explains it twice for each input."""
        return 2 * self.trees.num_features() * self._tree_shap_seconds

    @property
    def _tree_shap_seconds(self) -> float:
        """XGBoost visits all leaves, and for each the pairs of splits above it."""
        return _SECONDS_PER_PAIR_OF_SPLITS * sum(depth**2 for depth in self._depths)

    @functools.cached_property
    def _depths(self) -> list[int]:
        """How deep each leaf lies."""
        lines = (line for tree in self.trees.get_dump() for line in tree.splitlines())
        return [line.count("\t") for line in lines if "leaf=" in line]

    def margin(self, matrix: Matrix) -> Floats:
        """Sums over trees, shape (rows, outputs)."""
        # In place: the matrix is not copied into XGBoost's own form, which costs a quarter as much as predicting.
        found = self.trees.inplace_predict(matrix.values, predict_type="margin", validate_features=False)
        sums = np.asarray(found, np.float64).reshape(matrix.values.shape[0], self.outputs)
        return np.asarray(self.centre + self.scale * sums)

    def contributions(self, matrix: Matrix) -> Floats:
        """Exact TreeSHAP (Lundberg et al. 2018), shape (rows, outputs, inputs + 1)."""
        # Making tables takes as long as XGBoost needs for some hundred rows.
        has_tables = matrix.values.shape[0] >= _ROWS_WORTH_TABLES and are_worth_tables(self._depths)
        result = self.scale * (self._forest.contributions(matrix) if has_tables else self._by_xgboost(matrix))
        result[:, :, -1] += self.centre
        return result

    def _by_xgboost(self, matrix: Matrix) -> Floats:
        found = self.trees.predict(_plain(matrix, self.threads), pred_contribs=True)
        rows, inputs = matrix.values.shape
        return np.asarray(found, np.float64).reshape(rows, self.outputs, inputs + 1)

    def first(self, rounds: int) -> Booster:
        """The first rounds of it; all of them where there are no more."""
        kept = min(rounds, self.rounds)
        return dataclasses.replace(self, trees=self.trees[:kept], rounds=kept)

    def interactions(self, matrix: Matrix) -> Floats:
        """SHAP interaction values by XGBoost (Lundberg et al. 2020), shape (rows, outputs, inputs, inputs)."""
        found = self.trees.predict(_plain(matrix, self.threads), pred_interactions=True)
        rows, inputs = matrix.values.shape
        shape = (rows, self.outputs, inputs + 1, inputs + 1)
        return np.asarray(self.scale * np.asarray(found, np.float64).reshape(shape)[:, :, :-1, :-1])

    def to_files(self) -> dict[str, bytes]:
        """XGBoost's own binary JSON, which later versions of it read; centre and scale are attributes in it."""
        self.trees.set_attr(centre=repr(self.centre), scale=repr(self.scale))
        return {FILE: bytes(self.trees.save_raw("ubj"))}

    @classmethod
    def from_files(cls, files: Mapping[str, bytes], *, outputs: int, threads: int) -> Booster:
        """The trees in an artifact's files."""
        trees = xgb.Booster({"nthread": threads})
        trees.load_model(bytearray(files[FILE]))
        # Classes and counts are learnt as they are: centre 0 and scale 1, which is also what no attribute means.
        centre, scale = float(trees.attr("centre") or 0.0), float(trees.attr("scale") or 1.0)
        return cls(trees, outputs, trees.num_boosted_rounds(), threads, centre, scale)


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


def _types(matrix: Matrix) -> list[str] | None:
    """None where all are numbers: XGBoost reads types four times a round, a third of the time at 400 inputs."""
    if not any(matrix.categories):
        return None
    return ["c" if category else "float" for category in matrix.categories]


def _quantised(matrix: Matrix, y: Floats, settings: BoosterSettings, reference: xgb.DMatrix | None) -> xgb.DMatrix:
    return xgb.QuantileDMatrix(
        matrix.values,
        y,
        feature_types=_types(matrix),
        enable_categorical=True,
        nthread=threads_for(matrix.values.shape[0], settings.threads),
        max_bin=_MAX_BIN,
        ref=reference,
    )


def _plain(matrix: Matrix, threads: int) -> xgb.DMatrix:
    return xgb.DMatrix(matrix.values, feature_types=_types(matrix), enable_categorical=True, nthread=threads)
