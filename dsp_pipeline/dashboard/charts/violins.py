"""Violins: boxes with the density of each group's values around them, where boxes alone would hide peaks."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.dashboard.charts.frame import FRAME_HEIGHT, axis, labels_axis
from dsp_pipeline.dashboard.charts.plotly_charts import boxes
from dsp_pipeline.dashboard.escaping import rounded
from dsp_pipeline.dashboard.palette import CANONICAL
from dsp_pipeline.ml.statistics.modality import SIGNIFICANT, modality

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.dashboard.charts.base import PlotlyChart
    from dsp_pipeline.dashboard.charts.frame import Words
    from dsp_pipeline.dashboard.charts.plotly_charts import Box
    from dsp_pipeline.dashboard.escaping import Json
    from dsp_pipeline.ml.statistics.arrays import Floats

MOST_GROUPS = 8
FEWEST_VALUES = 50
_BINS = 256
_POINTS = 65
_REACH = 4
"""Bandwidths beyond which a Gaussian kernel adds nothing that could be seen."""
_HALF_WIDTH = 0.44
_LEAST_WIDTH = 0.125
"""The least share of the widest shape's width at which a shape can still be read."""
_DROP = 0.2
"""By what share of its height the density falls on both sides of what counts as a peak."""
_ROW_HEIGHT = 64


@dataclasses.dataclass(frozen=True)
class Density:
    """Where a group's values lie.

    Attributes:
        at: Values in ascending order, from the 1st to the 99th percentile.
        shares: The density there, of an area of 1: the share of these values per unit of the column.
        peaked: Whether the dip test finds more than one peak.
    """

    at: Floats
    shares: Floats
    peaked: bool

    def peaks(self) -> list[float]:
        """The values at which the density is highest, ascending, to the digits that `at` tells apart.

        Small ripples are no peaks.
        """
        heights, last = self.shares, len(self.shares) - 1
        digits = -int(np.floor(np.log10(self.at[1] - self.at[0])))
        tops = [
            place
            for place in range(last + 1)
            if (place == 0 or heights[place] > heights[place - 1])
            and (place == last or heights[place] >= heights[place + 1])
        ]
        return [round(float(self.at[top]), digits) for top in tops if self._stands_out(top)]

    def _stands_out(self, top: int) -> bool:
        """Whether the density falls enough before it rises above this top, on each side where it does."""
        heights = self.shares
        higher = np.flatnonzero(heights > heights[top])
        before, after = higher[higher < top], higher[higher > top]
        valleys = [heights[before[-1] : top].min()] if before.size else []
        valleys += [heights[top : after[0]].min()] if after.size else []
        return all(valley <= (1 - _DROP) * heights[top] for valley in valleys)


def density(ordered: Floats) -> Density | None:
    """The density of values by a Gaussian kernel over 256 bins, mirrored at the smallest and the largest value.

    The bandwidth is Silverman's (1986, Density Estimation, equation 3.31):
    ``0.9 min(standard deviation, interquartile range / 1.34) n^-1/5``.

    Args:
        ordered: Finite values in ascending order.

    Returns:
        None where there are fewer than `FEWEST_VALUES`, half of them are equal, or the outer ones lie so far away
        that no scale shows both them and the shape.
    """
    if len(ordered) < FEWEST_VALUES:
        return None
    low, first, third, high = np.quantile(ordered, (0.01, 0.25, 0.75, 0.99))
    bandwidth = 0.9 * min(float(ordered.std()), (third - first) / 1.34) * len(ordered) ** -0.2
    if not (bandwidth > 0 and (high - low) / (_POINTS - 1) <= bandwidth):
        return None
    margin = _REACH * bandwidth
    span = max(ordered[0], low - margin), min(ordered[-1], high + margin)
    counts, edges = np.histogram(ordered, bins=_BINS, range=span)
    step = edges[1] - edges[0]
    reach = min(_BINS, int(np.ceil(margin / step)))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) * step / bandwidth) ** 2)
    smooth = np.convolve(np.pad(counts, reach, mode="symmetric"), kernel / kernel.sum(), mode="valid")
    at = np.linspace(low, high, _POINTS)
    shares = np.interp(at, (edges[:-1] + edges[1:]) / 2, smooth)
    found = modality(ordered)
    return Density(at, shares / np.trapezoid(shares, at), peaked=found is not None and found.p < SIGNIFICANT)


def densities(groups: Sequence[Floats]) -> list[Density]:
    """The groups' densities, in their order; empty where boxes say as much, or the shapes could not be read.

    Shapes say more where a group has several peaks. There are at most `MOST_GROUPS` of them.

    Args:
        groups: Each group's finite values in ascending order.
    """
    if len(groups) > MOST_GROUPS or not all(len(values) >= FEWEST_VALUES for values in groups):
        return []
    found = [made for made in map(density, groups) if made is not None]
    if len(found) < len(groups) or not any(one.peaked and len(one.peaks()) > 1 for one in found):
        return []
    widest = [float(one.shares.max()) for one in found]
    return found if min(widest) >= _LEAST_WIDTH * max(widest) else []


def violins(words: Words, groups: Sequence[Box], shapes: Sequence[Density], *, value_title: str) -> PlotlyChart:
    """Horizontal boxes in shapes of one area each, the first one on top."""
    chart = boxes(words, groups, value_title=value_title)
    scale = _HALF_WIDTH / max(float(shape.shares.max()) for shape in shapes)
    drawn: list[Json] = [_outline(place, shape, scale) for place, shape in enumerate(shapes)]
    box = {**chart.traces[0], "width": 0.14, "whiskerwidth": 0, "fillcolor": CANONICAL.surface}
    low, high = min(float(shape.at[0]) for shape in shapes), max(float(shape.at[-1]) for shape in shapes)
    spare = 0.03 * (high - low)
    layout: dict[str, Json] = {
        "xaxis": axis(value_title, range=list(rounded([low - spare, high + spare]))),
        "yaxis": labels_axis([group.label for group in groups], range=[len(groups) - 0.5, -0.5]),
        "shapes": drawn,
    }
    height = FRAME_HEIGHT + _ROW_HEIGHT * len(groups)
    return dataclasses.replace(chart, traces=[box], layout=layout, height=height)


def _outline(place: int, shape: Density, scale: float) -> dict[str, Json]:
    x = rounded(shape.at.tolist())
    above, below = (rounded((place + side * scale * shape.shares).tolist()) for side in (1, -1))
    corners = [*zip(x, above, strict=True), *zip(x[::-1], below[::-1], strict=True)]
    return {
        "type": "path",
        "path": "M" + "L".join(f"{across},{up}" for across, up in corners) + "Z",
        "layer": "below",
        "fillcolor": CANONICAL.soft,
        "line": {"color": CANONICAL.accent, "width": 1},
    }
