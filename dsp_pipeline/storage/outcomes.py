"""What became of each drop: a small object per drop, so that a listing tells which still lack a result."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pydantic

from dsp_pipeline.core.artifacts.summary import Failure
from dsp_pipeline.core.errors import ObjectNotFoundError
from dsp_pipeline.storage.layout import FAILED_PREFIX, GOOD_PREFIX, failed_key, good_key

if TYPE_CHECKING:
    from dsp_pipeline.storage.base import ObjectStore


class Good(pydantic.BaseModel):
    """A drop that became a dashboard."""

    dataset: str
    version: str
    run: str


class Failed(pydantic.BaseModel):
    """A drop that did not, after so many attempts."""

    dataset: str
    attempts: int
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


def read_failed(lake: ObjectStore, drop: str) -> Failed | None:
    """Why a drop did not become a dashboard; None if no run of it failed."""
    try:
        return Failed.model_validate_json(lake.get(failed_key(drop)).data)
    except ObjectNotFoundError:
        return None


def good_drops(lake: ObjectStore) -> frozenset[str]:
    """The ids of all drops that became a dashboard."""
    return _ids(lake, GOOD_PREFIX)


def failed_drops(lake: ObjectStore) -> frozenset[str]:
    """The ids of all drops whose last run failed."""
    return _ids(lake, FAILED_PREFIX)


def _ids(lake: ObjectStore, prefix: str) -> frozenset[str]:
    return frozenset(info.key.removeprefix(prefix).removesuffix(".json") for info in lake.list(prefix))
