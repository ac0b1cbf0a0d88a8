"""A column's type is what a careful analyst would say, for every row; nothing is rounded or nulled in silence."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.etl.casting import cast
from dsp_pipeline_tests.etl.drops import Dropper, column, decision, reasons


def typed(drop: Dropper, values: list[str], *, name: str = "v", sidecar: str = "") -> tuple[str, list[object]]:
    """A column's dtype and values when it stands beside another one, separated by semicolons."""
    data = "\n".join([f"{name};beside", *(f"{value};x" for value in values)])
    said = sidecar or "{reading: {delimiter: ';', header: true}}"
    table = drop.validate(data, sidecar=said)
    return table.reading.column(name).dtype, table.table[name].to_list()


def moment(*parts: int) -> dt.datetime:
    """A time without a zone, as tables hold them."""
    return dt.datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001 - see above


@pytest.mark.parametrize(
    ("values", "dtype", "expected"),
    [
        (["1", "-2", "+3"], "int64", [1, -2, 3]),
        (["9223372036854775807", "1"], "int64", [2**63 - 1, 1]),
        (["1.5", ".5", "2", "1e3", "-0.25"], "float64", [1.5, 0.5, 2.0, 1000.0, -0.25]),
        (["517.0", "533.0"], "float64", [517.0, 533.0]),
        (["1,5", "2,75", "1000,1"], "float64", [1.5, 2.75, 1000.1]),
        (["1.234,5", "12.345,75"], "float64", [1234.5, 12345.75]),
        (["1,234.5", "12,345.75", "7.25"], "float64", [1234.5, 12345.75, 7.25]),
        (["1 234,5", "12 345,75", "9,1"], "float64", [1234.5, 12345.75, 9.1]),
        (["1\u00a0234", "999"], "int64", [1234, 999]),
        (["1'234.50", "12'345.75"], "float64", [1234.5, 12345.75]),
        ([" 1 ", "2", " 3"], "int64", [1, 2, 3]),
        (["true", "FALSE", "True"], "boolean", [True, False, True]),
        (["yes", "no", "Yes"], "boolean", [True, False, True]),
        (["ja", "nein", "ja"], "boolean", [True, False, True]),
        (["t", "f", "t"], "boolean", [True, False, True]),
        (["0", "1", "0"], "int64", [0, 1, 0]),
    ],
)
def test_numbers_and_booleans(drop: Dropper, values: list[str], dtype: str, expected: list[object]) -> None:
    assert typed(drop, values) == (dtype, expected)


@pytest.mark.parametrize(
    "values",
    [
        ["01234", "90210", "00501"],
        ["12345678901234567890", "22345678901234567890"],
        ["+4915112345678", "+4915212345678"],
        ["+49 151 234 567", "+49 152 345 678"],
        ["A1", "B2"],
        ["yes", "no", "maybe"],
        ["1", "2", "three", "four"],
    ],
    ids=["leading zeros", "beyond 64 bits", "phones", "phones in groups", "codes", "three answers", "half words"],
)
def test_what_a_number_would_spoil_stays_text(drop: Dropper, values: list[str]) -> None:
    assert typed(drop, values) == ("string", values)


def test_one_decimal_after_twenty_thousand_integers_is_not_rounded(drop: Dropper) -> None:
    dtype, values = typed(drop, [*(str(n) for n in range(1, 25_000)), "1.5"])
    assert (dtype, values[-1]) == ("float64", 1.5)


def test_one_leading_zero_after_twenty_thousand_integers_is_kept(drop: Dropper) -> None:
    dtype, values = typed(drop, [*(str(n) for n in range(1, 25_000)), "01234"])
    assert (dtype, values[-1]) == ("string", "01234")


def test_exceptions_of_a_column_that_is_a_number_go_to_quarantine(drop: Dropper) -> None:
    data = "n;w\n" + "".join(f"{n};x\n" for n in range(500)) + "abc;x\n"
    table = drop.validate(data)
    assert table.reading.column("n").dtype == "int64"
    assert reasons(table.quarantine) == [(502, "type", "n")]
    assert "but for 1 such as 'abc'" in table.reading.column("n").reason


def test_more_than_one_per_cent_of_exceptions_make_a_column_text(drop: Dropper) -> None:
    values = [*(str(n) for n in range(1, 100)), "abc", "def"]
    assert typed(drop, values) == ("string", values)


def test_thousands_and_decimals_that_look_alike_follow_the_file(drop: Dropper) -> None:
    assert typed(drop, ["1,234", "5,678"]) == ("float64", [1.234, 5.678])  # semicolons: Europe
    english = drop.validate('v,p\n"1,234",2.5\n"5,678",3.5\n').table
    assert english["v"].to_list() == [1234, 5678]


