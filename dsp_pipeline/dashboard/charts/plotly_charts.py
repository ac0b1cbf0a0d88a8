"""Charts as Plotly figures in plain dicts; plotly itself is not imported, its Python package is slow to load.

Every text from the file goes through `plotly_text`. Labels stand beside numbered positions, never as category
values: so two labels that look alike after clipping stay two bars, and no label is taken for a date or a number.
"""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

from dsp_pipeline.dashboard.charts.frame import (
    CELLS,
    DIVERGING,
    FRAME_HEIGHT,
    ROW_HEIGHT,
    SEQUENTIAL,
    Words,
    assembled,
    axis,
    labels_axis,
)
from dsp_pipeline.dashboard.escaping import plotly_text, rounded
from dsp_pipeline.dashboard.palette import CANONICAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.dashboard.charts.base import PlotlyChart
    from dsp_pipeline.dashboard.escaping import Json

MAX_LABELLED_CELLS = 225


def bars(
    words: Words,
    labels: Sequence[str],
    values: Sequence[float],
    *,
    value_title: str,
    texts: Sequence[str] | None = None,
    intervals: Sequence[tuple[float, float]] | None = None,
) -> PlotlyChart:
    """Horizontal bars, the first one on top; ``texts`` stand on them, ``intervals`` as whiskers."""
    trace: dict[str, Json] = {
        "type": "bar",
        "orientation": "h",
        "y": list(range(len(labels))),
        "x": list(rounded(list(values))),
        "customdata": [plotly_text(label) for label in labels],
        "hovertemplate": "%{customdata}<br>%{x}<extra></extra>",
        "marker": {"color": CANONICAL.fill},
        "insidetextfont": {"color": CANONICAL.on_accent},
        "outsidetextfont": {"color": CANONICAL.ink},
    }
    if texts is not None:
        trace |= {"text": [plotly_text(text) for text in texts], "textposition": "auto", "cliponaxis": False}
        trace["hovertemplate"] = "%{customdata}<br>%{text}<extra></extra>"
    if intervals is not None:
        trace["error_x"] = _whiskers(values, intervals)
    layout: dict[str, Json] = {
        "xaxis": axis(value_title, rangemode="tozero"),
        "yaxis": labels_axis(labels, autorange="reversed"),
        "bargap": 0.25,
    }
    return assembled(words, [trace], layout, height=FRAME_HEIGHT + ROW_HEIGHT * max(2, len(labels)))


def _whiskers(values: Sequence[float], intervals: Sequence[tuple[float, float]]) -> dict[str, Json]:
    above = [max(0.0, high - value) for value, (_, high) in zip(values, intervals, strict=True)]
    below = [max(0.0, value - low) for value, (low, _) in zip(values, intervals, strict=True)]
    return {
        "type": "data",
        "symmetric": False,
        "array": list(rounded(above)),
        "arrayminus": list(rounded(below)),
        "color": CANONICAL.ink,
        "thickness": 1.2,
        "width": 4,
    }


def histogram(
    words: Words, edges: Sequence[float], counts: Sequence[int], *, value_title: str, dates: bool = False
) -> PlotlyChart:
    """Bars between edges of their true width; temporal edges are seconds since 1970."""
    factor = 1000.0 if dates else 1.0
    lows, highs = [edge * factor for edge in edges[:-1]], [edge * factor for edge in edges[1:]]
    middles = [(low + high) / 2 for low, high in zip(lows, highs, strict=True)]
    widths = [(high - low) or 1.0 for low, high in zip(lows, highs, strict=True)]
    trace: dict[str, Json] = {
        "type": "bar",
        "x": list(rounded(middles, digits=12)),
        "y": list(counts),
        "width": list(rounded(widths, digits=12)),
        "marker": {"color": CANONICAL.fill, "line": {"width": 0.5, "color": CANONICAL.surface}},
        "hovertemplate": "about %{x}<br>%{y:,}<extra></extra>",
    }
    kind: dict[str, Json] = {"type": "date", "automargin": False} if dates else {}
    layout: dict[str, Json] = {
        "xaxis": axis(value_title, **kind),
        "yaxis": axis("count", rangemode="tozero"),
        "bargap": 0,
    }
    return assembled(words, [trace], layout, height=280)


def line(
    words: Words,
    x: Sequence[str],
    y: Sequence[float | None],
    *,
    value_title: str,
    from_zero: bool = False,
) -> PlotlyChart:
    """A line over ISO dates; None breaks it, so that a gap is seen as one."""
    numbers = [None if value is None else rounded([value])[0] for value in y]
    trace: dict[str, Json] = {
        "type": "scatter",
        "mode": "lines+markers" if len(x) <= 60 else "lines",  # noqa: PLR2004 - more markers would touch
        "x": list(x),
        "y": list(numbers),
        "connectgaps": False,
        "line": {"color": CANONICAL.accent, "width": 2},
        "marker": {"color": CANONICAL.accent, "size": 5},
        "hovertemplate": "%{x}<br>%{y:,.4~g}<extra></extra>",
    }
    y_axis = axis(value_title, rangemode="tozero") if from_zero else axis(value_title)
    return assembled(
        words,
        [trace],
        {"xaxis": axis(type="date", automargin=False), "yaxis": y_axis, "hovermode": "x"},
        height=280,
    )


