"""What an expression's values are, and how values of different types are compared."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import operator
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable


class Type(enum.StrEnum):
    """The type of an expression, in the words of a message."""

    NUMBER = "a number"
    TEXT = "a text"
    BOOLEAN = "true or false"
    DATE = "a date"
    TIMESTAMP = "a timestamp"
    TIME = "a time of day"
    DURATION = "a duration"
    MISSING = "a missing value"


MOMENTS = frozenset({Type.DATE, Type.TIMESTAMP})


@dataclasses.dataclass(frozen=True)
class Typed:
    """A part of an expression.

    Attributes:
        expr: Its values.
        type: What they are.
        literal: The value, where the part is a plain one.
        calculated: Whether floating-point arithmetic made it, so that its last digits are not exact.
    """

    expr: pl.Expr
    type: Type
    literal: int | float | str | bool | None = None
    calculated: bool = False


_BY_DTYPE: dict[type[pl.DataType], Type] = {
    pl.String: Type.TEXT,
    pl.Boolean: Type.BOOLEAN,
    pl.Date: Type.DATE,
    pl.Datetime: Type.TIMESTAMP,
    pl.Time: Type.TIME,
    pl.Duration: Type.DURATION,
}


def type_of(dtype: pl.DataType) -> Type:
    """What values of a column's type are."""
    return Type.NUMBER if dtype.is_numeric() else _BY_DTYPE[type(dtype)]


def moment(text: str) -> dt.date | dt.datetime | dt.time | None:
    """The date, timestamp or time of day that an ISO 8601 text is; None if it is none. Offsets become UTC."""
    for parse in (dt.date.fromisoformat, dt.datetime.fromisoformat, dt.time.fromisoformat):
        try:
            found = parse(text.strip())
        except ValueError:
            continue
        if isinstance(found, dt.datetime) and found.tzinfo is not None:
            return found.astimezone(dt.UTC).replace(tzinfo=None)
        return found
    return None


_LITERAL: dict[type, Type] = {
    dt.date: Type.DATE,
    dt.datetime: Type.TIMESTAMP,
    dt.time: Type.TIME,
}


def of_moment(value: dt.date | dt.datetime | dt.time) -> Typed:
    """A point in time as a part of an expression."""
    return Typed(pl.lit(value), _LITERAL[type(value)])


def matched(left: Typed, right: Typed) -> tuple[Typed, Typed] | None:
    """Two parts made comparable; None if they are not.

    A literal text beside a date, timestamp or time of day is read as one, and a date beside a timestamp is its
    midnight. Nothing else is converted.
    """
    left, right = _read_beside(left, right), _read_beside(right, left)
    if {left.type, right.type} == MOMENTS:
        return _at_midnight(left), _at_midnight(right)
    if Type.MISSING in {left.type, right.type} or left.type is right.type:
        return left, right
    return None


def _read_beside(part: Typed, other: Typed) -> Typed:
    if isinstance(part.literal, str) and other.type in {*MOMENTS, Type.TIME} and other.literal is None:
        found = moment(part.literal)
        return part if found is None else of_moment(found)
    return part


def _at_midnight(part: Typed) -> Typed:
    if part.type is Type.DATE:
        return dataclasses.replace(part, expr=part.expr.cast(pl.Datetime("us")), type=Type.TIMESTAMP)
    return part


_COMPARE: dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

_TOLERANCE = 1e-9
"""How far two calculated numbers may lie apart to be equal: relative above 1, absolute below."""


def compared(sign: str, left: Typed, right: Typed) -> pl.Expr:
    """A comparison of two parts of one type."""
    if left.type is Type.NUMBER and (left.calculated or right.calculated):
        return _nearly(sign, left.expr.cast(pl.Float64), right.expr.cast(pl.Float64))
    return _COMPARE[sign](left.expr, right.expr)


def _nearly(sign: str, left: pl.Expr, right: pl.Expr) -> pl.Expr:
    """The comparison where 0.1 + 0.2 is 0.3."""
    scale = pl.max_horizontal(left.abs(), right.abs(), pl.lit(1.0))
    equal = (left == right) | ((left - right).abs() <= _TOLERANCE * scale)
    if sign in {"=", "!="}:
        return equal if sign == "=" else ~equal
    strictly = _COMPARE[sign[0]](left, right)
    return strictly | equal if sign.endswith("=") else strictly & ~equal
