"""How predictions move: swarms of contributions, effects of columns, and what works together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp_pipeline.dashboard.charts.explanation_charts import EffectLines, SwarmLine, effect, swarm
from dsp_pipeline.dashboard.charts.frame import Words
from dsp_pipeline.dashboard.charts.plotly_charts import bars, matrix
from dsp_pipeline.dashboard.view import EffectChart
from dsp_pipeline.dashboard.wording import as_label, number, whole

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.explanations import Effect, Effects, Explanations
    from dsp_pipeline.dashboard.charts.base import PlotlyChart
    from dsp_pipeline.dashboard.sections.material import Material

_MOST_IN_SWARM = 10
_STRONGEST = 3


def swarms(found: Explanations) -> PlotlyChart | None:
    """Every sampled row as a dot for each of the strongest columns."""
    if not found.swarms:
        return None
    lines = [SwarmLine(each.feature, each.shap, each.level) for each in found.swarms[:_MOST_IN_SWARM]]
    rows = len(found.swarms[0].shap)
    summary = (
        f"Each dot is one of {whole(rows)} held-out rows. To the right the value raises the prediction, to the"
        " left it lowers it. Orange dots are low values, blue ones high; grey ones have no order."
    )
    return swarm(Words("swarm", "Which values push which way", summary), lines, value_title="contribution")


def interactions(found: Explanations) -> PlotlyChart | None:
    """The strengths of pairs, with what each column does alone on the diagonal."""
    known = found.interactions
    if known is None or len(known.features) < 2:  # noqa: PLR2004 - one column has nothing to work with
        return None
    pairs = sorted(
        (
            (known.values[row][column], known.features[column], known.features[row])
            for row in range(len(known.features))
            for column in range(row)
        ),
        reverse=True,
    )
    best, one, other = pairs[0]
    title = f"{one} and {other} work together most" if best > 0 else "No two columns work together"
    summary = (
        f"Mean absolute interaction over {whole(known.rows)} held-out rows; on the diagonal is what a column does "
        f"alone. The strongest pair moves predictions by {number(best)} on average."
    )
    texts = [[number(float(f"{value:.2g}")) for value in row] for row in known.values]
    return matrix(
        Words("interactions", title, summary), (known.features, known.features), known.values, texts=texts
    )


def effects(found: Explanations, material: Material) -> tuple[EffectChart, ...]:
    """A chart for each of the strongest columns."""
    if found.effects is None:
        return ()
    charts = [
        EffectChart(each.feature, _effect(each, found.effects, place, material))
        for place, each in enumerate(found.effects.features, start=1)
        if len(each.x) > 1
    ]
    return tuple(charts)


def _effect(each: Effect, known: Effects, place: int, material: Material) -> PlotlyChart:
    kind = material.kind(each.feature)
    words = Words(f"effect-{place}", _title(each), _summary(each, known))
    numbers = [value for value in each.x if value is not None and not isinstance(value, str)]
    if len(numbers) < len(each.x):
        labels = [material.publication.text(as_label(value)) for value in each.x]
        order = sorted(range(len(labels)), key=lambda at: -each.partial[at])
        return bars(
            words, [labels[at] for at in order], [each.partial[at] for at in order], value_title=known.unit
        )
    accumulated = (each.edges, each.accumulated) if each.related else ([], [])
    lines = EffectLines(numbers, each.partial, each.single, *accumulated)
    return effect(words, lines, titles=(each.feature, known.unit), dates=kind.is_temporal)


def _title(each: Effect) -> str:
    low, high = min(each.partial), max(each.partial)
    return f"With {each.feature} alone, the mean prediction moves between {number(low)} and {number(high)}"


def _summary(each: Effect, known: Effects) -> str:
    text = f"If all of {whole(known.rows)} held-out rows had that value of {each.feature}, other things equal."
    if each.related is None:
        return text
    said = f" {each.feature} goes together with {each.related} ({number(each.association)})"
    if each.accumulated:
        return f"{text}{said}: trust the dashed line, which only compares values that occur together."
    return f"{text}{said}, so some of these rows cannot occur."
