"""The catalogue's state in the lake: read, and changed by compare-and-swap, since several runs end at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp_pipeline.core.artifacts.summary import Catalogue, CatalogueEntry, Failure, Published
from dsp_pipeline.core.errors import ObjectNotFoundError
from dsp_pipeline.storage.layout import CATALOGUE_STATE
from dsp_pipeline.storage.swapping import swap

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from dsp_pipeline.core.artifacts.summary import Summary
    from dsp_pipeline.storage.base import ObjectStore

HISTORY = 100
"""Versions kept per dataset for the sparkline."""


def read_catalogue(lake: ObjectStore) -> Catalogue:
    """The catalogue as it is now; an empty one where nothing was published yet."""
    try:
        return _parsed(lake.get(CATALOGUE_STATE).data)
    except ObjectNotFoundError:
        return _parsed(None)


def change_entry(lake: ObjectStore, dataset: str, change: Callable[[CatalogueEntry], CatalogueEntry]) -> Catalogue:
    """Change one dataset's entry, whatever others change meanwhile; returns the catalogue after the change.

    Raises:
        StorageUnavailableError: Others kept changing it first, many times in a row.
    """
    after = Catalogue()

    def changed(stored: bytes | None) -> bytes:
        nonlocal after
        entries = _parsed(stored).entries
        entry = entries.get(dataset, CatalogueEntry(dataset=dataset, latest=None))
        after = Catalogue(entries=dict(sorted((entries | {dataset: change(entry)}).items())))
        return after.to_json()

    swap(
        lake,
        CATALOGUE_STATE,
        changed,
        what="the catalogue",
        remedy="Materialize 'catalogue' again when fewer runs end at once",
    )
    return after


def with_published(
    entry: CatalogueEntry, published: Published, *, schedule: str | None, etag: str | None = None
) -> CatalogueEntry:
    """The entry after a dashboard was published; an older drop's late success does not displace a newer one.

    Args:
        entry: The entry before.
        published: The dashboard. As the newest one it ends any failure, else only that of its own drop.
        schedule: When its sidecar wants it analysed again.
        etag: The content of the drop that it was made of.
    """
    version = published.summary.built_from.version
    others = [old for old in entry.history if old.summary.built_from.version != version]
    history = sorted([*others, published], key=_drop_time)[-HISTORY:]
    newest = history[-1]
    return CatalogueEntry(
        dataset=entry.dataset,
        latest=newest,
        history=history,
        failure=None if newest is published or _is_of(entry.failure, published, etag) else entry.failure,
        schedule=schedule if newest is published else entry.schedule,
    )


def version_before(entry: CatalogueEntry | None, version: str, dropped_at: dt.datetime | None) -> Summary | None:
    """What was published of the newest other version that was dropped before this one; None if there is none."""
    others = [one for one in entry.history if one.summary.built_from.version != version] if entry else []
    if dropped_at is not None:
        others = [one for one in others if _drop_time(one) < dropped_at.timestamp()]
    return max(others, key=_drop_time).summary if others else None


def with_failure(entry: CatalogueEntry, failure: Failure) -> CatalogueEntry:
    """The entry after a drop failed: the last good dashboard stays."""
    return entry.model_copy(update={"failure": failure})


def _is_of(failure: Failure | None, published: Published, etag: str | None) -> bool:
    """Whether a failure was that of the drop which a dashboard was made of now."""
    made_of = (published.summary.built_from.key, etag)
    return failure is not None and (failure.key, failure.etag) == made_of


def _drop_time(published: Published) -> float:
    return (published.dropped_at or published.at).timestamp()


def _parsed(stored: bytes | None) -> Catalogue:
    return Catalogue() if stored is None else Catalogue.model_validate_json(stored)
