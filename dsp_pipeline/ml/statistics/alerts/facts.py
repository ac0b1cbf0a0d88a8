"""What alerts are made of, and how one is made."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from dsp_pipeline.core.artifacts.profile import Alert
from dsp_pipeline.ml.privacy.columns import shown_value
from dsp_pipeline.ml.statistics.alerts.codes import CODES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dsp_pipeline.core.artifacts.profile import ColumnProfile
    from dsp_pipeline.core.artifacts.series import TimeSeries
    from dsp_pipeline.core.artifacts.structure import Structure
    from dsp_pipeline.core.thresholds import AlertThresholds
    from dsp_pipeline.ml.statistics.arrays import Column
    from dsp_pipeline.ml.statistics.associations import Associations
    from dsp_pipeline.ml.statistics.structure.roles import Roles


@dataclasses.dataclass(frozen=True)
class Facts:
    """Everything that is known about a table.

    Attributes:
        columns: The table's columns.
        profiles: Their profiles.
        associations: What was measured between them.
        structure: How the table is built.
        series: How its numbers run over time; None without a time column.
        roles: What some columns are for.
        duplicates: Rows that repeat an earlier one.
        limits: Where a fact becomes an alert.
    """

    columns: Sequence[Column]
    profiles: Mapping[str, ColumnProfile]
    associations: Associations
    structure: Structure
    series: TimeSeries | None
    roles: Roles
    duplicates: int
    limits: AlertThresholds

    @property
    def rows(self) -> int:
        """The table's rows."""
        return len(self.columns[0].series) if self.columns else 0

    def example(self, column: str, value: str) -> str:
        """A value of a column in quotes, at most 40 characters of it; what it is in brackets if it is hidden."""
        return f"'{shown_value(value, self.profiles[column])[:40]}'"


def raised(
    code: str,
    text: str,
    *,
    column: str | None = None,
    value: float | str | None = None,
    threshold: float | str | None = None,
    columns: Sequence[str] = (),
) -> Alert:
    """An alert of a known code, with its severity and what to do.

    Args:
        code: One of `CODES`.
        text: The fact in a sentence.
        column: The column it is about; None for the whole table.
        value: The size of the fact.
        threshold: The bound that it reached.
        columns: All columns that have a part in it, if there are more than one.
    """
    kind = CODES[code]
    return Alert(
        code=code,
        column=column,
        value=value,
        threshold=threshold,
        text=text,
        severity=kind.severity,
        action=kind.action,
        columns=list(columns) or ([] if column is None else [column]),
    )
