"""What may be written in `expect` and `when`, and how a slip is told with its place."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsp_pipeline.core.expression import columns_of
from dsp_pipeline.core.expression_parser import parse_expression
from dsp_pipeline.core.expression_tokens import ExpressionError


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a or b and not c", "a or (b and (not c))"),
        ("a + b * c - d", "(a + (b * c)) - d"),
        ("- a * b", "(-a) * b"),
        ("a == b", "a = b"),
        ("a <> b", "a != b"),
        ("a BETWEEN 1 AND 3", "a >= 1 and a <= 3"),
        ("0 <= a <= b", "0 <= a and a <= b"),
        ("a NOT IN (1, 2)", "not a in (1, 2)"),
        ("a is not null", "not is_missing(a)"),
        ("a is missing", "is_missing(a)"),
        ("date '2024-01-31'", "date('2024-01-31')"),
        ('"a" > 1', "`a` > 1"),
        ("LENGTH(a) > 1", "length(a) > 1"),
    ],
)
def test_these_say_the_same(one: str, other: str) -> None:
    assert shape(one) == shape(other)


def shape(text: str) -> str:
    """The tree without the places."""
    return re.sub(r"at=\d+, ", "", repr(parse_expression(text)))


def test_columns_are_told_once_each() -> None:
    text = """"unit price" * amount <= total and "an ""odd"" one" is not null and amount > sum(tax)"""
    assert columns_of(parse_expression(text)) == ("unit price", "amount", "total", 'an "odd" one', "tax")


def test_a_quote_in_a_text_is_doubled() -> None:
    assert "it's" in repr(parse_expression("a = 'it''s'"))


@pytest.mark.parametrize(
    ("text", "at", "message"),
    [
        ("", 1, "it is empty"),
        ("a >", 4, "it ends"),
        ("a > 1 b", 7, "there is 'b'"),
        ("(a > 1", 7, "')' is expected"),
        ("a = 'x", 5, "a text begins with ' and does not end"),
        ("a ; b", 3, "';' has no meaning here"),
        ("a in ()", 7, "a value, a column or '(' is expected"),
        ("a not b", 7, "'in', 'between' or 'like' is expected"),
        ("a is b", 6, "'null' is expected"),
        ("a like b", 8, "needs a text in single quotes"),
        ("a between 1 or 2", 13, "'and' between the two bounds"),
        ("(" * 60 + "a" + ")" * 60, 41, "nested more than 40 deep"),
        ("a + " * 200 + "a", 301, "more than 300 words and signs"),
    ],
)
def test_a_slip_is_told_with_its_place(text: str, at: int, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_expression(text)
    assert message in caught.value.message
    assert caught.value.at == at or text.startswith("a + ")


@pytest.mark.parametrize("text", ["__import__('os').system('true')", "a.b", "a[0]", "lambda: 1", "a := 1", "{a}"])
def test_code_is_no_expression(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse_expression(text)


@given(st.text(alphabet="ab1.'\"`()<>=!+-*/%, andornotibtwe", max_size=60))
def test_any_text_is_an_expression_or_a_slip_with_a_place(text: str) -> None:
    assert 0 <= place_of_slip(text) <= len(text) + 1


def place_of_slip(text: str) -> int:
    """Where a text is no expression; 0 if it is one."""
    try:
        parse_expression(text)
    except ExpressionError as error:
        return error.at
    return 0
