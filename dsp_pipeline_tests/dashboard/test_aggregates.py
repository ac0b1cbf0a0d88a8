import datetime as dt

import numpy as np
import polars as pl
import pytest

from dsp_pipeline.dashboard.charts import aggregates

FRAME = pl.DataFrame(
    {
        "group": ["b", "a", "a", "c", "b", "a", None],
        "value": [1.0, 2.0, float("nan"), 5.0, 3.0, 4.0, 9.0],
        "level": [2, 1, 1, 3, 2, 1, 1],
        "gap": [None, 1, 2, 3, None, 4, 5],
    }
)


def test_means_go_from_high_to_low_and_leave_out_what_is_no_number() -> None:
    groups, total = aggregates.group_means(FRAME, "group", "value", most=5)
    assert [(one.label, one.value, one.count) for one in groups] == [("c", 5.0, 1), ("a", 3.0, 2), ("b", 2.0, 2)]
    assert total == 3


def test_whole_numbers_keep_their_order_and_only_the_largest_groups_are_shown() -> None:
    groups, total = aggregates.group_means(FRAME, "level", "value", most=2)
    assert [one.label for one in groups] == ["1", "2"]
    assert total == 3


def test_values_are_counted_as_shares_of_what_is_there() -> None:
    groups, total = aggregates.value_counts(FRAME, "group", most=2)
    assert [(one.label, one.count, one.value) for one in groups] == [("a", 3, 0.5), ("b", 2, pytest.approx(1 / 3))]
    assert total == 3


def test_missing_shares_are_highest_first() -> None:
    groups, _ = aggregates.missing_shares(FRAME, "group", "gap", most=5)
    assert [(one.label, one.value) for one in groups] == [("b", 1.0), ("a", 0.0), ("c", 0.0)]


def test_five_numbers_are_numpys_quantiles() -> None:
    values = np.random.default_rng(5).normal(size=501)
    frame = pl.DataFrame({"g": ["x"] * 501, "v": values})
    (box,), total = aggregates.five_numbers(frame, "g", "v", most=3)
    expected = np.quantile(values, [0.05, 0.25, 0.5, 0.75, 0.95])
    assert [box.low, box.q1, box.median, box.q3, box.high] == pytest.approx(expected.tolist())
    assert box.mean == pytest.approx(values.mean())
    assert total == 1


def test_days_without_rows_count_as_none_and_break_the_line_of_means() -> None:
    days = [dt.date(2024, 3, 1), dt.date(2024, 3, 1), dt.date(2024, 3, 4)]
    periods = aggregates.by_period(pl.DataFrame({"day": days, "v": [1.0, 3.0, 10.0]}), "day", "v")
    assert periods is not None
    assert periods.starts == ["2024-03-01", "2024-03-02", "2024-03-03", "2024-03-04"]
    assert periods.counts == [2, 0, 0, 1]
    assert periods.means == [2.0, None, None, 10.0]


@pytest.mark.parametrize(
    ("days", "unit"), [(2, "hour"), (90, "day"), (700, "week"), (4000, "month"), (20_000, "year")]
)
def test_steps_of_time_fit_the_span(days: int, unit: str) -> None:
    start = dt.datetime(1960, 1, 1)  # noqa: DTZ001 - tables hold times without a zone
    times = pl.Series([start, start + dt.timedelta(days=days)])
    periods = aggregates.by_period(pl.DataFrame({"t": times}), "t", None)
    assert periods is not None
    assert periods.unit == unit
    assert len(periods.counts) <= 400


def test_time_that_does_not_vary_has_no_periods() -> None:
    assert aggregates.by_period(pl.DataFrame({"t": [dt.date(2024, 1, 1)] * 3}), "t", None) is None
    empty = pl.DataFrame({"t": pl.Series([None, None], dtype=pl.Date)})
    assert aggregates.by_period(empty, "t", None) is None


def test_the_calendar_counts_rows_per_day() -> None:
    # 2024-01-01 was a Monday: two rows on it, one on the next Monday, four on a Tuesday.
    days = [dt.date(2024, 1, 1)] * 2 + [dt.date(2024, 1, 8)] + [dt.date(2024, 1, 2)] * 4
    groups = aggregates.by_calendar(pl.DataFrame({"t": days, "v": range(7)}), "t", "weekday", None)
    assert [(one.label, one.value) for one in groups] == [("Monday", 1.5), ("Tuesday", 4.0)]
    means = aggregates.by_calendar(pl.DataFrame({"t": days, "v": range(7)}), "t", "month", "v")
    assert [(one.label, one.value) for one in means] == [("January", 3.0)]


def test_few_pairs_are_dots_and_many_are_counted_in_cells() -> None:
    frame = pl.DataFrame({"x": [float(n) for n in range(3000)], "y": [float(n % 50) for n in range(3000)]})
    few = aggregates.pairs(frame.head(100), "x", "y", most=200)
    assert (few.n, len(few.x), few.cells) == (100, 100, None)
    many = aggregates.pairs(frame, "x", "y", most=200)
    assert many.cells is not None
    assert sum(map(sum, many.cells)) + many.outside == many.n == 3000


def test_constant_pairs_still_have_cells() -> None:
    frame = pl.DataFrame({"x": [1.0] * 300, "y": [2.0] * 300})
    points = aggregates.pairs(frame, "x", "y", most=10)
    assert points.cells is not None
    assert sum(map(sum, points.cells)) == 300


def test_each_row_of_a_cross_table_adds_up_to_one() -> None:
    frame = pl.DataFrame({"r": ["a", "a", "b", "b", "b"], "c": [True, False, True, True, True]})
    table = aggregates.cross_shares(frame, "r", "c", most=5)
    assert table.rows == ["b", "a"]
    assert table.columns == ["true", "false"]
    assert table.shares == [[1.0, 0.0], [0.5, 0.5]]
