"""Numbers as the world writes them are numbers, exactly those that were written."""

from __future__ import annotations

import datetime as dt
import decimal
import random

import polars as pl
import pytest

from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline_tests.etl.drops import Dropper, check, column, reasons


def typed(drop: Dropper, values: list[str], *, name: str = "v", sidecar: str = "") -> tuple[str, list[object]]:
    """A column's dtype and values when it stands beside another one, separated by tabs."""
    data = "\n".join([f"{name}\tbeside", *(f"{value}\tx" for value in values)])
    table = drop.validate(data, name="numbers.tsv", sidecar=sidecar)
    return table.reading.column(name).dtype, table.table[name].to_list()


@pytest.mark.parametrize(
    ("values", "dtype", "expected"),
    [
        (["12 %", "7%", "-3 %"], "int64", [12, 7, -3]),
        (["12,5 %", "7,25 %"], "float64", [12.5, 7.25]),
        (["$1,234.50", "$7.00", "-$3.25"], "float64", [1234.5, 7.0, -3.25]),
        (["1.234,50 €", "7,00 €", "-3,25 €"], "float64", [1234.5, 7.0, -3.25]),
        (["EUR 5", "7 EUR", "12"], "int64", [5, 7, 12]),
        (["1 234,50 kr", "7,00 kr"], "float64", [1234.5, 7.0]),
        (["1,234.50", "(500.25)", "7.00"], "float64", [1234.5, -500.25, 7.0]),
        (["$1,234.50", "($500.25)", "$7.00"], "float64", [1234.5, -500.25, 7.0]),
        (["1.234,50", "500,25-", "7,00"], "float64", [1234.5, -500.25, 7.0]),
        (["12", "5-", "7"], "int64", [12, -5, 7]),
        (["\u22125.5", "3.25"], "float64", [-5.5, 3.25]),
        (["12,34,567.50", "1,00,000.00", "999.00"], "float64", [1_234_567.5, 100_000.0, 999.0]),
        (["1\u202f234\u202f567", "12"], "int64", [1_234_567, 12]),
        (["1\u2019234.5", "12.25"], "float64", [1234.5, 12.25]),
    ],
)
def test_units_signs_and_groups(drop: Dropper, values: list[str], dtype: str, expected: list[object]) -> None:
    assert typed(drop, values) == (dtype, expected)


@pytest.mark.parametrize(
    "values",
    [["€5", "$6", "€7", "$8"], ["(1)", "(2)", "(3)"], ["5 apples", "6 apples"], ["12 %", "0.12", "13 %", "0.14"]],
    ids=["two currencies", "numbered items", "goods", "shares of two kinds"],
)
def test_what_only_looks_like_an_amount_stays_text(drop: Dropper, values: list[str]) -> None:
    assert typed(drop, values) == ("string", values)


def test_several_currencies_are_told(drop: Dropper) -> None:
    reason = column(drop.read("v\tw\n" + "€5\tx\n$6\ty\n" * 9, name="a.tsv"), "v").reason
    assert "in several units: $, €" in reason


def test_a_first_negative_after_thousands_of_plain_amounts_is_read(drop: Dropper) -> None:
    values = [*(f"{n}.50" for n in range(1, 5_000)), "(12.50)"]
    dtype, found = typed(drop, values)
    assert (dtype, found[-1]) == ("float64", -12.5)


@pytest.mark.parametrize("name", ["zip", "PLZ", "phone", "customer_phone", "iban", "EAN"])
def test_digits_that_count_nothing_by_their_name_are_text(drop: Dropper, name: str) -> None:
    assert typed(drop, ["90210", "10115"], name=name) == ("string", ["90210", "10115"])


def test_money_of_eighteen_digits_survives_to_the_cent(drop: Dropper) -> None:
    values = ["1234567890123456.78", "0.01", "-99999999999999999.99"]
    assert typed(drop, values) == ("decimal", [decimal.Decimal(value) for value in values])


def test_one_long_number_after_twenty_thousand_short_ones_is_not_rounded(drop: Dropper) -> None:
    dtype, values = typed(drop, [*(f"{n}.5" for n in range(20_001)), "9007199254740993.5"])
    assert (dtype, values[-1]) == ("decimal", decimal.Decimal("9007199254740993.5"))


def test_a_fraction_finer_than_any_number_type_is_kept_as_text(drop: Dropper) -> None:
    values = ["0.12345678901234567890123", "0.5"]
    assert typed(drop, values) == ("string", values)


def test_zeros_that_a_database_adds_are_no_digits(drop: Dropper) -> None:
    values = ["1.500000000000000000", "0.250000000000000000", "100.000000000000000000"]
    assert typed(drop, values) == ("float64", [1.5, 0.25, 100.0])
    assert typed(drop, ["12345678901234567.500000000000000000", "1.5"])[0] == "decimal"


def test_floats_that_a_program_printed_stay_floats(drop: Dropper) -> None:
    source = random.Random(1)  # noqa: S311 - no secret
    floats = [source.gauss(0, 10**power) for power in range(-8, 15) for _ in range(20)]
    assert typed(drop, [repr(one) for one in floats]) == ("float64", floats)
    assert typed(drop, [f"{one:.17e}" for one in floats]) == ("float64", floats)
    assert typed(drop, [f"{one:.30f}" for one in floats]) == ("float64", floats)


