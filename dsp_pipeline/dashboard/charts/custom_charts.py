"""Small charts as SVG, drawn in Python: they are there at first paint, in print and without a script.

Colours come from the page's stylesheet by class, so they follow the theme.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from dsp_pipeline.dashboard.charts.base import SvgChart
from dsp_pipeline.dashboard.wording import number, plural, visible, whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_WIDTH = 240
_HEIGHT = 56
_MAX_BARS = 60


def _coordinate(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _svg(body: str, *, width: int = _WIDTH, height: int = _HEIGHT, label: str, classes: str) -> str:
    safe = html.escape(visible(label))
    return (
        f'<svg class="{classes}" viewBox="0 0 {width} {height}" preserveAspectRatio="none" role="img" '
        f'aria-label="{safe}">{body}</svg>'
    )


def mini_histogram(key: str, counts: Sequence[int], labels: Sequence[str]) -> SvgChart:
    """Bars for one or more counts, at most sixty bars (neighbours are added up).

    Args:
        key: Unique on the page.
        counts: At least one.
        labels: What the edges are called; one more than there are counts.
    """
    together = -(-len(counts) // _MAX_BARS)
    merged = [sum(counts[place : place + together]) for place in range(0, len(counts), together)]
    edges = [labels[min(place * together, len(counts))] for place in range(len(merged) + 1)]
    bars = "".join(_bars(merged, edges))
    fullest = merged.index(max(merged))
    summary = (
        f"Histogram from {labels[0]} to {labels[-1]}; the fullest part is "
        f"{edges[fullest]} to {edges[fullest + 1]} with {whole(merged[fullest])} values"
    )
    markup = _svg(bars, label=summary, classes="mini")
    return SvgChart(key=key, title="Distribution", summary=summary, height=_HEIGHT, markup=markup)


def _bars(counts: Sequence[int], edges: Sequence[str]) -> Iterator[str]:
    top, step = max(counts) or 1, _WIDTH / len(counts)
    for place, count in enumerate(counts):
        height = max(1.0, (_HEIGHT - 2) * count / top) if count else 0.0
        tip = html.escape(visible(f"{edges[place]} to {edges[place + 1]}: {whole(count)}"))
        yield (
            f'<rect x="{_coordinate(place * step)}" y="{_coordinate(_HEIGHT - height)}" '
            f'width="{_coordinate(max(0.5, step - 1))}" height="{_coordinate(height)}"><title>{tip}</title></rect>'
        )


def meter(share: float, *, label: str, tone: str = "accent") -> str:
    """A horizontal bar filled to a share between 0 and 1."""
    filled = _coordinate(100 * min(1.0, max(0.0, share)))
    body = (
        '<rect class="meter-ground" width="100" height="6"/>'
        f'<rect class="meter-{tone}" width="{filled}" height="6"/>'
    )
    return _svg(body, width=100, height=6, label=label, classes="meter")


def whisker(low: float, value: float, high: float, *, bounds: tuple[float, float], label: str) -> str:
    """A dot with its interval on a line from ``bounds[0]`` to ``bounds[1]``."""
    start, end = bounds
    width = (end - start) or 1.0

    def place(number_: float) -> str:
        return _coordinate(4 + 152 * min(1.0, max(0.0, (number_ - start) / width)))

    body = (
        '<line class="whisker-ground" x1="0" x2="160" y1="9" y2="9"/>'
        f'<line class="whisker-line" x1="{place(low)}" x2="{place(high)}" y1="9" y2="9"/>'
        f'<circle class="whisker-dot" cx="{place(value)}" cy="9" r="4"/>'
    )
    return _svg(body, width=160, height=18, label=label, classes="whisker")


def sparkline(values: Sequence[float], *, name: str) -> str:
    """A line over the versions, oldest first, with a dot at the newest one; a dot alone for one value."""
    if not values:
        return ""
    low, high = min(values), max(values)
    spread = (high - low) or 1.0
    step = 92 / max(1, len(values) - 1)
    points = [
        (4 + place * step, 20 - 16 * ((value - low) / spread if high > low else 0.5))
        for place, value in enumerate(values)
    ]
    if len(points) == 1:
        points = [(96.0, points[0][1])]
    line = " ".join(f"{_coordinate(x)},{_coordinate(y)}" for x, y in points)
    end_x, end_y = points[-1]
    label = f"{name} over {plural(len(values), 'version')}: from {number(values[0])} to {number(values[-1])}"
    body = (
        f'<polyline class="spark-line" points="{line}"/>'
        f'<circle class="spark-dot" cx="{_coordinate(end_x)}" cy="{_coordinate(end_y)}" r="2.5"/>'
    )
    return _svg(body, width=100, height=24, label=label, classes="spark")
