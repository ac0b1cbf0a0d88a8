"""The rules engine: each form of rule, on rows, groups, other datasets and the table as a whole."""

from __future__ import annotations

import sqlite3

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsp_pipeline.core.errors import SidecarError, ValidationError
from dsp_pipeline.core.expression_parser import parse_expression
from dsp_pipeline.core.rules import Reference
from dsp_pipeline.etl.expression_scope import Scope
from dsp_pipeline.etl.expressions import compile_condition
from dsp_pipeline_tests.etl.drops import NOW, Dropper, check, reasons

# The files of these tests are dropped on 30 June 2024, noon UTC.
_SHIPMENTS = """id,customer,net,tax,gross,kind,ordered,shipped,when
S1,C1,10.1,0.2,10.3,sale,2024-06-01,2024-06-03,2024-06-01T10:00:00
S2,C1,20,2,22,sale,2024-06-02,2024-06-01,2024-06-30T23:00:00
S3,C2,5,1,7,refund,2024-06-05,,2024-07-02T10:00:00
S4,,7,1,8,sale,2024-07-09,2024-07-10,2024-06-03T10:00:00
S5,C9,-3,0,-3,refund,2024-06-07,2024-06-08,2024-06-04T10:00:00
S5x,C2,8,NA,8,Sale,2024-06-08,2024-06-09,2024-06-05T10:00:00
"""

_CUSTOMERS = {Reference(dataset="customers", column="id"): pl.Series(["C1", "C2", "C3", None])}


@pytest.mark.parametrize(
    ("rule", "bad", "code"),
    [
        ("{column: kind, none_of: [refund]}", [4, 6], "none_of"),
        ("{column: id, not_matches: '.*x'}", [7], "not_matches"),
        ("{column: id, min_length: 3}", [2, 3, 4, 5, 6], "min_length"),
        ("{column: id, max_length: 2}", [7], "max_length"),
        ("{column: net, max_length: 2}", [2], "max_length"),
        ("{column: tax, matches: '[0-9.]+'}", [], "matches"),
        ("{column: ordered, min: 2024-06-02, max: 2024-06-30}", [2, 5], "min max"),
        ("{column: when, max: 2024-06-30}", [4], "max"),
        ("{column: when, min: '2024-06-03T10:00:01'}", [2, 5], "min"),
        ("{column: ordered, not_in_future: true}", [5], "not_in_future"),
        # Two o'clock on 1 July is still the present somewhere on earth at noon UTC of 30 June.
        ("{column: when, not_in_future: true}", [4], "not_in_future"),
        ("{column: customer, unique: true}", [3, 7], "unique"),
        ("{unique: [customer], when: \"kind = 'sale'\"}", [3], "unique"),
        ("{column: net, min: 0, when: \"kind = 'sale'\"}", [], "min"),
        ("{column: shipped, not_null: true, when: \"kind = 'refund'\"}", [4], "not_null"),
        ("{column: tax, type: number}", [], "type"),
        ("{column: id, matches: '[A-Z][0-9]{1}'}", [7], "matches"),
        ("{column: id, type: integer, when: \"kind = 'refund'\"}", [4, 6], "type"),
        ("{column: customer, references: {dataset: customers, column: id}}", [6], "references"),
        ("{expect: 'net + tax = gross'}", [4], "expect"),
        ("{expect: 'days_between(ordered, shipped) between 0 and 1'}", [2, 3], "expect"),
        ("{expect: 'shipped <= ordered + days(1)'}", [2], "expect"),
        ("{expect: \"ordered < '2024-07-01'\"}", [5], "expect"),
        ("{expect: \"lower(kind) in ('sale', 'refund') and kind not in ('Sale')\"}", [7], "expect"),
        ("{expect: 'ordered <= today()'}", [5], "expect"),
        ("{expect: \"if(kind = 'refund', net <= 0, net > 0)\"}", [4], "expect"),
        ("{expect: 'coalesce(tax, 0) < gross or is_missing(shipped)'}", [6], "expect"),
        ("{expect: \"id like 'S_'\"}", [7], "expect"),
        ("{expect: 'month(ordered) = 6 and weekday(ordered) != 6'}", [2, 5, 7], "expect"),
        ("{expect: 'net <= 2 * mean(net)'}", [3], "expect"),
        ("{expect: 'count() <= 1', by: [customer]}", [2, 3, 4, 7], "expect"),
        ("{expect: 'sum(net) >= 13', by: [kind], when: 'gross > 0'}", [4, 7], "expect"),
    ],
)
def test_each_form_of_rule_finds_its_rows(drop: Dropper, rule: str, bad: list[int], code: str) -> None:
    said = f"max_bad_rows: 99%\ntypes: {{tax: decimal}}\nrules: [{rule}]"
    found = reasons(drop.validate(_SHIPMENTS, sidecar=said, referenced=_CUSTOMERS).quarantine)
    assert [line for line, _, _ in found] == bad
    assert {name for _, name, _ in found} <= set(code.split())


