"""Everything that the page shows, as values. Templates read these and decide nothing but looks.

Strings here are plain text as they came; the templates' environment escapes them and makes controls visible.
The only markup is in the fields named ``svg``, made by `dsp_pipeline.dashboard.charts.custom_charts`.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dsp_pipeline.dashboard.charts.base import PlotlyChart, SvgChart
    from dsp_pipeline.dashboard.escaping import Json
    from dsp_pipeline.dashboard.explore.view import ExploreView

Tone: TypeAlias = Literal["plain", "good", "warn", "bad", "accent"]


@dataclasses.dataclass(frozen=True)
class Fact:
    """A label and its value."""

    label: str
    value: str
    note: str = ""


@dataclasses.dataclass(frozen=True)
class Grid:
    """A plain table: ``numeric`` holds the places of the columns that stand to the right."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str
    numeric: frozenset[int] = frozenset()
    left_out: str = ""


@dataclasses.dataclass(frozen=True)
class Meter:
    """A share between 0 and 1 with its label and bar."""

    label: str
    value: str
    svg: str
    note: str = ""


@dataclasses.dataclass(frozen=True)
class Tile:
    """One key figure at the top; ``change`` is against the version before, where there was one."""

    label: str
    value: str
    note: str = ""
    tone: Tone = "plain"
    link: str = ""
    svg: str = ""
    change: str = ""
    change_tone: Tone = "plain"


@dataclasses.dataclass(frozen=True)
class InsightCard:
    """One insight with its evidence; ``filter_link`` shows its rows where it speaks of a part of the table."""

    anchor: str
    rank: int
    kind: str
    type: str
    statement: str
    facts: tuple[Fact, ...]
    action: str
    action_kind: str
    evidence: str
    chart: PlotlyChart | None
    filter_link: str


@dataclasses.dataclass(frozen=True)
class InsightsView:
    """All insights; those after ``shown_first`` are folded away."""

    cards: tuple[InsightCard, ...]
    shown_first: int
    note: str
    left_out: str = ""


@dataclasses.dataclass(frozen=True)
class Share:
    """One bar of a column's commonest values."""

    label: str
    value: str
    svg: str


@dataclasses.dataclass(frozen=True)
class ColumnCard:
    """One column, drawn."""

    anchor: str
    name: str
    kind: str
    role: str
    missing: str
    missing_svg: str
    chart: SvgChart | None
    chart_ends: tuple[str, str]
    shares: tuple[Share, ...]
    facts: tuple[Fact, ...]
    details: tuple[Fact, ...]
    alerts: tuple[AlertLine, ...]
    more_alerts: int


@dataclasses.dataclass(frozen=True)
class ColumnsView:
    """All columns, the first ones as cards, the others as a list; and rows that are unusual over several."""

    cards: tuple[ColumnCard, ...]
    rest: Grid | None
    kinds: tuple[tuple[str, int], ...]
    note: str
    unusual: Grid | None = None


@dataclasses.dataclass(frozen=True)
class AlertLine:
    """One alert on data quality."""

    severity: str
    tone: Tone
    text: str
    action: str


@dataclasses.dataclass(frozen=True)
class QualityView:
    """How the file was read and what was found wrong with it."""

    score: str
    meters: tuple[Meter, ...]
    summary: str
    alerts: tuple[AlertLine, ...]
    alerts_left_out: str
    decisions: Grid
    problems: Grid | None
    checks: Grid
    checks_summary: str
    reasons: Grid | None
    quarantined: Grid | None
    charts: tuple[PlotlyChart, ...]


@dataclasses.dataclass(frozen=True)
class Standing:
    """One line of the leaderboard. ``fit`` and ``predict`` (of 1,000 rows) are times; empty if not measured."""

    name: str
    cv: str
    holdout: str
    interval: str
    svg: str
    is_best: bool
    is_baseline: bool
    fit: str = ""
    predict: str = ""


