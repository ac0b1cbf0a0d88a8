"""The catalogue's state in the lake: read, and changed by compare-and-swap, since several runs end at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp_pipeline.core.artifacts.summary import Catalogue, CatalogueEntry, Failure, Published
from dsp_pipeline.core.errors import ObjectNotFoundError, PreconditionError, StorageUnavailableError
from dsp_pipeline.storage.layout import CATALOGUE_STATE

if TYPE_CHECKING:
    from collections.abc import Callable

    from dsp_pipeline.storage.base import ObjectStore

_ATTEMPTS = 50
HISTORY = 100
"""Versions kept per dataset for the sparkline."""


def read_catalogue(lake: ObjectStore) -> Catalogue:
    """The catalogue as it is now; an empty one where nothing was published yet."""
    return _read(lake)[0]


def change_entry(lake: ObjectStore, dataset: str, change: Callable[[CatalogueEntry], CatalogueEntry]) -> Catalogue:
    """Change one dataset's entry, whatever others change meanwhile; returns the catalogue after the change.

    Raises:
        StorageUnavailableError: Others kept changing it first, many times in a row.
    """
    for _ in range(_ATTEMPTS):
        catalogue, etag = _read(lake)
        entry = catalogue.entries.get(dataset, CatalogueEntry(dataset=dataset, latest=None))
        entries = catalogue.entries | {dataset: change(entry)}
        after = Catalogue(entries=dict(sorted(entries.items())))
        try:
            lake.put(CATALOGUE_STATE, after.to_json(), if_match=etag, if_absent=etag is None)
        except PreconditionError:
            continue
        return after
    raise StorageUnavailableError(
        "the catalogue was changed by others each time it was to be written",
        where=CATALOGUE_STATE,
        remedy="Materialize 'catalogue' again when fewer runs end at once",
    )


def with_published(entry: CatalogueEntry, published: Published, *, schedule: str | None) -> CatalogueEntry:
    """The entry after a dashboard was published; an older drop's late success does not displace a newer one."""
    version = published.summary.built_from.version
    others = [old for old in entry.history if old.summary.built_from.version != version]
    history = sorted([*others, published], key=_drop_time)[-HISTORY:]
    newest = history[-1]
    return CatalogueEntry(
        dataset=entry.dataset,
        latest=newest,
        history=history,
        failure=None if newest is published else entry.failure,
        schedule=schedule if newest is published else entry.schedule,
    )


def with_failure(entry: CatalogueEntry, failure: Failure) -> CatalogueEntry:
    """The entry after a drop failed: the last good dashboard stays."""
    return entry.model_copy(update={"failure": failure})


def _drop_time(published: Published) -> float:
    return (published.dropped_at or published.at).timestamp()


def _read(lake: ObjectStore) -> tuple[Catalogue, str | None]:
    try:
        stored = lake.get(CATALOGUE_STATE)
    except ObjectNotFoundError:
        return Catalogue(), None
    return Catalogue.model_validate_json(stored.data), stored.info.etag