_LISTED = """answer,flag,day,at,clock,price,size,took
ja,1,31.12.2024,2024-01-01 10:30:00,10:30:00,"1.234,5",36,0:10:00
nein,0,01.01.2025,2024-01-02 00:00:00,11:45:30,"2,5",38,1:30:00
ja,1,13.01.2025,2024-01-03 12:00:00,23:00:00,"3,0",40,2:00:05
"""


@pytest.mark.parametrize(
    ("rule", "bad"),
    [
        ("{column: answer, one_of: [ja, nein]}", []),
        ("{column: answer, one_of: [Ja]}", [3]),
        ("{column: answer, one_of: [true]}", [3]),
        ("{column: answer, one_of: [ja, vielleicht]}", [3]),
        ("{column: answer, none_of: [vielleicht]}", []),
        ("{column: answer, none_of: [nein]}", [3]),
        ("{column: flag, one_of: [0, 1]}", []),
        ("{column: flag, one_of: [0, 1, 2, unknown]}", []),
        ("{column: flag, none_of: [0]}", [3]),
        ("{column: day, one_of: [2024-12-31, 13.01.2025]}", [3]),
        ("{column: day, none_of: ['2025-01-01']}", [3]),
        ("{column: at, one_of: [2024-01-01T10:30:00, 2024-01-02, '2024-01-03 12:00:00']}", []),
        ("{column: at, none_of: ['2024-01-03T13:00:00+01:00']}", [4]),
        ("{column: clock, one_of: ['10:30:00', '11:45:30', '23:00']}", []),
        ("{column: clock, none_of: ['10:30:00']}", [2]),
        ("{column: price, one_of: ['1.234,5', 2.5, '3']}", []),
        ("{column: price, none_of: [1234.5]}", [2]),
        ("{column: size, one_of: [36, '38', 40.0, 40.5, S, M]}", []),
        ("{column: took, one_of: [600, '1:30:00', '2:00:05']}", []),
    ],
)
def test_listed_values_are_read_as_the_file_writes_them_or_plainly(
    drop: Dropper, rule: str, bad: list[int]
) -> None:
    said = f"max_bad_rows: 99%\ntypes: {{took: duration}}\nrules: [{rule}]"
    found = reasons(drop.validate(_LISTED, sidecar=said).quarantine)
    assert [line for line, _, _ in found] == bad


@pytest.mark.parametrize(
    ("rule", "what"),
    [
        ("{column: day, one_of: [2024-12-31, '1/1/25']}", "rules\\[1\\].one_of' lists 1/1/25, .*'day'.*Date"),
        # YAML takes a time without quotes for the number of its seconds.
        ("{column: clock, none_of: [10:30:00]}", "rules\\[1\\].none_of' lists 37800, .*'clock'.*Time"),
        ("{column: size, one_of: [36, '38-40']}", "lists 38-40, which is no value that 'size' can have"),
    ],
)
def test_a_listed_value_in_an_unknown_notation_is_told(drop: Dropper, rule: str, what: str) -> None:
    with pytest.raises(SidecarError, match=what) as told:
        drop.validate(_LISTED, sidecar=f"rules: [{rule}]")
    assert "in quotes as it stands in the file" in told.value.remedy


def test_sums_per_group_quarantine_the_whole_group_and_show_it(drop: Dropper) -> None:
    data = "account,day,amount\nA,1,10.1\nA,1,-10.1\nB,1,5\nB,1,-4\n,1,7\n"
    table = drop.validate(
        data, sidecar="max_bad_rows: 90%\nrules: [{expect: 'sum(amount) = 0', by: [account, day]}]"
    )
    assert [line for line, _, _ in reasons(table.quarantine)] == [4, 5]
    reason = table.quarantine["reasons"][0][0]
    assert reason["value"] == "account=B, day=1, amount=5"
    assert reason["message"] == "sum(amount) = 0 does not hold for each account, day"


