"""Which version of a dataset each asset was last made for.

A pointer moves only after all files of the artifact are there, so what it points at is always whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pydantic

from dsp_pipeline.core.artifacts.validation import Contract, Validation
from dsp_pipeline.core.errors import ObjectNotFoundError
from dsp_pipeline.storage.layout import artifact_key, latest_key

if TYPE_CHECKING:
    from dsp_pipeline.storage.base import ObjectStore


class Latest(pydantic.BaseModel):
    """What a pointer says."""

    version: str
    run: str


def read_latest(lake: ObjectStore, *, dataset: str, asset: str) -> Latest | None:
    """Which version the asset was last made for; None if never."""
    try:
        return Latest.model_validate_json(lake.get(latest_key(dataset, asset)).data)
    except ObjectNotFoundError:
        return None


def mark_latest(lake: ObjectStore, *, dataset: str, asset: str, latest: Latest) -> None:
    """Say that the asset is now made for that version."""
    lake.put(latest_key(dataset, asset), latest.model_dump_json().encode())


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
