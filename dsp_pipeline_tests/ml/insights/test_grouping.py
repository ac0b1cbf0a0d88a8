"""What patterns share about groups of rows is what Polars and SciPy make of the same rows."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy import stats

from dsp_pipeline.ml.insights.groups import GroupDifference
from dsp_pipeline.ml.insights.view import View
from dsp_pipeline.ml.statistics.profile import build_profile
from dsp_pipeline_tests.ml.insights.samples import NO_EXPLANATIONS, NO_MODEL
from dsp_pipeline_tests.ml.tables import validated


@pytest.fixture
def gappy() -> pl.DataFrame:
    """Two columns of labels and a measure, each with gaps of its own."""
    rng = np.random.default_rng(4)
    shop = rng.choice(["a", "b", "c", ""], 800, p=[0.5, 0.2, 0.2, 0.1])
    town = rng.choice(["x", "y", ""], 800)
    price = pl.Series(rng.gamma(2, 5, 800) + 3 * (shop == "b")).set(pl.Series(rng.random(800) < 0.2), None)
    frame = pl.DataFrame({"shop": shop, "town": town, "price": price})
    return frame.with_columns(pl.col("shop", "town").replace("", None))


def view_of(frame: pl.DataFrame) -> View:
    """The frame as patterns see it."""
    table = validated(frame)
    return View(table, build_profile(table), NO_MODEL, NO_EXPLANATIONS)


def test_rows_without_a_label_or_a_value_count_nowhere(gappy: pl.DataFrame) -> None:
    """Counts and sums by one column, and counts by two, are those of complete rows."""
    view = view_of(gappy)
    price = view.every_measure["price"]
    shop, town = (next(each for each in view.breakdowns if each.name == name) for name in ("shop", "town"))
    known = gappy.drop_nulls(["shop", "price"])
    by_shop = {row[0]: row[1:] for row in known.group_by("shop").agg(pl.len(), pl.col("price").sum()).iter_rows()}
    counts, sums = shop.grouping.rows_with(price), shop.grouping.sums(price.filled)
    assert {name: (n, pytest.approx(s)) for name, n, s in zip(shop.levels, counts, sums, strict=True)} == by_shop
    both = {row[:2]: row[2] for row in known.drop_nulls("town").group_by("shop", "town").len().iter_rows()}
    crossed = view.crossed_with(price, shop, town)
    assert both == {(a, b): crossed[i, j] for i, a in enumerate(shop.levels) for j, b in enumerate(town.levels)}
    assert (view.crossed_with(price, town, shop) == crossed.T).all()


def test_groups_of_a_gappy_measure_are_tested_by_kruskal_and_wallis(gappy: pl.DataFrame) -> None:
    """The p is SciPy's of the rows with a value."""
    labelled = gappy.drop_nulls("shop")
    found = next(one for one in GroupDifference().measure(view_of(labelled)) if one.columns == ("price", "shop"))
    known = labelled.drop_nulls("price")
    groups = [part["price"].to_numpy() for part in known.partition_by("shop")]
    assert found.n == known.height
    assert found.p == pytest.approx(stats.kruskal(*groups).pvalue, rel=1e-9)
