"""How the table is built, and how its numbers run over time, each as a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp_pipeline.dashboard.view import Grid
from dsp_pipeline.dashboard.wording import NONE, clipped, number, p_value, percent, plural, whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsp_pipeline.core.artifacts.series import SeriesProfile, TimeGrid
    from dsp_pipeline.core.artifacts.structure import Structure
    from dsp_pipeline.dashboard.sections.material import Material

_MOST_OF_A_KIND = 10
_MOST_NAMES = 6
_SHOWN_APART = 3


def structure(material: Material) -> Grid | None:
    """Keys, entities over time, dependencies, redundant columns, gaps and repeats.

    None if there is nothing to say.
    """
    found = material.profile.structure
    rows = (
        *_keys(found),
        *_dependencies(found),
        *_groups(found),
        *_gaps(found),
        *_repeats(found),
    )
    return Grid(("What", "Columns", "How"), rows, "How the table is built") if rows else None


def _named(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(clipped(name, 40) for name in names[:_MOST_NAMES]) + more


def _keys(found: Structure) -> Iterator[tuple[str, str, str]]:
    for key in found.keys[:_MOST_OF_A_KIND]:
        yield "Key", _named(key), "identifies each row" if len(key) == 1 else "together identify each row"
    if found.panel:
        panel = found.panel
        filled = "no cell is empty" if panel.balanced else f"{percent(panel.filled)} of the cells have a row"
        how = f"{whole(panel.entities)} over {whole(panel.periods)} points in time; {filled}"
        yield "Panel", _named([panel.entity, panel.time]), how
    if found.sorted_by:
        yield "Order", _named(found.sorted_by), "the file is sorted by it"


def _dependencies(found: Structure) -> Iterator[tuple[str, str, str]]:
    for one in found.dependencies[:_MOST_OF_A_KIND]:
        exact = "in every row" if not one.exceptions else f"but for {plural(one.exceptions, 'row')}"
        yield "Dependency", _named([one.determinant, one.dependent]), f"the second follows from the first {exact}"


def _groups(found: Structure) -> Iterator[tuple[str, str, str]]:
    said = {"equal": "equal in every row", "one to one": "each value goes with one of the others"}
    for group in found.redundant[:_MOST_OF_A_KIND]:
        yield "Redundant", _named(group.columns), said.get(group.why, "move as one")


def _gaps(found: Structure) -> Iterator[tuple[str, str, str]]:
    for one in found.missing_dependence[:_MOST_OF_A_KIND]:
        how = f"whether the first is missing depends on the second (Cramér's V {number(round(one.value, 2))})"
        yield "Gaps", _named([one.column, one.on]), how
    test = found.missing_at_random
    if test:
        how = f"Little's test that gaps come at random: p = {p_value(test.p)}"
        yield "Gaps", _named(test.columns), how


def _repeats(found: Structure) -> Iterator[tuple[str, str, str]]:
    near = found.near_duplicates
    if near and near.rows:
        first = near.examples[0]
        how = (
            f"{plural(near.rows, 'row')} repeat an earlier one but for one column, "
            f"such as row {whole(first.row)} and row {whole(first.earlier)}"
        )
        yield "Near-duplicates", _named(list(near.columns)), how


def over_time(material: Material) -> Grid | None:
    """Trend, seasons and changes of each number over time; None without a time column."""
    found = material.profile.time_series
    if found is None or not found.series:
        return None
    header = ("Column", "Trend", "p", "Repeats every", "Changes at", "Stands apart", "Level")
    rows = tuple(_series(one, found.grid) for one in found.series)
    return Grid(header, rows, _described(found.grid), numeric=frozenset({2}))


def _described(grid: TimeGrid) -> str:
    every = f"{grid.step} {grid.unit}s" if grid.step > 1 else grid.unit
    kept = f"one point every {every}" if grid.step else f"{whole(grid.points)} points at irregular times"
    missing = f", {whole(grid.missing)} without a row" if grid.missing else ""
    return f"Over time, by {clipped(grid.column, 40)}: {kept} from {grid.first} to {grid.last}{missing}"


def _series(one: SeriesProfile, grid: TimeGrid) -> tuple[str, ...]:
    per = f" a {grid.unit}" if grid.step else ""
    return (
        "number of rows" if one.column is None else one.column,
        f"{number(one.trend.slope)}{per}",
        p_value(one.trend.p),
        ", ".join(f"{season.name} ({percent(season.strength)})" for season in one.seasons) or NONE,
        ", ".join(change.at for change in one.change_points) or NONE,
        _apart(one),
        one.verdict or NONE,
    )


def _apart(one: SeriesProfile) -> str:
    """The points farthest from their neighbours, with their values."""
    farthest = sorted(one.unusual, key=lambda point: -abs(point.distance))[:_SHOWN_APART]
    more = f" and {len(one.unusual) - _SHOWN_APART} more" if len(one.unusual) > _SHOWN_APART else ""
    return ", ".join(f"{point.at} ({number(point.value)})" for point in farthest) + more or NONE
