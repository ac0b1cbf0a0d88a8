"""What every chart has, however it is drawn."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dsp_pipeline.dashboard.escaping import Json


@dataclasses.dataclass(frozen=True, kw_only=True)
class Chart:
    """A chart on the page.

    Attributes:
        key: Unique on the page; letters, digits and hyphens, never made from the data.
        title: What it shows, as plain text.
        summary: What a reader who cannot see it needs to know, as plain text.
        height: In CSS pixels.
    """

    key: str
    title: str
    summary: str
    height: int = 320


@dataclasses.dataclass(frozen=True, kw_only=True)
class PlotlyChart(Chart):
    """A chart that Plotly draws when it comes into view.

    Attributes:
        traces: Plotly's ``data``, in canonical colours (see `dsp_pipeline.dashboard.palette`).
        layout: Plotly's ``layout``, laid over `dsp_pipeline.dashboard.charts.frame.BASE_LAYOUT`.
        brushes: The column along x, where a range that is dragged over can become a filter; else empty.
    """

    traces: list[dict[str, Json]]
    layout: dict[str, Json]
    brushes: str = ""

    @property
    def figure(self) -> dict[str, Json]:
        """The figure as `plotly.graph_objects.Figure` takes it."""
        return {"data": list(self.traces), "layout": {**self.layout, "height": self.height}}


@dataclasses.dataclass(frozen=True, kw_only=True)
class SvgChart(Chart):
    """A small chart that is there with the page, without a script.

    Attributes:
        markup: An ``<svg>`` element; escaped by whoever makes it.
    """

    markup: str
