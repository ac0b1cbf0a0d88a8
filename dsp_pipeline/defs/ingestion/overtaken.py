"""Which drops that lie there again are worth another run: asked of the lake, and only where there are any."""

from collections.abc import Iterable

from dsp_pipeline.defs.ingestion.drops import Drop, Registry, dropped_again
from dsp_pipeline.storage.base import ObjectStore
from dsp_pipeline.storage.outcomes import read_failed, read_good, stands


def overtaken_drops(lake: ObjectStore, drops: Iterable[Drop], registry: Registry) -> frozenset[str]:
    """Ids of those dropped again that failed before, or became what another version has replaced since.

    Those whose run is still to end are none.
    """
    return frozenset(drop.id for drop in dropped_again(drops, registry) if _is_overtaken(lake, drop.id))


def _is_overtaken(lake: ObjectStore, drop: str) -> bool:
    if read_failed(lake, drop) is not None:
        return True
    good = read_good(lake, drop)
    return good is not None and not stands(lake, good)
