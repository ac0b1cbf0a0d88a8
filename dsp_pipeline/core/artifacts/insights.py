"""`insights.json`: ranked statements about the data with their evidence."""

from __future__ import annotations

from typing import Literal

from dsp_pipeline.core.artifacts import ArtifactModel


class ChartHint(ArtifactModel):
    """What to draw beside the statement: a chart kind and the columns it shows."""

    kind: Literal["histogram", "bar", "scatter", "heatmap", "line", "box", "none"]
    columns: list[str]


class Insight(ArtifactModel):
    """One statement.

    ``kind`` is fact (descriptive) or finding (inferential); ``type`` names the pattern, e.g. correlation.
    ``effect`` is in the units that ``effect_name`` says. ``evidence`` is a Polars SQL query over ``table``
    that reproduces the numbers, where one can.
    """

    id: str
    kind: Literal["fact", "finding"]
    type: str
    statement: str
    columns: list[str]
    subspace: dict[str, str]
    n: int
    effect: float
    effect_name: str
    ci: tuple[float, float] | None
    p: float | None
    q: float | None
    score: float
    action: str
    evidence: str
    chart: ChartHint


class Insights(ArtifactModel):
    """All insights of one version, best first, and how many tests stood behind them."""

    tests_run: int
    q_threshold: float
    insights: list[Insight]
