"""What the rows of a label typically come to is an input; no row sees its own outcome in it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from dsp_pipeline.core.sidecar import Sidecar
from dsp_pipeline.ml.automl.encoding import Matrix, encode
from dsp_pipeline.ml.automl.features import Encoding
from dsp_pipeline.ml.automl.outcome import Outcome, outcome_of
from dsp_pipeline.ml.automl.preparation import Prepared, prepare
from dsp_pipeline.ml.automl.typical import with_typical, without_own
from dsp_pipeline_tests.ml.automl.tables import kind_of, sampler, trained, validated

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.model import ModelReport


def _shops(rows: int = 1_500, labels: int = 150) -> pl.DataFrame:
    """Labels of ten rows each on average, and an outcome that has nothing to do with them."""
    rng = sampler(3)
    return pl.DataFrame(
        {
            "shop": [f"shop {number}" for number in rng.integers(0, labels, rows)],
            "day": np.arange(rows),
            "y": rng.normal(size=rows),
        }
    )


def _made(table: pl.DataFrame, sidecar: Sidecar | None = None) -> tuple[Prepared, tuple[Encoding, ...], Matrix]:
    source = validated(table, sidecar)
    outcome: Outcome = outcome_of(table["y"], kind_of(table["y"]), None)
    prepared = prepare(source, outcome, rows_limit=10**6, seed=0)
    plain = Encoding(column="shop", encoding="category", parts=("",), levels=("shop 0",), shares=(0.1,))
    encodings = with_typical([plain], table, outcome, prepared.division.train)
    matrix = without_own(
        encode(table[outcome.rows], encodings), encodings, table, outcome, division=prepared.division, seed=0
    )
    return prepared, encodings, matrix


def test_no_training_row_sees_its_own_outcome() -> None:
    table = _shops()
    prepared, encodings, matrix = _made(table)
    train, y = prepared.division.train, table["y"].to_numpy()
    assert matrix.names == ("shop", "shop (outcome)")
    naive = encode(table, encodings).values[train, 1]
    assert np.corrcoef(naive, y[train])[0, 1] > 0.2
    assert abs(np.corrcoef(matrix.values[train, 1], y[train])[0, 1]) < 0.1


def test_where_rows_are_in_the_order_of_time_only_earlier_ones_are_looked_at() -> None:
    table = _shops()
    prepared, _, matrix = _made(table, Sidecar(time_column="day"))
    train = prepared.division.train
    prior = float(table["y"].to_numpy()[train].mean())
    for position in (5, 200, 900):
        earlier = table[train[:position].tolist()].filter(pl.col("shop") == table["shop"][int(train[position])])[
            "y"
        ]
        expected = (float(earlier.sum()) + 5 * prior) / (earlier.len() + 5)
        assert matrix.values[train[position], 1] == pytest.approx(expected, abs=1e-5)


def test_a_training_row_does_not_see_what_its_own_group_comes_to() -> None:
    # Each shop serves one household, and rows of a household are alike: on other households it says nothing.
    rng = sampler(5)
    household = rng.integers(0, 40, 800)
    table = pl.DataFrame(
        {
            "household": household,
            "shop": [f"shop {number}" for number in household],
            "y": rng.normal(size=40)[household] + 0.1 * rng.normal(size=800),
        }
    )
    prepared, _, matrix = _made(table, Sidecar(group_column="household"))
    train = prepared.division.train
    assert prepared.division.kind == "group"
    assert matrix.values[train, 1] == pytest.approx(np.full(train.size, table["y"].to_numpy()[train].mean()))


def test_unseen_labels_come_to_what_all_rows_do_and_missing_ones_stay_missing() -> None:
    table = _shops()
    prepared, encodings, _ = _made(table)
    found = encode(pl.DataFrame({"shop": ["nowhere", None]}), encodings).values[:, 1]
    assert found[0] == pytest.approx(float(table["y"].to_numpy()[prepared.division.train].mean()), abs=1e-6)
    assert np.isnan(found[1])


@pytest.fixture(scope="module")
def many_shops() -> ModelReport:
    """The report on a model of 400 labels with 8 training rows each."""
    # 400 labels with means of deviation 1 among noise of deviation 1: half of the variance is to be had.
    rng = sampler(4)
    means, shop = rng.normal(size=400), rng.integers(0, 400, 4_000)
    table = pl.DataFrame(
        {
            "shop": [f"s{number}" for number in shop],
            "z": rng.normal(size=4_000),
            "y": means[shop] + rng.normal(size=4_000),
        }
    )
    return trained(table, "y")[1].report


def test_hundreds_of_labels_that_matter_are_learnt(many_shops: ModelReport) -> None:
    evaluation = many_shops.evaluation
    assert evaluation is not None
    assert evaluation.metrics["r2"] > 0.35
    assert "shop (outcome)" in {feature.name for feature in many_shops.features}


def test_the_learning_curve_knows_no_more_of_a_label_than_its_rows_tell(many_shops: ModelReport) -> None:
    # With k rows of a label, the best guess of its mean errs with variance 1 / (1 + k), and the noise's is 1. Of a
    # Poisson number of rows with mean r, 1 / (1 + k) is (1 - exp(-r)) / r on average.
    learning = many_shops.learning
    assert learning is not None
    for point in learning.points:
        rows = point.rows / 400
        best = math.sqrt(1 + (1 - math.exp(-rows)) / rows)
        assert point.score > 0.96 * best, point.rows