@pytest.mark.parametrize(
    ("rule", "name", "column", "message"),
    [
        ("{rows: {min: 10}}", "rows", None, "the table has 6 rows, not at least 10"),
        ("{rows: {min: 1, max: 5}}", "rows", None, "the table has 6 rows, not at least 1 and at most 5"),
        ("{column: customer, max_missing: 10%}", "max_missing", "customer", "16.67% missing"),
        (
            "{column: shipped, max_age: 24 hours, when: \"kind = 'refund'\"}",
            "max_age",
            "shipped",
            "newest 2024-06-08",
        ),
        ("{expect: 'sum(gross) = sum(net)'}", "expect", None, "sum(gross) = sum(net) does not hold"),
        ("{expect: 'count_distinct(customer) > 3'}", "expect", None, "does not hold"),
        ("{expect: 'count() >= 3', when: 'gross < 0'}", "expect", None, "does not hold"),
    ],
)
def test_a_rule_on_the_whole_table_keeps_it_from_being_analysed(
    drop: Dropper, rule: str, name: str, column: str | None, message: str
) -> None:
    table = drop.validate(_SHIPMENTS, sidecar=f"rules: [{rule}]")
    assert table.table.height == 6
    result = check(table, f"rules[1].{name}", column)
    assert not result.passed
    assert result.about == "table"
    assert message in result.message
    assert result.remedy
    assert table.validation.blocking == [result]


def test_the_number_of_rows_is_held_against_the_last_good_version_s(drop: Dropper) -> None:
    said = "rules: [{rows: {max_change: 50%}}]"
    first = drop.validate("n\n" + "1\n" * 10, sidecar=said).validation
    assert first.blocking == []
    few = drop.validate("n,m\n" + "1,2\n" * 4, sidecar=said, previous=first.contract).validation
    assert few.blocking[0].message == "the table has 4 rows, not 5 to 15 (the last version had 10)"
    assert few.contract == first.contract
    more = drop.validate("n\n" + "1\n" * 15, sidecar=said, previous=few.contract).validation
    assert more.blocking == []
    assert more.contract.rows == 15


def test_a_warning_on_the_whole_table_blocks_nothing(drop: Dropper) -> None:
    table = drop.validate(_SHIPMENTS, sidecar="rules: [{rows: {min: 10}, severity: warning}, {rows: {max: 10}}]")
    assert not check(table, "rules[1].rows").passed
    assert check(table, "rules[2].rows").passed
    assert table.validation.blocking == []


def test_messages_are_filled_with_what_stands_in_the_row(drop: Dropper) -> None:
    said = "Line {line}: {column} of {customer} is {value}, not {expected} {{}}"
    table = drop.validate(
        _SHIPMENTS, sidecar=f"rules: [{{column: net, min: 0, message: '{said}'}}]\nmax_bad_rows: 50%"
    )
    assert table.quarantine["reasons"][0][0]["message"] == "Line 6: net of C9 is -3, not at least 0 {}"
    assert check(table, "rules[1].min", "net").message == "Line 6: net of C9 is -3, not at least 0 {}"


def test_a_message_on_the_table_is_filled_with_what_was_found(drop: Dropper) -> None:
    said = "rules: [{rows: {min: 9}, message: 'Only {value}, not {expected}'}]"
    assert drop.validate(_SHIPMENTS, sidecar=said).validation.blocking[0].message == "Only 6 rows, not at least 9"


def test_a_failed_check_says_where_and_what_to_do(drop: Dropper) -> None:
    table = drop.validate(_SHIPMENTS, sidecar="rules: [{column: net, max: 7, severity: warning}]")
    result = check(table, "rules[1].max", "net")
    assert result.lines == [2, 3, 7]
    assert result.examples == ["10.1", "20", "8"]
    assert (result.code, result.expected, result.about) == ("max", "at most 7", "rows")
    assert result.remedy == "Look at the rows, and mend net at the source"


def test_a_reference_to_another_type_compares_what_is_written(drop: Dropper) -> None:
    rule = "rules: [{column: n, references: {dataset: d, column: c}}]\nmax_bad_rows: 90%"
    for values in (pl.Series([1, 2]), pl.Series([1.0, 2.0]), pl.Series(["1", "2"])):
        table = drop.validate(
            "n\n1\n2\n3\n", sidecar=rule, referenced={Reference(dataset="d", column="c"): values}
        )
        assert reasons(table.quarantine) == [(4, "references", "n")]


