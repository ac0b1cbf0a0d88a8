"""Rules on a table as a whole: how many rows, how many gaps in a column, how old its newest value."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING

import polars as pl

from dsp_pipeline.core.errors import SidecarError
from dsp_pipeline.core.numbers import POINT, written
from dsp_pipeline.core.rules import literal_message
from dsp_pipeline.etl.rule_checks import TableCheck

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsp_pipeline.core.rules import RowCount
    from dsp_pipeline.etl.rule_checks import RuleContext

_DAY = dt.timedelta(days=1)


def row_count(context: RuleContext, rows: RowCount) -> TableCheck:
    """The check on the number of valid rows."""
    height = pl.len().cast(pl.Int64)
    holds = pl.lit(value=True)
    bounds = []
    if rows.min is not None:
        holds &= height >= rows.min
        bounds.append(f"at least {written(rows.min)}")
    if rows.max is not None:
        holds &= height <= rows.max
        bounds.append(f"at most {written(rows.max)}")
    if rows.max_change is not None and context.last_rows:
        low = math.ceil(context.last_rows * (1 - rows.max_change))
        high = math.floor(context.last_rows * (1 + rows.max_change))
        holds &= height.is_between(low, high)
        bounds.append(f"{written(low)} to {written(high)} (the last version had {written(context.last_rows)})")
    # A first version differs from none.
    expected = " and ".join(bounds) or "any number"
    return TableCheck(
        f"{context.place}.rows",
        "rows",
        None,
        (),
        holds,
        pl.format("{} rows", height),
        expected=expected,
        severity=context.rule.severity,
        message=context.rule.message or "the table has {value}, not {expected}",
    )


def column_as_a_whole(context: RuleContext, column: str, *, when: pl.Expr | None) -> Iterator[TableCheck]:
    """The checks on all of a column's values together, in the rows that the rule is about."""
    rule = context.rule
    value = pl.col(column) if when is None else pl.col(column).filter(when)

    def check(
        code: str, holds: pl.Expr, found: pl.Expr, expected: str, *, freshness: pl.Expr | None = None
    ) -> TableCheck:
        return TableCheck(
            f"{context.place}.{code}",
            code,
            column,
            (column, *(name for name, field in rule.columns_named() if field == ".when" and name != column)),
            holds,
            found,
            expected=expected,
            severity=rule.severity,
            message=rule.message or literal_message(f"{column} has not {expected}: ") + "{value}",
            freshness=freshness,
        )

    if rule.max_missing is not None:
        missing = value.is_null().mean().fill_null(0.0)
        told = pl.format("{}% missing", (missing * 100).round(2)).str.replace(".", POINT, literal=True)
        yield check(
            "max_missing", missing <= rule.max_missing, told, f"at most {written(rule.max_missing, '.1%')} missing"
        )
    if rule.max_age is not None:
        newest = _newest_of(value, context.schema[column])
        if newest is None:
            raise _no_dates(context, column)
        age = pl.lit(context.now) - newest
        # No value at all is not fresh.
        holds = (age <= rule.max_age).fill_null(value=False)
        told = pl.coalesce(pl.format("newest {}", value.max()), pl.lit("no value"))
        expected = f"a value of the last {_told(rule.max_age)}"
        yield check("max_age", holds, told, expected, freshness=_freshness(age, rule.max_age))


def _newest_of(value: pl.Expr, dtype: pl.DataType) -> pl.Expr | None:
    """When a column's newest value was; a day counts as its end. None if the column has no points in time."""
    if isinstance(dtype, pl.Date):
        return value.max().cast(pl.Datetime("us")) + _DAY
    return value.max() if isinstance(dtype, pl.Datetime) else None


def _freshness(age: pl.Expr, allowed: dt.timedelta) -> pl.Expr:
    """The age allowed by the newest value's, at most 1; no value at all is not fresh."""
    share = pl.lit(allowed).dt.total_microseconds() / age.dt.total_microseconds()
    return pl.when(age <= dt.timedelta()).then(1.0).otherwise(share.clip(upper_bound=1.0)).fill_null(0.0)


def _no_dates(context: RuleContext, column: str) -> SidecarError:
    return SidecarError(
        f"'{context.place}' sets a max_age for {column!r}, which holds no dates ({context.schema[column]})",
        where=context.where,
        remedy="Name a column of dates, or declare its type and format under 'types'",
    )


def _told(age: dt.timedelta) -> str:
    hours = age.total_seconds() / 3600
    return f"{written(hours / 24, 'g')} days" if hours % 24 == 0 else f"{written(hours, 'g')} hours"
