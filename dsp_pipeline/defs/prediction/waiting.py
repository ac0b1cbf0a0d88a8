"""Which rows have to wait for their dataset's first model: asked of the stores, and only where it matters."""

from collections.abc import Collection

from dsp_pipeline.defs.ingestion.drops import find_drops
from dsp_pipeline.storage.base import ObjectStore
from dsp_pipeline.storage.models import ASSET
from dsp_pipeline.storage.outcomes import failed_drops, good_drops, read_failed
from dsp_pipeline.storage.stores import Stores
from dsp_pipeline.storage.versions import read_latest


def datasets_to_wait_for(stores: Stores, without: Collection[str]) -> set[str]:
    """Those of the datasets without a model (`without_model`) whose first drop is still on its way."""
    if not without:
        return set()
    good, failed = good_drops(stores.lake), failed_drops(stores.lake)
    return {
        drop.dataset
        for drop in find_drops(stores.drop.list())[0]
        if drop.dataset in without
        and drop.id not in good
        and not (drop.id in failed and _is_final(stores.lake, drop.id))
    }


def without_model(lake: ObjectStore, datasets: Collection[str]) -> set[str]:
    """Those of the datasets for which no model was made yet."""
    return {name for name in datasets if read_latest(lake, dataset=name, asset=ASSET) is None}


def _is_final(lake: ObjectStore, drop: str) -> bool:
    outcome = read_failed(lake, drop)
    return outcome is not None and not outcome.failure.retryable
