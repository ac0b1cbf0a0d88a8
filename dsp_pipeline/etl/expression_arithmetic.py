"""Arithmetic in expressions. Numbers are calculated as 64-bit floats."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from dsp_pipeline.core.expression_tokens import ExpressionError
from dsp_pipeline.etl.expression_types import MOMENTS, Type, Typed

if TYPE_CHECKING:
    from dsp_pipeline.core.expression import Binary

ARITHMETIC = frozenset({"+", "-", "*", "/", "%"})


def no_comparison(sign: str, left: Typed, right: Typed) -> str:
    """Why two parts can't be compared, in words."""
    hint = ""
    for text, other in ((left, right), (right, left)):
        if isinstance(text.literal, str) and other.type in MOMENTS:
            hint = f"; write {text.literal!r} as '2024-01-31'"
    return f"'{sign}' can't compare {left.type} with {right.type}{hint}"


def arithmetic(node: Binary, left: Typed, right: Typed) -> Typed:
    """The sum, difference, product, quotient or remainder; durations and points in time included.

    Raises:
        ExpressionError: Values of these types can't be calculated with; with the place.
    """
    types = (left.type, right.type)
    if Type.MISSING in types:
        return Typed(pl.lit(None), Type.MISSING)
    if types == (Type.NUMBER, Type.NUMBER):
        return _numbers(node.sign, left.expr, right.expr)
    if node.sign == "-" and set(types) <= MOMENTS:
        return Typed(left.expr.cast(pl.Datetime("us")) - right.expr.cast(pl.Datetime("us")), Type.DURATION)
    if node.sign in {"+", "-"} and right.type is Type.DURATION and left.type in {*MOMENTS, Type.DURATION}:
        base = left.expr if left.type is Type.DURATION else left.expr.cast(pl.Datetime("us"))
        result = Type.DURATION if left.type is Type.DURATION else Type.TIMESTAMP
        return Typed(base + right.expr if node.sign == "+" else base - right.expr, result)
    hint = ""
    if Type.NUMBER in types and MOMENTS & set(types):
        hint = "; write days(30) for 30 days"
    raise ExpressionError(f"'{node.sign}' can't be used on {left.type} and {right.type}{hint}", node.at)


def _numbers(sign: str, left: pl.Expr, right: pl.Expr) -> Typed:
    left, right = left.cast(pl.Float64), right.cast(pl.Float64)
    match sign:
        case "+":
            result = left + right
        case "-":
            result = left - right
        case "*":
            result = left * right
        case "/":
            # As in SQL, what is divided by zero is not known.
            result = pl.when(right != 0).then(left / right)
        case _:
            result = pl.when(right != 0).then(left % right)
    return Typed(result, Type.NUMBER, calculated=True)
