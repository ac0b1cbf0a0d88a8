"""Entities that are observed over time, and the columns that the file is sorted by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp_pipeline.core.artifacts.structure import Panel
from dsp_pipeline.core.kinds import ColumnKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

    from dsp_pipeline.core.artifacts.profile import ColumnProfile

_FEWEST_TIMES = 3
_FEWEST_ENTITIES = 2
_FEWEST_STEPS = 10
_LEAST_FILLED = 0.2


def panel(
    table: pl.DataFrame,
    profiles: Mapping[str, ColumnProfile],
    keys: Sequence[Sequence[str]],
    *,
    time: str | None,
    entity: str | None = None,
) -> Panel | None:
    """The panel that rows make: each entity at most once at each point in time, three rows each on average.

    Args:
        table: The table.
        profiles: Its columns' profiles.
        keys: Its candidate keys; one of them pairs the entity with the time.
        time: The time column; no panel without one.
        entity: What the owner says that the entities are; found among the keys if None.
    """
    if time is None or not profiles[time].count:
        return None
    pairs = [next(iter(set(key) - {time})) for key in keys if len(key) == 2 and time in key]  # noqa: PLR2004 - a pair
    candidates = pairs if entity is None else [entity]
    for name in candidates:
        entities, periods = profiles[name].distinct, profiles[time].distinct
        measured = profiles[name].kind in {ColumnKind.CONTINUOUS, ColumnKind.TEXT}
        if measured or entities < _FEWEST_ENTITIES or min(periods, table.height / entities) < _FEWEST_TIMES:
            continue
        seen = table.select(name, time).drop_nulls().unique().height
        filled = seen / (entities * periods)
        if seen == table.height and filled >= _LEAST_FILLED:
            return Panel(
                entity=name, time=time, entities=entities, periods=periods, filled=filled, balanced=filled == 1
            )
    return None


def sorted_by(profiles: Mapping[str, ColumnProfile]) -> list[str]:
    """The columns of more than ten different values that only rise or only fall in the file's order."""
    return [
        name
        for name, profile in profiles.items()
        if profile.statistics.get("monotonic") in {"increasing", "decreasing"} and profile.distinct > _FEWEST_STEPS
    ]