@pytest.mark.parametrize("token", ["NA", "n/a", "NULL", "NaN", "-", "?", "#N/A", "  ", '""', "None"])
def test_a_missing_number_is_null_however_it_is_written(drop: Dropper, token: str) -> None:
    dtype, values = typed(drop, ["1.5", token, "2.5"])
    assert (dtype, values) == ("float64", [1.5, None, 2.5])


def test_the_null_tokens_that_were_met_are_listed(drop: Dropper) -> None:
    raw = drop.read("a,b\n1,x\nNA,NA\n-,y\nn/a,none\n")
    assert column(raw, "a").null_tokens == ["-", "NA", "n/a"]
    assert column(raw, "b").null_tokens == ["NA"]


def test_na_is_namibia_among_countries(drop: Dropper) -> None:
    assert typed(drop, ["NA", "DE", "FR", "US"]) == ("string", ["NA", "DE", "FR", "US"])


def test_none_and_a_dash_are_words_among_words(drop: Dropper) -> None:
    assert typed(drop, ["none", "-", "mild", "severe"])[1] == ["none", "-", "mild", "severe"]


@pytest.mark.parametrize(
    ("values", "form", "first"),
    [
        (["2024-01-31", "2024-02-01"], "%Y-%m-%d", dt.date(2024, 1, 31)),
        (["2024/1/31", "2024/2/1"], "%Y/%m/%d", dt.date(2024, 1, 31)),
        (["31.01.2024", "1.2.2024"], "%d.%m.%Y", dt.date(2024, 1, 31)),
        (["1/31/2024", "2/1/2024"], "%m/%d/%Y", dt.date(2024, 1, 31)),
        (["31/1/24", "1/2/24"], "%d/%m/%y", dt.date(2024, 1, 31)),
        (["31 January 2024", "1 Feb 2024"], "%d %B %Y", dt.date(2024, 1, 31)),
        (["31-Jan-2024", "01-Feb-2024"], "%d-%B-%Y", dt.date(2024, 1, 31)),
        (["Jan 31, 2024", "Feb 1, 2024"], "%B %d, %Y", dt.date(2024, 1, 31)),
        (["2024-01-31 13:05", "2024-02-01 00:00"], "%Y-%m-%d %H:%M", moment(2024, 1, 31, 13, 5)),
        (
            ["2024-01-31T13:05:01.25", "2024-02-01T00:00:00"],
            "%Y-%m-%dT%H:%M:%S%.f",
            moment(2024, 1, 31, 13, 5, 1, 250_000),
        ),
        (
            ["2024-01-31T13:05:01Z", "2024-02-01T00:00:00Z"],
            "%Y-%m-%dT%H:%M:%SZ",
            moment(2024, 1, 31, 13, 5, 1),
        ),
        (["1/31/2024 1:05 PM", "2/1/2024 12:00 AM"], "%m/%d/%Y %I:%M %p", moment(2024, 1, 31, 13, 5)),
        (["10:30", "9:05"], "%H:%M", dt.time(10, 30)),
    ],
)
def test_dates_and_times(drop: Dropper, values: list[str], form: str, first: object) -> None:
    table = drop.validate("d;w\n" + "".join(f"{value};x\n" for value in values))
    assert table.reading.column("d").format == form
    assert table.table["d"][0] == first
    assert table.table["d"].null_count() == 0


def test_offsets_become_utc(drop: Dropper) -> None:
    dtype, values = typed(drop, ["2024-01-01T10:00:00+02:00", "2024-01-01T10:00:00+01:00"])
    assert dtype == "datetime"
    assert [f"{value:%H:%M}" for value in values] == ["08:00", "09:00"]


def test_eight_digits_are_a_date_only_where_the_name_says_so(drop: Dropper) -> None:
    assert typed(drop, ["20240131", "20240201"], name="order_date")[0] == "date"
    assert typed(drop, ["20240131", "20240201"], name="part")[0] == "int64"


def test_a_year_of_two_digits_among_others_is_no_year_of_the_first_century(drop: Dropper) -> None:
    table = drop.validate("d;n\n" + "31.01.2024;1\n" * 200 + "31.01.24;1\n")
    assert reasons(table.quarantine) == [(202, "type", "d")]


def test_one_date_that_can_only_be_day_first_decides_for_the_whole_column(drop: Dropper) -> None:
    values = [*["01/02/2024"] * 300, "13/02/2024"]
    assert typed(drop, values)[1][0] == dt.date(2024, 2, 1)


def test_an_ambiguous_column_follows_the_other_dates_of_the_file(drop: Dropper) -> None:
    raw = drop.read("a,b\n01/02/2024,13/02/2024\n03/02/2024,14/02/2024\n02/02/2024,15/03/2024\n")
    assert column(raw, "a").format == "%d/%m/%Y"
    assert "other dates" in decision(raw, "order of day and month in a").why