@dataclasses.dataclass(frozen=True)
class ModelView:
    """The model, or why there is none."""

    fitted: bool
    tone: Tone
    verdict: str
    target: str
    task: str
    target_reason: str
    metric: str
    standings: tuple[Standing, ...]
    facts: tuple[Fact, ...]
    metrics: tuple[Fact, ...]
    charts: tuple[PlotlyChart, ...]
    leakage: Grid | None
    worth: Grid | None
    candidates: Grid | None
    excluded: Grid | None
    features: Grid | None
    notes: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class RowChart:
    """One prediction taken apart; ``against`` says which real rows like it have another prediction."""

    label: str
    why: str
    prediction: str
    actual: str
    chart: PlotlyChart
    against: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class EffectChart:
    """How predictions move with one column."""

    label: str
    chart: PlotlyChart


@dataclasses.dataclass(frozen=True)
class PartScoresView:
    """How well the model does in the parts by one column."""

    label: str
    parts: Grid


@dataclasses.dataclass(frozen=True)
class FairnessView:
    """How the groups of one sensitive column are treated: the gaps in words, and all groups."""

    column: str
    sentences: tuple[str, ...]
    groups: Grid


@dataclasses.dataclass(frozen=True)
class CardView:
    """One heading of the model card."""

    title: str
    lines: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class ExplanationsView:
    """Why the model predicts what it predicts, where it errs, and what to mind."""

    note: str
    importance: PlotlyChart | None
    warnings: tuple[str, ...]
    groups: Grid | None
    swarm: PlotlyChart | None
    dependence: tuple[PlotlyChart, ...]
    effects: tuple[EffectChart, ...]
    interactions: PlotlyChart | None
    rows: tuple[RowChart, ...]
    segments: Grid | None
    part_scores: tuple[PartScoresView, ...]
    fairness: tuple[FairnessView, ...]
    card: tuple[CardView, ...]


@dataclasses.dataclass(frozen=True)
class WhatIfView:
    """The model that travels with the page, or why there is none.

    ``packed`` are its numbers, deflated, as base64; ``data`` is what the script gets besides (`sections.what_if`).
    """

    note: str
    reason: str
    packed: str
    data: dict[str, Json]


@dataclasses.dataclass(frozen=True)
class TableView:
    """The rows in the page. ``data`` is what the script gets; its form is in `sections.rows`."""

    note: str
    rows: int
    total: int
    data: dict[str, Json]


@dataclasses.dataclass(frozen=True)
class SectionLink:
    """One line of the table of contents."""

    anchor: str
    label: str
    count: str = ""


@dataclasses.dataclass(frozen=True)
class PageView:
    """The whole page."""

    title: str
    dataset: str
    version: str
    lead: tuple[str, ...]
    tiles: tuple[Tile, ...]
    contents: tuple[SectionLink, ...]
    insights: InsightsView
    overview: tuple[PlotlyChart, ...]
    explore: ExploreView | None
    associations: PlotlyChart | None
    associations_table: Grid | None
    structure: Grid | None
    over_time: Grid | None
    quality: QualityView
    columns: ColumnsView
    model: ModelView
    explanations: ExplanationsView | None
    what_if: WhatIfView | None
    table: TableView
    made: tuple[Fact, ...]
    logo: str = ""

    def plotly_charts(self) -> Mapping[str, PlotlyChart]:
        """Every chart that Plotly draws, by key, in the order of the page."""
        charts = [card.chart for card in self.insights.cards]
        charts += [*self.overview, self.associations, *self.quality.charts, *self.model.charts]
        if self.explanations is not None:
            charts += [self.explanations.importance, *self.explanations.dependence]
            charts += [self.explanations.swarm, self.explanations.interactions]
            charts += [one.chart for one in self.explanations.effects]
            charts += [row.chart for row in self.explanations.rows]
        return {chart.key: chart for chart in charts if chart is not None}
