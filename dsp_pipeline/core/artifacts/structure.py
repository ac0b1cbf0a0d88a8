"""The part of `profile.json` that says how a table is built: keys, dependencies, repeats, gaps, entities."""

from __future__ import annotations

from typing import Literal

from dsp_pipeline.core.artifacts import ArtifactModel


class Dependency(ArtifactModel):
    """``dependent`` follows from ``determinant``, but for ``exceptions`` rows; ``share`` is that of the others.

    Exceptions are the rows without the commonest dependent of their determinant (g3 of Kivinen & Mannila 1995).
    """

    determinant: str
    dependent: str
    share: float
    exceptions: int
    n: int


class Redundancy(ArtifactModel):
    """Columns that carry the same information: one of them is enough."""

    columns: list[str]
    why: Literal["equal", "one to one", "correlated"]


class NearDuplicate(ArtifactModel):
    """Two rows (from 1, in the table's order) that differ in one column only."""

    row: int
    earlier: int
    column: str


class NearDuplicates(ArtifactModel):
    """Rows that agree with an earlier one in all columns but one, by the column that differs.

    ``searched`` is the share of the groups of agreeing rows that was looked at: 1 but for very large tables.
    """

    rows: int
    searched: float
    columns: dict[str, int]
    examples: list[NearDuplicate] = []


class Spelling(ArtifactModel):
    """A label, and others that seem to mean the same."""

    column: str
    label: str
    variants: list[str]
    rows: int
    why: Literal["case, accents or spaces", "one character"]


class MissingDependence(ArtifactModel):
    """Whether ``column`` is missing depends on ``on``; ``value`` is Cramér's V of gaps and classes of ``on``."""

    column: str
    on: str
    value: float
    n: int
    p: float
    q: float


class CompletelyAtRandom(ArtifactModel):
    """Little's test that gaps are unrelated to all values: a small ``p`` says that they are not."""

    columns: list[str]
    patterns: int
    statistic: float
    degrees: int
    n: int
    p: float


class Panel(ArtifactModel):
    """Entities observed over time; ``filled`` is the share of entity-time cells that have a row."""

    entity: str
    time: str
    entities: int
    periods: int
    filled: float
    balanced: bool


class Structure(ArtifactModel):
    """How the table is built. ``searched`` is the number of columns looked at, where not all were."""

    keys: list[list[str]] = []
    dependencies: list[Dependency] = []
    redundant: list[Redundancy] = []
    near_duplicates: NearDuplicates | None = None
    spellings: list[Spelling] = []
    sorted_by: list[str] = []
    panel: Panel | None = None
    missing_dependence: list[MissingDependence] = []
    missing_at_random: CompletelyAtRandom | None = None
    searched: int | None = None