@pytest.mark.parametrize(
    ("dates", "delimiter", "choice", "why"),
    [
        (["01/02/2024", "05/02/2024", "03/04/2024"], ",", "day first", "order of time"),
        (["05/02/2024", "01/07/2024", "03/01/2024"], ";", "day first", "Europe"),
        (["05.02.2024", "01.07.2024", "03.01.2024"], ",", "day first", "points"),
        (["05/02/2024", "01/07/2024", "03/01/2024"], ",", "month first", "slashes"),
        (["05-02-2024", "01-07-2024", "03-01-2024"], ",", "day first", "hyphens"),
    ],
)
def test_an_order_that_cannot_be_known_is_stated_with_its_reason(
    drop: Dropper, dates: list[str], delimiter: str, choice: str, why: str
) -> None:
    data = f"d{delimiter}n\n" + "".join(f"{day}{delimiter}{n}\n" for n, day in enumerate(dates))
    raw = drop.read(data)
    told = decision(raw, "order of day and month in d")
    assert told.choice == choice
    assert why in told.why
    assert told.confidence < 1
    assert told.alternatives


def test_the_sidecar_declares_types(drop: Dropper) -> None:
    sidecar = """
        types: {zip: text, n: integer, amount: {decimal: ','}, day: {type: date, format: '%d/%m/%Y'}, c: category}
    """
    rows = [*(f"1;{n};1,234;01/02/2024;{n}" for n in range(30)), "2;x;2,5;01/02/2024;9"]
    table = drop.validate("\n".join(["zip;n;amount;day;c", *rows]), sidecar=sidecar)
    assert table.table.dtypes == [pl.String, pl.Int64, pl.Float64, pl.Date, pl.String]
    assert table.table["amount"][0] == 1.234
    assert table.table["day"][0] == dt.date(2024, 2, 1)
    assert table.reading.column("c").kind is ColumnKind.CATEGORY
    assert reasons(table.quarantine) == [(32, "type", "n")]
    shorter = drop.validate("\n".join(["zip;n;amount;day;c", *rows]), sidecar=sidecar.replace("type: date, ", ""))
    assert shorter.table.equals(table.table)


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("v", ["", ""], ColumnKind.EMPTY),
        ("v", ["7", "7"], ColumnKind.CONSTANT),
        ("v", ["yes", "no"], ColumnKind.BOOLEAN),
        ("v", [str(n * 3 % 50) for n in range(60)], ColumnKind.INTEGER),
        ("v", [f"{n / 7:.3f}" for n in range(60)], ColumnKind.CONTINUOUS),
        ("v", [f"{n}.0" for n in range(60)], ColumnKind.INTEGER),
        ("v", ["red", "green", "blue"] * 20, ColumnKind.CATEGORY),
        ("v", [f"AB{n:05d}" for n in range(60)], ColumnKind.IDENTIFIER),
        ("customer_id", [str(1000 + n * 7) for n in range(100)], ColumnKind.IDENTIFIER),
        ("customerId", [str(1000 + n % 70) for n in range(100)], ColumnKind.IDENTIFIER),
        ("region_id", [str(n % 5) for n in range(100)], ColumnKind.INTEGER),
        ("paid", [str(n) for n in range(100)], ColumnKind.INTEGER),
        ("order_no", [str(500 + n) for n in range(60)], ColumnKind.IDENTIFIER),
        ("v", [f"the quick brown fox number {n} jumps" for n in range(60)], ColumnKind.TEXT),
        ("v", ["2024-01-01", "2024-01-02"], ColumnKind.DATE),
        ("v", ["2024-01-01 10:00", "2024-01-02 11:00"], ColumnKind.TIMESTAMP),
        ("v", ["10:00", "11:00"], ColumnKind.TIME),
    ],
)
def test_what_a_column_means(drop: Dropper, name: str, values: list[str], kind: ColumnKind) -> None:
    raw = drop.read(f"{name};beside\n" + "".join(f"{value};{n % 3}\n" for n, value in enumerate(values)))
    assert column(raw, name).kind is kind


def test_an_unnamed_count_of_rows_is_an_identifier(drop: Dropper) -> None:
    raw = drop.read(",v\n" + "".join(f"{n},{n % 7}\n" for n in range(1, 60)))
    assert column(raw, "column_1").kind is ColumnKind.IDENTIFIER


def test_casting_says_which_cells_fail_and_keeps_the_order(drop: Dropper) -> None:
    raw = drop.read("n,d\n" + "".join(f"{n},2024-01-{n % 28 + 1:02d}\n" for n in range(200)))
    frame = pl.DataFrame({"extra": ["q", "r"], "d": ["2024-02-30", "2024-02-28"], "n": ["7", "seven"]})
    table, failures = cast(frame, raw.reading.columns)
    assert table.to_dict(as_series=False) == {"n": [7, None], "d": [None, dt.date(2024, 2, 28)]}
    found = [(one.column.name, one.rows.to_list(), one.values.to_list()) for one in failures]
    assert found == [("n", [1], ["seven"]), ("d", [0], ["2024-02-30"])]
