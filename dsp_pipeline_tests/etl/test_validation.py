"""Rules, contract, quality, quarantine: every bad row once, with all its reasons, and a count that adds up."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import polars as pl
import pytest

from dsp_pipeline.core.errors import SidecarError, ValidationError
from dsp_pipeline.etl.quarantine import QUARANTINE_SCHEMA, quarantine_csv, reason_counts
from dsp_pipeline_tests.etl.drops import Dropper, check, reasons

if TYPE_CHECKING:
    from dsp_pipeline.etl.tables import ValidatedTable

_ORDERS = """order_id,line,amount,status,ordered,shipped
A1,1,10.5,open,2024-01-01,2024-01-03
A1,2,-3,paid,2024-01-02,2024-01-01
A1,2,7,open,2024-01-02,2024-01-04
A2,1,,lost,2024-01-05,2024-01-06
A3,1,2000,paid,2024-01-05,
"""


def orders(drop: Dropper, rules: str, extra: str = "") -> ValidatedTable:
    return drop.validate(_ORDERS, sidecar=f"max_bad_rows: 90%\nrules:\n{rules}\n{extra}")


@pytest.mark.parametrize(
    ("rule", "bad", "code", "column"),
    [
        ("{column: amount, min: 0}", [3], "min", "amount"),
        ("{column: amount, max: 1000}", [6], "max", "amount"),
        ("{column: amount, not_null: true}", [5], "not_null", "amount"),
        ("{column: status, one_of: [open, paid]}", [5], "one_of", "status"),
        ("{column: line, one_of: [1]}", [3, 4], "one_of", "line"),
        ("{column: order_id, matches: 'A[12]'}", [6], "matches", "order_id"),
        ("{column: amount, matches: '[0-9.]*'}", [3], "matches", "amount"),
        ("{unique: [order_id, line]}", [4], "unique", None),
        ("{unique: [order_id]}", [3, 4], "unique", "order_id"),
        ("{expect: 'shipped >= ordered'}", [3], "expect", None),
    ],
)
def test_each_form_of_rule_quarantines_the_rows_that_break_it(
    drop: Dropper, rule: str, bad: list[int], code: str, column: str | None
) -> None:
    table = orders(drop, f"  - {rule}")
    assert reasons(table.quarantine) == [(line, code, column) for line in bad]
    assert table.table.height == 5 - len(bad)
    assert check(table, f"rules[1].{code}", column).failed_rows == len(bad)


def test_a_row_stands_in_quarantine_once_with_every_reason(drop: Dropper) -> None:
    table = orders(
        drop, "  - {column: amount, min: 0, message: Refunds go elsewhere}\n  - {expect: 'shipped >= ordered'}"
    )
    assert reasons(table.quarantine) == [(3, "min", "amount"), (3, "expect", None)]
    (row,) = table.quarantine.iter_rows(named=True)
    assert row["raw"] == "A1,2,-3,paid,2024-01-02,2024-01-01"
    assert row["reasons"][0]["message"] == "Refunds go elsewhere"
    assert row["reasons"][0]["value"] == "-3"
    assert row["reasons"][1]["value"] == "shipped=2024-01-01, ordered=2024-01-02"


@pytest.mark.parametrize("rules", ["", "\nrules: [{rows: {min: 1}}]", "\nrules: [{expect: 'a > 0'}]"])
def test_a_sidecar_that_ignores_every_column_is_told(drop: Dropper, rules: str) -> None:
    with pytest.raises(SidecarError, match="'ignore' names every column of the table") as told:
        drop.validate("a,b\n1,2\n3,4\n", sidecar=f"ignore: [a, b]{rules}")
    assert "at least one column out of 'ignore'" in told.value.remedy


def test_a_warning_counts_rows_and_keeps_them(drop: Dropper) -> None:
    table = orders(drop, "  - {column: amount, min: 0, severity: warning}")
    assert table.table.height == 5
    result = check(table, "rules[1].min", "amount")
    assert (result.passed, result.failed_rows, result.severity, result.examples) == (False, 1, "warning", ["-3"])


def test_rules_that_hold_are_reported_too(drop: Dropper) -> None:
    table = orders(drop, "  - {column: line, min: 1}")
    assert check(table, "rules[1].min", "line").passed
    assert check(table, "type", "amount").passed
    assert check(table, "structure").passed
    assert check(table, "contract").passed


def test_a_cell_of_the_wrong_type_is_not_also_a_missing_value(drop: Dropper) -> None:
    data = "n;w\n" + "".join(f"{n};x\n" for n in range(500)) + "abc;x\n"
    table = drop.validate(data, sidecar="rules: [{column: n, not_null: true}]")
    assert reasons(table.quarantine) == [(502, "type", "n")]
    assert check(table, "rules[1].not_null", "n").passed


def test_rules_may_speak_of_ignored_columns(drop: Dropper) -> None:
    table = orders(drop, "  - {expect: \"status <> 'lost'\"}", "ignore: [status]")
    assert "status" not in table.table.columns
    assert table.validation.ignored_columns == ["status"]
    assert reasons(table.quarantine) == [(5, "expect", None)]


@pytest.mark.parametrize(
    ("rule", "what"),
    [
        ("{column: status, min: 1}", "sets a min for 'status', which holds no numbers"),
        ("{column: ordered, max: 1}", "sets a max for 'ordered', which holds no numbers"),
        ("{column: status, matches: '('}", "no regular expression"),
        ("{expect: 'amount >'}", "can't be understood at character 9"),
        ("{expect: 'amonut > 1'}", "'rules\\[1\\].expect' names the column 'amonut'.*nearest is 'amount'"),
        ("{expect: 'amount + 1'}", "at character 8: it yields a number, not true or false"),
    ],
)
def test_a_rule_that_does_not_fit_is_the_sidecars_fault(drop: Dropper, rule: str, what: str) -> None:
    with pytest.raises(SidecarError, match=what):
        orders(drop, f"  - {rule}")


def test_too_many_bad_rows_fail_with_the_reason_counts(drop: Dropper) -> None:
    data = "a,b\n" + "1,2\n" * 80 + "1,2,3\n" * 12 + "1\n" * 8
    with pytest.raises(
        ValidationError, match=r"20 of 100 rows \(20.0%\) are bad, more than the 10.0% allowed"
    ) as caught:
        drop.validate(data)
    assert "12 x the row has 3 cells where the header has 2; 8 x the row has 1 cell" in caught.value.what
    assert caught.value.where == "sales.csv"
    assert "max_bad_rows" in caught.value.remedy
    assert drop.validate(data, sidecar="max_bad_rows: 20%").validation.rows_quarantined == 20


def test_a_table_without_a_valid_row_fails_whatever_is_allowed(drop: Dropper) -> None:
    with pytest.raises(
        ValidationError, match=r"2 of 2 rows \(100.0%\) are bad, so no row is left: 2 x a"
    ) as caught:
        drop.validate("a,b\n1,2\n3,4\n", sidecar="max_bad_rows: 100%\nrules: [{column: a, min: 5}]")
    assert "max_bad_rows" not in caught.value.remedy


def test_a_table_without_rows_is_not_validated(drop: Dropper) -> None:
    with pytest.raises(ValidationError, match="the table has no rows"):
        drop.validate("a,b\n", sidecar="rules: [{column: a, not_null: true}]")


def test_a_version_that_keeps_the_contract_says_so(drop: Dropper) -> None:
    first = drop.validate("id,v\n1,2.5\n2,3.5\n")
    contract = first.validation.contract
    assert contract.inferred_from == first.reading.source.version
    again = drop.validate("id,v\n7,1.5\n8,9.25\n", previous=contract)
    assert check(again, "contract").passed
    assert again.validation.contract == contract


def test_what_breaks_the_contract_is_a_warning_with_its_rows(drop: Dropper) -> None:
    first = drop.validate("code,v,gone,w\n" + "".join(f"C{n:03d},{n},x,{n}\n" for n in range(30)))
    contract = first.validation.contract
    assert [column.name for column in contract.columns if column.unique] == ["code"]
    second = (
        "code,v,w,extra\n" + "".join(f"C{n:03d},{n}.5,{n},y\n" for n in range(28)) + "C000,,1,y\nC001,2.5,3,y\n"
    )
    table = drop.validate(second, previous=contract)
    assert table.table.height == 30
    broken = {(one.name, one.column): one.failed_rows for one in table.validation.checks if not one.passed}
    assert broken == {
        ("contract.unique", "code"): 4,
        ("contract.dtype", "v"): 30,
        ("contract.filled", "v"): 1,
        ("contract.present", "gone"): 30,
        ("contract.known", "extra"): 30,
    }
    assert check(table, "contract.dtype", "v").message == "the column was int64 and is float64 now"
    assert {one.severity for one in table.validation.checks if not one.passed} == {"warning"}
    assert [column.name for column in table.validation.contract.columns] == ["code", "v", "gone", "w", "extra"]


def test_a_declared_or_ignored_column_breaks_no_contract(drop: Dropper) -> None:
    contract = drop.validate("a,b,c\n1,2,3\n4,5,6\n").validation.contract
    table = drop.validate("a,c\n1,3\n4,6\n", sidecar="{types: {a: text}, ignore: [c]}", previous=contract)
    assert {(one.name, one.column) for one in table.validation.checks if not one.passed} == {
        ("contract.present", "b")
    }
    after = {column.name: column.dtype for column in table.validation.contract.columns}
    assert after == {"a": "string", "b": "int64"}


def test_quality_of_a_table_counted_by_hand(drop: Dropper) -> None:
    # 10 records, one with a cell too many: validity 9/10. Of the other 9 one repeats another: uniqueness 8/9.
    # 2 of 18 cells are missing: completeness 16/18. "Rome" is spelt "rome" once in 8 values: consistency is the
    # mean of 7/8 and 1 (n).
    rows = ["Rome,1", "rome,2", "Rome,3", "Rome,3", "Oslo,4", "Oslo,5", "Oslo,", ",6", "Oslo,7", "a,b,c"]
    quality = drop.validate("city,n\n" + "\n".join(rows)).validation.quality
    assert quality.validity == pytest.approx(9 / 10)
    assert quality.uniqueness == pytest.approx(8 / 9, abs=1e-6)
    assert quality.completeness == pytest.approx(16 / 18, abs=1e-6)
    assert quality.consistency == pytest.approx((7 / 8 + 1) / 2, abs=1e-6)
    expected = 0.3 * 16 / 18 + 0.2 * 8 / 9 + 0.3 * 9 / 10 + 0.2 * (7 / 8 + 1) / 2
    assert quality.score == pytest.approx(expected, abs=1e-6)


def test_a_flawless_table_has_a_score_of_one(drop: Dropper) -> None:
    assert drop.validate("city,n\nRome,1\nOslo,2\n").validation.quality.score == 1


def test_a_quarantine_is_a_csv_that_can_be_mended_and_dropped_again(drop: Dropper) -> None:
    data = 'a;b;"c;d"\n' + "1;2;x\n" * 40 + '3;4\n5;6;"y;z";7;8\n9;bad;w\n'
    table = drop.validate(data, sidecar="types: {b: integer}")
    mend = b"".join(quarantine_csv(table.quarantined, table.reading))
    rows = list(csv.reader(io.StringIO(mend.decode("utf-8-sig"), newline="")))
    assert rows[0] == ["a", "b", "c;d", "__line__", "__reasons__", "__version__"]
    assert [row[:4] for row in rows[1:]] == [
        ["3", "4", "", "42"],
        ["5", "6", "y;z;7;8", "43"],
        ["9", "bad", "w", "44"],
    ]
    assert rows[1][4] == "the row has 2 cells where the header has 3"
    again = drop.validate(mend.replace(b"bad", b"10"))
    assert again.table.columns == ["a", "b", "c;d"]
    assert again.validation.ignored_columns == ["quarantine_line", "quarantine_reasons", "quarantine_version"]
    assert again.table.rows() == [(3, 4, None), (5, 6, "y;z;7;8"), (9, 10, "w")]


def test_a_quarantine_has_its_schema_even_when_empty(drop: Dropper) -> None:
    table = drop.validate("a,b\n1,2\n3,4\n")
    assert table.quarantine.schema == QUARANTINE_SCHEMA
    assert table.quarantine.is_empty()
    assert reason_counts(table.quarantine.lazy()) == []


def test_the_quarantine_is_in_the_order_of_the_file(drop: Dropper) -> None:
    rows = [f"{n},x" if n % 3 else f"{n}" for n in range(1, 31)]
    table = drop.validate("n,w\n" + "\n".join(rows), sidecar="max_bad_rows: 90%\nrules: [{column: n, max: 20}]")
    assert table.quarantine["line"].is_sorted()
    assert table.validation.rows_quarantined == 10 + 6
    assert [(one.code, one.column, one.message, one.rows) for one in table.validation.reasons] == [
        ("too_few_cells", None, "the row has 1 cell where the header has 2", 10),
        ("max", "n", "n is not at most 20", 6),
    ]


def test_the_same_file_gives_the_same_report(drop: Dropper) -> None:
    sidecar = "max_bad_rows: 90%\nrules: [{column: amount, min: 0}, {expect: 'shipped >= ordered'}]"
    one, other = (drop.validate(_ORDERS, sidecar=sidecar) for _ in range(2))
    assert one.validation.to_json() == other.validation.to_json()
    assert one.reading.to_json() == other.reading.to_json()
    assert one.table.equals(other.table)


def test_many_columns_are_validated_in_one_go(drop: Dropper) -> None:
    header = ",".join(f"c{number}" for number in range(300))
    rows = [",".join(str(number + row) for number in range(300)) for row in range(5)]
    table = drop.validate("\n".join([header, *rows]))
    assert table.table.shape == (5, 300)
    assert set(table.table.dtypes) == {pl.Int64}
