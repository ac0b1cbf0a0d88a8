"""What a rule becomes: a condition on each row, or one on the table as a whole."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from dsp_pipeline.core.errors import SidecarError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    import polars as pl

    from dsp_pipeline.core.artifacts.reading import ColumnReading
    from dsp_pipeline.core.rules import Reference, Rule, Severity

_MOST_TOLD = 200

TEXT_PREFIX = "__text__"
"""Put before a column's name: its text as it stood in the file, for rules on how something is written."""


@dataclasses.dataclass(frozen=True)
class RuleContext:
    """One rule, and what is known where it is made a check.

    Attributes:
        rule: What the owner wrote.
        place: Where, such as ``rules[2]``.
        schema: The columns that it may speak of.
        columns: What each of them is, by its name.
        now: The time of the analysis, in UTC without a zone.
        referenced: The values of other datasets' columns.
        last_rows: How many rows the last version had; None if there was none.
        where: The sidecar's name.
    """

    rule: Rule
    place: str
    schema: pl.Schema
    columns: Mapping[str, ColumnReading]
    now: dt.datetime
    referenced: Mapping[Reference, pl.Series]
    last_rows: int | None
    where: str


@dataclasses.dataclass(frozen=True)
class RowCheck:
    """One condition that every row has to meet.

    Attributes:
        name: Unique among a table's checks, such as ``rules[2].min``.
        code: What a quarantine's reasons call it, such as ``min``.
        column: The column it is about; None for conditions on whole rows.
        columns: All columns that the expression reads.
        shown: The columns whose values are part of the reason.
        holds: True where a row meets it; null counts as met, as in SQL's CHECK.
        expected: What is expected, in few words.
        severity: ``error`` quarantines rows, ``warning`` only counts them.
        message: What a person is told, with placeholders.
    """

    name: str
    code: str
    column: str | None
    columns: tuple[str, ...]
    shown: tuple[str, ...]
    holds: pl.Expr
    expected: str
    severity: Severity
    message: str


@dataclasses.dataclass(frozen=True)
class TableCheck:
    """One condition on the valid rows together.

    Attributes:
        name: Unique among a table's checks.
        code: Its form, such as ``rows``.
        column: The column it is about, if it is about one.
        columns: All columns that the expressions read.
        holds: One value, true where it is met; null counts as met.
        found: One text that says what was found instead; None where the message says it all.
        expected: What is expected, in few words.
        severity: ``error`` keeps the version from being analysed, ``warning`` only reports it.
        message: What a person is told.
        freshness: How fresh the table is, from 0 to 1, where the check is about its age.
    """

    name: str
    code: str
    column: str | None
    columns: tuple[str, ...]
    holds: pl.Expr
    found: pl.Expr | None
    expected: str
    severity: Severity
    message: str
    freshness: pl.Expr | None = None


def not_computed(check: RowCheck | TableCheck, cause: str, *, where: str) -> SidecarError:
    """The error for a check that Polars can't compute, though its types fit.

    Args:
        check: The check.
        cause: What Polars says; its first line is told.
        where: The sidecar's name.
    """
    told = next(iter(cause.strip().splitlines()), "")[:_MOST_TOLD]
    what = f"'{check.name}' can't be computed of the values ({check.expected})"
    return SidecarError(
        f"{what}: {told}",
        published=what,
        where=where,
        remedy="Write the rule in another way; a missing value written as 'null' has no year, length or the like",
    )
