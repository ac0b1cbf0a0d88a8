"""Small pictures for the Dagster UI, which shows Markdown.

SVG in a data address, drawn without a plotting library.
"""

import base64
from collections.abc import Sequence
from html import escape

import dagster as dg

_ROW, _LABEL, _BAR, _WIDTH = 16, 200, 200, 460
_MOST_BARS = 12
_LONGEST_LABEL = 32


def bars(title: str, values: Sequence[tuple[str, float]]) -> dg.MetadataValue:
    """Shares between 0 and 1 as bars, the first twelve; "none" without any.

    Args:
        title: What is shown, for people who cannot see it.
        values: Labels and shares.
    """
    shown = values[:_MOST_BARS]
    if not shown:
        return dg.MetadataValue.md("none")
    rows = "".join(_bar(place, label, share) for place, (label, share) in enumerate(shown))
    height = _ROW * len(shown) + 4
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" '
        f'font-family="sans-serif" font-size="11" fill="#777">{rows}</svg>'
    )
    data = base64.b64encode(svg.encode()).decode()
    plain = "".join(c for c in title if c.isalnum() or c in " .,:%")
    return dg.MetadataValue.md(f"![{plain}](data:image/svg+xml;base64,{data})")


def _bar(place: int, label: str, share: float) -> str:
    top = _ROW * place + 3
    length = max(1.0, _BAR * min(1.0, abs(share)))
    clipped = label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1] + "…"
    text = escape("".join(c if c.isprintable() else " " for c in clipped))
    return (
        f'<text x="{_LABEL - 6}" y="{top + 10}" text-anchor="end">{text}</text>'
        f'<rect x="{_LABEL}" y="{top}" width="{length:.1f}" height="12" fill="#4f7cac"/>'
        f'<text x="{_LABEL + length + 4:.1f}" y="{top + 10}">{share:.2f}</text>'
    )
