"""Places as a map without tiles: longitude across, latitude upwards, in the proportions of the place itself."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from dsp_pipeline.dashboard.charts import aggregates
from dsp_pipeline.dashboard.charts.frame import Words
from dsp_pipeline.dashboard.charts.plotly_charts import density, scatter
from dsp_pipeline.dashboard.wording import number, whole

if TYPE_CHECKING:
    import polars as pl

    from dsp_pipeline.dashboard.charts.base import PlotlyChart
    from dsp_pipeline.dashboard.escaping import Json

MOST_DOTS = 2_000
_HEIGHT = 420
_STEEPEST = 85.0
"""Near the poles a degree of longitude has no length to speak of: the proportions stay at this latitude's."""


def places(frame: pl.DataFrame, latitude: str, longitude: str, *, key: str, noun: str) -> PlotlyChart | None:
    """Where the rows are; as a density where there are too many for dots. None without any place."""
    points = aggregates.pairs(frame, longitude, latitude, most=MOST_DOTS)
    if not points.n:
        return None
    titles = (f"{longitude} (degrees)", f"{latitude} (degrees)")
    if points.edges is None or points.cells is None:
        middle = (sorted(points.x)[points.n // 2], sorted(points.y)[points.n // 2])
        title = f"{whole(points.n)} {noun} around {_place(*middle)}"
        drawn = scatter(Words(key, title, "Each dot is one row."), points.x, points.y, titles=titles)
    else:
        middle = _densest(points.edges, points.cells)
        title = f"{whole(points.n)} {noun}, most around {_place(*middle)}"
        said = f"As a density: the darker, the more. The {whole(points.outside)} outermost lie outside the frame."
        drawn = density(Words(key, title, said), points.edges, points.cells, titles=titles)
    return _in_proportion(drawn, middle[1])


def _in_proportion(drawn: PlotlyChart, latitude: float) -> PlotlyChart:
    """As wide as a degree of longitude is at this latitude, which is its cosine."""
    ratio = 1 / math.cos(math.radians(min(_STEEPEST, abs(latitude))))
    up = drawn.layout["yaxis"]
    scaled: dict[str, Json] = {"scaleanchor": "x", "scaleratio": round(ratio, 4), "constrain": "domain"}
    layout = {**drawn.layout, "yaxis": {**(up if isinstance(up, dict) else {}), **scaled}}
    return type(drawn)(
        key=drawn.key,
        title=drawn.title,
        summary=drawn.summary,
        height=_HEIGHT,
        traces=drawn.traces,
        layout=layout,
    )


def _densest(edges: tuple[list[float], list[float]], cells: list[list[int]]) -> tuple[float, float]:
    row = max(range(len(cells)), key=lambda place: max(cells[place]))
    column = cells[row].index(max(cells[row]))
    across, up = edges
    return (across[column] + across[column + 1]) / 2, (up[row] + up[row + 1]) / 2


def _place(longitude: float, latitude: float) -> str:
    north, east = "N" if latitude >= 0 else "S", "E" if longitude >= 0 else "W"
    return f"{number(round(abs(latitude), 2))}° {north}, {number(round(abs(longitude), 2))}° {east}"
