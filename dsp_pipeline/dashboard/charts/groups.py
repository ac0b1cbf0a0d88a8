"""A number by groups: boxes, or violins where the groups' values have several peaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp_pipeline.dashboard.charts import aggregates
from dsp_pipeline.dashboard.charts.frame import Words
from dsp_pipeline.dashboard.charts.plotly_charts import boxes
from dsp_pipeline.dashboard.charts.violins import MOST_GROUPS, densities, violins
from dsp_pipeline.dashboard.wording import number, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import polars as pl

    from dsp_pipeline.dashboard.charts.base import PlotlyChart
    from dsp_pipeline.dashboard.charts.plotly_charts import Box
    from dsp_pipeline.dashboard.charts.violins import Density

_READING = "boxes hold the middle half, lines the middle 90%, dashes mark means"
_COUNTS = {2: "two", 3: "three", 4: "four"}


def by_group(
    frame: pl.DataFrame,
    group: str,
    column: str,
    *,
    key: str,
    most: int,
    title: Callable[[Sequence[Box]], str],
    fewest: int = 1,
) -> PlotlyChart | None:
    """How a column lies in each of the largest groups of another; None without enough of them.

    Args:
        frame: The rows.
        group: The column that groups.
        column: The column that is measured.
        key: The chart's key on the page.
        most: How many groups are drawn.
        title: Says what the drawn groups show.
        fewest: How many groups there have to be.
    """
    drawn, total = aggregates.five_numbers(frame, group, column, most=most)
    if len(drawn) < fewest:
        return None
    shapes: list[Density] = []
    if total <= min(most, MOST_GROUPS):
        values = aggregates.ordered_values(frame, group, column)
        shapes = densities([values[one.label] for one in drawn])
    more = f" The {len(drawn)} largest of {whole(total)} groups are shown." if total > len(drawn) else ""
    reading = f"{_peaks(drawn, shapes)} {_READING[0].upper()}{_READING[1:]}" if shapes else f" {_READING}"
    words = Words(key, title(drawn), f"{_levels(drawn)}{'.' if shapes else ';'}{reading}.{more}")
    if shapes:
        return violins(words, drawn, shapes, value_title=column)
    return boxes(words, drawn, value_title=column)


def _levels(groups: Sequence[Box]) -> str:
    """The highest and the lowest group by mean and by median: statements quote the one or the other."""
    if len(groups) == 1:
        return f"Mean {number(groups[0].mean)}, median {number(groups[0].median)}"
    medians = sorted(groups, key=lambda one: one.median)
    means = sorted(groups, key=lambda one: one.mean or 0.0)
    (low, high), (least, most) = (means[0], means[-1]), (medians[0], medians[-1])
    if (low, high) == (least, most):
        return (
            f"Highest for {high.label} (mean {number(high.mean)}, median {number(high.median)}), "
            f"lowest for {low.label} (mean {number(low.mean)}, median {number(low.median)})"
        )
    return (
        f"Mean highest for {high.label} ({number(high.mean)}), lowest for {low.label} ({number(low.mean)}); "
        f"median highest for {most.label} ({number(most.median)}), "
        f"lowest for {least.label} ({number(least.median)})"
    )


def _peaks(groups: Sequence[Box], shapes: Sequence[Density]) -> str:
    """Which groups have several peaks and where, and what the shapes are."""
    told = []
    for one, shape in zip(groups, shapes, strict=True):
        peaks = shape.peaks() if shape.peaked else []
        if len(peaks) > 1:
            near = f"{', '.join(map(number, peaks[:-1]))} and {number(peaks[-1])}"
            told.append(f"{one.label} has {_COUNTS.get(len(peaks), str(len(peaks)))} peaks, near {near}")
    return (
        f" {'; '.join(told)}. Shapes show where values lie: where one is twice as wide, twice as many lie; "
        "they end at the 1st and the 99th percentile, and all have the same area."
    )
