"""Columns that give the target away are found, and those that merely predict it are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from dsp_pipeline_tests.ml.automl.tables import bundled, sampler, trained

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.model import ModelReport


def _report(table: pl.DataFrame, target: str) -> ModelReport:
    return trained(table, target)[1].report


def _leaks(table: pl.DataFrame, target: str) -> dict[str, str]:
    return {leak.column: leak.evidence for leak in _report(table, target).leakage}


def _inputs(rows: int = 500) -> dict[str, np.ndarray]:
    rng = sampler(7)
    return {"a": rng.normal(size=rows), "b": rng.normal(size=rows)}


def test_a_copy_of_the_target_is_left_out_and_the_score_is_the_honest_one() -> None:
    table = bundled("breast_cancer").with_columns((1 - pl.col("target")).alias("discharge_code"))
    report = _report(table, "target")
    assert [leak.column for leak in report.leakage] == ["discharge_code"]
    assert "alone it explains" in report.leakage[0].evidence
    assert "discharge_code" not in {feature.column for feature in report.features}
    assert report.leaderboard[0].holdout > 0.03


def test_a_nearly_exact_copy_that_stands_out_is_found() -> None:
    rng = sampler(8)
    table = bundled("breast_cancer").select("mean texture", "mean smoothness", "target")
    flipped = np.where(
        rng.random(table.height) < 0.015, 1 - table["target"].to_numpy(), table["target"].to_numpy()
    )
    assert set(_leaks(table.with_columns(pl.Series("closed", flipped)), "target")) == {"closed"}


def test_a_total_that_contains_the_target_is_found_though_no_column_gives_it_away() -> None:
    parts = _inputs()
    rng = sampler(9)
    rent = parts["a"] + rng.normal(size=500) + 5
    food = rng.normal(size=500) * 3
    leaks = _leaks(pl.DataFrame({**parts, "food": food, "total": rent + food, "rent": rent}), "rent")
    assert len(leaks) == 1
    assert "a sum or difference of" in next(iter(leaks.values()))
    assert set(leaks) <= {"food", "total"}


def test_a_ratio_that_computes_the_target_is_found() -> None:
    rng = sampler(10)
    height, bmi = rng.uniform(1.5, 2, 500), rng.uniform(18, 35, 500)
    table = pl.DataFrame({**_inputs(), "height": height, "weight": bmi * height**2, "bmi": bmi})
    leaks = _leaks(table, "bmi")
    assert len(leaks) == 1
    assert "a product or ratio of" in next(iter(leaks.values()))


def _clock(minutes: np.ndarray) -> np.ndarray:
    """Minutes since midnight as airports write them: 1745 for a quarter to six in the afternoon."""
    return np.asarray(minutes // 60 % 24 * 100 + minutes % 60, np.int64)


def _departures(rows: int = 1_200) -> pl.DataFrame:
    """Flights as their airport writes them: clock times as numbers such as 1745, delays in minutes."""
    rng = sampler(11)
    planned = rng.integers(6 * 60, 20 * 60, rows)
    dep_delay = np.round(rng.exponential(20, rows) - 5)
    flown = rng.integers(60, 180, rows)
    arr_delay = dep_delay + np.round(rng.normal(scale=12, size=rows))
    due = planned + flown
    table = pl.DataFrame(
        {
            "sched_dep_time": _clock(planned),
            "dep_time": _clock(planned + dep_delay),
            "dep_delay": dep_delay,
            "sched_arr_time": _clock(due),
            "arr_time": _clock(due + arr_delay),
            "arr_delay": arr_delay,
            "air_time": flown.astype(float),
            "distance": flown * 8.0 + rng.normal(scale=60, size=rows),
        }
    )
    # Some flights leave the gate and never arrive, so the departure is known more often than the arrival.
    cancelled, turned_back = rng.random(rows) < 0.04, rng.random(rows) < 0.02
    departed, arrived = pl.Series(~cancelled), pl.Series(~cancelled & ~turned_back)
    return table.with_columns(
        *(pl.when(departed).then(pl.col(name)).alias(name) for name in ("dep_time", "dep_delay")),
        *(pl.when(arrived).then(pl.col(name)).alias(name) for name in ("arr_time", "arr_delay", "air_time")),
    )


def test_arrival_delay_is_not_predicted_from_what_is_known_after_departure() -> None:
    leaks = _leaks(_departures(), "arr_delay")
    assert {"dep_delay", "arr_time", "dep_time", "air_time"} <= set(leaks)
    assert "sched_dep_time" not in leaks
    assert "distance" not in leaks
    assert "missing in just the rows" in leaks["air_time"]


@pytest.mark.parametrize("name", ["breast_cancer", "diabetes", "iris", "wine"])
def test_real_tables_without_a_leak_raise_no_alarm(name: str) -> None:
    assert _leaks(bundled(name), "target") == {}


def test_one_strong_cause_of_a_quantity_is_no_leak() -> None:
    rng = sampler(12)
    miles = rng.exponential(5, 600)
    fare = 3 + 2.5 * miles + rng.normal(scale=1.5, size=600)
    assert _leaks(pl.DataFrame({**_inputs(600), "miles": miles, "fare": fare}), "fare") == {}


def test_the_time_of_the_event_that_is_late_gives_its_delay_away_and_planned_times_do_not() -> None:
    rng = sampler(9)
    delay = rng.normal(scale=20, size=800)
    planned = rng.integers(300, 1_400, 800)
    table = pl.DataFrame(
        {
            "sched_arr_time": planned,
            "dep_time": planned - rng.integers(60, 300, 800),
            "arr_time": planned + delay.round().astype(np.int64) + rng.integers(-90, 90, 800),
            "carrier": rng.choice(["a", "b"], 800),
            "arr_delay": delay,
        }
    )
    _, model = trained(table, "arr_delay")
    leaks = {leak.column: leak.evidence for leak in model.report.leakage}
    assert leaks == {"arr_time": "it is the time of the event that 'arr_delay' is about"}
