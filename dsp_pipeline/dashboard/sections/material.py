"""All that a page is made from, in one value."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING

from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.ml.privacy.publication import Publication
from dsp_pipeline.ml.statistics.structure.roles import Roles

if TYPE_CHECKING:
    import polars as pl

    from dsp_pipeline.core.artifacts.explanations import Explanations
    from dsp_pipeline.core.artifacts.insights import Insights
    from dsp_pipeline.core.artifacts.model import ModelReport
    from dsp_pipeline.core.artifacts.profile import Profile
    from dsp_pipeline.core.artifacts.reading import Reading
    from dsp_pipeline.core.artifacts.summary import BuiltFrom, Summary
    from dsp_pipeline.core.artifacts.validation import Validation
    from dsp_pipeline.etl.tables import ValidatedTable

FEW_LEVELS = 40


@dataclasses.dataclass(frozen=True)
class Material:
    """The artifacts of one version, what the page is called, and what the version before was like.

    The numbers in the artifacts' texts are marked, so that the page can write them its own way.
    """

    validated: ValidatedTable
    profile: Profile
    model: ModelReport
    explanations: Explanations
    insights: Insights
    built_from: BuiltFrom
    title: str
    before: Summary | None = None

    @functools.cached_property
    def publication(self) -> Publication:
        """What may be shown."""
        return Publication.of(self.validated.sidecar, self.profile)

    @functools.cached_property
    def table(self) -> pl.DataFrame:
        """The typed rows; columns of personal data are hidden."""
        return self.publication.table(self.validated.table)

    @functools.cached_property
    def reading(self) -> Reading:
        """How the file was read; cells that reasons quote are hidden where they are personal data."""
        return self.publication.reading(self.validated.reading).marked()

    @functools.cached_property
    def validation(self) -> Validation:
        """What was checked; example values of personal data are hidden."""
        return self.publication.validation(self.validated.validation).marked()

    def quarantined(self, most: int) -> pl.DataFrame:
        """The first rows of the quarantine, as they may be shown."""
        rows = self.validated.quarantined.scan().head(most).collect()
        return self.publication.quarantine(rows, self.validated.reading, self.validated.sidecar)

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
        """The column that orders the rows in time, as the profile took it; None where it does not vary."""
        found = Roles.of(self.validated.sidecar, self.profile.columns).time
        varies = found is not None and self.profile.columns[found].distinct > 1 and found in self.table.columns
        return found if varies else None
