"""Ensembles: weights that Caruana's selection gives, sums that are explained, and files that load for ever."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from dsp_pipeline.ml.automl.artifact import unpack
from dsp_pipeline.ml.automl.booster_shapes import EXTRA
from dsp_pipeline.ml.automl.effort import Work, affordable, plan_effort
from dsp_pipeline.ml.automl.encoding import encode
from dsp_pipeline.ml.automl.ensemble import Ensemble
from dsp_pipeline.ml.automl.options import ModelOptions
from dsp_pipeline.ml.automl.predictor import Predictor
from dsp_pipeline.ml.automl.trainer import train
from dsp_pipeline.ml.automl.weights import choose_weights
from dsp_pipeline_tests.ml.automl.tables import bundled, profile, sampler, trained, validated

if TYPE_CHECKING:
    from dsp_pipeline.core.sidecar import Task


def _errs(scales: list[float], rows: int = 4_000) -> tuple[np.ndarray, list[np.ndarray]]:
    """A target, and answers that miss it by independent errors of these sizes."""
    rng = sampler(0)
    y = rng.normal(size=rows)
    return y, [(y + rng.normal(scale=scale, size=rows))[:, None] for scale in scales]


def test_models_with_independent_errors_of_one_size_count_alike() -> None:
    y, answers = _errs([1.0, 1.0])
    weights = choose_weights("regression", y, answers)
    assert weights is not None
    assert weights.sum() == pytest.approx(1)
    assert weights[0] == pytest.approx(0.5, abs=0.06)


def test_weights_come_near_the_inverse_variances_that_are_best_in_theory() -> None:
    # Of unbiased estimates with independent errors the best average weighs by inverse variance: 4 to 1.
    y, answers = _errs([0.5, 1.0])
    weights = choose_weights("regression", y, answers)
    assert weights is not None
    assert weights[0] == pytest.approx(0.8, abs=0.06)


def test_a_model_that_adds_nothing_is_left_out_and_one_model_is_no_ensemble() -> None:
    y, answers = _errs([0.5, 0.5, 20.0])
    weights = choose_weights("regression", y, answers)
    assert weights is not None
    assert weights[2] == 0
    assert choose_weights("regression", y, [answers[0], answers[2]]) is None
    assert choose_weights("regression", y, answers[:1]) is None
    assert choose_weights("regression", y[:0], [each[:0] for each in answers]) is None


@pytest.mark.parametrize(("name", "task"), [("wine", "multiclass"), ("diabetes", "regression")])
def test_an_ensemble_beats_its_members_and_is_explained_exactly(name: str, task: Task) -> None:
    table = bundled(name)
    _, model = trained(table, "target")
    report = model.report
    assert (report.best, report.task) == ("Ensemble", task)
    cv = {entry.name: entry.cv for entry in report.leaderboard if entry.cv is not None}
    assert cv["Ensemble"] == min(cv.values())
    assert {"XGBoost", "XGBoost, leaf-wise"} < set(cv)

    artifact = unpack(model.files, threads=1)
    assert isinstance(artifact.scorer, Ensemble)
    assert sum(member.weight for member in artifact.scorer.members) == pytest.approx(1)
    assert {member.name for member in artifact.scorer.members} < set(cv)
    matrix = encode(table, artifact.encodings)
    margin = artifact.scorer.margin(matrix)
    assert np.allclose(artifact.scorer.contributions(matrix).sum(axis=2), margin, rtol=1e-4, atol=1e-3)
    assert "linear SHAP" in artifact.scorer.method
    assert "tree SHAP" in artifact.scorer.method


def test_classes_that_lines_tell_apart_almost_surely_take_a_lighter_penalty() -> None:
    # Fisher's iris: with scikit-learn's own penalty a logistic regression is needlessly unsure.
    _, model = trained(bundled("iris"), "target")
    cv = {entry.name: entry.cv for entry in model.report.leaderboard if entry.cv is not None}
    assert cv["Logistic regression, lighter penalty"] < 0.7 * cv["Logistic regression"]


def test_an_ensembles_files_are_json_and_trees_and_give_the_same_answers() -> None:
    table = bundled("wine")
    source = validated(table)
    made = [train(source, profile(source), options=ModelOptions(target="target", seed=3)) for _ in range(2)]
    files = dict(made[0].files)
    assert files == made[1].files
    assert sum(map(len, files.values())) < 5_000_000
    manifest = json.loads(files["manifest.json"])
    assert (manifest["format"], manifest["model"]) == (3, "ensemble")
    assert {name.partition("-")[2] or name for name in files} == {
        "manifest.json",
        "features.json",
        "ensemble.json",
        "judged.json",
        "linear.json",
        "booster.ubj",
    }
    once, twice = (Predictor.load(files, threads=threads).respond(table) for threads in (1, 2))
    assert np.array_equal(once, twice)


@pytest.mark.parametrize("number", [1, 2])
def test_a_model_that_an_earlier_version_wrote_answers_as_it_did_then(number: int) -> None:
    folder = Path(__file__).parent / f"format_{number}"
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "predicted.csv"}
    predictor = Predictor.load(files)
    assert predictor.manifest.format == number
    then = pl.read_csv(folder / "predicted.csv", try_parse_dates=True)
    answers = [
        name for name in then.columns if name in {"prediction", "lower", "upper"} or name.startswith("proba_")
    ]
    now = predictor.predict(then.drop(answers))
    for name in answers:
        if then[name].dtype == pl.String:
            assert now[name].to_list() == then[name].to_list()
        else:
            assert now[name].to_numpy() == pytest.approx(then[name].to_numpy(), rel=1e-5)


def test_more_shapes_compete_only_where_the_budget_has_room_for_them() -> None:
    def shapes(rows: int, budget: float | None) -> int:
        work = Work(rows, inputs=15, outputs=1, fits=4)
        return len(affordable(plan_effort(15, 1, budget), work, EXTRA))

    assert shapes(500, None) == len(EXTRA)
    assert shapes(15_000, None) < shapes(15_000, 60.0) == len(EXTRA)
    assert shapes(500, 0.05) == 0
    assert shapes(150_000, None) == 0
