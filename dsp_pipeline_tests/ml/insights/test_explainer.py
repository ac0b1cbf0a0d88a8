"""Explanations add up, agree with the reference, and name what was planted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
import shap

from dsp_pipeline.core.errors import PredictionError
from dsp_pipeline.core.sidecar import Sidecar
from dsp_pipeline.ml.automl.artifact import unpack
from dsp_pipeline.ml.automl.booster import Booster
from dsp_pipeline.ml.automl.encoding import encode
from dsp_pipeline.ml.automl.ensemble import Ensemble
from dsp_pipeline.ml.automl.predictor import Predictor
from dsp_pipeline.ml.insights.explainer import explain
from dsp_pipeline.ml.insights.explanations.counterfactuals import Neighbours
from dsp_pipeline.ml.insights.explanations.sums import Attribution
from dsp_pipeline_tests.ml.automl.tables import bundled, mixed, sampler, trained, validated

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.explanations import Explanations
    from dsp_pipeline.etl.tables import ValidatedTable
    from dsp_pipeline.ml.automl.model import Model


def _bent(rows: int = 1_200) -> pl.DataFrame:
    """Numbers only, with an outcome that trees learn and lines do not."""
    rng = sampler(0)
    x = rng.normal(size=(rows, 4))
    target = np.sin(2 * x[:, 0]) * 3 + np.abs(x[:, 1]) + 0.3 * rng.normal(size=rows)
    return pl.DataFrame(x, schema=["a", "b", "c", "d"], orient="row").with_columns(pl.Series("target", target))


@pytest.fixture(scope="module")
def bent() -> tuple[ValidatedTable, Model]:
    return trained(_bent(), "target")


@pytest.fixture(scope="module")
def sales() -> tuple[ValidatedTable, Model, Explanations]:
    source, model = trained(mixed(2_000, seed=6), "sales")
    return source, model, explain(source, model)


def test_tree_contributions_equal_those_of_the_shap_package(bent: tuple[ValidatedTable, Model]) -> None:
    source, model = bent
    artifact = unpack(model.files, threads=1)
    assert isinstance(artifact.scorer, Ensemble)
    matrix = encode(source.table.head(100), artifact.encodings)
    expected = np.zeros(matrix.values.shape)
    found = np.zeros(matrix.values.shape)
    boosted = [member for member in artifact.scorer.members if isinstance(member.scorer, Booster)]
    assert boosted
    for member in boosted:
        assert isinstance(member.scorer, Booster)
        alone = shap.TreeExplainer(member.scorer.trees).shap_values(matrix.values)
        expected += member.weight * member.scorer.scale * alone
        found += member.weight * member.scorer.contributions(matrix)[:, 0, :-1]
    assert np.allclose(found, expected, atol=1e-4)


def test_what_drives_the_outcome_leads_and_noise_comes_last(bent: tuple[ValidatedTable, Model]) -> None:
    source, model = bent
    found = explain(source, model)
    assert [each.feature for each in found.global_][:2] == ["a", "b"]
    assert all(each.ci_low <= each.mean_abs <= each.ci_high for each in found.global_)
    assert found.global_[0].ci_low > found.global_[2].ci_high
    assert found.dependence[0].feature == "a"
    shape = np.corrcoef(np.sin(2 * np.array(found.dependence[0].x, float)), found.dependence[0].shap)[0, 1]
    assert shape > 0.95


def test_what_a_column_does_is_as_unsure_as_there_are_few_groups_that_it_tells_apart() -> None:
    # A shop's size is the same in all of its 25 rows: only 15 shops of the hold-out say what it does on average.
    rng = sampler(9)
    size, shop = rng.exponential(size=60), np.repeat(np.arange(60), 25)
    table = pl.DataFrame({"shop": shop, "size": size[shop], "y": size[shop] + 0.1 * rng.normal(size=shop.size)})
    source, model = trained(table, "y", Sidecar(group_column="shop"))

    told = explain(source, model)

    [by_size], [points] = told.global_, told.dependence
    by_shop = np.array([abs(shap) for _, shap in set(zip(points.x, points.shap, strict=True))])
    expected = 2 * 1.96 * by_shop.std(ddof=1) / np.sqrt(by_shop.size)
    assert by_shop.size < 20
    assert by_size.ci_high - by_size.ci_low == pytest.approx(expected, rel=0.25)


def test_contributions_add_up_to_the_margin(sales: tuple[ValidatedTable, Model, Explanations]) -> None:
    _, _, found = sales
    assert found.fidelity is not None
    assert found.fidelity.additivity_max_error < 1e-4
    assert found.fidelity.rows <= 2_000
    for row in found.rows:
        total = row.base + sum(each.shap for each in row.contributions)
        assert total == pytest.approx(row.margin, abs=1e-3)


@pytest.mark.parametrize("scale", [1e9, 1e-6])
def test_contributions_add_up_whatever_the_targets_unit(scale: float) -> None:
    source, model = trained(_bent(600).with_columns((pl.col("target") - 1) * scale), "target")
    found = explain(source, model)
    assert "tree SHAP" in found.method
    assert found.fidelity is not None
    assert found.fidelity.additivity_max_error < 1e-4
    assert found.global_[0].feature == "a"


def test_only_rows_that_were_not_learnt_from_are_explained(
    sales: tuple[ValidatedTable, Model, Explanations],
) -> None:
    source, model, found = sales
    table = source.table
    actual = {row.row: float(row.actual) for row in found.rows}
    assert all(float(f"{table['sales'][row]:.6g}") == value for row, value in actual.items())
    assert model.report.split is not None
    assert found.fidelity is not None
    assert found.fidelity.rows == model.report.split.holdout_rows


def test_the_largest_error_is_told_as_it_was_before_the_row_was_learnt_from(
    sales: tuple[ValidatedTable, Model, Explanations],
) -> None:
    _, model, found = sales
    worst = next(row for row in found.rows if row.why_shown == "the largest error")
    assert worst.unseen is not None
    error = abs(float(worst.unseen) - float(worst.actual))
    assert error > abs(float(worst.prediction) - float(worst.actual))
    # On the rows of a fit that had learnt from them, no error is that large; its mean square is the report's.
    assert model.report.evaluation is not None
    assert error > 2 * model.report.evaluation.metrics["rmse"]


def test_columns_are_explained_as_people_know_them(sales: tuple[ValidatedTable, Model, Explanations]) -> None:
    source, _, found = sales
    assert {each.feature for each in found.global_} == {"size", "region", "promo", "day"}
    by_name = {each.feature: each for each in found.dependence}
    assert {"north", None} <= set(by_name["region"].x)
    assert set(by_name["promo"].x) == {"true", "false"}
    values = {each.feature: each.value for each in found.rows[0].contributions}
    assert set(values) <= set(source.table.columns)
    assert found.output == "sales"


def test_rows_say_why_they_are_shown(sales: tuple[ValidatedTable, Model, Explanations]) -> None:
    reasons = {row.why_shown for row in sales[2].rows}
    assert {"a typical prediction", "the highest prediction", "the largest error"} <= reasons


def test_a_segment_where_the_model_errs_is_found() -> None:
    rng = sampler(1)
    x, shop = rng.normal(size=3_000), rng.choice(["old", "new", "web"], 3_000, p=[0.15, 0.45, 0.4])
    target = 2 * x + np.where(shop == "old", 4.0, 0.5) * rng.normal(size=3_000)
    source, model = trained(pl.DataFrame({"x": x, "shop": shop, "target": target}), "target")
    segments = explain(source, model).segments
    assert segments[0].description == "shop is old"
    assert segments[0].score > 2 * segments[0].overall
    assert segments[0].rows >= 30


def test_even_errors_have_no_weak_segment() -> None:
    rng = sampler(2)
    columns = {f"x{index}": rng.normal(size=2_000) for index in range(6)}
    table = pl.DataFrame({**columns, "target": columns["x0"] + rng.normal(size=2_000)})
    source, model = trained(table, "target")
    assert explain(source, model).segments == []


def test_many_classes_are_explained_for_the_predicted_one() -> None:
    source, model = trained(bundled("wine"), "target")
    found = explain(source, model)
    assert found.output == "log-odds of each class of target"
    assert len(found.global_) == len({feature.column for feature in model.report.features})
    assert any(row.why_shown == "the surest '0'" and row.prediction.startswith("0 (") for row in found.rows)
    assert found.rows[0].contributions[-1].feature.endswith("other columns")


def test_the_same_model_gives_the_same_explanations(bent: tuple[ValidatedTable, Model]) -> None:
    source, model = bent
    assert explain(source, model, seed=3).to_json() == explain(source, model, seed=3).to_json()


def test_without_a_model_there_is_nothing_to_explain() -> None:
    source, model = trained(bundled("diabetes").select("age"), "age")
    found = explain(source, model)
    assert (found.method, found.global_, found.fidelity) == ("none", [], None)


def test_another_table_is_refused(bent: tuple[ValidatedTable, Model]) -> None:
    _, model = bent
    with pytest.raises(PredictionError, match="another table"):
        explain(validated(_bent(900)), model)


def test_the_nearest_row_with_another_prediction_differs_in_what_decides() -> None:
    rng = sampler(5)
    group, noise = rng.choice(["low", "high"], 800), rng.normal(size=800)
    target = np.where((group == "high") ^ (rng.random(800) < 0.2), "yes", "no")
    source, model = trained(pl.DataFrame({"group": group, "noise": noise, "target": target}), "target")
    for row in explain(source, model).rows:
        nearest = row.counterfactuals[0]
        assert nearest.prediction.split()[0] != row.prediction.split()[0]
        assert next(each for each in nearest.changes if each.feature == "group").value != "missing"
        closest = np.min(np.abs(noise[group != group[row.row]] - noise[row.row])) / np.ptp(noise)
        assert nearest.distance >= (1 + closest) / 2 - 1e-9


def test_a_quantitys_counterfactual_lies_outside_the_range_of_its_prediction(
    sales: tuple[ValidatedTable, Model, Explanations],
) -> None:
    _, model, found = sales
    half = json.loads(model.files["manifest.json"])["half_width"]
    pairs = [(row, other) for row in found.rows for other in row.counterfactuals]
    assert pairs
    assert all(abs(float(row.prediction) - float(other.prediction)) > half for row, other in pairs)


def test_a_counts_counterfactual_lies_outside_the_range_of_its_prediction() -> None:
    # Ranges of counts are as wide everywhere on the square roots' scale: with a half of 1, 100 has 81 to 121.
    table = pl.DataFrame({"size": [0.0, 1.0, 2.0, 3.0]})
    predicted = np.array([[100.0], [120.0], [122.0], [80.0]])
    nothing = np.zeros((4, 1, 1))
    found = Attribution(
        task="count",
        classes=(),
        columns=("size",),
        inputs=("size",),
        by_input=nothing,
        by_column=nothing,
        base=np.log(predicted),
        margin=np.log(predicted),
        response=predicted,
        judged_response=predicted,
        y=predicted[:, 0],
        rows=np.arange(4),
        additivity_error=0.0,
    )
    assert [each.row for each in Neighbours.of(found, table, 1.0).described(0)] == [2, 3]


def test_the_rows_that_a_page_starts_from_come_with_pythons_own_margins(
    sales: tuple[ValidatedTable, Model, Explanations],
) -> None:
    source, model, found = sales
    assert found.what_if is not None
    assert found.what_if.model is not None
    assert [each.name for each in found.what_if.columns] == ["size", "region", "promo", "day"]
    first = found.what_if.rows[0]
    assert first.cells[0] == pytest.approx(source.table["size"][first.row])
    predicted = Predictor.load(model.files).respond(source.table[[first.row]])
    assert first.margin[0] == pytest.approx(float(predicted[0, 0]))
    others = [found.what_if.rows[place] for place in first.nearest]
    assert {each.row for each in others} == {each.row for each in found.rows[0].counterfactuals}
