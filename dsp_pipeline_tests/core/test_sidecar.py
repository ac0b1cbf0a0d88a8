"""What an owner may write in a sidecar, and how a slip of the pen is explained."""

from __future__ import annotations

import datetime as dt

import pytest

from dsp_pipeline.core.errors import SidecarError
from dsp_pipeline.core.rules import Rule
from dsp_pipeline.core.sidecar import Sidecar, parse_sidecar

# The example of the design, word for word: all of it has to be understood.
_FULL = """
title: Sales, monthly
target: churned              # null: no model wanted
task: binary                 # binary | multiclass | regression | count | ordinal
ignore: [internal_note]
time_column: order_date
group_column: customer_id
types: {zip: text, amount: {decimal: ","}}
reading: {delimiter: ";", encoding: cp1252, header: true}
rules:
  - {column: amount, min: 0, severity: error, message: "Refunds belong in refunds.csv"}
  - {unique: [order_id, line]}
  - {expect: "ship_date >= order_date", severity: warning}
max_bad_rows: 2%
sensitive: [gender]          # for fairness
personal_data: mask          # mask | allow
row_noun: customers
schedule: "0 6 * * 1"
budget_seconds: auto
seed: 0
dashboard: {accent: "#0a7d5a", language: en}
"""


def parsed(text: str) -> Sidecar:
    return parse_sidecar(text, where="sales.dsp.yaml")


def test_the_design_s_example_is_understood() -> None:
    sidecar = parsed(_FULL)
    assert sidecar.max_bad_rows == pytest.approx(0.02)
    assert sidecar.types["zip"].type == "text"
    assert sidecar.types["amount"].decimal == ","
    assert [rule.severity for rule in sidecar.rules] == ["error", "error", "warning"]
    assert not sidecar.wants_no_model


@pytest.mark.parametrize("text", ["", "# nothing but a comment\n", "---\n"])
def test_an_empty_sidecar_says_nothing(text: str) -> None:
    assert parsed(text) == Sidecar()


def test_a_target_of_null_wants_no_model_and_no_target_leaves_it_open() -> None:
    assert parsed("target: null").wants_no_model
    assert parsed("target:").wants_no_model
    assert not parsed("title: x").wants_no_model


def test_every_column_that_is_named_is_told_with_its_field() -> None:
    assert parsed(_FULL).columns_named() == {
        "churned": "target",
        "order_date": "time_column",
        "customer_id": "group_column",
        "internal_note": "ignore",
        "zip": "types",
        "amount": "types",
        "gender": "sensitive",
        "order_id": "rules[2]",
        "line": "rules[2]",
        "ship_date": "rules[3].expect",
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("targt: x", "unknown field 'targt', did you mean 'target'?"),
        ("reading: {delimitr: ';'}", "unknown field 'reading.delimitr', did you mean 'delimiter'?"),
        ("rules: [{colum: a, min: 1}]", "unknown field 'rules[1].colum', did you mean 'column'?"),
        ("dashboard: {acent: '#000000'}", "did you mean 'accent'?"),
        ("qqqqqqq: 1", "unknown field 'qqqqqqq'; known are budget_seconds"),
        ("task: guess", "'task': input should be 'binary', 'multiclass'"),
        ("max_bad_rows: 120%", "'max_bad_rows': input should be less than or equal to 1"),
        ("max_bad_rows: lots%", "'max_bad_rows'"),
        ("dashboard: {accent: green}", "'dashboard.accent'"),
        (
            "dashboard: {number_format: german}",
            "'dashboard.number_format': input should be '1,234.5', '1.234,5', '1 2",
        ),
        ("seed: -1", "'seed'"),
        ("schedule: sometimes", "'sometimes' is neither a cron expression"),
        ("rules: [{min: 1}]", "a rule needs exactly one of column, unique, expect, rows"),
        ("rules: [{column: a, expect: 'b > 1'}]", "a rule needs exactly one of column, unique, expect, rows"),
        ("rules: [{column: a}]", "the rule on 'a' needs one of type, min, max, not_null"),
        ("rules: [{min: 1, expect: 'a > 1'}]", "'rules[1]': 'min' needs a column"),
        ("rules: [{unique: true}]", "'unique: true' needs a column"),
        ("rules: [{column: a, min: 1, by: [b]}]", "'by' belongs to 'expect'"),
        ("rules: [{rows: {}}]", "rows needs min, max or max_change"),
        ("rules: [{rows: {mn: 1}}]", "unknown field 'rules[1].rows.mn', did you mean 'min'?"),
        ("rules: [{column: a, references: {datset: b}}]", "did you mean 'dataset'?"),
        ("rules: [{column: a, max_age: 7}]", "an age needs a unit, such as '7 days'"),
        ("rules: [{column: a, min: 1, message: '{'}]", "has a brace too many"),
        ("rules: [{column: a, min: 1, message: 'x {}'}]", "needs a name in each pair of braces"),
        (
            "rules: [{column: a, min: 1}, {expect: 'a >'}]",
            "'rules[2].expect': the expression 'a >' can't be underst",
        ),
        ("rules: [{column: a, min: 1, when: 'b = \"'}]", "'rules[1].when': the expression"),
        ("- a\n- b", "the sidecar holds a list, not fields with values"),
        ("just words", "the sidecar holds a str"),
    ],
)
def test_a_slip_is_explained_with_the_file_and_a_remedy(text: str, message: str) -> None:
    with pytest.raises(SidecarError) as caught:
        parsed(text)
    assert message in caught.value.what
    assert caught.value.where == "sales.dsp.yaml"
    assert caught.value.remedy


