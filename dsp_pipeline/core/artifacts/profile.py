"""`profile.json`: what is in the table."""

from __future__ import annotations

from typing import Literal

from dsp_pipeline.core.artifacts import ArtifactModel
from dsp_pipeline.core.artifacts.reading import Dtype
from dsp_pipeline.core.artifacts.series import TimeSeries
from dsp_pipeline.core.artifacts.structure import Structure
from dsp_pipeline.core.kinds import ColumnKind

AlertSeverity = Literal["error", "warning", "info"]


class Histogram(ArtifactModel):
    """Counts between edges; ``len(edges) == len(counts) + 1``. Temporal edges are seconds since 1970 (UTC)."""

    edges: list[float]
    counts: list[int]
    rule: str


class TopValue(ArtifactModel):
    """One of the commonest values; ``share`` is of the non-missing values."""

    value: str
    count: int
    share: float


class Outliers(ArtifactModel):
    """Values outside the fences of ``method``."""

    method: str
    low_fence: float
    high_fence: float
    count: int
    examples: list[float] = []


class Distribution(ArtifactModel):
    """The family that fits best, or ``family=None`` where none does."""

    family: str | None
    parameters: dict[str, float] = {}
    statistic: float | None = None
    text: str = ""


class ColumnProfile(ArtifactModel):
    """One column. ``statistics`` holds what applies to the kind, by the names in docs/user-guide/profile.md."""

    kind: ColumnKind
    dtype: Dtype
    count: int
    missing: int
    distinct: int
    statistics: dict[str, float | int | str | None]
    histogram: Histogram | None = None
    top_values: list[TopValue] = []
    outliers: Outliers | None = None
    distribution: Distribution | None = None


class Association(ArtifactModel):
    """How strongly two columns go together.

    ``q`` is the false discovery rate over all pairs at which this counts as found, ``error`` half a 95 %
    interval where ``n`` is a sample of the rows, ``given`` the column held constant in a partial correlation.
    Theil's U is the share of the entropy of ``b`` that ``a`` explains.
    """

    a: str
    b: str
    measure: str
    value: float
    n: int
    p: float | None
    q: float | None
    error: float | None = None
    given: str | None = None


class MissingPattern(ArtifactModel):
    """Rows in which just these columns are missing together."""

    columns: list[str]
    rows: int


class Alert(ArtifactModel):
    """A fact about data quality, with the threshold that made it one, and what to do about it.

    ``value`` is the size of the fact; ``columns`` are all columns that have a part in it.
    """

    code: str
    column: str | None
    value: float | str | None
    threshold: float | str | None
    text: str
    severity: AlertSeverity = "warning"
    action: str = ""
    columns: list[str] = []


class Profile(ArtifactModel):
    """The profile of one version."""

    rows: int
    duplicate_rows: int
    columns: dict[str, ColumnProfile]
    associations: list[Association]
    missingness: list[MissingPattern]
    alerts: list[Alert]
    structure: Structure = Structure()
    time_series: TimeSeries | None = None
