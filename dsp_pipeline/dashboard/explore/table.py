"""Which columns are embedded, in how many levels, so that the file stays small; and the whole of them as bytes.

All columns get the same limit of levels: the largest of `LIMITS` with which the table fits its budget. How large
it will be is found out on blocks of rows from all over it. If it does not fit even with the smallest limit,
columns are left out, those that say most last: the target, the time, columns that insights speak of, then in the
file's order. In a long table columns that could not fit with one bit a row are not even looked at.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.dashboard.explore import categories, numbers, times
from dsp_pipeline.dashboard.explore.coding import tried

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from dsp_pipeline.dashboard.escaping import Json
    from dsp_pipeline.dashboard.explore.coding import Coder
    from dsp_pipeline.dashboard.explore.levels import Divider, Levels
    from dsp_pipeline.dashboard.sections.material import Material

LIMITS = (40, 32, 24, 20, 16, 12, 10, 8)
MOST_COLUMNS, FEWEST_COLUMNS = 200, 8
FEWEST_ROWS = 2
SMALL_BUDGET, LARGE_BUDGET = 520_000, 4_900_000
SMALL_CELLS, BYTES_PER_CELL = 2_000_000, 0.4
"""Deflated bytes; base64 makes four of three. An ordinary page stays below 3 MB so, the largest below 10 MB."""

_BLOCKS, _BLOCK_ROWS = 16, 1024


@dataclasses.dataclass(frozen=True)
class Embedded:
    """One column as it travels: its levels, what scripts know of it, and the deflated bytes."""

    levels: Levels
    described: dict[str, Json]
    data: bytes


@dataclasses.dataclass(frozen=True)
class EmbeddedTable:
    """All rows in their embedded columns.

    Attributes:
        rows: How many rows there are.
        columns: In the table's order.
        most_levels: The limit that was used.
        plain: Columns that have nothing to filter by: a single value, or nearly every value different.
        left_out: Columns that did not fit.
    """

    rows: int
    columns: tuple[Embedded, ...]
    most_levels: int
    plain: tuple[str, ...]
    left_out: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class _Fitted:
    levels: Levels
    coder: Coder
    size: float


def embedded(material: Material) -> EmbeddedTable | None:
    """All rows of the table; None if it is too small to be explored, or no column has anything to filter by."""
    table = material.table
    if table.height < FEWEST_ROWS:
        return None
    order = _priority(material)
    looked_at = set(order[: most_columns(table.height)])
    dividers = {name: _divider(table[name], material) for name in table.columns if name in looked_at}
    usable = {name: divider for name, divider in dividers.items() if divider is not None}
    plain = tuple(name for name, divider in dividers.items() if divider is None)
    if not usable:
        return None
    budget = budget_for(table.height * len(usable))
    limit, fitted = _fitted(table, usable, budget)
    kept = _affordable(fitted, [name for name in order if name in usable], budget)
    columns = tuple(_coded(one, table[name]) for name, one in fitted.items() if name in kept)
    return EmbeddedTable(
        rows=table.height,
        columns=columns,
        most_levels=limit,
        plain=plain,
        left_out=tuple(name for name in table.columns if name not in kept and name not in plain),
    )


def budget_for(cells: int) -> int:
    """How many deflated bytes so many cells may take; those beyond an ordinary table pay by the cell."""
    return round(min(LARGE_BUDGET, SMALL_BUDGET + BYTES_PER_CELL * max(0, cells - SMALL_CELLS)))


def _divider(values: pl.Series, material: Material) -> Divider | None:
    kind = material.kind(values.name)
    if kind in {ColumnKind.EMPTY, ColumnKind.CONSTANT, ColumnKind.IDENTIFIER}:
        return None
    if values.dtype.is_numeric():
        return numbers.divider(values, distinct=material.profile.columns[values.name].distinct)
    if values.dtype.is_temporal():
        return times.divider(values)
    return categories.divider(values, material.publication.text)


def _fitted(table: pl.DataFrame, dividers: Mapping[str, Divider], budget: int) -> tuple[int, dict[str, _Fitted]]:
    """The largest limit with which the table fits, and each column with it; the smallest if none does."""
    parts = table.select(list(dividers))[_places(table.height)]
    scale = table.height / parts.height
    for limit in LIMITS:
        fitted = {name: _estimated(divide(limit), parts[name], scale) for name, divide in dividers.items()}
        if sum(one.size for one in fitted.values()) <= budget:
            break
    return limit, fitted


def _places(rows: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Blocks of rows at equal distances; all rows if there are few."""
    if rows <= _BLOCKS * _BLOCK_ROWS:
        return np.arange(rows)
    starts = np.linspace(0, rows - _BLOCK_ROWS, _BLOCKS).astype(np.int64)
    return (starts[:, None] + np.arange(_BLOCK_ROWS)).ravel()


def _estimated(levels: Levels, part: pl.Series, scale: float) -> _Fitted:
    coder, size = tried(levels.codes(part), levels.count)
    return _Fitted(levels, coder, size * scale)


def most_columns(rows: int) -> int:
    """How many columns of so many rows may be embedded at all."""
    return min(MOST_COLUMNS, max(FEWEST_COLUMNS, 8 * LARGE_BUDGET // rows))


def _priority(material: Material) -> list[str]:
    """The columns, those that say most first."""
    spoken = [name for insight in material.insights.insights for name in insight.columns]
    first = [material.model.target, material.time_column(), *spoken]
    columns = material.table.columns
    known = set(columns)
    return list(dict.fromkeys([*(name for name in first if name in known), *columns]))


def _affordable(fitted: Mapping[str, _Fitted], order: list[str], budget: int) -> set[str]:
    """The first columns that fit together, and any later one that still does."""
    kept, spent = set(), 0.0
    for name in order:
        if spent + fitted[name].size <= budget:
            kept.add(name)
            spent += fitted[name].size
    return kept


def _coded(fitted: _Fitted, values: pl.Series) -> Embedded:
    codes = fitted.levels.codes(values)
    return Embedded(fitted.levels, fitted.levels.described(codes, fitted.coder.bits), fitted.coder.coded(codes))
