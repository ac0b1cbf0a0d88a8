"""What the hold-out says beyond scores: intervals, gains, thresholds by cost, learning curves, null p-values."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics as reference

from dsp_pipeline.core.errors import SidecarError
from dsp_pipeline.core.sidecar import CallCosts, parse_sidecar
from dsp_pipeline.ml.automl import metrics
from dsp_pipeline.ml.automl.bootstrap import Resamples
from dsp_pipeline.ml.automl.encoding import Matrix
from dsp_pipeline.ml.automl.linear_fit import fit_linear
from dsp_pipeline.ml.automl.metric_intervals import metric_intervals
from dsp_pipeline.ml.automl.options import CallOptions, ModelOptions
from dsp_pipeline.ml.automl.permutation import Judged, column_worths
from dsp_pipeline.ml.automl.predictor import Predictor
from dsp_pipeline.ml.automl.threshold import cheapest_threshold, judged_threshold
from dsp_pipeline.ml.automl.trainer import train
from dsp_pipeline_tests.ml.automl.tables import bundled, profile, sampler, validated

COSTS = CallCosts(false_positive=1, false_negative=5)


def test_the_intervals_are_those_of_scipys_bootstrap() -> None:
    rng = sampler(0)
    chance = rng.uniform(0.05, 0.95, 400)
    y = (rng.random(400) < chance).astype(float)
    response = np.column_stack([1 - chance, chance])
    found = metric_intervals("binary", y, response, float("nan"), Resamples.of(400, None, 0))
    scores = {
        "accuracy": lambda a, b: reference.accuracy_score(a, b > 0.5),
        "log_loss": reference.log_loss,
        "auc": reference.roc_auc_score,
    }
    for name, score in scores.items():
        drawn = stats.bootstrap(
            (y, chance), score, paired=True, vectorized=False, n_resamples=400, random_state=rng
        )
        assert found[name] == pytest.approx(tuple(drawn.confidence_interval), abs=0.02), name
    assert set(found) == {"log_loss", "accuracy", "brier", "auc"}


def bent(rows: int, seed: int) -> pl.DataFrame:
    """A quantity of which each further row teaches more."""
    rng = sampler(seed)
    x = rng.normal(size=(rows, 5))
    y = np.where(x[:, 0] > 0, 3, -3) * x[:, 1] + 4 * np.sin(2 * x[:, 2]) + x[:, 3] * x[:, 4]
    named = {f"x{place}": x[:, place] for place in range(5)}
    return pl.DataFrame({**named, "y": y + rng.normal(scale=0.3, size=rows)})


def test_ranges_of_a_model_that_learnt_from_all_rows_hold_no_more_than_they_say() -> None:
    held = []
    for seed in range(4):
        source = validated(bent(160, seed))
        options = ModelOptions(target="y", seed=seed, budget_seconds=2)
        predictor = Predictor.load(train(source, profile(source), options=options).files)
        new = bent(2_000, 100 + seed)
        told = predictor.predict(new)
        held.append(new["y"].is_between(told["lower"], told["upper"]).to_numpy().mean())
    assert 0.87 <= np.mean(held) <= 0.93


def test_the_intervals_of_a_regression_are_those_of_scipys_bootstrap() -> None:
    rng = sampler(1)
    y = rng.normal(size=300)
    predicted = 0.7 * y + 0.5 * rng.normal(size=300)
    found = metric_intervals("regression", y, predicted[:, None], 0.8, Resamples.of(300, None, 0))
    scores = {"rmse": reference.root_mean_squared_error, "r2": reference.r2_score}
    for name, score in scores.items():
        drawn = stats.bootstrap((y, predicted), score, paired=True, vectorized=False, n_resamples=400, rng=rng)
        assert found[name] == pytest.approx(tuple(drawn.confidence_interval), abs=0.03), name
    low, high = found["interval_coverage"]
    assert low < float(np.mean(np.abs(y - predicted) <= 0.8)) < high


@settings(max_examples=40)
@given(st.integers(0, 10_000))
def test_gains_begin_with_nothing_end_with_all_and_their_area_is_told_by_the_auc(seed: int) -> None:
    rng = sampler(seed)
    positive = rng.random(60) < 0.3
    positive[:2] = [True, False]
    scores = np.asarray(np.round(rng.random(60) + 0.2 * positive, 1), np.float64)
    rows, found = metrics.gains(positive, scores)
    assert (rows[0], found[0], rows[-1], found[-1]) == (0, 0, 1, 1)
    assert bool(np.all(np.diff(rows) > 0) and np.all(np.diff(found) >= 0))
    # Area under the gains curve = share/2 + (1 - share) AUC (Tuffery 2011, lift curves).
    share = float(positive.mean())
    expected = share / 2 + (1 - share) * reference.roc_auc_score(positive, scores)
    assert np.trapezoid(found, rows) == pytest.approx(expected)


def test_true_probabilities_are_called_by_elkans_threshold_and_others_by_what_is_cheapest() -> None:
    """Elkan 2001: with a false alarm at 1 and a miss at 5 a row is called from 1/6 on."""
    rng = sampler(2)
    chance = rng.beta(1, 4, 20_000)
    positive = rng.random(20_000) < chance
    honest = cheapest_threshold(positive, chance, COSTS)
    assert honest == pytest.approx(1 / 6, abs=0.05)
    too_low = chance / 4
    assert cheapest_threshold(positive, too_low, COSTS) == pytest.approx(1 / 24, abs=0.015)


def test_a_threshold_by_costs_is_told_with_what_it_saves() -> None:
    rng = sampler(3)
    chance = rng.beta(1, 4, 5_000)
    positive = rng.random(5_000) < chance
    judged = judged_threshold(1 / 6, positive, chance, CallOptions(costs=COSTS))
    assert (judged.chosen_for, judged.used) == ("costs", True)
    assert judged.costs is not None
    _, false, missed, _ = reference.confusion_matrix(positive, chance >= 1 / 6).ravel()
    assert judged.costs.per_row == pytest.approx((false + 5 * missed) / 5_000)
    assert judged.costs.per_row < min(judged.costs.per_row_at_half, judged.costs.per_row_all_alike)


def _rare(rows: int) -> pl.DataFrame:
    rng = sampler(4)
    x = rng.normal(size=(rows, 2))
    happens = rng.random(rows) < 1 / (1 + np.exp(2 - 1.5 * x[:, 0]))
    return pl.DataFrame({"x": x[:, 0], "noise": x[:, 1], "y": np.where(happens, "yes", "no")})


@pytest.mark.parametrize(
    ("call", "chosen_for", "used"),
    [
        (CallOptions(), "f1", False),
        (CallOptions(threshold="f1"), "f1", True),
        (CallOptions(threshold=0.3), "given", True),
        (CallOptions(costs=COSTS), "costs", True),
    ],
)
def test_predictions_call_classes_by_the_threshold_that_was_asked_for(
    call: CallOptions, chosen_for: str, *, used: bool
) -> None:
    table = _rare(500)
    source = validated(table)
    model = train(source, profile(source), options=ModelOptions(target="y", call=call))
    assert model.report.evaluation is not None
    threshold = model.report.evaluation.threshold
    assert threshold is not None
    assert (threshold.chosen_for, threshold.used) == (chosen_for, used)
    predicted = Predictor.load(model.files).predict(table)
    level = threshold.value if used else 0.5
    assert (predicted["prediction"] == "yes").equals(predicted["proba_yes"] >= level)
    assert json.loads(model.files["manifest.json"])["threshold"] == (threshold.value if used else None)


def test_what_is_said_to_be_called_right_is_what_predictions_call() -> None:
    source = validated(_rare(500))
    options = ModelOptions(target="y", call=CallOptions(threshold=0.1))
    evaluation = train(source, profile(source), options=options).report.evaluation
    assert evaluation is not None
    assert evaluation.confusion is not None
    assert evaluation.threshold is not None
    counts = np.array(evaluation.confusion.counts)
    assert counts[1, 1] / counts[:, 1].sum() == pytest.approx(evaluation.threshold.precision)
    assert counts[1, 1] / counts[1].sum() == pytest.approx(evaluation.threshold.recall)
    assert np.trace(counts) / counts.sum() == pytest.approx(evaluation.metrics["accuracy"])
    low, high = evaluation.intervals["accuracy"]
    assert low < evaluation.metrics["accuracy"] < high
    assert high - low < 0.2


def test_costs_for_more_than_two_classes_are_said_to_have_no_effect() -> None:
    source = validated(bundled("iris"))
    options = ModelOptions(target="target", task="multiclass", call=CallOptions(costs=COSTS))
    assert "'costs' has no effect" in " ".join(train(source, profile(source), options=options).report.notes)


def test_a_sidecar_says_what_wrong_calls_cost_or_a_threshold_but_not_both() -> None:
    assert parse_sidecar("costs: {false_positive: 1, false_negative: 5}", where="s").costs == COSTS
    assert parse_sidecar("threshold: f1", where="s").threshold == "f1"
    assert parse_sidecar("threshold: 0.3", where="s").threshold == 0.3
    for text in ("threshold: 2", "costs: {false_positive: 1}", "costs: {false_positive: 0, false_negative: 1}"):
        with pytest.raises(SidecarError):
            parse_sidecar(text, where="s")
    with pytest.raises(SidecarError, match="leave 'threshold' out"):
        parse_sidecar("costs: {false_positive: 1, false_negative: 5}\nthreshold: f1", where="s")


def test_more_rows_help_where_a_hard_truth_is_learnt_from_few() -> None:
    rng = sampler(5)
    x = rng.normal(size=(1_600, 6))
    y = np.sin(3 * x[:, 0]) * x[:, 1] + np.sign(x[:, 2]) * x[:, 3] + 0.1 * rng.normal(size=1_600)
    hard = pl.DataFrame({**{f"x{at}": x[:, at] for at in range(6)}, "y": y})
    source = validated(hard)
    found = train(source, profile(source), options=ModelOptions(target="y")).report.learning
    assert found is not None
    assert [point.rows for point in found.points] == [150, 300, 600, 1_200]
    assert [point.score for point in found.points] == sorted((point.score for point in found.points), reverse=True)
    assert all(point.ci_low < point.score < point.ci_high for point in found.points)
    assert found.more_rows_help
    assert found.text.startswith("More rows would help: from 600 to 1,200 rows the RMSE went from")


def test_more_rows_hardly_help_where_a_line_is_learnt_from_many() -> None:
    rng = sampler(6)
    x = rng.normal(size=1_600)
    source = validated(pl.DataFrame({"x": x, "y": 2 * x + rng.normal(size=1_600)}))
    found = train(source, profile(source), options=ModelOptions(target="y")).report.learning
    assert found is not None
    assert not found.more_rows_help


def test_few_rows_have_no_learning_curve_and_times_are_only_measured_by_a_clock() -> None:
    table = _rare(60)
    ticks = iter(range(1_000_000))
    source = validated(table)
    plain = train(source, profile(source), options=ModelOptions(target="y")).report
    timed = train(
        source, profile(source), options=ModelOptions(target="y", clock=lambda: float(next(ticks)))
    ).report
    assert plain.learning is None
    assert all(entry.predict_seconds is None for entry in plain.leaderboard)
    measured = [entry.predict_seconds for entry in timed.leaderboard if "Guessing" not in entry.name]
    assert all(seconds is not None and seconds > 0 for seconds in measured)


def test_null_p_values_are_uniform_for_columns_that_say_nothing_and_tiny_for_those_that_do() -> None:
    """Columns of noise: about one in ten below 0.1, as by a Kolmogorov-Smirnov test against the uniform."""
    found: list[float] = []
    for seed in range(12):
        rng = sampler(100 + seed)
        x = rng.normal(size=(300, 8))
        y = 2 * x[:, 0] + rng.normal(size=300)
        matrix = Matrix(x.astype(np.float32), tuple("abcdefgh"), np.zeros(8, bool), tuple("abcdefgh"))
        half = matrix.take(np.arange(150))
        scorer = fit_linear(half, y[:150], "regression", 1)
        judged = Judged(matrix.take(np.arange(150, 300)), y[150:], None)
        worths = {each.column: each.p for each in column_worths("regression", scorer, judged, seed)}
        assert worths["a"] is not None
        assert worths["a"] < 1e-6
        found += [p for name, p in worths.items() if name != "a" and p is not None]
    assert len(found) == 84
    assert stats.kstest(found, "uniform").pvalue > 0.001
    assert np.mean(np.array(found) < 0.05) < 0.15
