"""Links into the page that set its filter, in the spelling of `scripts/explore/state.js`.

The part after ``#`` is a place on the page, ``~``, and the filter: ``explore~region=south,east&amount=20..50``.
Names and labels are percent-encoded as JavaScript's ``encodeURIComponent`` does it, and ``!`` and ``~`` too, for
``!missing`` and ``!others`` stand for the levels that have no label, and ``~`` ends the place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dsp_pipeline.dashboard.explore.levels import Levels
    from dsp_pipeline.dashboard.explore.table import EmbeddedTable

ANCHOR = "explore"
_AS_IN_JAVASCRIPT = "-_.*'()"


def link(table: EmbeddedTable, subspace: Mapping[str, str]) -> str:
    """The link that shows just the rows of a part of the table, which is given as values of columns.

    Empty where the part cannot be told from the levels that are embedded, or is the whole table.
    """
    levels = {column.levels.name: column.levels for column in table.columns}
    parts = [_part(levels.get(name), value) for name, value in subspace.items()]
    return f"#{ANCHOR}~{'&'.join(parts)}" if parts and all(parts) else ""


def _part(levels: Levels | None, value: str) -> str:
    if levels is None or levels.ranges or value not in levels.labels:
        return ""
    bound = spelt(levels.bounds[levels.labels.index(value)])
    asked = f"{bound}..{bound}" if levels.kind == "number" else bound
    return f"{spelt(levels.name)}={asked}"


def spelt(text: str) -> str:
    """A name or a label inside a link."""
    return quote(text, safe=_AS_IN_JAVASCRIPT).replace("~", "%7E")
