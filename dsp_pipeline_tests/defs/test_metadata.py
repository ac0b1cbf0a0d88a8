"""What the Dagster UI is shown of a validation."""

from __future__ import annotations

from dsp_pipeline.core.artifacts.validation import CheckResult
from dsp_pipeline.defs.metadata import checks_table


def a_check(message: str, column: str = "amount") -> CheckResult:
    return CheckResult(
        name="rules[1].min",
        column=column,
        passed=False,
        failed_rows=1234,
        severity="error",
        message=message,
        lines=[3, 1200],
        remedy="Mend them",
    )


def test_checks_are_a_markdown_table_that_says_what_where_and_what_to_do() -> None:
    shown = str(checks_table([a_check("-3 is too small")]).value).splitlines()
    assert shown[0] == "| Result | Check | Column | Rows | Lines | What is wrong | What to do |"
    assert shown[2] == (
        r"| failed | rules\[1\].min | amount | 1,234 | 3, 1,200 ... | -3 is too small | Mend them |"
    )


def test_what_stands_in_a_file_breaks_no_table_and_becomes_no_markup() -> None:
    shown = str(checks_table([a_check("a | b\n# <img src=x> [x](y) *z*", column="a|b")]).value).splitlines()
    assert len(shown) == 3
    assert r"a\|b" in shown[2]
    assert r"a \| b \# &lt;img src=x> \[x\](y) \*z\*" in shown[2]


def test_no_check_is_no_table() -> None:
    assert checks_table([]).value == "none"
