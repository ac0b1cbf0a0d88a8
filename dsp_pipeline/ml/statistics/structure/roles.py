"""What some columns are for: as the owner says, or as the table shows."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dsp_pipeline.core.artifacts.profile import ColumnProfile
    from dsp_pipeline.core.sidecar import Sidecar


@dataclasses.dataclass(frozen=True)
class Roles:
    """What some columns are for, as the owner says or as it was found.

    Attributes:
        target: What is to be predicted.
        time: When a row happened.
        entity: What is observed over time.
    """

    target: str | None = None
    time: str | None = None
    entity: str | None = None

    @classmethod
    def of(cls, sidecar: Sidecar, profiles: Mapping[str, ColumnProfile]) -> Roles:
        """The sidecar's columns where the table has them; else the points in time with most different values."""
        times = [name for name, profile in profiles.items() if profile.kind.is_temporal]
        times.sort(key=lambda name: (-profiles[name].count, -profiles[name].distinct))
        said = sidecar.time_column
        return cls(
            target=sidecar.target if sidecar.target in profiles else None,
            time=said if said in times else next(iter(times), None),
            entity=sidecar.group_column if sidecar.group_column in profiles else None,
        )
