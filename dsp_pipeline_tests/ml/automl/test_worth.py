"""What columns are worth, where to call a row positive, and whether probabilities can be taken at their word."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn import metrics as reference
from sklearn.inspection import permutation_importance
from sklearn.linear_model import Ridge

from dsp_pipeline.ml.automl import metrics
from dsp_pipeline.ml.automl.encoding import Matrix
from dsp_pipeline.ml.automl.linear_fit import fit_linear
from dsp_pipeline.ml.automl.permutation import Judged, column_worths
from dsp_pipeline.ml.automl.threshold import best_threshold, judged_threshold
from dsp_pipeline_tests.ml.automl.tables import bundled, sampler, trained


def test_the_worth_of_columns_equals_scikit_learns_permutation_importance() -> None:
    rng = sampler(0)
    x = rng.normal(size=(1_500, 3))
    y = 2 * x[:, 0] + x[:, 1] + rng.normal(size=1_500)
    matrix = Matrix(x.astype(np.float32), tuple("abc"), np.zeros(3, bool), tuple("abc"))
    scorer = fit_linear(matrix, y, "regression", 1)
    found = {each.column: each for each in column_worths("regression", scorer, Judged(matrix, y, None), 0)}
    expected = permutation_importance(
        Ridge(alpha=1.0).fit(x, y), x, y, scoring="neg_mean_squared_error", n_repeats=5, random_state=0
    ).importances_mean
    # Theory: shuffling a standard normal input with coefficient b adds 2 b^2 to the squared error: 8, 2 and 0.
    for name, value in zip("abc", expected, strict=True):
        assert found[name].loss == pytest.approx(value, rel=0.1, abs=0.05)
        assert found[name].ci_low <= found[name].loss <= found[name].ci_high
    assert list(found) == ["a", "b", "c"]
    assert found["b"].ci_low > 0
    assert found["c"].ci_high < 0.05


def test_all_inputs_of_a_column_are_shuffled_together_and_too_many_columns_are_not_measured() -> None:
    rng = sampler(1)
    day = rng.normal(size=600).astype(np.float32)
    matrix = Matrix(np.column_stack([day, day]), ("day (a)", "day (b)"), np.zeros(2, bool), ("day", "day"))
    y = day.astype(np.float64)
    scorer = fit_linear(matrix, y, "regression", 1)
    (only,) = column_worths("regression", scorer, Judged(matrix, y, None), 0)
    assert only.column == "day"
    assert only.loss == pytest.approx(2.0, rel=0.2)
    many = tuple(f"c{index}" for index in range(134))
    wide = Matrix(rng.normal(size=(60, 134)).astype(np.float32), many, np.zeros(134, bool), many)
    scorer = fit_linear(wide, wide.values[:, 0].astype(np.float64), "regression", 1)
    assert column_worths("regression", scorer, Judged(wide, np.zeros(60), None), 0) == []


def test_the_threshold_has_the_greatest_f1_of_all_as_scikit_learn_counts_it() -> None:
    rng = sampler(2)
    positive = rng.random(300) < 0.15
    scores = np.asarray(np.round(0.2 * rng.random(300) + 0.2 * positive, 2), np.float64)
    value = best_threshold(positive, scores)
    assert value is not None
    best = max(reference.f1_score(positive, scores >= level) for level in np.unique(scores))
    judged = judged_threshold(value, positive, scores)
    assert judged.f1 == pytest.approx(best)
    assert judged.precision == pytest.approx(reference.precision_score(positive, scores >= value))
    assert judged.recall == pytest.approx(reference.recall_score(positive, scores >= value))
    assert value < 0.4
    assert best_threshold(np.zeros(5, bool), np.arange(5.0)) is None
    assert judged_threshold(2.0, positive, scores).precision == 0


def test_the_calibration_error_is_small_for_true_probabilities_and_what_was_added_for_false_ones() -> None:
    rng = sampler(3)
    chance = rng.uniform(0.2, 0.7, 20_000)
    happened = rng.random(20_000) < chance
    assert metrics.calibration_error(happened, chance) < 0.015
    assert metrics.calibration_error(happened, chance + 0.2) == pytest.approx(0.2, abs=0.015)


def test_the_report_says_all_three_of_a_real_table() -> None:
    _, model = trained(bundled("breast_cancer"))
    evaluation = model.report.evaluation
    assert evaluation is not None
    assert 0 < evaluation.metrics["calibration_error"] < 0.1
    assert evaluation.threshold is not None
    assert evaluation.threshold.f1 > 0.95
    assert {each.column for each in model.report.worth} == {each.column for each in model.report.features}
    assert model.report.worth[0].ci_low > 0


def test_quantities_have_no_threshold_and_what_drives_them_leads() -> None:
    rng = sampler(4)
    table = pl.DataFrame({name: rng.normal(size=400) for name in ("drive", "noise")})
    table = table.with_columns((3 * pl.col("drive")).alias("target") + rng.normal(size=400))
    _, model = trained(table, "target")
    assert model.report.evaluation is not None
    assert model.report.evaluation.threshold is None
    assert [each.column for each in model.report.worth] == ["drive", "noise"]