def test_the_largest_integers_of_64_bits_survive(drop: Dropper) -> None:
    values = [2**63 - 1, -(2**63), 2**53 + 1]
    assert typed(drop, [str(value) for value in values]) == ("int64", values)


def test_a_declared_decimal_is_not_rounded_either(drop: Dropper) -> None:
    values = ["12345678901234567.25", "1.5"]
    found = typed(drop, values, sidecar="types: {v: decimal}")
    assert found == ("decimal", [decimal.Decimal(value) for value in values])


_WITH_EXCEPTION = "n,w\n" + "".join(f"{n},x\n" for n in range(500)) + "unknown,y\n"


def test_the_sidecar_has_exceptions_quarantined_by_default(drop: Dropper) -> None:
    table = drop.validate(_WITH_EXCEPTION)
    assert reasons(table.quarantine) == [(502, "type", "n")]


@pytest.mark.parametrize("word", ["null", '"null"'])
def test_the_sidecar_may_have_exceptions_taken_for_missing(drop: Dropper, word: str) -> None:
    table = drop.validate(_WITH_EXCEPTION, sidecar=f"exceptions: {word}")
    assert table.quarantine.is_empty()
    assert table.table["n"][-1] is None
    assert table.table["w"][-1] == "y"
    found = check(table, "type", "n")
    assert (found.severity, found.failed_rows, found.examples) == ("warning", 1, ["unknown"])


def test_the_sidecar_may_have_a_column_with_exceptions_text(drop: Dropper) -> None:
    table = drop.validate(_WITH_EXCEPTION, sidecar="exceptions: text")
    assert table.quarantine.is_empty()
    assert table.table["n"][-1] == "unknown"
    assert "the sidecar" in table.reading.column("n").reason


@pytest.mark.parametrize(
    ("values", "name", "expected"),
    [
        (["26:15:00", "1:00:30"], "v", [94_500.0, 3_630.0]),
        (["01:15:00", "1:00:30"], "duration", [4_500.0, 3_630.0]),
        (["3:45", "12:05.5"], "lap_time_elapsed", [225.0, 725.5]),
        (["PT1H30M", "P1DT2H"], "v", [5_400.0, 93_600.0]),
        (["1h 30m", "45m"], "v", [5_400.0, 2_700.0]),
        (["2 days, 3:00:00", "1:00:00"], "v", [183_600.0, 3_600.0]),
    ],
)
def test_durations_are_seconds(drop: Dropper, values: list[str], name: str, expected: list[object]) -> None:
    assert typed(drop, values, name=name) == ("float64", expected)


def test_the_sidecar_says_that_something_is_a_duration_or_a_time(drop: Dropper) -> None:
    assert typed(drop, ["3:45", "12:05"], sidecar="types: {v: duration}") == ("float64", [225.0, 725.0])
    assert typed(drop, ["90", "1.5"], sidecar="types: {v: duration}") == ("float64", [90.0, 1.5])
    found = typed(drop, ["13:45", "12:05"], name="elapsed", sidecar="types: {elapsed: time}")
    assert found == ("time", [dt.time(13, 45), dt.time(12, 5)])


def test_a_length_in_metres_is_no_duration(drop: Dropper) -> None:
    assert typed(drop, ["45m", "300m"], name="length")[0] == "string"


@pytest.mark.parametrize(
    ("values", "name"),
    [
        (["sí", "no", "SÍ"], "v"),
        (["да", "нет", "да"], "v"),
        (["oui", "non", "oui"], "v"),
        (["WAHR", "FALSCH", "WAHR"], "v"),
        (["1", "0", "1"], "is_active"),
        (["1", "0", "1"], "hasChildren"),
    ],
)
def test_yes_and_no_in_other_words(drop: Dropper, values: list[str], name: str) -> None:
    assert typed(drop, values, name=name) == ("boolean", [True, False, True])


@pytest.mark.parametrize("token", ["#NV", "#WERT!", "k.A.", "\u2014", "<null>", "undefined", "n.v."])
def test_spreadsheets_words_for_nothing_are_missing(drop: Dropper, token: str) -> None:
    assert typed(drop, ["1", token, "3"]) == ("int64", [1, None, 3])


def test_a_decimal_column_is_continuous_and_its_style_is_told(drop: Dropper) -> None:
    raw = drop.read("v;w\n1.234,50 €;x\n(7,25 €);y\n8,00 €;z\n")
    found = column(raw, "v")
    assert (found.kind, found.format) == (ColumnKind.CONTINUOUS, "(€1.234,5)")
    assert raw.frame.schema["v"] == pl.String


def test_a_number_too_large_for_the_type_is_no_infinite_value(drop: Dropper) -> None:
    data = "n,x\n" + "".join(f"{n},{n}.5\n" for n in range(200)) + "200,1e400\n201,-1e400\n202,inf\n"
    table = drop.validate(data)
    assert [(line, code) for line, code, _ in reasons(table.quarantine)] == [(202, "type"), (203, "type")]
    assert table.table["x"].is_infinite().sum() == 1
