"""What became of each drop: a small object per drop, so that a listing tells which still lack a result."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pydantic

from dsp_pipeline.core.artifacts.summary import Failure
from dsp_pipeline.core.errors import ObjectNotFoundError
from dsp_pipeline.storage.layout import FAILED_PREFIX, GOOD_PREFIX, failed_key, good_key
from dsp_pipeline.storage.versions import read_latest

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.reading import Source
    from dsp_pipeline.storage.base import ObjectStore


class Good(pydantic.BaseModel):
    """A drop that became a dashboard; or rows that were predicted, with the version of the model and their key."""

    dataset: str
    version: str
    run: str
    result: str | None = None
    sidecar_etag: str | None = None

    @classmethod
    def of(cls, source: Source, *, run: str) -> Good:
        """The outcome of a drop that a run made a dashboard of."""
        return cls(dataset=source.dataset, version=source.version, run=run, sidecar_etag=source.sidecar_etag)


class Failed(pydantic.BaseModel):
    """A drop that did not, after so many attempts since it was dropped."""

    dataset: str
    attempts: int
    dropped_at: dt.datetime | None = None
    failure: Failure


def record_good(lake: ObjectStore, drop: str, outcome: Good) -> None:
    """Say that a drop became a dashboard; an earlier failure of the same drop is forgotten."""
    lake.put(good_key(drop), outcome.model_dump_json().encode())
    lake.delete(failed_key(drop))


def record_failed(lake: ObjectStore, drop: str, outcome: Failed) -> None:
    """Say why a drop did not become a dashboard."""
    lake.put(failed_key(drop), outcome.model_dump_json().encode())


def read_good(lake: ObjectStore, drop: str) -> Good | None:
    """What a drop became; None if it has not become a dashboard."""
    try:
        return Good.model_validate_json(lake.get(good_key(drop)).data)
    except ObjectNotFoundError:
        return None


def good_since(lake: ObjectStore, drop: str) -> dt.datetime | None:
    """When it was last said that a drop became a dashboard, by the store's clock; None if never."""
    try:
        return lake.head(good_key(drop)).last_modified
    except ObjectNotFoundError:
        return None


def read_failed(lake: ObjectStore, drop: str) -> Failed | None:
    """Why a drop did not become a dashboard; None if no run of it failed."""
    try:
        return Failed.model_validate_json(lake.get(failed_key(drop)).data)
    except ObjectNotFoundError:
        return None


def standing_result(lake: ObjectStore, drop: str) -> Good | None:
    """What a drop became, where dropping it again would give the same; None if it would not, or failed since."""
    good = read_good(lake, drop)
    if good is None or read_failed(lake, drop) is not None:
        return None
    return good if stands(lake, good) else None


def stands(lake: ObjectStore, good: Good) -> bool:
    """Whether no other version has replaced a result.

    A dashboard stands as long as its version and sidecar are the dataset's latest, predictions for good.
    """
    if good.result is not None:
        return True
    latest = read_latest(lake, dataset=good.dataset, asset="dashboard")
    return latest is not None and (latest.version, latest.sidecar_etag) == (good.version, good.sidecar_etag)


def good_drops(lake: ObjectStore) -> frozenset[str]:
    """The ids of all drops that became a dashboard, and of all rows to predict that were predicted."""
    return _ids(lake, GOOD_PREFIX)


def failed_drops(lake: ObjectStore) -> frozenset[str]:
    """The ids of all drops, rows to predict among them, whose last run failed."""
    return _ids(lake, FAILED_PREFIX)


def _ids(lake: ObjectStore, prefix: str) -> frozenset[str]:
    return frozenset(info.key.removeprefix(prefix).removesuffix(".json") for info in lake.list(prefix))
