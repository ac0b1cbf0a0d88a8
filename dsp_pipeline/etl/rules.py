"""The sidecar's rules as checks: on each row, or on the table as a whole."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import polars as pl

from dsp_pipeline.core.errors import SidecarError
from dsp_pipeline.core.expression import columns_of
from dsp_pipeline.core.expression_parser import parse_expression
from dsp_pipeline.core.expression_tokens import ExpressionError
from dsp_pipeline.core.rules import TABLE_PLACEHOLDERS, literal_message, message_parts
from dsp_pipeline.etl.casting import POLARS_TYPES
from dsp_pipeline.etl.column_rules import column_checks
from dsp_pipeline.etl.expression_scope import Scope, aggregates, speaks_of_rows
from dsp_pipeline.etl.expressions import compile_condition
from dsp_pipeline.etl.rule_checks import RowCheck, RuleContext, TableCheck
from dsp_pipeline.etl.table_rules import column_as_a_whole, row_count

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

    from dsp_pipeline.core.artifacts.reading import ColumnReading
    from dsp_pipeline.core.expression import Node
    from dsp_pipeline.core.rules import Reference
    from dsp_pipeline.core.sidecar import Sidecar


@dataclasses.dataclass(frozen=True)
class Ruling:
    """What a sidecar's rules come to for one table.

    Attributes:
        columns: What rules may speak of: what each column is taken for, those that are ignored as text.
        now: The time of the analysis, in UTC without a zone.
        referenced: The values of other datasets' columns.
        last_rows: How many rows the last version had; None if there was none.
        where: The sidecar's or the file's name for messages.
    """

    columns: Sequence[ColumnReading]
    now: dt.datetime
    referenced: Mapping[Reference, pl.Series]
    last_rows: int | None
    where: str


def checks_of(sidecar: Sidecar, ruling: Ruling) -> list[RowCheck | TableCheck]:
    """The checks that a sidecar's rules ask for; the rules' columns are known to be there.

    Raises:
        SidecarError: A rule does not fit its column's type, or an expression's types do not fit each other.
    """
    checks: list[RowCheck | TableCheck] = []
    schema = pl.Schema({column.name: POLARS_TYPES[column.dtype] for column in ruling.columns})
    columns = {column.name: column for column in ruling.columns}
    for number, rule in enumerate(sidecar.rules, start=1):
        context = RuleContext(
            rule,
            f"rules[{number}]",
            schema,
            columns,
            ruling.now,
            referenced=ruling.referenced,
            last_rows=ruling.last_rows,
            where=ruling.where,
        )
        checks += [
            _limited(check, context) if isinstance(check, RowCheck) else _without_rows(check, context)
            for check in _of_rule(context)
        ]
    return checks


def _of_rule(context: RuleContext) -> Iterable[RowCheck | TableCheck]:
    rule = context.rule
    if rule.expect is not None:
        yield _expectation(context, rule.expect)
    elif rule.rows is not None:
        yield row_count(context, rule.rows)
    elif rule.column is not None:
        yield from column_checks(context, rule.column)
        yield from column_as_a_whole(context, rule.column, when=_when(context))
    if rule.unique_columns:
        yield _uniqueness(context, rule.unique_columns)


def _limited(check: RowCheck, context: RuleContext) -> RowCheck:
    """The check, on those rows only that the rule is about."""
    when = _when(context)
    if when is None or check.code == "unique":
        return check
    columns = dict.fromkeys((*check.columns, *_columns_of(context.rule.when)))
    return dataclasses.replace(check, holds=~when | check.holds, columns=tuple(columns))


def _without_rows(check: TableCheck, context: RuleContext) -> TableCheck:
    """The check, whose message speaks of no row."""
    for _, name in message_parts(check.message):
        if name is not None and name not in TABLE_PLACEHOLDERS:
            raise SidecarError(
                f"'{context.place}.message' has {{{name}}}, but the rule is about the table as a whole",
                where=context.where,
                remedy=f"Use {', '.join(f'{{{known}}}' for known in TABLE_PLACEHOLDERS)} there",
            )
    return check


def _when(context: RuleContext) -> pl.Expr | None:
    """Which rows the rule is about; None: all. Where a missing value leaves it open, it is not about that row."""
    text = context.rule.when
    if text is None:
        return None
    return _compiled(context, parse_expression(text), "when", Scope(context.schema, context.now)).fill_null(
        value=False
    )


def _columns_of(text: str | None) -> tuple[str, ...]:
    return columns_of(parse_expression(text)) if text is not None else ()


def _compiled(context: RuleContext, node: Node, field: str, scope: Scope) -> pl.Expr:
    try:
        return compile_condition(node, scope)
    except ExpressionError as error:
        raise SidecarError(
            f"'{context.place}.{field}': the expression {getattr(context.rule, field)!r} can't be used {error}",
            where=context.where,
            remedy="Mend it there; the guide to the sidecar lists what an expression may have",
        ) from error


def _uniqueness(context: RuleContext, columns: tuple[str, ...]) -> RowCheck:
    """The first row of a key is good; of rows that the rule is not about, or with a gap in the key, all are."""
    when = _when(context)
    counts = ~pl.any_horizontal(pl.col(column).is_null() for column in columns)
    if when is not None:
        counts &= when
    key = pl.when(counts).then(pl.struct(columns))
    named = ", ".join(columns)
    single = columns[0] if len(columns) == 1 else None
    return RowCheck(
        name=f"{context.place}.unique",
        code="unique",
        column=single,
        columns=tuple(dict.fromkeys((*columns, *_columns_of(context.rule.when)))),
        shown=columns,
        holds=key.is_first_distinct() | ~counts,
        expected="a value that no earlier row has",
        severity=context.rule.severity,
        message=context.rule.message or literal_message(f"an earlier row has the same {named}"),
    )


def _expectation(context: RuleContext, text: str) -> RowCheck | TableCheck:
    rule, node = context.rule, parse_expression(text)
    by = tuple(rule.by or ())
    if by and not aggregates(node):
        raise SidecarError(
            f"'{context.place}.by' is of no use: {text!r} adds nothing up over a group",
            where=context.where,
            remedy="Write an expression such as 'sum(amount) = 0', or leave 'by' out",
        )
    when = _when(context)
    # Sums are over those rows only that the rule is about.
    holds = _compiled(context, node, "expect", Scope(context.schema, context.now, by, when))
    groups = f" for each {', '.join(by)}" if by else ""
    message = rule.message or literal_message(f"{text} does not hold{groups}")
    columns = tuple(dict.fromkeys((*columns_of(node), *by, *_columns_of(rule.when))))
    name = f"{context.place}.expect"
    if not by and aggregates(node) and not speaks_of_rows(node):
        return TableCheck(
            name, "expect", None, columns, holds, None, expected=text, severity=rule.severity, message=message
        )
    if by:
        # A row with a gap in its key belongs to no group.
        holds = pl.any_horizontal(pl.col(column).is_null() for column in by) | holds
    shown = tuple(dict.fromkeys((*by, *columns_of(node))))
    return RowCheck(
        name=name,
        code="expect",
        column=None,
        columns=columns,
        shown=shown,
        holds=holds,
        expected=f"{text}{groups}",
        severity=rule.severity,
        message=message,
    )
