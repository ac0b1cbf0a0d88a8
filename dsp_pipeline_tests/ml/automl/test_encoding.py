"""Columns become inputs in the same way in training and on new rows."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.ml.automl.effort import plan_effort
from dsp_pipeline.ml.automl.encoding import encode
from dsp_pipeline.ml.automl.features import Encoding, choose_encodings, described
from dsp_pipeline_tests.ml.automl.tables import kind_of, sampler


def _chosen(table: pl.DataFrame, *, keeps_trend: bool = True) -> tuple[list[Encoding], dict[str, str]]:
    kinds = {name: kind_of(table[name]) for name in table.columns}
    encodings, excluded = choose_encodings(table, kinds, {}, keeps_trend=keeps_trend)
    return encodings, {each.column: each.reason for each in excluded}


def test_dates_become_parts_and_lose_the_trend_where_the_future_judges() -> None:
    days = [dt.datetime(2023, 12, 30) + dt.timedelta(hours=31 * index) for index in range(60)]  # noqa: DTZ001
    table = pl.DataFrame({"at": days})
    encodings, _ = _chosen(table)
    assert "at (days)" in encodings[0].names
    matrix = encode(table, encodings)
    first = dict(zip(matrix.names, matrix.values[0].tolist(), strict=True))
    # 30 December 2023 was a Saturday, the sixth day of the ISO week, and day 364 of the year.
    assert (first["at (weekday)"], first["at (day of year)"], first["at (hour)"]) == (6, 364, 0)
    assert first["at (days)"] == (dt.date(2023, 12, 30) - dt.date(1970, 1, 1)).days
    without, _ = _chosen(table, keeps_trend=False)
    assert {"at (days)", "at (year)"} & set(without[0].names) == set()


def test_many_labels_are_capped_and_their_frequency_kept() -> None:
    rng = sampler(0)
    plane = [f"N{index}" for index in rng.zipf(1.3, 4_000) % 180]
    encodings, _ = _chosen(pl.DataFrame({"plane": plane}))
    assert len(encodings[0].levels) <= 128
    assert encodings[0].has_other
    assert encodings[0].names == ("plane", "plane (frequency)")
    fresh = encode(pl.DataFrame({"plane": [encodings[0].levels[0], "never seen", None]}), encodings)
    assert fresh.values[0].tolist() == [0.0, pytest.approx(encodings[0].shares[0])]
    assert fresh.values[1].tolist() == [len(encodings[0].levels), 0.0]
    assert np.isnan(fresh.values[2]).all()


def test_free_text_is_counted_and_short_repeated_text_is_a_label() -> None:
    rng = sampler(1)
    notes = [f"order number {index} came late again" for index in range(300)]
    notes[0] = notes[1]
    city = [f"city {index}" for index in rng.integers(0, 12, 300)]
    table = pl.DataFrame({"notes": notes, "city": city})
    encodings, _ = choose_encodings(
        table, {"notes": ColumnKind.TEXT, "city": ColumnKind.TEXT}, {}, keeps_trend=True
    )
    assert [each.encoding for each in encodings] == ["text", "category"]
    assert encode(table.head(1), encodings).values[0, :3].tolist() == [
        len(notes[0]),
        len(notes[0].split()),
        1,
    ]


def test_columns_that_can_be_no_input_say_why() -> None:
    table = pl.DataFrame(
        {"id": range(30), "one": [1] * 30, "none": pl.Series([None] * 30, dtype=pl.Int64), "x": np.arange(30) / 7}
    )
    encodings, excluded = _chosen(table)
    assert [each.column for each in encodings] == ["x"]
    assert set(excluded) == {"id", "one", "none"}
    assert "identifies rows" in excluded["id"]


def test_being_missing_beside_a_single_value_is_an_input() -> None:
    table = pl.DataFrame({"ended": ["yes", None] * 30})
    encodings, _ = choose_encodings(table, {"ended": ColumnKind.CONSTANT}, {}, keeps_trend=True)
    assert [each.column for each in encodings] == ["ended"]


def test_an_encoding_survives_its_json() -> None:
    table = pl.DataFrame(
        {"c": ["a", "b", "a"] * 20, "t": [dt.time(1, 2, 3), dt.time(4), None] * 20, "f": [True, False, None] * 20}
    )
    encodings, _ = _chosen(table)
    again = [Encoding.model_validate_json(each.model_dump_json()) for each in encodings]
    assert np.array_equal(encode(table, again).values, encode(table, encodings).values, equal_nan=True)
    assert [feature.column for feature in described(again)] == ["c", "t", "f"]
    assert encode(table.head(1), again).values.tolist() == [[0.0, 3723.0, 1.0]]


def test_effort_grows_with_the_budget_and_shrinks_with_the_table() -> None:
    plain = plan_effort(15, 1, None)
    assert plain.rows == 200_000
    assert plan_effort(15, 1, 1.0).rows < plain.rows
    assert plan_effort(15, 1, 1.0).rounds < plain.rounds
    assert plan_effort(1_500, 1, None).rows < plain.rows
    assert plan_effort(15, 20, None).rounds < plain.rounds
    assert plan_effort(3_000, 1, None).inputs == 400
