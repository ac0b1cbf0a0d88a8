"""What all Plotly charts share: colours, axes, labels, and how a figure becomes a chart."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from dsp_pipeline.dashboard.charts.base import PlotlyChart
from dsp_pipeline.dashboard.escaping import plotly_text
from dsp_pipeline.dashboard.palette import CANONICAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.dashboard.escaping import Json

LABEL_LENGTH = 28
ROW_HEIGHT = 26
FRAME_HEIGHT = 70

BASE_LAYOUT: dict[str, Json] = {
    "font": {
        "family": "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
        "size": 12,
        "color": CANONICAL.muted,
    },
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
    "margin": {"l": 56, "r": 30, "t": 12, "b": 44},
    "showlegend": False,
    "bargap": 0.06,
    "hovermode": "closest",
    "dragmode": "zoom",
    "colorway": [CANONICAL.accent, CANONICAL.second, CANONICAL.third, CANONICAL.fourth, CANONICAL.fifth],
    "hoverlabel": {
        "bgcolor": CANONICAL.surface,
        "bordercolor": CANONICAL.line,
        "font": {"color": CANONICAL.ink, "size": 12},
    },
}
"""Laid under every figure by the page's script (and by nothing else, so that it is sent once)."""

SEQUENTIAL: Json = [[0, CANONICAL.sunken], [1, CANONICAL.fill]]
CELLS: Json = [[0, CANONICAL.sunken], [1, CANONICAL.cell]]
DIVERGING: Json = [[0, CANONICAL.cell_low], [0.5, CANONICAL.middle], [1, CANONICAL.cell]]


@dataclasses.dataclass(frozen=True)
class Words:
    """A chart's key on the page, its title and its summary."""

    key: str
    title: str
    summary: str


def axis(title: str = "", **more: Json) -> dict[str, Json]:
    """An axis in the page's style; ``title`` is plain text."""
    style: dict[str, Json] = {
        "automargin": "left+bottom",  # room made at the right would move the ticks, again and again
        "gridcolor": CANONICAL.line,
        "zerolinecolor": CANONICAL.line,
        "linecolor": CANONICAL.line,
        "tickcolor": CANONICAL.line,
        "separatethousands": True,
    }
    if title:
        style["title"] = {"text": plotly_text(title, length=60), "standoff": 8, "font": {"size": 12}}
    return {**style, **more}


def labels_axis(labels: Sequence[str], title: str = "", **more: Json) -> dict[str, Json]:
    """An axis on which position i has the i-th label."""
    texts = [plotly_text(label, length=LABEL_LENGTH) for label in labels]
    ticks: dict[str, Json] = {"tickmode": "array", "tickvals": list(range(len(labels))), "ticktext": list(texts)}
    return axis(title, automargin=True, **ticks, showgrid=False, zeroline=False, **more)


def assembled(
    words: Words, traces: list[dict[str, Json]], layout: dict[str, Json], *, height: int = 320
) -> PlotlyChart:
    """The chart of these traces."""
    return PlotlyChart(
        key=words.key, title=words.title, summary=words.summary, height=height, traces=traces, layout=layout
    )
