"""Charts of explanations: swarms of contributions, dots coloured by another column, effects with rows' lines."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from dsp_pipeline.dashboard.charts.frame import FRAME_HEIGHT, Words, assembled, axis, labels_axis
from dsp_pipeline.dashboard.escaping import plotly_text, rounded
from dsp_pipeline.dashboard.palette import CANONICAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.dashboard.charts.base import PlotlyChart
    from dsp_pipeline.dashboard.escaping import Json

_SWARM_ROW = 40
_BINS = 90
_STEP = 0.075
_MOST_BESIDE = 5
_POINT = "%{x}, %{y:.3~g}<extra></extra>"
_LEVELS: Json = [[0, CANONICAL.low], [1, CANONICAL.high]]


@dataclasses.dataclass(frozen=True)
class SwarmLine:
    """One feature's contributions, with each value's rank from 0 to 1; None where values have no order."""

    label: str
    values: Sequence[float]
    levels: Sequence[float | None]


def swarm(words: Words, lines: Sequence[SwarmLine], *, value_title: str) -> PlotlyChart:
    """One line of dots per feature, the first on top; dots that would touch lie beside each other.

    Dots of ordered values go from one colour (low values) to another (high ones), the others are grey.
    """
    every = [value for line in lines for value in line.values]
    width = ((max(every, default=0.0) - min(every, default=0.0)) or 1.0) / _BINS
    ordered: tuple[list[float], list[float], list[float]] = ([], [], [])
    plain: tuple[list[float], list[float]] = ([], [])
    for place, line in enumerate(lines):
        for value, level, beside in zip(line.values, line.levels, _beside(line.values, width), strict=True):
            target = plain if level is None else ordered
            target[0].append(value)
            target[1].append(place + beside)
            if level is not None:
                ordered[2].append(level)
    traces = [
        _dots(plain[0], plain[1], {"color": CANONICAL.muted}),
        _dots(ordered[0], ordered[1], {"color": list(ordered[2]), "colorscale": _LEVELS, "cmin": 0, "cmax": 1}),
    ]
    layout: dict[str, Json] = {
        "xaxis": axis(value_title, zeroline=True, zerolinecolor=CANONICAL.muted),
        "yaxis": labels_axis([line.label for line in lines], range=[len(lines) - 0.5, -0.5]),
    }
    return assembled(
        words, [each for each in traces if each["x"]], layout, height=FRAME_HEIGHT + _SWARM_ROW * len(lines)
    )


def _beside(values: Sequence[float], width: float) -> list[float]:
    """How far each dot is moved from its line so that those of one bin lie beside each other."""
    seen: dict[int, int] = {}
    result = []
    for value in values:
        place = round(value / width)
        count = seen.get(place, 0)
        seen[place] = count + 1
        side = (count + 1) // 2 % (_MOST_BESIDE + 1)
        result.append(_STEP * side * (1 if count % 2 else -1))
    return result


def _dots(x: Sequence[float], y: Sequence[float], marker: dict[str, Json]) -> dict[str, Json]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": list(rounded(list(x))),
        "y": list(rounded(list(y), digits=4)),
        "marker": {"size": 5, "opacity": 0.75, **marker},
        "hovertemplate": "%{x:.3~g}<extra></extra>",
    }


def coloured_dots(
    words: Words,
    points: tuple[Sequence[float], Sequence[float]],
    levels: Sequence[float | None],
    *,
    titles: tuple[str, str],
    dates: bool,
) -> PlotlyChart:
    """Dots coloured by another column's rank from 0 (low) to 1 (high); grey where it has no value."""
    x, y = points
    ends: tuple[float, float] = (min(x, default=0.0), max(x, default=1.0))
    zero: dict[str, Json] = {
        "type": "scatter",
        "mode": "lines",
        "x": list(rounded(list(ends), digits=12)),
        "y": [0, 0],
        "line": {"dash": "dash", "width": 1, "color": CANONICAL.muted},
        "hoverinfo": "skip",
    }
    traces = [zero]
    for is_known in (False, True):
        chosen = [place for place, level in enumerate(levels) if (level is not None) is is_known]
        if not chosen:
            continue
        marker: dict[str, Json] = {"color": CANONICAL.muted}
        if is_known:
            marker = {"color": [levels[place] for place in chosen], "colorscale": _LEVELS, "cmin": 0, "cmax": 1}
        dots = _dots([], [y[place] for place in chosen], marker)
        dots["x"] = list(rounded([x[place] for place in chosen], digits=12))
        dots["hovertemplate"] = _POINT
        traces.append(dots)
    kind: dict[str, Json] = {"type": "date", "automargin": False} if dates else {}
    return assembled(words, traces, {"xaxis": axis(titles[0], **kind), "yaxis": axis(titles[1])})


@dataclasses.dataclass(frozen=True)
class EffectLines:
    """Predictions over a column's values: their mean, some rows' own, the accumulated effect (may be empty)."""

    x: Sequence[float]
    mean: Sequence[float]
    single: Sequence[Sequence[float]]
    edges: Sequence[float]
    accumulated: Sequence[float]


def effect(words: Words, lines: EffectLines, *, titles: tuple[str, str], dates: bool) -> PlotlyChart:
    """Thin lines for single rows, a thick one for their mean, and a dashed one for the accumulated effect.

    The accumulated effect is 0 on average; it is drawn around the mean of the thick line.
    """
    traces: list[dict[str, Json]] = [
        _line("single rows", lines.x, each, {"color": CANONICAL.muted, "width": 1}, opacity=0.3, shown=not place)
        for place, each in enumerate(lines.single)
    ]
    traces.append(_line("mean of all rows", lines.x, lines.mean, {"color": CANONICAL.accent, "width": 3}))
    if lines.accumulated:
        middle = sum(lines.mean) / len(lines.mean)
        around = [middle + value for value in lines.accumulated]
        style: dict[str, Json] = {"color": CANONICAL.second, "width": 2.5, "dash": "dash"}
        traces.append(_line("accumulated effect", lines.edges, around, style))
    kind: dict[str, Json] = {"type": "date", "automargin": False} if dates else {}
    layout: dict[str, Json] = {
        "xaxis": axis(titles[0], **kind),
        "yaxis": axis(titles[1]),
        "showlegend": True,
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        "margin": {"l": 56, "r": 30, "t": 40, "b": 44},
    }
    return assembled(words, traces, layout)


def _line(
    name: str,
    x: Sequence[float],
    y: Sequence[float],
    style: dict[str, Json],
    *,
    opacity: float = 1.0,
    shown: bool = True,
) -> dict[str, Json]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": plotly_text(name),
        "x": list(rounded(list(x), digits=12)),
        "y": list(rounded(list(y))),
        "line": style,
        "opacity": opacity,
        "showlegend": shown,
        "hoverinfo": "skip" if opacity < 1 else "x+y",
    }
