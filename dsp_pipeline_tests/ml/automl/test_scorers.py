"""Linear models and trees: equal to their references, and what they add up is what they say."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import Ridge

from dsp_pipeline.ml.automl.artifact import unpack
from dsp_pipeline.ml.automl.encoding import Matrix, encode
from dsp_pipeline.ml.automl.linear import Linear
from dsp_pipeline.ml.automl.linear_fit import PLAIN, LinearShape, fit_linear
from dsp_pipeline.ml.automl.scorers import guess, respond
from dsp_pipeline_tests.ml.automl.tables import mixed, sampler, trained

if TYPE_CHECKING:
    from dsp_pipeline.core.sidecar import Task


def _matrix(rows: int = 300) -> Matrix:
    rng = sampler(0)
    numbers = rng.normal(size=(rows, 2)).astype(np.float32)
    numbers[rng.random(rows) < 0.1, 1] = np.nan
    levels = rng.integers(0, 3, rows).astype(np.float32)
    return Matrix(
        np.asfortranarray(np.column_stack([numbers, levels])),
        ("a", "b", "c"),
        np.array([False, False, True]),
        ("a", "b", "c"),
    )


def test_ridge_equals_scikit_learns_at_its_penalty() -> None:
    rng = sampler(1)
    x = rng.normal(size=(200, 4))
    y = x @ np.array([1.0, -2.0, 0.0, 0.5]) + rng.normal(size=200)
    matrix = Matrix(x.astype(np.float32), tuple("abcd"), np.zeros(4, bool), tuple("abcd"))
    fitted = fit_linear(matrix, y, "regression", 1)
    expanded = (x - x.mean(axis=0)) / x.std(axis=0)
    fits = [Ridge(alpha=200 * alpha).fit(expanded, y) for alpha in np.logspace(-5, 2, 15)]
    closest = min(fits, key=lambda each: float(np.abs(each.coef_ - fitted.coefficients[0]).max()))
    assert np.allclose(closest.coef_, fitted.coefficients[0], atol=1e-4)


@pytest.mark.parametrize("task", ["regression", "binary", "multiclass", "count"])
@pytest.mark.parametrize("shape", [PLAIN, LinearShape(bends=True), LinearShape(products=True)])
def test_linear_contributions_add_up_and_survive_json(task: Task, shape: LinearShape) -> None:
    matrix = _matrix()
    rng = sampler(2)
    signal = np.nan_to_num(matrix.values[:, 0]) + (matrix.values[:, 2] == 1)
    y = {
        "regression": signal,
        "binary": (signal > 0).astype(float),
        "multiclass": np.digitize(signal, [-0.5, 0.8]).astype(float),
        "count": rng.poisson(np.exp(np.clip(signal, -3, 2))).astype(float),
    }[task]
    fitted = fit_linear(matrix, y, task, 3 if task == "multiclass" else 1, shape=shape)
    added = fitted.contributions(matrix).sum(axis=2)
    assert np.allclose(added, fitted.margin(matrix), atol=1e-9)
    assert np.allclose(Linear.from_files(fitted.to_files()).margin(matrix), fitted.margin(matrix))


def test_products_are_explained_by_the_shapley_values_of_their_definition() -> None:
    # All 2^3 coalitions; inputs outside of one are averaged over the training rows (Lundberg and Lee 2017).
    matrix = _matrix(60)
    rng = sampler(5)
    fitted = fit_linear(matrix, rng.normal(size=60), "regression", 1, shape=LinearShape(bends=True, products=True))

    def value(row: int, known: tuple[int, ...]) -> float:
        mixed_in = matrix.values.copy()
        mixed_in[:, known] = matrix.values[row, known]
        return float(fitted.margin(dataclasses.replace(matrix, values=mixed_in)).mean())

    found = fitted.contributions(matrix)[:, 0]
    for row in range(5):
        assert found[row, 3] == pytest.approx(value(row, ()))
        for one in range(3):
            others = [each for each in range(3) if each != one]
            gains = [
                value(row, tuple({*rest, one})) - value(row, rest)
                for rest in ((), (others[0],), (others[1],), tuple(others))
            ]
            assert found[row, one] == pytest.approx(np.dot([1 / 3, 1 / 6, 1 / 6, 1 / 3], gains), abs=1e-9)


def test_lines_bend_and_products_bow_where_the_truth_does() -> None:
    rng = sampler(8)
    x = rng.uniform(-2, 2, size=(600, 2))
    matrix = Matrix(x.astype(np.float32), ("a", "b"), np.zeros(2, bool), ("a", "b"))

    def explained(y: np.ndarray, shape: LinearShape) -> float:
        left = y - fit_linear(matrix, y, "regression", 1, shape=shape).margin(matrix)[:, 0]
        return float(1 - left.var() / y.var())

    bowl, saddle = np.abs(x[:, 0]), x[:, 0] * x[:, 1]
    assert max(explained(bowl, PLAIN), explained(saddle, PLAIN)) < 0.1
    assert explained(bowl, LinearShape(bends=True)) > 0.95
    assert explained(saddle, LinearShape(products=True)) > 0.99


def test_a_class_that_was_absent_in_a_fold_is_all_but_ruled_out() -> None:
    matrix = _matrix()
    y = (matrix.values[:, 0] > 0).astype(float) * 2
    fitted = fit_linear(matrix, y, "multiclass", 3)
    response = respond("multiclass", fitted.margin(matrix))
    assert response[:, 1].max() < 1e-3
    assert np.mean(response.argmax(axis=1) == y) > 0.9


def test_guessing_gives_the_classes_shares_and_the_mean() -> None:
    assert guess("multiclass", np.array([0.0, 0.0, 1.0]), 3)[0].tolist() == [0.5, 2 / 6, 1 / 6]
    assert guess("regression", np.array([1.0, 3.0]), 0).tolist() == [[2.0]]


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_trees_contributions_add_up_with_labels_and_gaps(task: Task) -> None:
    table = mixed(1_200, seed=4)
    level = pl.when(pl.col("sales") > 2).then(pl.lit("high")).otherwise(pl.lit("low"))
    if task == "multiclass":
        level = pl.when(pl.col("sales") < 0).then(pl.lit("negative")).otherwise(level)
    table = table.with_columns(level.alias("sales"))
    _, model = trained(table, "sales")
    assert model.report.best == "XGBoost"
    artifact = unpack(model.files, threads=1)
    matrix = encode(table, artifact.encodings)
    margin = artifact.scorer.margin(matrix)
    assert margin.shape[1] == (1 if task == "binary" else 3)
    assert np.allclose(artifact.scorer.contributions(matrix).sum(axis=2), margin, atol=1e-4)


def test_probabilities_stay_finite_at_extreme_margins() -> None:
    for task, margin in (
        ("binary", np.array([[-900.0], [900.0]])),
        ("multiclass", np.array([[-900.0, 0, 900.0]])),
    ):
        response = respond(task, margin)  # type: ignore[arg-type] # a task
        assert np.isfinite(response).all()
        assert np.allclose(response.sum(axis=1), 1)
    assert np.isfinite(respond("count", np.array([[900.0]]))).all()


def test_a_linear_model_is_read_without_xgboost() -> None:
    import subprocess  # noqa: PLC0415 - only this test starts a process
    import sys  # noqa: PLC0415 - as above
    import tempfile  # noqa: PLC0415 - as above
    from pathlib import Path  # noqa: PLC0415 - as above

    rng = sampler(6)
    lines = pl.DataFrame({name: rng.normal(size=200) for name in "abc"})
    lines = lines.with_columns((pl.col("a") - 2 * pl.col("b")).alias("target") + rng.normal(size=200))
    _, model = trained(lines, "target")
    assert model.report.best == "Ridge regression"
    with tempfile.TemporaryDirectory() as folder:
        for name, data in model.files.items():
            (Path(folder) / name).write_bytes(data)
        code = (
            "import sys, pathlib, polars as pl\n"
            "from dsp_pipeline.ml.automl.predictor import Predictor\n"
            f"files = {{p.name: p.read_bytes() for p in pathlib.Path({folder!r}).iterdir()}}\n"
            "predictor = Predictor.load(files)\n"
            "table = pl.DataFrame({c.name: [0.0] for c in predictor.columns})\n"
            "assert predictor.predict(table).height == 1\n"
            "print([m for m in ('xgboost', 'sklearn', 'scipy', 'pandas') if m in sys.modules])\n"
        )
        said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"
