"""Groups too small to be compared are not taken for absent: what is said of the others says so."""

from __future__ import annotations

import numpy as np
import polars as pl

from dsp_pipeline.ml.insights.gaps import MissingWhere
from dsp_pipeline.ml.insights.interactions import Interaction
from dsp_pipeline.ml.insights.outlying import CategoryOutlier
from dsp_pipeline.ml.insights.sibling_exceptions import SiblingException
from dsp_pipeline.ml.insights.siblings import Commonness
from dsp_pipeline.ml.insights.standing import OutstandingFirst
from dsp_pipeline_tests.ml.insights.samples import told_by

LARGE = {f"s{place}": 300 for place in range(8)}
WITH_A_SMALL_ONE = {**LARGE, "tiny": 8}


def _shops(sizes: dict[str, int], heights: dict[str, float]) -> pl.DataFrame:
    """Rows of shops, and a price that is higher in some of them."""
    rng = np.random.default_rng(0)
    shop = np.repeat(list(sizes), list(sizes.values()))
    price = 50 + rng.normal(size=len(shop)) + np.array([heights.get(str(name), 0.0) for name in shop])
    return pl.DataFrame({"shop": shop, "price": price})


def test_the_highest_of_those_compared_is_not_called_the_highest_of_all() -> None:
    [found] = told_by(OutstandingFirst(), _shops(WITH_A_SMALL_ONE, {"s3": 3, "tiny": 9}))
    assert found.statement.startswith("The average price is by far the highest for shop s3: 52.9, against ")
    assert found.statement.endswith(" Values of shop with too few rows to compare are left out.")
    assert found.action.endswith(": no other compared value of shop is as high.")
    assert "shop tiny" not in {point.label for point in found.chart.points}


def test_small_groups_that_lie_below_are_no_matter() -> None:
    [found] = told_by(OutstandingFirst(), _shops(WITH_A_SMALL_ONE, {"s3": 3, "tiny": -9}))
    assert "left out" not in found.statement
    assert found.action.endswith(": no other value of shop is as high.")


def test_a_lead_that_tests_find_is_not_called_far_where_it_is_small() -> None:
    [found] = told_by(OutstandingFirst(), _shops(LARGE, {"s3": 0.7}))
    assert found.statement.startswith("The average price is clearly the highest for shop s3: ")


def test_a_group_that_stands_apart_is_set_against_those_that_could_be_compared() -> None:
    [small] = told_by(CategoryOutlier(), _shops(WITH_A_SMALL_ONE, {"s3": 3, "tiny": 9}))
    assert small.statement.endswith(" for each of the other 7 compared values of shop.")
    [every] = told_by(CategoryOutlier(), _shops(LARGE, {"s3": 3}))
    assert every.statement.endswith(" for each of the other 7 values of shop.")


def _towns(turned: str = "") -> pl.DataFrame:
    """Members pay more in each of six towns but perhaps one; three more towns have hardly any rows."""
    rng = np.random.default_rng(5)
    town = np.array([*(f"t{place}" for place in range(6) for _ in range(400)), *["u", "v", "w"] * 5])
    kind = rng.choice(["gold", "plain"], len(town))
    more = np.where(np.isin(town, [turned, "u", "v", "w"]), -1.0, 1.0)
    spend = 9 + rng.normal(size=len(town)) + more * (kind == "gold")
    return pl.DataFrame({"town": town, "kind": kind, "spend": spend})


def test_what_holds_everywhere_says_where_it_was_looked_for() -> None:
    [found] = told_by(Commonness(), _towns())
    assert found.statement.startswith("The average spend is higher for kind gold than for kind plain in all ")
    assert " in all 6 compared values of town, by " in found.statement


def test_an_exception_is_one_of_the_values_that_were_compared() -> None:
    [found] = told_by(SiblingException(), _towns("t2"))
    assert " in 5 of the 6 compared values of town, but " in found.statement


def test_a_group_is_said_to_differ_from_all_others_together_where_that_is_what_was_compared() -> None:
    frame = _towns()
    kind = np.where(np.arange(frame.height) % 3 == 0, "basic", frame["kind"].to_numpy())
    [found] = told_by(Commonness(), frame.with_columns(kind=pl.Series(kind)))
    assert " for kind gold than for all other values of kind together in all 6 compared values of town, " in (
        found.statement
    )


def test_a_meeting_of_two_labels_is_set_against_all_others() -> None:
    rng = np.random.default_rng(0)
    town, brand = (rng.choice([f"{name}{place}" for place in range(4)], 4_000) for name in ("t", "b"))
    spend = rng.normal(9, 1, 4_000) + 2 * ((town == "t1") & (brand == "b1"))
    [found] = told_by(Interaction(), pl.DataFrame({"town": town, "brand": brand, "spend": spend}))
    assert found.statement == (
        "The average spend for town t1 is 11.1 for brand b1, against 8.98 for all other values of town together; "
        "without brand b1 the two are only 9.04 and 8.99."
    )


def test_where_most_is_missing_is_said_of_groups_that_could_be_compared() -> None:
    rng = np.random.default_rng(0)
    frame = _shops(WITH_A_SMALL_ONE, {})
    often = frame["shop"].is_in(["s3"]).to_numpy() & (rng.random(frame.height) < 0.4)
    gone = often | (frame["shop"] == "tiny").to_numpy()
    [found] = told_by(MissingWhere(), frame.with_columns(price=pl.when(~pl.Series(gone)).then("price")))
    assert found.statement.startswith("Price is missing most often for shop s3: in ")
    assert found.statement.endswith(" of all. Values of shop with too few rows to compare are left out.")
    assert found.action.endswith(": dropping these rows would take more of shop s3 than of the others.")
