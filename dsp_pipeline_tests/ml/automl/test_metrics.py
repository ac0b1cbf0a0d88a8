"""Scores equal scikit-learn's, and intervals hold what they say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from dsp_pipeline.ml.automl import metrics
from dsp_pipeline.ml.automl.bootstrap import Resamples
from dsp_pipeline.ml.automl.ranges import half_width, limits
from dsp_pipeline_tests.ml.automl.tables import sampler


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 6))
def test_auc_and_curves_equal_scikit_learns_ties_included(seed: int, decimals: int) -> None:
    rng = sampler(seed)
    positive = rng.random(80) < 0.4
    positive[:2] = [True, False]
    scores = np.asarray(np.round(rng.random(80) + 0.3 * positive, decimals), np.float64)
    assert metrics.auc(positive, scores) == pytest.approx(reference.roc_auc_score(positive, scores))
    false, true = metrics.roc(positive, scores)
    expected_false, expected_true, _ = reference.roc_curve(positive, scores, drop_intermediate=False)
    assert np.allclose(false, expected_false)
    assert np.allclose(true, expected_true)
    recall, precision = metrics.precision_recall(positive, scores)
    expected_precision, expected_recall, _ = reference.precision_recall_curve(positive, scores)
    assert np.allclose(precision, expected_precision[:-1][::-1])
    assert np.allclose(recall, expected_recall[:-1][::-1])


def test_losses_equal_scikit_learns() -> None:
    rng = sampler(0)
    y = rng.integers(0, 3, 200).astype(float)
    response = rng.dirichlet(np.ones(3), 200)
    assert metrics.score("multiclass", metrics.losses("multiclass", y, response)) == pytest.approx(
        reference.log_loss(y, response)
    )
    counts, means = rng.poisson(3, 200).astype(float), rng.uniform(1, 6, 200)
    assert metrics.score("count", metrics.losses("count", counts, means[:, None])) == pytest.approx(
        reference.mean_poisson_deviance(counts, means)
    )
    assert metrics.score("regression", metrics.losses("regression", counts, means[:, None])) == pytest.approx(
        reference.root_mean_squared_error(counts, means)
    )
    assert metrics.r_squared(counts, means) == pytest.approx(reference.r2_score(counts, means))


def test_one_class_has_no_curve() -> None:
    assert metrics.auc(np.ones(5, bool), np.arange(5.0)) is None
    assert metrics.r_squared(np.ones(5), np.arange(5.0)) is None


@pytest.mark.parametrize("rows", [100, 5_000])
def test_the_interval_of_a_mean_is_that_of_the_normal_theory(rows: int) -> None:
    values = sampler(1).normal(2, 2, rows)
    low, high = Resamples.of(values.size, None, 0).mean_interval(values)
    error = values.std(ddof=1) / np.sqrt(rows)
    # The ends of 1,000 draws have a standard error of .085 times the mean's.
    assert low == pytest.approx(values.mean() - 1.96 * error, abs=0.25 * error)
    assert high == pytest.approx(values.mean() + 1.96 * error, abs=0.25 * error)


def test_rows_of_one_group_are_resampled_together() -> None:
    values = np.repeat(sampler(2).normal(size=30), 50)
    low, high = Resamples.of(values.size, np.repeat(np.arange(30), 50), 0).mean_interval(values)
    alone_low, alone_high = Resamples.of(values.size, None, 0).mean_interval(values)
    assert high - low > 4 * (alone_high - alone_low)


def test_a_calibrated_score_lies_on_the_diagonal() -> None:
    rng = sampler(3)
    scores = rng.random(20_000)
    means, shares, rows = metrics.calibration(rng.random(20_000) < scores, scores)
    assert rows.sum() == 20_000
    assert np.abs(means - shares).max() < 0.04


@pytest.mark.parametrize("task", ["regression", "count"])
def test_ranges_hold_the_truth_in_nine_rows_of_ten(task: str) -> None:
    rng = sampler(4)
    means = rng.uniform(2, 20, 4_000)
    y = rng.poisson(means).astype(float) if task == "count" else means + rng.normal(size=4_000)
    half = half_width(task, y[:2_000], means[:2_000])  # type: ignore[arg-type] # a task
    low, high = limits(task, means[2_000:], half)  # type: ignore[arg-type] # a task
    inside = float(np.mean((y[2_000:] >= low) & (y[2_000:] <= high)))
    assert 0.87 <= inside <= 0.93
    assert (low >= 0).all() or task == "regression"