def test_what_is_not_yaml_is_told_with_line_and_column() -> None:
    with pytest.raises(SidecarError, match="not valid YAML") as caught:
        parsed("title: x\nrules: [a, b\ntarget: y\n")
    assert caught.value.where.startswith("sales.dsp.yaml, line ")


def test_several_slips_are_told_together() -> None:
    with pytest.raises(SidecarError) as caught:
        parsed("targt: x\ntsk: y\n")
    assert "targt" in caught.value.what
    assert "tsk" in caught.value.what


def test_a_rule_may_set_several_bounds_on_one_column() -> None:
    rule = Rule.model_validate({"column": "a", "min": 0, "max": 9, "not_null": True})
    assert (rule.min, rule.max, rule.not_null, rule.severity) == (0, 9, True, "error")


def test_ages_days_and_shares_are_written_as_people_write_them() -> None:
    (rule,) = parsed(
        "rules: [{column: a, max_age: 36 hours, max_missing: 5%, min: 2024-01-31, one_of: [1, x]}]"
    ).rules
    assert rule.max_age == dt.timedelta(hours=36)
    assert rule.max_missing == pytest.approx(0.05)
    assert rule.min == dt.date(2024, 1, 31)
    assert rule.one_of == [1, "x"]


def test_a_sidecar_that_was_stored_is_the_same_sidecar() -> None:
    said = parsed(
        "rules: [{column: a, max_age: 7 days, min: 2024-01-31, one_of: [1, 2.5, x, true]}]\ntarget: null"
    )
    assert Sidecar.model_validate_json(said.model_dump_json(exclude_unset=True)) == said


@pytest.mark.parametrize("text", ["x: " + "[" * 600, "x: " + "{a: " * 600])
def test_a_sidecar_that_is_nested_without_end_is_refused_like_any_other(text: str) -> None:
    with pytest.raises(SidecarError, match="nests brackets or fields too deeply"):
        parsed(text)


@pytest.mark.parametrize(
    ("form", "type_name"),
    [
        ("%d/%m/%Y", "date"),
        ("%B %-d, %Y", "date"),
        ("%Y-%m-%d %H:%M:%S%.3f", "timestamp"),
        ("%d.%m.%Y %R%:z", "timestamp"),
        ("%s", "timestamp"),
        ("%I:%M %p", "time"),
    ],
)
def test_how_dates_are_written_says_that_they_are_dates(form: str, type_name: str) -> None:
    said = parse_sidecar(f"types: {{when: {{format: '{form}'}}}}", where="sales.dsp.yaml")
    assert said.types["when"].type == type_name
    said = parse_sidecar(f"types: {{when: {{type: text, format: '{form}'}}}}", where="sales.dsp.yaml")
    assert said.types["when"].type == "text"


def test_a_format_that_writes_no_date_needs_its_type() -> None:
    with pytest.raises(SidecarError, match=r"'types\.n': the format '1\.234,5' is none of dates"):
        parse_sidecar("types: {n: {format: '1.234,5'}}", where="sales.dsp.yaml")
