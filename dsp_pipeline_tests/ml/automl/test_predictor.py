"""A model's files predict on new rows what the model itself predicted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from dsp_pipeline.core.errors import PredictionError
from dsp_pipeline.ml.automl.predictor import Predictor
from dsp_pipeline_tests.ml.automl.tables import bundled, mixed, sampler, trained

if TYPE_CHECKING:
    from dsp_pipeline.ml.automl.model import Model


@pytest.fixture(scope="module")
def sales() -> tuple[pl.DataFrame, Model]:
    table = mixed(1_500, seed=3)
    return table, trained(table, "sales")[1]


def test_rows_come_back_in_their_order_with_a_range(sales: tuple[pl.DataFrame, Model]) -> None:
    table, model = sales
    predicted = Predictor.load(model.files).predict(table)
    assert predicted.columns == ["prediction", "lower", "upper"]
    assert predicted.height == table.height
    assert bool((predicted["lower"] < predicted["prediction"]).all())
    assert bool((predicted["prediction"] < predicted["upper"]).all())
    assert np.corrcoef(predicted["prediction"], table["sales"])[0, 1] > 0.9
    backwards = Predictor.load(model.files).predict(table.reverse())
    assert backwards.reverse().equals(predicted)


def test_loading_twice_and_more_threads_change_nothing(sales: tuple[pl.DataFrame, Model]) -> None:
    table, model = sales
    once = Predictor.load(model.files).predict(table)
    assert Predictor.load(dict(model.files), threads=2).predict(table).equals(once)


def test_unseen_labels_and_missing_values_are_fine(sales: tuple[pl.DataFrame, Model]) -> None:
    table, model = sales
    odd = table.head(3).with_columns(
        pl.Series("region", ["atlantis", None, "north"]), pl.Series("size", [None, float("inf"), 1.0])
    )
    predicted = Predictor.load(model.files).predict(odd)
    assert predicted["prediction"].is_finite().all()


def test_missing_columns_are_all_named(sales: tuple[pl.DataFrame, Model]) -> None:
    table, model = sales
    with pytest.raises(PredictionError, match=r"lacks: 'size', 'region'"):
        Predictor.load(model.files).predict(table.drop("size", "region"))


def test_extra_and_retyped_columns_are_reported_and_no_obstacle(sales: tuple[pl.DataFrame, Model]) -> None:
    table, model = sales
    predictor = Predictor.load(model.files)
    other = table.with_columns(pl.col("size").cast(pl.String), pl.lit(1).alias("note"))
    found = predictor.mismatches(other)
    assert (found.missing, found.extra) == ((), ("note",))
    assert found.retyped == (("size", "float64", "String"),)
    expected = predictor.predict(table)["prediction"].to_numpy()
    assert np.allclose(predictor.predict(other)["prediction"].to_numpy(), expected)


def test_no_rows_are_no_error(sales: tuple[pl.DataFrame, Model]) -> None:
    table, model = sales
    assert Predictor.load(model.files).predict(table.head(0)).shape == (0, 3)


def test_classes_come_with_probabilities_that_add_up() -> None:
    table = bundled("iris")
    predicted = Predictor.load(trained(table)[1].files).predict(table)
    assert predicted.columns == ["prediction", "proba_0", "proba_1", "proba_2"]
    assert np.allclose(predicted.select(pl.sum_horizontal(pl.col("^proba_.*$"))).to_series(), 1)
    assert predicted["prediction"].dtype == pl.Int64
    assert (predicted["prediction"] == table["target"]).sum() > 135


@pytest.mark.parametrize(("values", "dtype"), [([True, False], pl.Boolean), (["no", "yes"], pl.String)])
def test_predictions_have_the_targets_own_type(values: list[object], dtype: pl.DataType) -> None:
    rng = sampler(5)
    x = rng.normal(size=200)
    table = pl.DataFrame({"x": x, "y": [values[int(each > 0)] for each in x + 0.5 * rng.normal(size=200)]})
    predicted = Predictor.load(trained(table, "y")[1].files).predict(table)
    assert predicted["prediction"].dtype == dtype
    assert set(predicted["prediction"].unique()) == set(values)


def test_the_manifest_says_what_is_needed_to_read_a_csv_alike(sales: tuple[pl.DataFrame, Model]) -> None:
    _, model = sales
    manifest = json.loads(model.files["manifest.json"])
    assert {each["name"]: each["dtype"] for each in manifest["inputs"]} == {
        "size": "float64",
        "region": "string",
        "promo": "boolean",
        "day": "datetime",
    }
    assert {"xgboost", "polars", "numpy"} <= set(manifest["libraries"])


def test_no_model_and_damaged_files_are_explained(sales: tuple[pl.DataFrame, Model]) -> None:
    _, model = sales
    with pytest.raises(PredictionError, match="there is no model"):
        Predictor.load({})
    with pytest.raises(PredictionError, match=r"features\.json is not the file that was written"):
        Predictor.load({**model.files, "features.json": b"{}"})
    with pytest.raises(PredictionError, match=r"features\.json is missing"):
        Predictor.load({name: data for name, data in model.files.items() if name != "features.json"})
    with pytest.raises(PredictionError, match="cannot be read"):
        Predictor.load({"manifest.json": b"{}"})


def test_a_model_of_a_later_format_asks_for_an_upgrade(sales: tuple[pl.DataFrame, Model]) -> None:
    _, model = sales
    later = json.loads(model.files["manifest.json"]) | {"format": 99}
    with pytest.raises(PredictionError, match="format 99"):
        Predictor.load({**model.files, "manifest.json": json.dumps(later).encode()})
