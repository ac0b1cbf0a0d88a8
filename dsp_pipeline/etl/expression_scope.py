"""What an expression may speak of, and whether it speaks of rows or of many together."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from dsp_pipeline.core.expression import Binary, Call, Column, Membership, Unary, walk
from dsp_pipeline.etl.expression_functions import AGGREGATES

if TYPE_CHECKING:
    import datetime as dt

    import polars as pl

    from dsp_pipeline.core.expression import Node


@dataclasses.dataclass(frozen=True)
class Scope:
    """What an expression may speak of.

    Attributes:
        schema: The columns.
        now: The time of the analysis, in UTC without a zone.
        by: The columns whose values make the groups of sum(...) and its like; none: all rows are one.
        when: What is true of the rows that count in sum(...) and its like; None: all do.
    """

    schema: pl.Schema
    now: dt.datetime
    by: tuple[str, ...] = ()
    when: pl.Expr | None = None


def aggregates(node: Node) -> bool:
    """Whether a tree looks at many rows."""
    return any(isinstance(part, Call) and part.name in AGGREGATES for part in walk(node))


def speaks_of_rows(node: Node) -> bool:
    """Whether a tree's value may differ from row to row: a column stands outside of sum(...) and its like."""
    match node:
        case Column():
            return True
        case Call(name=name, arguments=arguments):
            return name not in AGGREGATES and any(map(speaks_of_rows, arguments))
        case Unary(operand=operand):
            return speaks_of_rows(operand)
        case Binary(left=left, right=right):
            return speaks_of_rows(left) or speaks_of_rows(right)
        case Membership(value=value, options=options):
            return any(map(speaks_of_rows, (value, *options)))
        case _:
            return False
