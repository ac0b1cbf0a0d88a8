"""Which version of a dataset is the latest one that each asset was made for.

A pointer moves only after all files of the artifact are there, so what it points at is always whole. It moves
forward only: a late run of an older drop leaves it at the newer one.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pydantic

from dsp_pipeline.core.artifacts.validation import Contract, Validation
from dsp_pipeline.core.errors import ObjectNotFoundError
from dsp_pipeline.storage.layout import artifact_key, latest_key
from dsp_pipeline.storage.swapping import swap

if TYPE_CHECKING:
    from dsp_pipeline.storage.base import ObjectStore


class Latest(pydantic.BaseModel):
    """What a pointer says.

    Attributes:
        version: The version.
        run: The run that made the asset for it.
        dropped_at: When it was dropped; None where that says nothing of which version is newer (`dsp run`).
        sidecar_etag: The sidecar it was made with.
    """

    version: str
    run: str
    dropped_at: dt.datetime | None = None
    sidecar_etag: str | None = None

    def is_older(self, than: Latest) -> bool:
        """Whether this is another version that was dropped before that one."""
        if self.dropped_at is None or than.dropped_at is None:
            return False
        return self.version != than.version and self.dropped_at < than.dropped_at


def read_latest(lake: ObjectStore, *, dataset: str, asset: str) -> Latest | None:
    """The latest version that the asset was made for; None if it never was."""
    try:
        stored = lake.get(latest_key(dataset, asset))
    except ObjectNotFoundError:
        return None
    return Latest.model_validate_json(stored.data)


def mark_latest(lake: ObjectStore, *, dataset: str, asset: str, latest: Latest) -> None:
    """Say that the asset is made for that version, unless it is for one that was dropped later.

    Raises:
        StorageUnavailableError: Others kept moving the pointer first, many times in a row.
    """

    def moved(there: bytes | None) -> bytes | None:
        if there is not None and latest.is_older(Latest.model_validate_json(there)):
            return None
        return latest.model_dump_json().encode()

    swap(
        lake,
        latest_key(dataset, asset),
        moved,
        what="the pointer to the latest version",
        remedy="Run it again when fewer runs of the dataset end at once",
    )


def latest_contract(lake: ObjectStore, dataset: str) -> Contract | None:
    """The contract that the last valid version left for the next one; None for a dataset's first version."""
    latest = read_latest(lake, dataset=dataset, asset="validated_table")
    if latest is None:
        return None
    try:
        stored = lake.get(artifact_key(dataset, latest.version, "validation.json"))
    except ObjectNotFoundError:
        return None
    validation = Validation.model_validate_json(stored.data)
    if validation.blocking and validation.contract.inferred_from == latest.version:
        return None  # a first version that must not be analysed is no measure for the next one
    return validation.contract
