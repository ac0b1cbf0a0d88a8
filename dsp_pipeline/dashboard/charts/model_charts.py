"""Charts of models: curves with a reference line, and predictions taken apart."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from dsp_pipeline.dashboard.charts.frame import (
    FRAME_HEIGHT,
    LABEL_LENGTH,
    ROW_HEIGHT,
    Words,
    assembled,
    axis,
    labels_axis,
)
from dsp_pipeline.dashboard.escaping import plotly_text, rounded
from dsp_pipeline.dashboard.palette import CANONICAL
from dsp_pipeline.dashboard.wording import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.dashboard.charts.base import PlotlyChart
    from dsp_pipeline.dashboard.escaping import Json


@dataclasses.dataclass(frozen=True)
class Line:
    """One named line (or cloud of dots) of several in a chart; ``aside`` is drawn thin, as the end of a range."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    dots: bool = False
    aside: bool = False


def curves(
    words: Words,
    lines: Sequence[Line],
    *,
    titles: tuple[str, str],
    reference: tuple[tuple[float, float], tuple[float, float]] | None = None,
    dates: bool = False,
) -> PlotlyChart:
    """Several lines over numbers, with a dashed reference line from one (x, y) to another.

    With ``dates`` the x values are milliseconds since 1970.
    """
    traces = [_curve(one, place) for place, one in enumerate(lines)]
    if reference is not None:
        (x0, y0), (x1, y1) = reference
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "x": list(rounded([x0, x1], digits=12)),
                "y": list(rounded([y0, y1])),
                "line": {"dash": "dash", "width": 1, "color": CANONICAL.muted},
                "hoverinfo": "skip",
                "showlegend": False,
            }
        )
    kind: dict[str, Json] = {"type": "date", "automargin": False} if dates else {}
    layout: dict[str, Json] = {"xaxis": axis(titles[0], **kind), "yaxis": axis(titles[1])}
    if sum(not one.aside for one in lines) > 1:
        layout |= {"showlegend": True, "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}}
        layout["margin"] = {"l": 56, "r": 30, "t": 40, "b": 44}
    return assembled(words, traces, layout)


def _curve(one: Line, place: int) -> dict[str, Json]:
    colours = (CANONICAL.accent, CANONICAL.second, CANONICAL.third, CANONICAL.fourth, CANONICAL.fifth)
    colour = CANONICAL.muted if one.aside else colours[place % len(colours)]
    return {
        "type": "scatter",
        "mode": "markers" if one.dots else "lines",
        "name": plotly_text(one.name, length=LABEL_LENGTH),
        "x": list(rounded(list(one.x), digits=12)),
        "y": list(rounded(list(one.y))),
        "line": {"color": colour, "width": 1 if one.aside else 2, "dash": "dot" if one.aside else "solid"},
        "showlegend": not one.aside,
        "marker": {"color": colour, "size": 5, "opacity": 0.45},
        "hovertemplate": "%{x}, %{y:.4~g}<extra></extra>",
    }


def _brief(value: float) -> float:
    """The value at three significant digits, below 1,000; from there on whole."""
    return float(f"{value:.3g}") if abs(value) < 1_000 else float(round(value))  # noqa: PLR2004 - four digits


def waterfall(words: Words, labels: Sequence[str], steps: Sequence[float], base: float) -> PlotlyChart:
    """From a base value by signed steps to their sum, top to bottom: floating bars between two diamonds."""
    names = ["base value", *labels, "prediction"]
    starts = [base + sum(steps[:place]) for place in range(len(steps))]
    end = base + sum(steps)
    low, high = min([*starts, end]), max([*starts, end])
    bar: dict[str, Json] = {
        "type": "bar",
        "orientation": "h",
        "y": list(range(1, len(steps) + 1)),
        "base": list(rounded(starts)),
        "x": list(rounded(list(steps))),
        "text": [plotly_text(("" if step < 0 else "+") + number(_brief(step))) for step in steps],
        "textposition": "auto",
        "insidetextfont": {"color": CANONICAL.on_accent},
        "outsidetextfont": {"color": CANONICAL.ink},
        "cliponaxis": False,
        "customdata": [plotly_text(label) for label in labels],
        "hovertemplate": "%{customdata}<br>%{text}<extra></extra>",
        "marker": {"color": [CANONICAL.high if step >= 0 else CANONICAL.low for step in steps]},
    }
    ends: dict[str, Json] = {
        "type": "scatter",
        "mode": "markers+text",
        "x": list(rounded([base, end])),
        "y": [0, len(names) - 1],
        "text": [plotly_text(number(_brief(value))) for value in (base, end)],
        "textposition": ["middle left" if 2 * value > low + high else "middle right" for value in (base, end)],
        "cliponaxis": False,
        "marker": {"symbol": "diamond", "size": 10, "color": CANONICAL.muted},
        "hoverinfo": "skip",
    }
    spare = 0.14 * ((high - low) or 1.0)
    layout: dict[str, Json] = {
        "xaxis": axis("model output", range=list(rounded([low - spare, high + spare])), zeroline=False),
        "yaxis": labels_axis(names, range=[len(names) - 0.5, -0.5]),
        "bargap": 0.3,
    }
    return assembled(words, [bar, ends], layout, height=FRAME_HEIGHT + ROW_HEIGHT * len(names))
