"""A finished page, as it is kept and published."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.summary import Summary


@dataclasses.dataclass(frozen=True)
class Surroundings:
    """What lies around a page.

    Attributes:
        before: The version before this one, which key figures are compared with; None for the first.
        installable: Whether `installing.app_files` are published beside the page.
    """

    before: Summary | None = None
    installable: bool = False


ALONE = Surroundings()


@dataclasses.dataclass(frozen=True)
class Dashboard:
    """One version's dashboard.

    Attributes:
        html: The whole file, UTF-8.
        summary: What the catalogue and scripts need to know of it.
    """

    html: bytes
    summary: Summary
