import datetime as dt
import json
from typing import Any

import polars as pl
import pytest

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
    assert "A random sample of 2,000 of 20,000 rows" in table.note
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
