"""All that a page is made from, in one value."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from dsp_pipeline.core.kinds import ColumnKind

if TYPE_CHECKING:
    import polars as pl

    from dsp_pipeline.core.artifacts.explanations import Explanations
    from dsp_pipeline.core.artifacts.insights import Insights
    from dsp_pipeline.core.artifacts.model import ModelReport
    from dsp_pipeline.core.artifacts.profile import Profile
    from dsp_pipeline.core.artifacts.summary import BuiltFrom
    from dsp_pipeline.etl.tables import ValidatedTable

FEW_LEVELS = 40


@dataclasses.dataclass(frozen=True)
class Material:
    """The artifacts of one version, and what the page is called."""

    validated: ValidatedTable
    profile: Profile
    model: ModelReport
    explanations: Explanations
    insights: Insights
    built_from: BuiltFrom
    title: str

    @property
    def table(self) -> pl.DataFrame:
        """The typed rows."""
        return self.validated.table

    @property
    def noun(self) -> str:
        """What the owner calls a row, in the plural."""
        return self.validated.sidecar.row_noun

    def kind(self, column: str) -> ColumnKind:
        """A column's kind; text where the profile does not know it."""
        known = self.profile.columns.get(column)
        return known.kind if known is not None else ColumnKind.TEXT

    def is_measure(self, column: str) -> bool:
        """Whether a mean of the column says something."""
        return self.kind(column).is_numeric or self.kind(column) is ColumnKind.BOOLEAN

    def is_group(self, column: str) -> bool:
        """Whether rows can be grouped by the column."""
        known = self.profile.columns.get(column)
        if known is None or known.kind.is_temporal:
            return False
        return known.kind.is_categorical or known.distinct <= FEW_LEVELS

    def time_column(self) -> str | None:
        """The column that orders the rows in time: the owner's, else the first one that varies."""
        named = self.validated.sidecar.time_column
        if named in self.table.columns and self.table[named].dtype.is_temporal() and self.kind(named).is_temporal:
            return named
        for name, column in self.profile.columns.items():
            if column.kind.is_temporal and column.distinct > 1 and name in self.table.columns:
                return name
        return None
