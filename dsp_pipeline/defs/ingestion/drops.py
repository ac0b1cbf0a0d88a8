"""What a listing of the drop bucket means: which drops are there, and which of them are new.

Pure: listings and what was seen before come in, decisions come out. No Dagster, no store, no clock.
"""

import dataclasses
import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import pydantic

from dsp_pipeline.core.errors import NamingError
from dsp_pipeline.core.naming import SIDECAR_SUFFIX, dataset_of, is_table_key, sidecar_key
from dsp_pipeline.storage.base import ObjectInfo
from dsp_pipeline.storage.layout import drop_id

NO_TABLE = "not a table: the name ends in none of .csv, .tsv, .txt (with or without .gz, .zst, .bz2 or .zip)"
RESERVED_PREFIX = "predict/"
"""Keys below it are rows to predict, not datasets."""


@dataclasses.dataclass(frozen=True, slots=True)
class Drop:
    """One table in the drop bucket, with its sidecar if it has one.

    ``dropped_at`` is the table's own time, ``changed_at`` the later one of the table's and its sidecar's.
    """

    key: str
    etag: str
    dataset: str
    size: int
    dropped_at: dt.datetime
    changed_at: dt.datetime
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
        repeated: Drops that were dropped again with the same content, and whose result stands: nothing to run.
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
    return gather(listing, _reason_to_ignore, dataset_of)


def gather(
    listing: Iterable[ObjectInfo], reason_to_ignore: Callable[[str], str | None], dataset_at: Callable[[str], str]
) -> tuple[list[Drop], dict[str, str]]:
    """The files in a listing with their sidecars, oldest first, and the keys that are none with the reason.

    Args:
        listing: What lies in the bucket.
        reason_to_ignore: None for a file's key; an empty reason for keys that are rightly there; else why it is
            not read.
        dataset_at: The dataset of a file's key.
    """
    objects = {info.key: info for info in listing}
    reasons = {key: reason_to_ignore(key) for key in objects}
    found = [_drop(objects[key], dataset_at(key), objects) for key, reason in reasons.items() if reason is None]
    found.sort(key=lambda drop: (drop.dropped_at, drop.key))
    return found, {key: reason for key, reason in reasons.items() if reason}


def _drop(info: ObjectInfo, dataset: str, objects: Mapping[str, ObjectInfo]) -> Drop:
    sidecar = objects.get(sidecar_key(info.key))
    return Drop(
        key=info.key,
        etag=info.etag,
        dataset=dataset,
        size=info.size,
        dropped_at=info.last_modified,
        changed_at=max(info.last_modified, sidecar.last_modified) if sidecar else info.last_modified,
        sidecar_key=sidecar.key if sidecar else None,
        sidecar_etag=sidecar.etag if sidecar else None,
    )


def _reason_to_ignore(key: str) -> str | None:
    """None for a table's key; an empty reason for keys that are rightly there; else why it is not read."""
    if key.startswith(RESERVED_PREFIX) or key.endswith((SIDECAR_SUFFIX, "/")):
        return ""
    if not is_table_key(key):
        return NO_TABLE
    try:
        dataset_of(key)
    except NamingError as error:
        return error.what
    return None


def decide(
    drops: Sequence[Drop],
    ignored: dict[str, str],
    registry: Registry,
    *,
    limit: int,
    held: Collection[str] = frozenset(),
    overtaken: Collection[str] = frozenset(),
) -> Plan:
    """Which drops need a run: those whose key, content or sidecar the registry does not know.

    So does the same content that was dropped again, where what became of it before does not stand.

    No watermark is kept: a multipart upload carries the time at which it began, so it can appear "before" drops
    that were already handled. See docs/decisions/0001-drops-by-set-difference.md.

    Args:
        drops: What is there, oldest first.
        ignored: What is no drop, with the reason.
        registry: What was seen before.
        limit: Runs that one tick may ask for.
        held: Keys whose time has not come: they stay new.
        overtaken: Ids of `dropped_again` that failed before, or were replaced by another version since.
    """
    again = {drop.key for drop in dropped_again(drops, registry)}
    unknown = [
        drop for drop in drops if _is_new(drop, registry.seen) or (drop.key in again and drop.id in overtaken)
    ]
    new = [drop for drop in unknown if drop.key not in held][:limit]
    taken = {drop.key for drop in new}
    waiting = {drop.key for drop in unknown if drop.key not in taken}
    repeated = [drop for drop in drops if drop.key in again and drop.key not in taken and drop.key not in waiting]
    seen = {
        drop.key: registry.seen[drop.key]
        if drop.key in waiting
        else Seen(drop=drop.id, dropped_at=drop.dropped_at)
        for drop in drops
        if drop.key not in waiting or drop.key in registry.seen
    }
    return Plan(new, len(waiting), repeated, ignored, Registry(seen=seen))


def run_key(drop: Drop, before: Registry) -> str:
    """What Dagster starts at most one run for.

    The same content dropped at another time has another one, and so has what lost a sidecar that it got.

    Args:
        drop: What to run.
        before: What was seen before it.
    """
    known = before.seen.get(drop.key)
    instead_of = f"-{known.drop}" if known is not None and known.drop != drop.id else ""
    return f"{drop.id}@{drop.changed_at.isoformat()}{instead_of}"


def dropped_again(drops: Iterable[Drop], registry: Registry) -> list[Drop]:
    """The drops that lie there anew with the content and sidecar that the registry knows."""
    return [
        drop
        for drop in drops
        if not _is_new(drop, registry.seen) and drop.dropped_at > registry.seen[drop.key].dropped_at
    ]


def _is_new(drop: Drop, seen: Mapping[str, Seen]) -> bool:
    known = seen.get(drop.key)
    return known is None or known.drop != drop.id


@dataclasses.dataclass(frozen=True)
class Attempts:
    """What is known of a drop's failed runs.

    Attributes:
        count: How many there were.
        retryable: Whether another one may help.
        dropped_at: When the content was dropped that failed; None if it is not known.
    """

    count: int
    retryable: bool
    dropped_at: dt.datetime | None = None


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

    A drop whose data was at fault is not tried again: nothing would change until it is dropped anew. One that is
    both good and failed has failed since: a success forgets the failures before it.
    """
    chosen = []
    for drop in drops:
        is_good = drop.id in good and drop.id not in failed
        if is_good or drop.id in active or drop.dropped_at > seen_before:
            continue
        attempts = failed.get(drop.id, Attempts(0, retryable=True))
        if attempts.dropped_at not in {None, drop.dropped_at}:
            attempts = Attempts(0, retryable=True)
        if attempts.retryable and attempts.count < max_attempts:
            chosen.append((drop, attempts.count + 1))
    return chosen
