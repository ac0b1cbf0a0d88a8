"""Dates and times as the world writes them."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from dsp_pipeline_tests.etl.drops import Dropper, column


def typed(drop: Dropper, values: list[str], *, name: str = "v", sidecar: str = "") -> tuple[str, list[object]]:
    """A column's dtype and values when it stands beside another one, separated by tabs."""
    data = "\n".join([f"{name}\tbeside", *(f"{value}\tx" for value in values)])
    table = drop.validate(data, name="dates.tsv", sidecar=sidecar)
    return table.reading.column(name).dtype, table.table[name].to_list()


def moment(*parts: int) -> dt.datetime:
    """A time without a zone, as tables hold them."""
    return dt.datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001 - see above


@pytest.mark.parametrize(
    ("values", "first"),
    [
        (["31. Januar 2024", "1. März 2024", "2. Okt. 2024"], dt.date(2024, 1, 31)),
        (["31 janv. 2024", "1 févr. 2024", "3 août 2024"], dt.date(2024, 1, 31)),
        (["31 de enero de 2024", "1 de diciembre de 2023"], dt.date(2024, 1, 31)),
        (["31 gennaio 2024", "5 dicembre 2023"], dt.date(2024, 1, 31)),
        (["31 stycznia 2024", "1 grudnia 2023"], dt.date(2024, 1, 31)),
        (["31 января 2024", "1 декабря 2023"], dt.date(2024, 1, 31)),
        (["31 січня 2024", "1 лютого 2024"], dt.date(2024, 1, 31)),
        (["31. ledna 2024", "1. září 2024"], dt.date(2024, 1, 31)),
        (["31 Ocak 2024", "1 Temmuz 2023"], dt.date(2024, 1, 31)),
        (["31. 1. 2024", "1. 2. 2024"], dt.date(2024, 1, 31)),
        (["2024年1月31日", "2024年2月1日"], dt.date(2024, 1, 31)),
        (["Wed, 31 Jan 2024", "Thu, 1 Feb 2024"], dt.date(2024, 1, 31)),
        (["2024-01", "2023-12"], dt.date(2024, 1, 1)),
        (["Jan 2024", "Dec 2023"], dt.date(2024, 1, 1)),
        (["01/2024", "12/2023"], dt.date(2024, 1, 1)),
    ],
)
def test_dates(drop: Dropper, values: list[str], first: dt.date) -> None:
    dtype, found = typed(drop, values)
    assert (dtype, found[0]) == ("date", first)
    assert None not in found


@pytest.mark.parametrize(
    ("values", "first"),
    [
        (["2024-01-31 13:05:01+00", "2024-07-31 13:05:01+02"], moment(2024, 1, 31, 13, 5, 1)),
        (["2024-01-31T13:05:01+01:00", "2024-07-31T13:05:01Z"], moment(2024, 1, 31, 12, 5, 1)),
        (["31/Jan/2024:13:05:01 +0100", "01/Feb/2024:00:00:00 +0100"], moment(2024, 1, 31, 12, 5, 1)),
        (["2024-01-31 13:05:01,250", "2024-01-31 13:05:02,000"], moment(2024, 1, 31, 13, 5, 1, 250_000)),
        (["20240131T130501Z", "20240201T000000Z"], moment(2024, 1, 31, 13, 5, 1)),
        (["31 JAN 2024 13:05 UTC", "1 FEB 2024 00:00 UTC"], moment(2024, 1, 31, 13, 5)),
        (["Wed Jan 31 13:05:01 2024", "Thu Feb  1 00:00:00 2024"], moment(2024, 1, 31, 13, 5, 1)),
        (["Wed Jan 31 13:05:01 UTC 2024", "Thu Feb  1 00:00:00 UTC 2024"], moment(2024, 1, 31, 13, 5, 1)),
        (["Wed Jan 31 13:05:01 +0100 2024", "Thu Feb 01 00:00:00 +0000 2024"], moment(2024, 1, 31, 12, 5, 1)),
    ],
)
def test_timestamps(drop: Dropper, values: list[str], first: dt.datetime) -> None:
    dtype, found = typed(drop, values)
    assert (dtype, found[0]) == ("datetime", first)
    assert None not in found


