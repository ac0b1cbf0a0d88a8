"""The sidecar's rules as checks on rows: each a Polars expression that is true where a row meets it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import polars as pl

from dsp_pipeline.core.errors import SidecarError
from dsp_pipeline.etl.named import missing_column

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dsp_pipeline.core.sidecar import Rule, Severity, Sidecar

TEXT_PREFIX = "__text__"
"""Put before a column's name: its text as it stood in the file, for rules on how something is written."""


@dataclasses.dataclass(frozen=True)
class RowCheck:
    """One condition that every row has to meet.

    Attributes:
        name: Unique among a table's checks, such as ``rules[2].min``.
        code: What a quarantine's reasons call it, such as ``min``.
        column: The column it is about; None for conditions on whole rows.
        columns: All columns that the expression reads.
        holds: True where a row meets it; null counts as met, as in SQL's CHECK.
        expected: What is expected, in few words.
        severity: ``error`` quarantines rows, ``warning`` only counts them.
        message: What a person is told.
    """

    name: str
    code: str
    column: str | None
    columns: tuple[str, ...]
    holds: pl.Expr
    expected: str
    severity: Severity
    message: str


def row_checks(sidecar: Sidecar, schema: pl.Schema, *, where: str) -> list[RowCheck]:
    """The checks that a sidecar's rules ask for.

    Args:
        sidecar: What the owner says; its rules' columns are known to be there.
        schema: The typed table's columns.
        where: The sidecar's or the file's name for messages.

    Raises:
        SidecarError: A rule does not fit its column's type, or an expression is not valid.
    """
    checks: list[RowCheck] = []
    for number, rule in enumerate(sidecar.rules, start=1):
        place = f"rules[{number}]"
        if rule.expect is not None:
            checks.append(_expectation(rule, rule.expect, place, schema, where=where))
        elif rule.unique is not None:
            checks.append(_uniqueness(rule, rule.unique, place))
        elif rule.column is not None:
            checks.extend(_on_column(rule, rule.column, place, schema[rule.column], where=where))
    return checks


def _on_column(rule: Rule, column: str, place: str, dtype: pl.DataType, *, where: str) -> Iterator[RowCheck]:
    value = pl.col(column)

    def check(code: str, holds: pl.Expr, expected: str, reads: str = column) -> RowCheck:
        message = rule.message or f"{column} is not {expected}"
        return RowCheck(f"{place}.{code}", code, column, (reads,), holds, expected, rule.severity, message)

    for code, bound in (("min", rule.min), ("max", rule.max)):
        if bound is not None:
            _need_numbers(column, place, code, dtype, where=where)
            holds = value >= bound if code == "min" else value <= bound
            yield check(code, holds, f"at {'least' if code == 'min' else 'most'} {bound:g}")
    if rule.not_null:
        yield check("not_null", value.is_not_null(), "filled")
    if rule.one_of is not None:
        yield check(
            "one_of", value.is_in(_allowed(rule.one_of, dtype).implode()), f"one of {_listed(rule.one_of)}"
        )
    if rule.matches is not None:
        pattern = _pattern(rule.matches, place, where=where)
        text = TEXT_PREFIX + column
        yield check("matches", pl.col(text).str.contains(pattern), f"written like {rule.matches}", text)


def _need_numbers(column: str, place: str, code: str, dtype: pl.DataType, *, where: str) -> None:
    if not dtype.is_numeric():
        raise SidecarError(
            f"'{place}' sets a {code} for {column!r}, which holds no numbers ({dtype})",
            where=where,
            remedy="Use 'matches', 'one_of' or 'expect' there, or declare the column's type under 'types'",
        )


def _allowed(values: Sequence[str | float | bool], dtype: pl.DataType) -> pl.Series:
    """The allowed values in the column's own type; what can't be of that type can't occur in it either."""
    if isinstance(dtype, pl.Boolean):
        kept = [value if isinstance(value, bool) else str(value).lower() == "true" for value in values]
        return pl.Series(kept, dtype=pl.Boolean)
    texts = [
        str(int(value)) if isinstance(value, float) and value.is_integer() else str(value) for value in values
    ]
    return pl.Series(texts, dtype=pl.String).cast(dtype, strict=False).drop_nulls()


def _listed(values: Sequence[str | float | bool]) -> str:
    shown = ", ".join(str(value) for value in values[:8])
    return f"{shown} ..." if len(values) > 8 else shown  # noqa: PLR2004 - eight fit a line


def _pattern(pattern: str, place: str, *, where: str) -> str:
    whole = f"^(?:{pattern})$"
    try:
        pl.Series([""]).str.contains(whole)
    except pl.exceptions.ComputeError as error:
        raise SidecarError(
            f"'{place}.matches' is no regular expression that can be used: {_first_line(error)}",
            where=where,
            remedy="Mend it; look-around and back-references are not available",
        ) from error
    return whole


def _uniqueness(rule: Rule, columns: Sequence[str], place: str) -> RowCheck:
    key = pl.struct(columns)
    has_gap = pl.any_horizontal(pl.col(column).is_null() for column in columns)
    named = ", ".join(columns)
    return RowCheck(
        name=f"{place}.unique",
        code="unique",
        column=columns[0] if len(columns) == 1 else None,
        columns=tuple(columns),
        holds=key.is_first_distinct() | has_gap,
        expected="a value that no earlier row has",
        severity=rule.severity,
        message=rule.message or f"an earlier row has the same {named}",
    )


def _expectation(rule: Rule, expression: str, place: str, schema: pl.Schema, *, where: str) -> RowCheck:
    field = f"{place}.expect"
    try:
        holds = pl.sql_expr(expression)
        columns = tuple(dict.fromkeys(holds.meta.root_names()))
        absent = next((column for column in columns if column not in schema), None)
        if absent is not None:
            raise missing_column(absent, list(schema), field=field, where=where)
        answers = pl.DataFrame(schema=schema).select(holds.alias("answer")).schema["answer"]
    except pl.exceptions.PolarsError as error:
        raise SidecarError(
            f"'{field}' is no expression that can be used: {_first_line(error)}",
            where=where,
            remedy="Write a condition on columns in SQL, such as 'ship_date >= order_date'",
        ) from error
    if answers != pl.Boolean:
        raise SidecarError(
            f"'{field}' yields {answers}, not true or false",
            where=where,
            remedy="Write a condition, such as 'ship_date >= order_date'",
        )
    return RowCheck(
        name=field,
        code="expect",
        column=None,
        columns=columns,
        holds=holds,
        expected=expression,
        severity=rule.severity,
        message=rule.message or f"{expression} does not hold",
    )


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