def scatter(words: Words, x: Sequence[float], y: Sequence[float], *, titles: tuple[str, str]) -> PlotlyChart:
    """Dots; for up to a few thousand points."""
    trace: dict[str, Json] = {
        "type": "scatter",
        "mode": "markers",
        "x": list(rounded(list(x))),
        "y": list(rounded(list(y))),
        "marker": {"size": 6, "opacity": 0.5, "color": CANONICAL.accent},
        "hovertemplate": "%{x}, %{y}<extra></extra>",
    }
    return assembled(words, [trace], {"xaxis": axis(titles[0]), "yaxis": axis(titles[1])})


def density(
    words: Words,
    edges: tuple[Sequence[float], Sequence[float]],
    counts: Sequence[Sequence[int]],
    *,
    titles: tuple[str, str],
) -> PlotlyChart:
    """How many points fall into each cell; ``counts[i][j]`` is row i of y, column j of x; empty cells stay blank.

    The colour follows the count's logarithm: a heap of points would else hide all that lies around it.
    """
    trace: dict[str, Json] = {
        "type": "heatmap",
        "x": list(rounded(list(edges[0]))),
        "y": list(rounded(list(edges[1]))),
        "z": [[rounded([math.log10(count)])[0] if count else None for count in row] for row in counts],
        "customdata": [list(row) for row in counts],
        "zmin": -0.5,
        "zmax": rounded([math.log10(max((max(row) for row in counts), default=1) or 1)])[0],
        "colorscale": SEQUENTIAL,
        "showscale": False,
        "hoverongaps": False,
        "hovertemplate": "about %{x}, %{y}<br>%{customdata:,}<extra></extra>",
    }
    return assembled(words, [trace], {"xaxis": axis(titles[0]), "yaxis": axis(titles[1])})


def matrix(
    words: Words,
    labels: tuple[Sequence[str], Sequence[str]],
    values: Sequence[Sequence[float | None]],
    *,
    titles: tuple[str, str] = ("", ""),
    diverging: bool = False,
    texts: Sequence[Sequence[str]] | None = None,
    least_height: int = 240,
) -> PlotlyChart:
    """A heatmap with labelled rows and columns; ``labels`` is (columns, rows), the first row is on top."""
    columns, rows = labels
    trace: dict[str, Json] = {
        "type": "heatmap",
        "x": list(range(len(columns))),
        "y": list(range(len(rows))),
        "z": [[None if value is None else rounded([value])[0] for value in row] for row in values],
        "customdata": [[f"{plotly_text(row)} · {plotly_text(column)}" for column in columns] for row in rows],
        "hovertemplate": "%{customdata}<br>%{z:.4~g}<extra></extra>",
        "hoverongaps": False,
        "xgap": 2,
        "ygap": 2,
        "colorscale": DIVERGING if diverging else CELLS,
        "showscale": False,
    }
    if diverging:
        trace |= {"zmin": -1, "zmax": 1}
    if texts is not None and len(columns) * len(rows) <= MAX_LABELLED_CELLS:
        trace |= {
            "text": [list(row) for row in texts],
            "texttemplate": "%{text}",
            "textfont": {"size": 11, "color": CANONICAL.ink},
        }
    layout: dict[str, Json] = {
        "xaxis": labels_axis(columns, titles[0], side="bottom", tickangle=-35 if len(columns) > 3 else 0),  # noqa: PLR2004
        "yaxis": labels_axis(rows, titles[1], autorange="reversed"),
    }
    return assembled(words, [trace], layout, height=max(least_height, min(720, 130 + 34 * len(rows))))


@dataclasses.dataclass(frozen=True)
class Box:
    """One group's five numbers (whisker ends, quartiles and median), and its mean where it is to be drawn."""

    label: str
    low: float
    q1: float
    median: float
    q3: float
    high: float
    mean: float | None = None


def boxes(words: Words, groups: Sequence[Box], *, value_title: str, least_height: int = 200) -> PlotlyChart:
    """Horizontal boxes from five numbers each, the first one on top."""
    trace: dict[str, Json] = {
        "type": "box",
        "orientation": "h",
        "y": list(range(len(groups))),
        "lowerfence": list(rounded([group.low for group in groups])),
        "q1": list(rounded([group.q1 for group in groups])),
        "median": list(rounded([group.median for group in groups])),
        "q3": list(rounded([group.q3 for group in groups])),
        "upperfence": list(rounded([group.high for group in groups])),
        "line": {"color": CANONICAL.accent, "width": 1.5},
        "fillcolor": CANONICAL.soft,
        "hoverinfo": "x",
    }
    means = [group.mean for group in groups if group.mean is not None]
    if len(means) == len(groups):
        trace |= {"mean": list(rounded(means)), "boxmean": True}
    layout: dict[str, Json] = {
        "xaxis": axis(value_title),
        "yaxis": labels_axis([group.label for group in groups], autorange="reversed"),
    }
    return assembled(words, [trace], layout, height=max(least_height, FRAME_HEIGHT + 32 * len(groups)))