def test_a_warning_on_a_dataset_that_is_not_there_yet_says_so_and_fails_nothing(drop: Dropper) -> None:
    rule = "{column: customer, references: {dataset: nobody, column: id}, severity: warning}"
    table = drop.validate(_SHIPMENTS, sidecar=f"rules: [{rule}]")
    result = check(table, "rules[1].references", "customer")
    assert result.message == "customer was not checked: the dataset nobody has no validated version yet"
    assert (result.passed, table.table.height, table.validation.blocking) == (False, 6, [])


@pytest.mark.parametrize(
    ("rule", "what"),
    [
        ("{column: customer, references: {dataset: nobody, column: id}}", "which has no validated version yet"),
        ("{column: net, min: 2024-01-01}", "sets a min for 'net', which holds no dates"),
        ("{column: kind, max_age: 2 days}", "sets a max_age for 'kind', which holds no dates"),
        ("{column: kind, not_in_future: true}", "which holds no dates"),
        ("{expect: 'net > kind'}", "at character 5: '>' can't compare a number with a text"),
        ("{expect: 'ordered > 3'}", "can't compare a date with a number"),
        ("{expect: \"ordered > 'june'\"}", "write 'june' as '2024-01-31'"),
        ("{expect: 'ordered + 3 > shipped'}", "write days\\(3"),
        ("{expect: 'net and tax > 1'}", "'and' needs conditions, and this is a number"),
        ("{expect: 'lenght(kind) > 1'}", "there is no function lenght\\(\\); did you mean length\\(\\)?"),
        ("{expect: 'length(net) > 1'}", "length\\(\\) needs a text, and this is a number"),
        ("{expect: 'length(kind, 1) > 1'}", "length\\(\\) takes 1 value"),
        ("{expect: 'sum(sum(net)) > 1'}", "sum\\(\\) can't stand within sum"),
        ("{expect: 'sum(1) > 1'}", "sum\\(\\) needs a column"),
        ("{expect: \"matches(kind, '(')\"}", "the pattern can't be used"),
        ("{expect: 'net > 1', by: [kind]}", "adds nothing up over a group"),
        (
            "{column: net, min: 0, when: 'knd = 1'}",
            "'rules\\[1\\].when' names the column 'knd'.*nearest is 'kind'",
        ),
        ("{column: net, min: 0, message: '{nett}'}", "'rules\\[1\\].message' names the column 'nett'"),
        ("{rows: {min: 1}, message: 'line {line}'}", "has {line}, but the rule is about the table as a whole"),
    ],
)
def test_a_rule_that_does_not_fit_is_told_with_its_place(drop: Dropper, rule: str, what: str) -> None:
    with pytest.raises(SidecarError, match=what):
        drop.validate(_SHIPMENTS, sidecar=f"rules: [{rule}]")


@pytest.mark.parametrize(
    ("rule", "place"),
    [
        ("{expect: 'year(null) = 1 or net > 0'}", "rules\\[1\\].expect"),
        ("{expect: 'year(null) = 1 or sum(net) > 0'}", "rules\\[1\\].expect"),
        ("{column: net, min: 0, when: 'length(null) > 1'}", "rules\\[1\\].min"),
    ],
)
def test_a_condition_that_can_not_be_computed_is_told_with_its_place_and_cause(
    drop: Dropper, rule: str, place: str
) -> None:
    with pytest.raises(SidecarError, match=f"'{place}' can't be computed of the values .*null") as told:
        drop.validate(_SHIPMENTS, sidecar=f"rules: [{rule}]")
    assert "Write the rule in another way" in told.value.remedy


def test_a_length_may_be_negated(drop: Dropper) -> None:
    table = drop.validate(_SHIPMENTS, sidecar="max_bad_rows: 90%\nrules: [{expect: '-length(id) > -3'}]")
    assert [line for line, _, _ in reasons(table.quarantine)] == [7]


@pytest.mark.parametrize("text", ["1 = 2", "today() < '2020-01-01'", "1 = 2 or now() < '2020-01-01'"])
def test_a_condition_that_names_no_column_is_one_on_every_row(drop: Dropper, text: str) -> None:
    warned = drop.validate(_SHIPMENTS, sidecar=f'rules: [{{expect: "{text}", severity: warning}}]')
    assert check(warned, "rules[1].expect").failed_rows == 6
    with pytest.raises(ValidationError, match=r"6 of 6 rows .* are bad"):
        drop.validate(_SHIPMENTS, sidecar=f'rules: [{{expect: "{text}"}}]')
    some = drop.validate(
        _SHIPMENTS, sidecar=f'max_bad_rows: 50%\nrules: [{{expect: "{text}", when: "kind = \'refund\'"}}]'
    )
    assert [line for line, _, _ in reasons(some.quarantine)] == [4, 6]
    held = drop.validate(_SHIPMENTS, sidecar=f'rules: [{{expect: "not ({text})"}}]')
    assert check(held, "rules[1].expect").passed


