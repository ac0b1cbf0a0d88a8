import dataclasses
import datetime as dt
import json
from typing import Any

import numpy as np
import polars as pl
import pytest

from dsp_pipeline.core.artifacts.what_if import WhatIf, WhatIfColumn
from dsp_pipeline.core.numbers import plain
from dsp_pipeline.core.sidecar import Sidecar
from dsp_pipeline.dashboard.escaping import script_json
from dsp_pipeline.dashboard.sections import rows
from dsp_pipeline.dashboard.view import TableView
from dsp_pipeline_tests.dashboard import factory


def embedded(frame: pl.DataFrame, **more: Any) -> tuple[TableView, dict[str, Any]]:
    table = rows.table(factory.case(frame, **more).material())
    return table, json.loads(script_json(table.data))


def test_a_small_table_is_embedded_whole_and_just_as_it_is() -> None:
    frame = factory.orders(300)
    table, data = embedded(frame)
    assert table.note == "All 300 rows."
    assert data["names"] == frame.columns
    assert data["places"] == list(range(1, 301))
    assert data["columns"][frame.columns.index("amount")] == frame["amount"].to_list()
    assert data["columns"][frame.columns.index("note")] == frame["note"].to_list()
    assert data["columns"][frame.columns.index("returned")][0] in {"true", "false"}


def test_a_large_table_is_a_sample_that_says_so_and_keeps_the_files_order() -> None:
    frame = pl.DataFrame({"n": range(20_000)})
    table, data = embedded(frame)
    assert table.rows == len(data["places"]) == 2_000
    assert "A random sample of 2,000 of 20,000 rows" in plain(table.note)
    assert data["places"] == sorted(data["places"])
    assert [place - 1 for place in data["places"]] == data["columns"][0]


def test_the_sample_is_the_owners_seeds() -> None:
    frame = pl.DataFrame({"n": range(20_000)})
    assert embedded(frame)[1] == embedded(frame)[1]
    other = embedded(frame, sidecar=Sidecar(seed=7))
    assert other[1] != embedded(frame)[1]
    assert "seed 7" in other[0].note


def test_rare_classes_are_in_the_sample() -> None:
    target = ["common"] * 19_990 + ["rare"] * 7 + [None] * 3
    frame = pl.DataFrame({"n": range(20_000), "target": target})
    table, data = embedded(frame, model=factory.binary_model("target"))
    shown = data["columns"][1]
    assert shown.count("rare") == 5
    assert shown.count(None) == 3
    assert shown.count("common") == 1_999
    assert "each class in its share" in table.note


def test_each_tenth_of_a_predicted_quantity_is_in_the_sample_in_its_share() -> None:
    rng = np.random.default_rng(1)
    prices = [
        None if place % 5_000 == 0 else float(price) for place, price in enumerate(rng.lognormal(3, 2, 20_000))
    ]
    frame = pl.DataFrame({"n": range(20_000), "price": prices})
    table, data = embedded(frame, model=factory.regression_model("price"))
    shown = [price for price in data["columns"][1] if price is not None]
    edges = np.nanquantile(np.array(prices, dtype=float), np.linspace(0, 1, 11))
    assert np.histogram(shown, bins=edges)[0].tolist() == pytest.approx([200] * 10, abs=1)
    assert data["columns"][1].count(None) == 4
    assert "each tenth of price, by rank, in its share, at least five" in table.note


def test_without_a_target_rare_values_of_the_most_connected_category_are_in_the_sample() -> None:
    grades = ["rare" if place % 2_500 == 0 else "usual" for place in range(20_000)]
    frame = pl.DataFrame(
        {
            "colour": ["red", "blue"] * 10_000,
            "grade": grades,
            "worth": [900.0 + place % 7 if grade == "rare" else place % 11 for place, grade in enumerate(grades)],
        }
    )
    table, data = embedded(frame)
    assert data["columns"][1].count("rare") == 5
    assert "each value of grade in its share, at least five" in table.note


def test_texts_that_the_model_reads_otherwise_than_they_are_shown_are_listed() -> None:
    case = factory.case(
        pl.DataFrame(
            {
                "note": ["as it is", "cut " * 100, None, "write to jane.roe@example.com"] * 10,
                "unread": ["cut " * 100] * 40,
            }
        )
    )
    read = WhatIf(model=None, columns=[WhatIfColumn(name="note", control="text")])
    told = case.explanations.model_copy(update={"what_if": read})
    table = rows.table(dataclasses.replace(case, explanations=told).material())
    altered = json.loads(script_json(table.data))["altered"]
    assert altered == {"note": [row for row in range(40) if row % 4 in {1, 3}]}


def test_a_wide_table_is_cut_and_says_so() -> None:
    frame = pl.DataFrame({f"c{place}": [place] * 900 for place in range(600)})
    table, data = embedded(frame)
    assert len(data["columns"]) == rows.MOST_COLUMNS
    assert table.rows * rows.MOST_COLUMNS <= rows.SAMPLE_CELLS
    assert "The first 200 of 600 columns." in table.note


def test_values_that_json_cannot_hold_are_text() -> None:
    frame = pl.DataFrame(
        {
            "big": [2**60, 1, None],
            "odd": [float("nan"), float("-inf"), 0.5],
            "day": [dt.date(2024, 1, 2), None, None],
            "at": [dt.datetime(2024, 1, 2, 3, 4, 5), None, None],  # noqa: DTZ001 - tables hold times without a zone
            "midnight": [dt.datetime(2024, 1, 2), None, None],  # noqa: DTZ001
            "time": [dt.time(3, 4), None, None],
        }
    )
    _, data = embedded(frame)
    columns = dict(zip(data["names"], data["columns"], strict=True))
    assert columns["big"] == [str(2**60), 1, None]
    assert columns["odd"] == ["NaN", "-Infinity", 0.5]
    assert columns["day"][0] == "2024-01-02"
    assert columns["at"][0] == "2024-01-02 03:04:05"
    assert columns["midnight"][0] == "2024-01-02"
    assert columns["time"][0] == "03:04:00"
    assert data["kinds"] == ["number", "number", "text", "text", "text", "text"]


@pytest.mark.parametrize("length", [300, 301, 1_000_000])
def test_a_long_cell_is_cut_and_says_how_long_it_was(length: int) -> None:
    _, data = embedded(pl.DataFrame({"text": ["x" * length, "y"]}))
    cell = data["columns"][0][0]
    assert len(cell) < 340
    assert ("characters)" in cell) == (length > 300)
