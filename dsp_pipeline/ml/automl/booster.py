"""Gradient-boosted trees by XGBoost's native interface; `booster_fit` fits them."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, Literal

import numpy as np
import xgboost as xgb

from dsp_pipeline.ml.automl.tree_shap import forest_of
from dsp_pipeline.ml.automl.tree_tables import are_worth_tables
from dsp_pipeline.ml.automl.trees import read_trees

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dsp_pipeline.ml.automl.arrays import Floats
    from dsp_pipeline.ml.automl.encoding import Matrix
    from dsp_pipeline.ml.automl.tree_shap import Forest
    from dsp_pipeline.ml.automl.trees import Tree

FILE = "booster.ubj"

_SECONDS_PER_LEAF, _SECONDS_PER_LEAF_AND_INPUT = 3e-9, 5e-11
"""CPU-seconds of TreeSHAP by tables, per row, as measured."""

_SECONDS_PER_PAIR_OF_SPLITS = 3.5e-9
"""CPU-seconds of XGBoost's own TreeSHAP per row and leaf, as measured."""

_ROWS_WORTH_TABLES = 300


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


def types_of(matrix: Matrix) -> list[str] | None:
    """The inputs' types in XGBoost's letters.

    None where all are numbers: XGBoost reads types four times a round, a third of the time at 400 inputs.
    """
    if not any(matrix.categories):
        return None
    return ["c" if category else "float" for category in matrix.categories]


def _plain(matrix: Matrix, threads: int) -> xgb.DMatrix:
    return xgb.DMatrix(matrix.values, feature_types=types_of(matrix), enable_categorical=True, nthread=threads)
