"""What a listing of the drop bucket means: which drops are there, and which of them are new.

Pure: listings and what was seen before come in, decisions come out. No Dagster, no store, no clock.
"""

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping

import pydantic

from dsp_pipeline.core.errors import NamingError
from dsp_pipeline.core.naming import SIDECAR_SUFFIX, dataset_of, is_table_key, sidecar_key
from dsp_pipeline.storage.base import ObjectInfo
from dsp_pipeline.storage.layout import drop_id

RESERVED_PREFIX = "predict/"
"""Keys below it are rows to predict, not datasets."""


@dataclasses.dataclass(frozen=True, slots=True)
class Drop:
    """One table in the drop bucket, with its sidecar if it has one."""

    key: str
    etag: str
    dataset: str
    size: int
    dropped_at: dt.datetime
    sidecar_key: str | None
    sidecar_etag: str | None

    @property
    def id(self) -> str:
        """Its identity: the same key, content and sidecar give the same id."""
        return drop_id(self.key, self.etag, self.sidecar_etag)


class Seen(pydantic.BaseModel):
    """What the registry keeps of one key."""

    model_config = pydantic.ConfigDict(frozen=True)

    drop: str
    dropped_at: dt.datetime


class Registry(pydantic.BaseModel):
    """The drops for which a run was asked, by key."""

    model_config = pydantic.ConfigDict(frozen=True)

    seen: dict[str, Seen] = {}


@dataclasses.dataclass(frozen=True)
class Plan:
    """What one tick does.

    Attributes:
        new: Drops to run, oldest first, at most the tick's limit.
        waiting: How many more are new but over the limit; the next tick takes them.
        repeated: Drops that were dropped again with the same content: nothing to run.
        ignored: Keys that are no tables, with the reason.
        registry: The registry after this tick.
    """

    new: list[Drop]
    waiting: int
    repeated: list[Drop]
    ignored: dict[str, str]
    registry: Registry


def find_drops(listing: Iterable[ObjectInfo]) -> tuple[list[Drop], dict[str, str]]:
    """The drops in a listing, oldest first, and the keys that are none with the reason."""
    objects = {info.key: info for info in listing}
    drops: list[Drop] = []
    ignored: dict[str, str] = {}
    for key, info in objects.items():
        reason = _reason_to_ignore(key)
        if reason is not None:
            if reason:
                ignored[key] = reason
            continue
        sidecar = objects.get(sidecar_key(key))
        drops.append(
            Drop(
                key=key,
                etag=info.etag,
                dataset=dataset_of(key),
                size=info.size,
                dropped_at=info.last_modified,
                sidecar_key=sidecar.key if sidecar else None,
                sidecar_etag=sidecar.etag if sidecar else None,
            )
        )
    drops.sort(key=lambda drop: (drop.dropped_at, drop.key))
    return drops, ignored


def _reason_to_ignore(key: str) -> str | None:
    """None for a table's key; an empty reason for keys that are rightly there; else why it is not read."""
    if key.startswith(RESERVED_PREFIX):
        return f"{RESERVED_PREFIX} is kept for rows to predict"
    if key.endswith((SIDECAR_SUFFIX, "/")):
        return ""
    if not is_table_key(key):
        return "not a table: the name ends in none of .csv, .tsv, .txt (with or without .gz or .zst)"
    try:
        dataset_of(key)
    except NamingError as error:
        return error.what
    return None


def plan(listing: Iterable[ObjectInfo], registry: Registry, *, limit: int) -> Plan:
    """Which drops need a run: those whose key, content or sidecar the registry does not know.

    No watermark is kept: a multipart upload carries the time at which it began, so it can appear "before" drops
    that were already handled. See docs/decisions/0001-drops-by-set-difference.md.
    """
    drops, ignored = find_drops(listing)
    unknown = [drop for drop in drops if _is_new(drop, registry.seen)]
    new = unknown[:limit]
    taken = {drop.key for drop in new}
    waiting = {drop.key for drop in unknown[limit:]}
    repeated = [
        drop
        for drop in drops
        if drop.key not in taken
        and drop.key not in waiting
        and drop.dropped_at > registry.seen[drop.key].dropped_at
    ]
    seen = {
        drop.key: registry.seen[drop.key]
        if drop.key in waiting
        else Seen(drop=drop.id, dropped_at=drop.dropped_at)
        for drop in drops
        if drop.key not in waiting or drop.key in registry.seen
    }
    return Plan(new, len(waiting), repeated, ignored, Registry(seen=seen))


def _is_new(drop: Drop, seen: Mapping[str, Seen]) -> bool:
    known = seen.get(drop.key)
    return known is None or known.drop != drop.id


@dataclasses.dataclass(frozen=True)
class Attempts:
    """What is known of a drop's failed runs."""

    count: int
    retryable: bool


def to_retry(
    drops: Iterable[Drop],
    *,
    good: frozenset[str],
    failed: Mapping[str, Attempts],
    active: frozenset[str],
    seen_before: dt.datetime,
    max_attempts: int,
) -> list[tuple[Drop, int]]:
    """The drops that have no good result and deserve another run, each with that run's number.

    Args:
        drops: What is in the bucket.
        good: Ids of drops that became a dashboard.
        failed: Attempts so far of those that failed.
        active: Ids of drops with a run that is queued or under way.
        seen_before: Drops newer than this are left to the sensor.
        max_attempts: Runs that one drop gets at most.

    A drop whose data was at fault is not tried again: nothing would change until it is dropped anew.
    """
    chosen = []
    for drop in drops:
        if drop.id in good or drop.id in active or drop.dropped_at > seen_before:
            continue
        attempts = failed.get(drop.id, Attempts(0, retryable=True))
        if attempts.retryable and attempts.count < max_attempts:
            chosen.append((drop, attempts.count + 1))
    return chosen