@pytest.mark.parametrize(
    ("values", "name", "expected"),
    [
        (["1706706301", "1706792701"], "created_at", moment(2024, 1, 31, 13, 5, 1)),
        (["1706706301250", "1706792701000"], "timestamp", moment(2024, 1, 31, 13, 5, 1, 250_000)),
        (["1706706301.25", "1706792701.5"], "ts", moment(2024, 1, 31, 13, 5, 1, 250_000)),
        (["20240131130501", "20240201000000"], "timestamp", moment(2024, 1, 31, 13, 5, 1)),
        (["45322", "45323"], "order_date", dt.date(2024, 1, 31)),
        (["45322.5", "45323.25"], "order_date", moment(2024, 1, 31, 12)),
    ],
)
def test_a_counted_date_is_one_where_its_name_says_so(
    drop: Dropper, values: list[str], name: str, expected: dt.date
) -> None:
    assert typed(drop, values, name=name)[1][0] == expected
    assert typed(drop, values, name="amount")[0] in {"int64", "float64"}
    assert re.search(
        "the name says so|written as", column(drop.read(f"{name},w\n{values[0]},x\n{values[1]},y\n"), name).reason
    )


@pytest.mark.parametrize(
    ("values", "name"),
    [
        (["1.2.3", "1.10.0"], "v"),
        (["2.10.11", "3.11.12"], "version"),
        (["3:2", "1:0"], "score"),
        (["10:30", "24:00"], "closes"),
        (["192.168.0.1", "10.0.0.1"], "v"),
        (["2024-W05", "2024-W06"], "v"),
        (["1/2", "3/4"], "v"),
    ],
)
def test_what_only_looks_like_a_date_stays_text(drop: Dropper, values: list[str], name: str) -> None:
    assert typed(drop, values, name=name) == ("string", values)


@pytest.mark.parametrize(
    "name", ["update_count", "data_usage", "sales_per_day", "date_id", "candidate", "holiday_sales"]
)
def test_a_number_whose_name_only_has_a_date_in_it_stays_a_number(drop: Dropper, name: str) -> None:
    assert typed(drop, ["45322", "45323"], name=name)[0] == "int64"


@pytest.mark.parametrize("name", ["orderDate", "OrderDate", "ORDER_DATE", "Datum", "data", "ship_dt"])
def test_names_of_dates_are_told_by_their_words(drop: Dropper, name: str) -> None:
    assert typed(drop, ["45322", "45323"], name=name)[0] == "date"


def test_the_sidecar_says_what_a_name_does_not(drop: Dropper) -> None:
    assert typed(drop, ["45322", "45323"], sidecar="types: {v: date}")[1] == [
        dt.date(2024, 1, 31),
        dt.date(2024, 2, 1),
    ]
    assert typed(drop, ["1706706301", "0"], sidecar="types: {v: text}")[0] == "string"


def test_a_time_finer_than_a_microsecond_is_not_cut(drop: Dropper) -> None:
    values = ["2024-01-31T13:05:01.1234567Z", "2024-01-31T13:05:01.7654321Z"]
    assert typed(drop, values) == ("string", values)
    assert "finer than a microsecond" in column(drop.read("v\tw\n" + "\tx\n".join(values) + "\ty\n"), "v").reason
    cut = ["2024-01-31T13:05:01.123456000Z", "2024-01-31T13:05:01.500000000Z"]
    assert typed(drop, cut)[1][0] == moment(2024, 1, 31, 13, 5, 1, 123_456)


def test_a_first_fraction_of_a_second_after_thousands_without_is_read(drop: Dropper) -> None:
    values = [*(f"2024-01-31 13:{n // 60 % 60:02d}:{n % 60:02d}" for n in range(5_000)), "2024-02-01 00:00:00.5"]
    dtype, found = typed(drop, values)
    assert (dtype, found[-1]) == ("datetime", moment(2024, 2, 1, 0, 0, 0, 500_000))


def test_months_as_column_names_stay_names(drop: Dropper) -> None:
    raw = drop.read("region,Jan 2024,Feb 2024\nnorth,1,2\nsouth,3,4\n")
    assert raw.reading.has_header
    assert raw.reading.columns[1].original_name == "Jan 2024"
