"""`profile.json`: what is in the table."""

from __future__ import annotations

from typing import Literal

from dsp_pipeline.core.artifacts import ArtifactModel, WordedModel
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


class Fences(WordedModel):
    """How many values lie outside the fences of one method."""

    method: str
    low: float
    high: float
    count: int


class OutlierRow(WordedModel):
    """One of the furthest values; ``row`` is its place in the table, from 1."""

    row: int
    value: float
    why: str


class Outliers(WordedModel):
    """Values outside the fences of ``method``; ``others`` has what other methods find."""

    method: str
    low_fence: float
    high_fence: float
    count: int
    examples: list[float] = []
    medcouple: float | None = None
    others: list[Fences] = []
    rows: list[OutlierRow] = []


class Modality(ArtifactModel):
    """Hartigan's dip of ``n`` of the values, and the p of "there is one peak"."""

    dip: float
    p: float
    n: int


class QuantilePair(ArtifactModel):
    """A point of a Q-Q plot: the value below which a share of the column lies, and where the family has it."""

    share: float
    observed: float
    expected: float


class Distribution(WordedModel):
    """The family that fits best, or ``family=None`` where none does; ``nearest`` is the best one in either case.

    ``statistic`` is the Kolmogorov-Smirnov distance of the whole column; ``p`` belongs to ``tested`` values
    drawn from it, and knows that the parameters were estimated. ``aic`` has how much worse the next families
    are.
    """

    family: str | None
    parameters: dict[str, float] = {}
    statistic: float | None = None
    text: str = ""
    nearest: str | None = None
    p: float | None = None
    tested: int = 0
    normal_p: float | None = None
    aic: dict[str, float] = {}
    quantiles: list[QuantilePair] = []
    modality: Modality | None = None


class Meaning(WordedModel):
    """What a column's values are in the world, with a confidence between 0 and 1 and the reason.

    ``personal``: they say who somebody is. ``within``: what personal data stands within texts that are not
    personal as a whole. ``masked``: it is hidden in all that is published. ``order``: an ordered
    category's labels, lowest first.
    """

    name: str
    confidence: float
    reason: str
    personal: bool = False
    within: list[str] = []
    masked: bool = False
    order: list[str] = []


class TextProfile(ArtifactModel):
    """What ``texts`` texts are made of: shares of characters by kind and of letters by script, commonest words."""

    texts: int
    characters: dict[str, float] = {}
    scripts: dict[str, float] = {}
    words: list[TopValue] = []
    pairs: list[TopValue] = []


class CalendarProfile(ArtifactModel):
    """Rows by weekday (from Monday), month (from January) and, for points in time, hour (from 0)."""

    weekdays: list[int]
    months: list[int]
    hours: list[int] = []


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
    meaning: Meaning | None = None
    text: TextProfile | None = None
    calendar: CalendarProfile | None = None

    @property
    def is_hidden(self) -> bool:
        """Whether the column holds personal data that must not be shown."""
        return self.meaning is not None and self.meaning.masked


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


class UnusualCell(ArtifactModel):
    """A value that makes a row unusual, and the share of the rows looked at that lie below it."""

    column: str
    value: float
    share_below: float


class UnusualRow(ArtifactModel):
    """A row that is unusual over several columns; ``row`` is its place in the table, from 1, ``score`` up to 1."""

    row: int
    score: float
    cells: list[UnusualCell]


class Alert(WordedModel):
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
    unusual_rows: list[UnusualRow] = []