def test_timeliness_is_the_age_allowed_by_the_age_found(drop: Dropper) -> None:
    # The newest day, 22 June, ended 7.5 days before noon of 30 June, and 3 days are allowed: 3 / 7.5.
    rows = "d,w\n2024-06-20,x\n2024-06-22,y\n"
    late = drop.validate(rows, sidecar="rules: [{column: d, max_age: 3 days, severity: warning}]").validation
    expected = 3 / 7.5
    assert late.quality.timeliness == pytest.approx(expected, abs=1e-6)
    assert late.quality.score == pytest.approx((10 + expected) / 11, abs=1e-5)
    fresh = drop.validate(rows, sidecar="rules: [{column: d, max_age: 30 days}]").validation
    assert (fresh.quality.timeliness, fresh.quality.score) == (1, 1)
    assert drop.validate(rows).validation.quality.timeliness is None


def test_timeliness_is_that_of_the_rows_which_the_rule_is_about(drop: Dropper) -> None:
    # Of the rows of kind w the newest day, 22 June, ended 7.5 days ago; the one of kind x is of yesterday.
    rows = "d,kind,seen\n2024-06-20,w,a\n2024-06-22,w,a\n2024-06-29,x,b\n"
    rule = 'rules: [{column: d, max_age: 3 days, severity: warning, when: "%s"}]'
    for when in ("kind = 'w'", "seen = 'a'"):
        found = drop.validate(rows, sidecar=f"ignore: [seen]\n{rule % when}").validation
        assert found.quality.timeliness == pytest.approx(3 / 7.5, abs=1e-6)
    assert drop.validate(rows, sidecar=rule % "kind = 'none'").validation.quality.timeliness == 0
    assert drop.validate(rows, sidecar=rule % "kind = 'x'").validation.quality.timeliness == 1


_TABLE = pl.DataFrame(
    {
        "a": pl.Series([1, None, -3, 0, 7, 2], dtype=pl.Int64),
        "b": pl.Series([2.5, 0.0, None, 0.5, 7.0, -2.0], dtype=pl.Float64),
        "t": ["x", "Y", None, "xy", "", "y"],
    }
)


def _conditions() -> st.SearchStrategy[str]:
    numbers = st.sampled_from(["a", "b", "0", "2", "0.5", "(a + 1)", "(b - a)", "(a * 2)", "abs(a)", "-b"])
    texts = st.sampled_from(["t", "'x'", "'y'", "lower(t)", "upper(t)"])
    signs = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
    plain = st.one_of(
        st.builds("{} {} {}".format, numbers, signs, numbers),
        st.builds("{} {} {}".format, texts, signs, texts),
        st.builds("{} in ({}, {})".format, numbers, numbers, numbers),
        st.builds("{} not in ({}, {})".format, texts, texts, texts),
        st.builds("{} between {} and {}".format, numbers, numbers, numbers),
        st.builds("{} is not null".format, st.sampled_from(["a", "b", "t"])),
        st.builds("length({}) {} {}".format, texts, signs, numbers),
    )
    return st.recursive(
        plain,
        lambda inner: st.one_of(
            st.builds("({} and {})".format, inner, inner),
            st.builds("({} or {})".format, inner, inner),
            st.builds("not ({})".format, inner),
        ),
        max_leaves=4,
    )


@settings(max_examples=150, deadline=None)
@given(_conditions())
def test_expressions_mean_what_they_mean_in_sql(text: str) -> None:
    """SQLite is the independent judge: the same text on the same rows, missing values included."""
    holds = compile_condition(parse_expression(text), Scope(_TABLE.schema, NOW.replace(tzinfo=None)))
    ours = _TABLE.with_columns(holds.alias("holds"))["holds"].to_list()
    connection = sqlite3.connect(":memory:")
    connection.execute("create table t0 (a integer, b real, t text)")
    connection.executemany("insert into t0 values (?, ?, ?)", _TABLE.rows())
    judged = connection.execute(f"select {text} from t0 order by rowid").fetchall()  # noqa: S608 - made above
    connection.close()
    assert ours == [None if one is None else bool(one) for (one,) in judged]
