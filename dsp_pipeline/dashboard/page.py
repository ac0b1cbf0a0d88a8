"""A finished page, as it is kept and published."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.summary import Summary


@dataclasses.dataclass(frozen=True)
class Dashboard:
    """One version's dashboard.

    Attributes:
        html: The whole file, UTF-8.
        summary: What the catalogue and scripts need to know of it.
    """

    html: bytes
    summary: Summary
