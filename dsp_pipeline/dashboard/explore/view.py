"""The section in which readers look at all rows: what it says, and what its scripts get."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from dsp_pipeline.dashboard.wording import clipped, plural, whole

if TYPE_CHECKING:
    from dsp_pipeline.dashboard.escaping import Json
    from dsp_pipeline.dashboard.explore.table import EmbeddedTable

_MOST_NAMES = 8


@dataclasses.dataclass(frozen=True)
class ExploreView:
    """The embedded table as the templates see it.

    Attributes:
        note: What is there, how exact it is, and what is not.
        rows: How many rows there are.
        data: What scripts know before they unpack anything: ``rows``, ``noun`` and ``columns``.
        columns: Each column's deflated levels.
    """

    note: str
    rows: int
    data: dict[str, Json]
    columns: tuple[bytes, ...]


def explore_view(table: EmbeddedTable | None, noun: str) -> ExploreView | None:
    """The section; None where nothing is embedded."""
    if table is None or not table.columns:
        return None
    return ExploreView(
        note=_note(table, noun),
        rows=table.rows,
        data={
            "rows": table.rows,
            "noun": noun,
            "columns": [dict(column.described) for column in table.columns],
        },
        columns=tuple(column.data for column in table.columns),
    )


def _note(table: EmbeddedTable, noun: str) -> str:
    ranges = any(column.levels.ranges or column.levels.others for column in table.columns)
    parts = [f"All {whole(table.rows)} {noun}, not a sample: counts are exact"]
    parts[0] += ", numbers and dates to the ranges that are drawn." if ranges else "."
    parts.append("Choose bars or use the filters: all other charts and the data table follow.")
    if table.plain:
        parts.append(f"Nothing to filter by in {_names(table.plain)}.")
    if table.left_out:
        parts.append(f"Left out to keep the file small: {_names(table.left_out)}.")
    return " ".join(parts)


def _names(names: tuple[str, ...]) -> str:
    shown = ", ".join(clipped(name, 40) for name in names[:_MOST_NAMES])
    more = len(names) - _MOST_NAMES
    return f"{shown} and {plural(more, 'more column')}" if more > 0 else shown
