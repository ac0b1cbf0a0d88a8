"""`validation.json`: what was checked, what failed, and the contract for the next version."""

from __future__ import annotations

from dsp_pipeline.core.artifacts import ArtifactModel
from dsp_pipeline.core.artifacts.reading import Dtype
from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.core.sidecar import Severity


class CheckResult(ArtifactModel):
    """One check's outcome. ``failed_rows`` counts table rows; ``column`` is None for checks on whole rows."""

    name: str
    column: str | None
    passed: bool
    failed_rows: int
    severity: Severity
    message: str = ""
    examples: list[str] = []


class Quality(ArtifactModel):
    """Shares between 0 and 1, and their weighted mean ``score`` (the formula is in docs/user-guide/quality.md)."""

    score: float
    completeness: float
    uniqueness: float
    validity: float
    consistency: float


class ContractColumn(ArtifactModel):
    """What a column of the next version has to be."""

    name: str
    kind: ColumnKind
    dtype: Dtype
    nullable: bool
    unique: bool


class Contract(ArtifactModel):
    """The schema that the next version has to meet, and where it came from."""

    columns: list[ContractColumn]
    inferred_from: str


class Validation(ArtifactModel):
    """The validation report. ``rows_in = rows_valid + rows_quarantined`` always holds."""

    rows_in: int
    rows_valid: int
    rows_quarantined: int
    ignored_columns: list[str] = []
    checks: list[CheckResult]
    quality: Quality
    contract: Contract
