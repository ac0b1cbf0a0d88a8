"""The ranked insights as cards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp_pipeline.dashboard.charts.hints import HintedCharts
from dsp_pipeline.dashboard.explore.links import link
from dsp_pipeline.dashboard.view import Fact, InsightCard, InsightsView
from dsp_pipeline.dashboard.wording import interval, number, p_value, plural, whole

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.insights import Insight
    from dsp_pipeline.dashboard.explore.table import EmbeddedTable
    from dsp_pipeline.dashboard.sections.material import Material

SHOWN_FIRST = 8
MOST_CARDS = 60
MOST_CHARTS = 30


def insights(material: Material, embedded: EmbeddedTable | None) -> InsightsView:
    """All insights, best first; the first thirty with a chart where one fits."""
    found = material.insights.insights
    drawing = HintedCharts(material)
    cards = tuple(
        _card(insight, rank, embedded, drawing if rank <= MOST_CHARTS else None)
        for rank, insight in enumerate(found[:MOST_CARDS], start=1)
    )
    hidden = len(found) - MOST_CARDS
    left_out = f"The {whole(hidden)} lowest ranked are in insights.json." if hidden > 0 else ""
    return InsightsView(cards=cards, shown_first=SHOWN_FIRST, note=_note(material), left_out=left_out)


def _note(material: Material) -> str:
    tests = material.insights.tests_run
    if not tests:
        return "Facts are counted from the rows shown here. No test was run."
    return (
        f"Facts are counted, findings are tested: {plural(tests, 'test')} were run, and a finding is kept only if "
        f"its false discovery rate (q) is at most {number(material.insights.q_threshold)}. None shows a cause."
    )


def _card(
    insight: Insight, rank: int, embedded: EmbeddedTable | None, drawing: HintedCharts | None
) -> InsightCard:
    facts = [Fact("rows", whole(insight.n))]
    if insight.effect_name:
        facts.append(Fact(insight.effect_name, number(insight.effect)))
    if insight.ci is not None:
        facts.append(Fact("95% interval", interval(*insight.ci)))
    if insight.q is not None:
        p = f"; p {p_value(insight.p)}" if insight.p is not None else ""
        facts.append(Fact("q", p_value(insight.q), note=f"false discovery rate{p}"))
    if insight.confirmed_on is not None:
        facts.append(Fact("confirmed on", whole(insight.confirmed_on), note="rows not used for finding it"))
    facts += [Fact(column, value) for column, value in insight.subspace.items()]
    return InsightCard(
        anchor=f"insight-{rank}",
        rank=rank,
        kind=insight.kind,
        type=insight.type.replace("_", " "),
        statement=insight.statement,
        facts=tuple(facts),
        action=insight.action,
        action_kind=insight.action_kind,
        evidence=insight.evidence,
        chart=drawing.chart(insight, f"insight-{rank}-chart") if drawing is not None else None,
        filter_link=link(embedded, insight.subspace) if embedded is not None else "",
    )
