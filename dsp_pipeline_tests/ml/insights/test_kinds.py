"""Effects of every kind, planted into noise at a size that is plain, are told, with numbers that come back."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from dsp_pipeline_tests.ml.insights.samples import NO_MODEL, insights_of, of_type
from dsp_pipeline_tests.ml.insights.test_evidence import check
from dsp_pipeline_tests.performance.bench_insights import judged
from dsp_pipeline_tests.performance.planted import MIDDLE, PLANTS, Plant, planted

PLAIN = 3


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.kind)
def test_a_planted_effect_is_told_and_its_numbers_come_back(plant: Plant) -> None:
    frame = planted(plant, PLAIN, seed=11)
    made = insights_of(frame)
    assert judged(plant, made).subject
    check(made, frame)


def test_what_was_searched_for_says_how_many_rows_confirmed_it() -> None:
    plant = next(plant for plant in PLANTS if plant.kind == "commonness")
    found = of_type(insights_of(planted(plant, PLAIN, seed=11)), "commonness")[0]
    assert found.confirmed_on == 1_500
    assert found.ci is not None
    assert found.ci[0] < found.effect < found.ci[1]


def test_the_one_shop_of_four_that_doubled_is_named() -> None:
    plant = next(plant for plant in PLANTS if plant.kind == "attribution")
    # In half of these rows its part in the rise could not be told from chance among 236 tests.
    (found,) = of_type(insights_of(planted(plant, MIDDLE, seed=18_472)), "attribution")
    assert found.subspace == {"shop": "s2"}
    assert found.q is not None
    assert found.q < 0.01


def test_a_week_apart_by_six_times_its_error_is_named() -> None:
    plant = next(plant for plant in PLANTS if plant.kind == "unusual_point")
    # 1.6 standard deviations of single values, in a week of some thirty of them.
    # In the second table its ranks, which say less of how far out single values are, did not suffice.
    for seed in (18_467, 17_592):
        (found,) = of_type(insights_of(planted(plant, MIDDLE, seed=seed)), "unusual_point")
        assert found.subspace == {"week": "the week of 2022-12-19"}


def test_a_rise_that_its_weeks_prove_is_told_by_months() -> None:
    plant = next(plant for plant in PLANTS if plant.kind == "trend")
    # By its 23 months alone, among 149 tests, it could not be told from chance.
    (found,) = of_type(insights_of(planted(plant, MIDDLE, seed=17_922)), "trend")
    assert "(February 2022 to August 2022)" in found.statement
    assert found.q is not None
    assert found.q < 0.001
    assert found.ci is not None
    assert found.ci[0] > 0


def test_a_chart_of_shares_shows_the_numbers_that_are_told() -> None:
    rng = np.random.default_rng(4)
    complaints = rng.integers(0, 4, 2_000)
    frame = pl.DataFrame({"complaints": complaints, "churned": rng.random(2_000) < 0.1 + 0.2 * complaints})
    made = insights_of(frame, model=NO_MODEL.model_copy(update={"target": "churned"}))
    insight = next(i for i in of_type(made, "group_difference") if i.columns == ["churned", "complaints"])
    shown = {point.label: round(point.value, 1) for point in insight.chart.points}
    real = frame.group_by("complaints").agg(pl.col("churned").mean() * 100).sort("complaints")["churned"]
    assert shown == {
        label: round(value, 1)
        for label, value in zip(("0 complaints", "1 complaint", "2 complaints", "3 complaints"), real, strict=True)
    }
    told = [point.label for point in insight.chart.points if point.told]
    assert told == ["3 complaints", "0 complaints"]
    assert insight.chart.value_title == "% of churned rows"
    assert insight.action_kind == "segment"


def test_wandering_series_have_no_levels_turns_or_forecasts() -> None:
    told = 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        days = pl.date_range(pl.date(2021, 1, 1), pl.date(2022, 12, 31), eager=True)
        walk = np.cumsum(rng.normal(size=len(days)))
        made = insights_of(pl.DataFrame({"day": days, "price": 100 + walk}))
        told += any(i.type in {"change_point", "trend_change", "forecast", "trend"} for i in made.insights)
    assert told <= 2


def test_small_tables_have_five_insights_too() -> None:
    rng = np.random.default_rng(0)
    frame = pl.DataFrame({f"column {i}": rng.normal(size=12) for i in range(6)})
    assert len(insights_of(frame).insights) >= 5
