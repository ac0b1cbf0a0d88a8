"""Text from a file inside scripts and charts; inside HTML, Jinja2's autoescape does it."""

from __future__ import annotations

import json
import math
from typing import TypeAlias

from dsp_pipeline.core.numbers import GROUP, PLAIN, POINT, NumberFormat
from dsp_pipeline.dashboard.wording import clipped, visible

Json: TypeAlias = "bool | int | float | str | list[Json] | tuple[Json, ...] | dict[str, Json] | None"

_IN_SCRIPT = str.maketrans(
    {character: f"\\u{ord(character):04x}" for character in ("<", ">", "&", "\u2028", "\u2029", GROUP, POINT)}
)


def script_json(value: Json, numbers: NumberFormat | None = PLAIN) -> str:
    """JSON that can stand inside a ``<script>`` element: nothing in it can end the element or open a comment.

    NaN and infinities, for which JSON has no word, become null. Numbers in texts are written in a format; None
    leaves their marks to the script (`scripts/numbers.js`), where it saves the texts as well as shows them.
    """
    text = json.dumps(_finite(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return (text if numbers is None else numbers.shown(text)).translate(_IN_SCRIPT)


def _finite(value: Json) -> Json:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value


_IN_PLOTLY = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "%": "&#37;", "{": "&#123;", "$": "&#36;"})


def plotly_text(text: str, *, length: int = 200) -> str:
    """Text for Plotly, which would read tags, entities, ``%{…}`` and ``$TeX$`` in it, shown just as it is."""
    return visible(clipped(text.replace("\n", " ").replace("\t", " "), length)).translate(_IN_PLOTLY)


def rounded(values: list[float] | tuple[float, ...], *, digits: int = 6) -> list[float | None]:
    """Numbers at six significant digits, enough for any screen; None where there is no finite number."""
    return [float(f"{value:.{digits}g}") if math.isfinite(value) else None for value in values]
