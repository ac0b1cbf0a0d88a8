"""The functions that an expression may call: what each takes, gives and does."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

import polars as pl

from dsp_pipeline.etl.expression_types import MOMENTS, Type

if TYPE_CHECKING:
    from collections.abc import Callable

_N, _T, _B = frozenset({Type.NUMBER}), frozenset({Type.TEXT}), frozenset({Type.BOOLEAN})
_DAY, _CLOCK = MOMENTS, frozenset({Type.TIMESTAMP, Type.TIME})
ANY = frozenset(Type)
ORDERED = frozenset(Type) - {Type.BOOLEAN, Type.MISSING}


@dataclasses.dataclass(frozen=True)
class Function:
    """One function.

    Attributes:
        takes: For each argument the types it may have.
        gives: The result's type; None: that of the first argument.
        build: What makes the result of the arguments' expressions.
        optional: How many of the last arguments may be left out.
        literal: Whether the last argument is a plain text, which ``build`` gets as it is.
        calculated: Whether the result has rounding errors.
    """

    takes: tuple[frozenset[Type], ...]
    gives: Type | None
    build: Callable[..., pl.Expr]
    optional: int = 0
    literal: bool = False
    calculated: bool = False


def like_pattern(pattern: str) -> str:
    """SQL's LIKE as a regular expression: ``%`` is any text, ``_`` any character."""
    parts = {"%": "(?s:.*)", "_": "(?s:.)"}
    return "^" + "".join(parts.get(char, re.escape(char)) for char in pattern) + "$"


def whole_pattern(pattern: str) -> str:
    """A regular expression that has to match a whole text."""
    return f"^(?:{pattern})$"


def _hours(text: pl.Expr) -> pl.Expr:
    return (text * 3_600_000_000).cast(pl.Int64).cast(pl.Duration("us"))


def _days(number: pl.Expr) -> pl.Expr:
    return (number * 86_400_000_000).cast(pl.Int64).cast(pl.Duration("us"))


def _days_between(start: pl.Expr, end: pl.Expr) -> pl.Expr:
    span = end.cast(pl.Datetime("us")) - start.cast(pl.Datetime("us"))
    return span.dt.total_microseconds() / 86_400_000_000


ROW_FUNCTIONS: dict[str, Function] = {
    "abs": Function((_N,), Type.NUMBER, lambda x: x.abs()),
    "floor": Function((_N,), Type.NUMBER, lambda x: x.floor()),
    "ceil": Function((_N,), Type.NUMBER, lambda x: x.ceil()),
    "length": Function((_T,), Type.NUMBER, lambda x: x.str.len_chars().cast(pl.Int64)),
    "lower": Function((_T,), Type.TEXT, lambda x: x.str.to_lowercase()),
    "upper": Function((_T,), Type.TEXT, lambda x: x.str.to_uppercase()),
    "trim": Function((_T,), Type.TEXT, lambda x: x.str.strip_chars()),
    "starts_with": Function((_T, _T), Type.BOOLEAN, lambda x, y: x.str.starts_with(y)),
    "ends_with": Function((_T, _T), Type.BOOLEAN, lambda x, y: x.str.ends_with(y)),
    "contains": Function((_T, _T), Type.BOOLEAN, lambda x, y: x.str.contains(y, literal=True)),
    "matches": Function((_T, _T), Type.BOOLEAN, lambda x, y: x.str.contains(whole_pattern(y)), literal=True),
    "like": Function((_T, _T), Type.BOOLEAN, lambda x, y: x.str.contains(like_pattern(y)), literal=True),
    "year": Function((_DAY,), Type.NUMBER, lambda x: x.dt.year()),
    "month": Function((_DAY,), Type.NUMBER, lambda x: x.dt.month().cast(pl.Int64)),
    "day": Function((_DAY,), Type.NUMBER, lambda x: x.dt.day().cast(pl.Int64)),
    "weekday": Function((_DAY,), Type.NUMBER, lambda x: x.dt.weekday().cast(pl.Int64)),
    "hour": Function((_CLOCK,), Type.NUMBER, lambda x: x.dt.hour().cast(pl.Int64)),
    "minute": Function((_CLOCK,), Type.NUMBER, lambda x: x.dt.minute().cast(pl.Int64)),
    "date": Function((_DAY,), Type.DATE, lambda x: x.cast(pl.Date)),
    "days": Function((_N,), Type.DURATION, _days),
    "hours": Function((_N,), Type.DURATION, _hours),
    "days_between": Function((_DAY, _DAY), Type.NUMBER, _days_between, calculated=True),
    "is_missing": Function((ANY,), Type.BOOLEAN, lambda x: x.is_null()),
}

AGGREGATES: dict[str, Function] = {
    "sum": Function((_N,), Type.NUMBER, lambda x: x.cast(pl.Float64).sum(), calculated=True),
    "mean": Function((_N,), Type.NUMBER, lambda x: x.cast(pl.Float64).mean(), calculated=True),
    "min": Function((ORDERED,), None, lambda x: x.min()),
    "max": Function((ORDERED,), None, lambda x: x.max()),
    "first": Function((ANY,), None, lambda x: x.drop_nulls().first()),
    "last": Function((ANY,), None, lambda x: x.drop_nulls().last()),
    "count": Function((ANY,), Type.NUMBER, lambda x: x.count().cast(pl.Int64), optional=1),
    "count_distinct": Function((ANY,), Type.NUMBER, lambda x: x.drop_nulls().n_unique().cast(pl.Int64)),
    "all": Function((_B,), Type.BOOLEAN, lambda x: x.all()),
    "any": Function((_B,), Type.BOOLEAN, lambda x: x.any()),
}
"""Functions of many rows: those of the ``by`` group, or all."""

SPECIAL = frozenset({"round", "if", "coalesce", "least", "greatest", "concat", "today", "now", "timestamp"})
"""Functions whose arguments the compiler looks at itself."""
