"""SHAP values of trees by tables are those of XGBoost, and of the definition."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
import xgboost as xgb

from dsp_pipeline.ml.automl.booster_fit import BoosterSettings, fit_booster
from dsp_pipeline.ml.automl.booster_shapes import EXTRA, REGULAR, Shape
from dsp_pipeline.ml.automl.encoding import Matrix
from dsp_pipeline.ml.automl.tree_shap import forest_of
from dsp_pipeline.ml.automl.tree_tables import are_worth_tables
from dsp_pipeline.ml.automl.trees import read_trees
from dsp_pipeline_tests.ml.automl.tables import sampler

if TYPE_CHECKING:
    from dsp_pipeline.core.sidecar import Task
    from dsp_pipeline.ml.automl.arrays import Floats
    from dsp_pipeline.ml.automl.booster import Booster
    from dsp_pipeline.ml.automl.trees import Tree

LEVELS = 12
CHAINED = Shape("chained", {"max_depth": 0, "max_leaves": 12, "grow_policy": "lossguide", "min_child_weight": 0.0})
TOO_DEEP = Shape("too deep", {"max_depth": 30, "min_child_weight": 0.0, "lambda": 0.0})


def matrix_of(rows: int, seed: int, inputs: int = 6) -> Matrix:
    """Numbers with gaps, and behind them one input of levels."""
    rng = sampler(seed)
    values = rng.normal(size=(rows, inputs)).round(2)
    values[:, -1] = rng.integers(0, LEVELS, rows)
    values[rng.random((rows, inputs)) < 0.1] = np.nan
    names = tuple(f"x{place}" for place in range(inputs))
    return Matrix(np.asfortranarray(values, np.float32), names, np.arange(inputs) == inputs - 1, names)


def target(matrix: Matrix, task: Task) -> Floats:
    x = np.nan_to_num(matrix.values.astype(np.float64))
    wish = x[:, 0] + x[:, 1] * x[:, 2] + (x[:, -1] % 3 == 1) + sampler(9).normal(size=x.shape[0])
    if task == "regression":
        return np.asarray(1_000 * wish)
    if task == "count":
        return np.asarray(np.floor(np.exp(np.clip(wish / 2, -3, 3))))
    return np.asarray(np.digitize(wish, [0.5] if task == "binary" else [-0.5, 1.0]), np.float64)


def fitted(task: Task, shape: Shape, *, inputs: int = 6, rounds: int = 12) -> Booster:
    matrix = matrix_of(900, 1, inputs)
    settings = BoosterSettings(task, 3 if task == "multiclass" else 1, shape.rounds_of(rounds), 0, 1, shape)
    return fit_booster(matrix, target(matrix, task), settings, None)


def by_xgboost(booster: Booster, matrix: Matrix) -> Floats:
    kinds = ["c" if is_level else "float" for is_level in matrix.categories]
    rows = xgb.DMatrix(matrix.values, feature_types=kinds, enable_categorical=True)
    found = np.asarray(booster.trees.predict(rows, pred_contribs=True), np.float64)
    return found.reshape(matrix.values.shape[0], booster.outputs, -1)


@pytest.mark.parametrize("task", ["regression", "count", "binary", "multiclass"])
@pytest.mark.parametrize("shape", [REGULAR, *EXTRA, CHAINED], ids=lambda shape: shape.name)
def test_many_rows_get_the_values_that_xgboost_computes(task: Task, shape: Shape) -> None:
    booster = fitted(task, shape)
    new = matrix_of(700, 2)
    # Levels that training never saw, one of them far beyond the others.
    new.values[:2, -1] = LEVELS, 5_000

    forest = forest_of(*read_trees(booster.trees, booster.outputs))

    assert np.allclose(forest.contributions(new), by_xgboost(booster, new), atol=2e-5)
    assert np.allclose(booster.contributions(new).sum(axis=2), booster.margin(new), rtol=1e-5, atol=0.02)


def test_few_of_many_inputs_get_what_is_theirs() -> None:
    booster = fitted("regression", EXTRA[1], inputs=90, rounds=3)
    new = matrix_of(400, 3, 90)
    forest = forest_of(*read_trees(booster.trees, 1))
    assert np.allclose(forest.contributions(new), by_xgboost(booster, new), atol=2e-5)


def test_trees_that_are_too_deep_for_tables_are_explained_as_well() -> None:
    matrix = matrix_of(900, 1)
    noise = sampler(5).normal(size=900)
    booster = fit_booster(matrix, noise, BoosterSettings("regression", 1, 3, 0, 1, TOO_DEEP), None)
    depths = [len(path) for tree in read_trees(booster.trees, 1)[1] for path in tree.paths.values()]
    assert not are_worth_tables(depths)
    assert np.allclose(booster.contributions(matrix).sum(axis=2), booster.margin(matrix), atol=1e-4)


def test_a_tree_without_splits_adds_to_the_base_alone() -> None:
    matrix = matrix_of(400, 1)
    never = Shape("never", {"min_child_weight": 1e9})
    booster = fit_booster(
        matrix, target(matrix, "regression"), BoosterSettings("regression", 1, 2, 0, 1, never), None
    )
    found = booster.contributions(matrix)
    assert not found[:, :, :-1].any()
    assert np.allclose(found[:, :, -1], booster.margin(matrix))


def expected(tree: Tree, row: Floats, known: frozenset[int], node: int = 0) -> float:
    """What a tree answers on average where only some inputs are known (Lundberg et al. 2018, algorithm 1)."""
    if tree.left[node] < 0:
        return float(tree.split[node])
    left, right = int(tree.left[node]), int(tree.right[node])
    if tree.feature[node] in known:
        value = row[tree.feature[node]]
        goes_left = bool(tree.missing_left[node]) if np.isnan(value) else value < tree.split[node]
        return expected(tree, row, known, left if goes_left else right)
    parts = [tree.cover[child] * expected(tree, row, known, child) for child in (left, right)]
    return float(sum(parts) / tree.cover[node])


def test_values_are_those_of_the_definition_by_all_coalitions() -> None:
    rng = sampler(4)
    values = rng.normal(size=(500, 4)).round(1)
    values[rng.random(values.shape) < 0.05] = np.nan
    names = ("a", "b", "c", "d")
    matrix = Matrix(np.asfortranarray(values, np.float32), names, np.zeros(4, np.bool_), names)
    trees = xgb.train(
        {"max_depth": 5, "base_score": 0.0}, xgb.DMatrix(values, np.nan_to_num(values).prod(axis=1)), 1
    )
    bases, (tree,) = read_trees(trees, 1)

    found = forest_of(bases, [tree]).contributions(matrix)[:8, 0]

    for row, own in zip(matrix.values[:8].astype(np.float64), found, strict=True):
        for place in range(4):
            others = [each for each in range(4) if each != place]
            sizes = [some for size in range(4) for some in itertools.combinations(others, size)]
            gains = [
                math.factorial(len(some))
                * math.factorial(3 - len(some))
                / math.factorial(4)
                * (expected(tree, row, frozenset({*some, place})) - expected(tree, row, frozenset(some)))
                for some in sizes
            ]
            assert own[place] == pytest.approx(sum(gains), abs=1e-6)
        assert own[-1] == pytest.approx(expected(tree, row, frozenset()), abs=1e-6)
