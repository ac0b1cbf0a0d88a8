"""`validation.json`: what was checked, what failed, and the contract for the next version."""

from __future__ import annotations

from typing import Literal

from dsp_pipeline.core.artifacts import ArtifactModel, WordedModel
from dsp_pipeline.core.artifacts.reading import Dtype
from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.core.rules import Severity


class CheckResult(WordedModel):
    """One check's outcome.

    ``failed_rows`` counts table rows; ``column`` is None for checks on whole rows. ``lines`` are the first lines
    of the file (1-based) on which it fails. A failed check of severity ``error`` set its rows aside, or, if it is
    about the table as a whole, keeps the version from being analysed.
    """

    name: str
    column: str | None
    passed: bool
    failed_rows: int
    severity: Severity
    message: str = ""
    examples: list[str] = []
    code: str = ""
    about: Literal["rows", "table"] = "rows"
    expected: str = ""
    lines: list[int] = []
    remedy: str = ""

    @property
    def blocks(self) -> bool:
        """Whether the version must not be analysed because of it."""
        return not self.passed and self.about == "table" and self.severity == "error"


class ReasonCount(ArtifactModel):
    """Why rows are in quarantine: a reason's code and column, its commonest message, and how many rows have it."""

    code: str
    column: str | None
    message: str
    rows: int


class Quality(ArtifactModel):
    """Shares between 0 and 1, and their weighted mean ``score`` (the formula is in docs/user-guide/quality.md).

    ``timeliness`` is None where nothing says how old the data may be.
    """

    score: float
    completeness: float
    uniqueness: float
    validity: float
    consistency: float
    timeliness: float | None = None


class ContractColumn(ArtifactModel):
    """What a column of the next version has to be."""

    name: str
    kind: ColumnKind
    dtype: Dtype
    nullable: bool
    unique: bool


class Contract(ArtifactModel):
    """The schema that the next version has to meet, where it came from, and how many rows the last version had."""

    columns: list[ContractColumn]
    inferred_from: str
    rows: int | None = None


class Validation(ArtifactModel):
    """The validation report. ``rows_in = rows_valid + rows_quarantined`` always holds."""

    rows_in: int
    rows_valid: int
    rows_quarantined: int
    ignored_columns: list[str] = []
    checks: list[CheckResult]
    quality: Quality
    contract: Contract
    reasons: list[ReasonCount] = []

    @property
    def blocking(self) -> list[CheckResult]:
        """The failed checks because of which the version must not be analysed."""
        return [check for check in self.checks if check.blocks]
