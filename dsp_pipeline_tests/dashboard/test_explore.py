"""The embedded table: every row's level is what Polars says it is, and the file keeps to its size."""

from __future__ import annotations

import datetime as dt
import itertools
import zlib
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from dsp_pipeline.core.artifacts.insights import ChartHint, Insights
from dsp_pipeline.core.sidecar import Sidecar
from dsp_pipeline.dashboard.explore import categories, numbers, times
from dsp_pipeline.dashboard.explore import table as explored
from dsp_pipeline.dashboard.explore.coding import bits_for, packed, tried
from dsp_pipeline.dashboard.explore.links import link
from dsp_pipeline.dashboard.explore.table import LIMITS, budget_for, embedded
from dsp_pipeline.dashboard.explore.view import explore_view
from dsp_pipeline_tests.dashboard import factory, hostile

if TYPE_CHECKING:
    from dsp_pipeline.dashboard.explore.levels import Levels
    from dsp_pipeline.dashboard.explore.table import EmbeddedTable


def counted(levels: Levels, values: pl.Series) -> list[int]:
    """Rows by level."""
    return [int(rows) for rows in np.bincount(levels.codes(values), minlength=levels.count)]


def unpacked(data: bytes, bits: int, rows: int) -> list[int]:
    """The levels that a browser reads from a column's bytes."""
    held = zlib.decompress(data)
    together = 8 // bits
    return [held[row // together] >> bits * (row % together) & ((1 << bits) - 1) for row in range(rows)]


def the_table() -> EmbeddedTable:
    """The orders, embedded."""
    table = embedded(factory.case().material())
    assert table is not None
    return table


@pytest.mark.parametrize("most", LIMITS)
@pytest.mark.parametrize("low", [-3.7e-9, 0.25, -1e12])
def test_ranges_of_numbers_hold_what_polars_counts_between_their_edges(most: int, low: float) -> None:
    random = np.random.default_rng(4)
    values = pl.Series("v", low + np.abs(low) * random.lognormal(0, 1.5, 3_000)).extend_constant(None, 7)
    divide = numbers.divider(values, distinct=3_000)
    assert divide is not None
    levels = divide(most)
    edges = [float(bound) for bound in levels.bounds]
    frame = values.to_frame()
    expected = [
        frame.filter(pl.col("v").is_between(start, end, closed="both" if end == edges[-1] else "left")).height
        for start, end in itertools.pairwise(edges)
    ]
    assert counted(levels, values) == [*expected, 7]
    assert sum(expected) == 3_000
    assert levels.count <= most


def test_a_long_tail_is_one_range_and_the_centre_has_round_edges() -> None:
    values = pl.Series("v", [*np.linspace(0.3, 99.1, 2_000).tolist(), 5e6])
    divide = numbers.divider(values, distinct=2_001)
    assert divide is not None
    assert factory.plainly(divide(24).labels) == (*(str(edge) for edge in range(0, 101, 5)), "5,000,000")


@pytest.mark.parametrize(
    "values",
    [
        4e15 + np.arange(10_000.0),
        100 + np.random.default_rng(3).uniform(-1e-11, 1e-11, 300),
        1e16 + 2 * np.arange(300.0),
    ],
)
def test_long_numbers_that_differ_in_their_last_digits_are_told_apart(values: np.ndarray) -> None:
    column = pl.Series("x", values)
    divide = numbers.divider(column, distinct=len(values))
    assert divide is not None
    levels = divide(40)
    edges = [float(bound) for bound in levels.bounds]
    assert edges == sorted(set(edges))
    assert max(counted(levels, column)) < len(values) / 4


def test_numbers_further_apart_than_a_double_can_say_are_not_explored() -> None:
    assert numbers.divider(pl.Series("x", np.linspace(-1, 1, 300) * 1.7e308), distinct=300) is None


def test_few_numbers_stand_for_themselves_and_infinities_are_missing() -> None:
    values = pl.Series("v", [3.0, 1.0, 2.0, 2.0, 0.5, float("inf"), float("nan"), None])
    divide = numbers.divider(values, distinct=7)
    assert divide is not None
    levels = divide(8)
    assert (factory.plainly(levels.labels), levels.ranges, levels.missing) == (("0.5", "1", "2", "3"), False, True)
    assert counted(levels, values) == [1, 1, 2, 1, 3]


@pytest.mark.parametrize(
    ("span", "label"),
    [
        (dt.timedelta(minutes=20), "2023-12-30 22:11"),
        (dt.timedelta(hours=30), "2023-12-30 22:00"),
        (dt.timedelta(days=20), "2023-12-30"),
        (dt.timedelta(days=300), "2023-12"),
        (dt.timedelta(days=9_000), "2023"),
        (dt.timedelta(days=2_900_000), "2000"),
    ],
)
def test_steps_of_time_hold_what_polars_counts_between_them(span: dt.timedelta, label: str) -> None:
    start = dt.datetime(2023, 12, 30, 22, 11)  # noqa: DTZ001 - tables hold times without a zone
    share = np.random.default_rng(2).random(500)
    values = pl.Series("v", [start, *(start + span * float(part) for part in share), start + span, None])
    divide = times.divider(values)
    assert divide is not None
    levels = divide(32)
    edges = pl.Series(levels.bounds).str.to_datetime("%Y-%m-%dT%H:%M:%S").to_list()
    expected = [values.is_between(one, other, closed="left").sum() for one, other in itertools.pairwise(edges)]
    assert counted(levels, values) == [*expected, 1]
    assert sum(expected) == 502
    assert levels.labels[0] == label
    assert 4 <= levels.count <= 32


def test_times_of_day_and_dates_are_divided_too() -> None:
    clock = pl.Series("v", [dt.time(8, 5), dt.time(23, 59), None])
    divide = times.divider(clock)
    assert divide is not None
    levels = divide(40)
    assert (levels.labels[0], levels.labels[-1]) == ("08:00", "00:00")
    assert counted(levels, clock)[0] == counted(levels, clock)[-2] == counted(levels, clock)[-1] == 1
    assert times.divider(pl.Series("v", [dt.date(2024, 1, 1)] * 3)) is None


def test_the_commonest_labels_come_first_and_all_others_together() -> None:
    values = pl.Series("v", ["a"] * 9 + ["b"] * 20 + [f"rare {place}" for place in range(30)] + [None] * 2)
    divide = categories.divider(values, str)
    assert divide is not None
    levels = divide(8)
    assert levels.labels[:2] == ("b", "a")
    assert (levels.named, levels.others) == (6, 26)
    assert counted(levels, values) == [20, 9, 1, 1, 1, 1, 26, 2]
    assert categories.divider(pl.Series("v", [f"{place}" for place in range(5_000)]), str) is None


@pytest.mark.parametrize("levels", [2, 3, 4, 5, 16, 17, 40])
@pytest.mark.parametrize("rows", [1, 7, 1_000])
def test_what_is_packed_is_read_back_row_by_row(levels: int, rows: int) -> None:
    codes = np.random.default_rng(levels).integers(0, levels, rows).astype(np.uint8)
    coder, size = tried(codes, levels)
    data = coder.coded(codes)
    assert len(data) == size
    assert unpacked(data, coder.bits, rows) == codes.tolist()
    assert len(packed(codes, bits_for(levels))) == -(-rows * bits_for(levels) // 8)


def test_every_row_of_every_embedded_column_is_there() -> None:
    table, frame = the_table(), factory.orders()
    assert [column.levels.name for column in table.columns] == [
        name for name in frame.columns if name not in {"order_id", "currency"}
    ]
    assert table.plain == ("order_id", "currency")
    for column in table.columns:
        bits = column.described["bits"]
        assert isinstance(bits, int)
        codes = unpacked(column.data, bits, table.rows)
        assert column.described["counts"] == np.bincount(codes, minlength=column.levels.count).tolist()
        if column.levels.kind == "category":
            labels = [*column.levels.labels, *([None] if column.levels.missing else [])]
            texts = frame[column.levels.name].cast(pl.String).to_list()
            assert [labels[code] for code in codes] == texts


def test_a_larger_table_gets_wider_ranges_so_that_the_file_stays_small() -> None:
    random = np.random.default_rng(0)
    table = embedded(
        factory.case(pl.DataFrame({f"c{place}": random.random(70_000) for place in range(18)})).material()
    )
    assert table is not None
    assert LIMITS[0] > table.most_levels > LIMITS[-1]
    assert len(table.columns) == 18
    assert sum(len(column.data) for column in table.columns) <= 1.02 * budget_for(18 * 70_000)


def test_columns_that_do_not_fit_are_named_and_the_target_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explored, "budget_for", lambda cells: cells // 10)
    frame = pl.DataFrame({f"c{place}": np.random.default_rng(place).random(9_000) for place in range(30)})
    case = factory.case(frame, model=factory.no_model().model_copy(update={"target": "c29"}))
    table = embedded(case.material())
    view = explore_view(table, "rows")
    assert table is not None
    assert view is not None
    kept = [column.levels.name for column in table.columns]
    assert "c29" in kept
    assert 3 < len(kept) < 30
    assert sorted(kept + list(table.left_out)) == sorted(frame.columns)
    assert f"Left out to keep the file small: {table.left_out[0]}" in view.note


@pytest.mark.parametrize(("rows", "columns"), [(100, 200), (195_999, 200), (1_000_000, 39), (100_000_000, 8)])
def test_a_long_table_is_explored_by_fewer_columns(rows: int, columns: int) -> None:
    assert explored.most_columns(rows) == columns


def test_of_more_columns_than_can_be_those_that_insights_speak_of_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explored, "MOST_COLUMNS", 2)
    frame = pl.DataFrame({f"c{place}": range(place, place + 50) for place in range(5)})
    told = factory.insight(1, "So it is.", ChartHint(kind="histogram", columns=["c4"]))
    table = embedded(
        factory.case(frame, found=Insights(tests_run=1, q_threshold=0.05, insights=[told])).material()
    )
    assert table is not None
    assert [column.levels.name for column in table.columns] == ["c0", "c4"]
    assert table.left_out == ("c1", "c2", "c3")


def test_a_part_of_the_table_becomes_a_link_if_its_columns_are_embedded() -> None:
    table = the_table()
    assert link(table, {"region": "south"}) == "#explore~region=south"
    assert link(table, {"region": "south", "items": "5"}) == "#explore~region=south&items=5..5"
    assert link(table, {"note": "fragile, handle with care"}) == "#explore~note=fragile%2C%20handle%20with%20care"
    assert link(table, {}) == ""
    assert link(table, {"region": "nowhere"}) == ""
    assert link(table, {"order_id": "A-00001"}) == ""
    assert link(table, {"amount": "40"}) == ""


def test_personal_data_is_embedded_neither_as_labels_nor_as_counts_of_them() -> None:
    mails = [f"user{place % 9}@example.org" for place in range(90)]
    notes = ["call 030 1234567", *["write to someone@example.org", "no comment"] * 44, "no comment"]
    frame = pl.DataFrame({"mail": mails, "note": notes, "n": range(90)})
    hidden = factory.case(frame)
    assert b"@example.org" not in hidden.build().html
    table = embedded(hidden.material())
    assert table is not None
    assert "mail" in table.plain
    allowed = embedded(factory.case(frame, sidecar=Sidecar(personal_data="allow")).material())
    assert allowed is not None
    assert allowed.columns[0].levels.labels[0] == "user0@example.org"


def test_labels_that_look_the_same_are_told_apart_in_links() -> None:
    long = "x" * 200
    divide = categories.divider(pl.Series("v", [f"{long}1", f"{long}2", f"{long}2"]), str)
    assert divide is not None
    first, second = divide(8).bounds
    assert second == f"{first} (2)"


def test_hostile_names_and_labels_are_data() -> None:
    page = factory.case(hostile.table()).build().html
    assert b"explore-0" in page
    assert b"<img src=x" not in page


@pytest.mark.parametrize(
    "frame",
    [
        pl.DataFrame({"n": [1]}),
        pl.DataFrame({"n": pl.Series([], dtype=pl.Int64)}),
        pl.DataFrame({"n": pl.Series([None, None], dtype=pl.String)}),
        pl.DataFrame({"n": [float("nan"), float("inf"), None]}),
    ],
)
def test_a_table_with_nothing_to_choose_from_has_no_such_section(frame: pl.DataFrame) -> None:
    page = factory.case(frame).build().html
    assert b'id="explore"' not in page
    assert b'href="#explore"' not in page
