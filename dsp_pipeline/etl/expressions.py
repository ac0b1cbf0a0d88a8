"""A parsed expression as a Polars one, with every type checked before any row is looked at."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import polars as pl

from dsp_pipeline.core.expression import (
    Binary,
    Call,
    Column,
    Literal,
    Membership,
    Node,
    Unary,
    columns_of,
    walk,
)
from dsp_pipeline.core.expression_tokens import ExpressionError
from dsp_pipeline.etl.expression_arithmetic import ARITHMETIC, arithmetic, no_comparison
from dsp_pipeline.etl.expression_functions import AGGREGATES, ROW_FUNCTIONS, SPECIAL, Function
from dsp_pipeline.etl.expression_types import MOMENTS, Type, Typed, compared, matched, moment, of_moment, type_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dsp_pipeline.etl.expression_scope import Scope


def compile_condition(node: Node, scope: Scope) -> pl.Expr:
    """The condition's value for each row; null where a missing value leaves it open.

    Raises:
        ExpressionError: Types do not fit, a function is unknown, or it is no condition; with the place.
    """
    found = _compiled(node, scope)
    if found.type not in {Type.BOOLEAN, Type.MISSING}:
        raise ExpressionError(f"it yields {found.type}, not true or false", node.at)
    return found.expr.cast(pl.Boolean)


def _compiled(node: Node, scope: Scope) -> Typed:
    if isinstance(node, Literal):
        return _literal(node)
    if isinstance(node, Column):
        return Typed(pl.col(node.name), type_of(scope.schema[node.name]))
    match node:
        case Call():
            return _call(node, scope)
        case Unary():
            return _unary(node, scope)
        case Binary():
            return _binary(node, scope)
        case Membership():
            return _membership(node, scope)


def _literal(node: Literal) -> Typed:
    value = node.value
    if value is None:
        return Typed(pl.lit(None), Type.MISSING)
    kind = Type.BOOLEAN if isinstance(value, bool) else Type.TEXT if isinstance(value, str) else Type.NUMBER
    return Typed(pl.lit(value), kind, literal=value)


def _condition(node: Node, word: str, scope: Scope) -> pl.Expr:
    found = _compiled(node, scope)
    if found.type not in {Type.BOOLEAN, Type.MISSING}:
        raise ExpressionError(f"'{word}' needs conditions, and this is {found.type}", node.at)
    return found.expr.cast(pl.Boolean)


def _unary(node: Unary, scope: Scope) -> Typed:
    if node.sign == "not":
        return Typed(~_condition(node.operand, "not", scope), Type.BOOLEAN)
    found = _compiled(node.operand, scope)
    if found.type not in {Type.NUMBER, Type.DURATION}:
        raise ExpressionError(f"'-' needs a number, and this is {found.type}", node.operand.at)
    return Typed(-found.expr, found.type, calculated=found.calculated)


def _binary(node: Binary, scope: Scope) -> Typed:
    if node.sign in {"and", "or"}:
        one, other = (_condition(side, node.sign, scope) for side in (node.left, node.right))
        return Typed(one & other if node.sign == "and" else one | other, Type.BOOLEAN)
    left, right = _compiled(node.left, scope), _compiled(node.right, scope)
    if node.sign in ARITHMETIC:
        return arithmetic(node, left, right)
    pair = matched(left, right)
    if pair is None:
        raise ExpressionError(no_comparison(node.sign, left, right), node.at)
    return Typed(compared(node.sign, *pair), Type.BOOLEAN)


def _membership(node: Membership, scope: Scope) -> Typed:
    value = _compiled(node.value, scope)
    found: list[pl.Expr] = []
    for option in node.options:
        pair = matched(value, _compiled(option, scope))
        if pair is None:
            raise ExpressionError(f"{value.type} is looked for, and this is something else", option.at)
        found.append(compared("=", *pair))
    return Typed(pl.any_horizontal(found), Type.BOOLEAN)


def _call(node: Call, scope: Scope) -> Typed:
    if node.name in SPECIAL:
        return _SPECIAL[node.name](node, scope)
    function = ROW_FUNCTIONS.get(node.name) or AGGREGATES.get(node.name)
    if function is None:
        known = sorted({*ROW_FUNCTIONS, *AGGREGATES, *SPECIAL})
        near = difflib.get_close_matches(node.name, known, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}()?" if near else f"there are {', '.join(known)}"
        raise ExpressionError(f"there is no function {node.name}(); {hint}", node.at)
    if node.name in AGGREGATES:
        return _aggregate(node, function, scope)
    arguments = _arguments(node, function, scope)
    values = [argument.expr for argument in arguments]
    if function.literal:
        return Typed(_with_pattern(node, function, arguments), Type.BOOLEAN)
    calculated = function.calculated or any(argument.calculated for argument in arguments)
    return Typed(function.build(*values), function.gives or arguments[0].type, calculated=calculated)


def _with_pattern(node: Call, function: Function, arguments: Sequence[Typed]) -> pl.Expr:
    pattern = arguments[-1].literal
    if not isinstance(pattern, str):
        raise ExpressionError(f"{node.name}() needs its pattern as a plain text", node.arguments[-1].at)
    found = function.build(arguments[0].expr, pattern)
    try:
        pl.select(function.build(pl.lit(""), pattern))
    except pl.exceptions.ComputeError as error:
        raise ExpressionError(f"the pattern can't be used ({error})", node.arguments[-1].at) from error
    return found


def _arguments(node: Call, function: Function, scope: Scope) -> list[Typed]:
    most, least = len(function.takes), len(function.takes) - function.optional
    if not least <= len(node.arguments) <= most:
        count = f"{most}" if least == most else f"{least} to {most}"
        raise ExpressionError(f"{node.name}() takes {count} value{'s' if most > 1 else ''}", node.at)
    found: list[Typed] = []
    for part, allowed in zip(node.arguments, function.takes, strict=False):
        value = _compiled(part, scope)
        if isinstance(value.literal, str) and Type.TEXT not in allowed and (read := moment(value.literal)):
            value = of_moment(read)
        if value.type not in allowed and value.type is not Type.MISSING:
            wanted = " or ".join(sorted(allowed))
            raise ExpressionError(f"{node.name}() needs {wanted}, and this is {value.type}", part.at)
        found.append(value)
    return found


def _aggregate(node: Call, function: Function, scope: Scope) -> Typed:
    inner = next((part for below in node.arguments for part in walk(below) if isinstance(part, Call)), None)
    if inner is not None and inner.name in AGGREGATES:
        raise ExpressionError(f"{inner.name}() can't stand within {node.name}()", inner.at)
    if not node.arguments and function.optional:
        rows = pl.len() if scope.when is None else scope.when.sum()
        return Typed(_within_groups(rows.cast(pl.Int64), scope), Type.NUMBER)
    (value,) = _arguments(node, function, scope)
    if not columns_of(node):
        raise ExpressionError(f"{node.name}() needs a column", node.at)
    rows = value.expr if scope.when is None else pl.when(scope.when).then(value.expr)
    result = _within_groups(function.build(rows), scope)
    return Typed(result, function.gives or value.type, calculated=function.calculated or value.calculated)


def _within_groups(result: pl.Expr, scope: Scope) -> pl.Expr:
    return result.over(scope.by) if scope.by else result


def _round(node: Call, scope: Scope) -> Typed:
    if len(node.arguments) not in {1, 2}:
        raise ExpressionError("round() takes a number, and how many decimals to keep", node.at)
    value = _compiled(node.arguments[0], scope)
    digits = node.arguments[1] if len(node.arguments) > 1 else Literal(node.at, 0)
    if value.type is not Type.NUMBER:
        raise ExpressionError(f"round() needs a number, and this is {value.type}", node.arguments[0].at)
    if not isinstance(digits, Literal) or type(digits.value) is not int:
        raise ExpressionError("round() needs a whole number of decimals", digits.at)
    rounded = value.expr.cast(pl.Float64).round(digits.value, mode="half_away_from_zero")
    return Typed(rounded, Type.NUMBER, calculated=True)


def _alike(node: Call, scope: Scope, parts: Sequence[Node]) -> list[Typed]:
    """Values that have to be of one type."""
    if not parts:
        raise ExpressionError(f"{node.name}() takes one value or more", node.at)
    found = [_compiled(part, scope) for part in parts]
    first = next((value for value in found if value.type is not Type.MISSING), found[0])
    alike: list[Typed] = []
    for value, part in zip(found, parts, strict=True):
        pair = matched(first, value)
        if pair is None or pair[0].type is not first.type:
            raise ExpressionError(f"{node.name}() mixes {first.type} with {value.type}", part.at)
        alike.append(pair[1])
    return alike


def _of_alike(build: Callable[[list[pl.Expr]], pl.Expr]) -> Callable[[Call, Scope], Typed]:
    def special(node: Call, scope: Scope) -> Typed:
        values = _alike(node, scope, node.arguments)
        kind = next((value.type for value in values if value.type is not Type.MISSING), Type.MISSING)
        calculated = any(value.calculated for value in values)
        return Typed(build([value.expr for value in values]), kind, calculated=calculated)

    return special


def _if(node: Call, scope: Scope) -> Typed:
    if len(node.arguments) != 3:  # noqa: PLR2004 - a condition and two values
        raise ExpressionError("if() takes a condition, a value where it is true, and one where it is not", node.at)
    condition = _condition(node.arguments[0], "if", scope)
    then, other = _alike(node, scope, node.arguments[1:])
    kind = other.type if then.type is Type.MISSING else then.type
    expr = pl.when(condition).then(then.expr).otherwise(other.expr)
    return Typed(expr, kind, calculated=then.calculated or other.calculated)


def _clock(node: Call, scope: Scope) -> Typed:
    if node.arguments:
        raise ExpressionError(f"{node.name}() takes no value", node.at)
    return of_moment(scope.now.date() if node.name == "today" else scope.now)


def _timestamp(node: Call, scope: Scope) -> Typed:
    (value,) = _arguments(node, Function((MOMENTS,), Type.TIMESTAMP, lambda x: x), scope)
    return Typed(value.expr.cast(pl.Datetime("us")), Type.TIMESTAMP)


def _concat(node: Call, scope: Scope) -> Typed:
    values = _alike(node, scope, node.arguments)
    if any(value.type not in {Type.TEXT, Type.MISSING} for value in values):
        raise ExpressionError("concat() joins texts", node.at)
    return Typed(pl.concat_str([value.expr for value in values]), Type.TEXT)


_SPECIAL: dict[str, Callable[[Call, Scope], Typed]] = {
    "round": _round,
    "if": _if,
    "coalesce": _of_alike(pl.coalesce),
    "least": _of_alike(pl.min_horizontal),
    "greatest": _of_alike(pl.max_horizontal),
    "concat": _concat,
    "today": _clock,
    "now": _clock,
    "timestamp": _timestamp,
}
