"""The models in the lake: which version's is used, and its files."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from dsp_pipeline.core.artifacts.model import ModelReport
from dsp_pipeline.core.errors import NoModelYetError, ObjectNotFoundError, PredictionError
from dsp_pipeline.storage.catalogue_state import read_catalogue
from dsp_pipeline.storage.layout import artifact_key, is_version
from dsp_pipeline.storage.versions import read_latest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dsp_pipeline.storage.base import ObjectStore

ASSET = "model"
_MANIFEST = "model/manifest.json"
_MOST_NAMED = 5


@dataclasses.dataclass(frozen=True)
class StoredModel:
    """A model that was found.

    Attributes:
        dataset: Whose it is.
        version: The version that it was made from.
        files: File name to bytes.
        note: Why it is not the latest version's; empty if it is, or was asked for.
    """

    dataset: str
    version: str
    files: Mapping[str, bytes]
    note: str = ""


def find_model(lake: ObjectStore, dataset: str, version: str | None = None) -> StoredModel:
    """A dataset's model: of the version that is named, or of the latest version that has one.

    Raises:
        NoModelYetError: The dataset is not known.
        PredictionError: It has no model.
    """
    if version is not None:
        return _of_version(lake, dataset, version)
    latest = read_latest(lake, dataset=dataset, asset=ASSET)
    if latest is None:
        raise _unknown(lake, dataset)
    files = _files(lake, dataset, latest.version)
    if files:
        return StoredModel(dataset, latest.version, files)
    verdict = _verdict(lake, dataset, latest.version)
    earlier = versions_with_model(lake, dataset)
    if not earlier:
        raise PredictionError(
            f"the dataset has no model. {verdict}".rstrip(". "),
            where=dataset,
            remedy=_NAME_A_TARGET,
        )
    note = f"the latest version {latest.version} has no model; predicted with that of version {earlier[0]}"
    return StoredModel(dataset, earlier[0], _files(lake, dataset, earlier[0]), note)


_NAME_A_TARGET = (
    "Name a target ('target:' in the sidecar, or 'dsp run --target COLUMN') and analyse the table again"
)


def versions_with_model(lake: ObjectStore, dataset: str) -> list[str]:
    """The dataset's versions that have a model, the latest made first."""
    found = [info for info in lake.list(f"{dataset}/") if info.key.endswith(f"/{_MANIFEST}")]
    newest = sorted(found, key=lambda info: info.last_modified, reverse=True)
    return [info.key.split("/")[1] for info in newest]


def _of_version(lake: ObjectStore, dataset: str, version: str) -> StoredModel:
    files = _files(lake, dataset, version) if is_version(version) else {}
    if files:
        return StoredModel(dataset, version, files)
    known = versions_with_model(lake, dataset)
    raise PredictionError(
        f"version '{version}' has no model",
        where=dataset,
        remedy=f"Name one that has: {', '.join(known[:_MOST_NAMED])}" if known else _NAME_A_TARGET,
    )


def _files(lake: ObjectStore, dataset: str, version: str) -> Mapping[str, bytes]:
    prefix = artifact_key(dataset, version, f"{ASSET}/")
    try:
        return {info.key.removeprefix(prefix): lake.get(info.key).data for info in lake.list(prefix)}
    except ObjectNotFoundError as error:
        raise PredictionError(
            "the model was replaced while it was read", where=dataset, remedy="Try again"
        ) from error


def _verdict(lake: ObjectStore, dataset: str, version: str) -> str:
    """What the version's report says."""
    try:
        report = ModelReport.model_validate_json(lake.get(artifact_key(dataset, version, "model.json")).data)
    except ObjectNotFoundError:
        return ""
    return report.verdict


def _unknown(lake: ObjectStore, dataset: str) -> NoModelYetError:
    known = sorted(name for name, entry in read_catalogue(lake).entries.items() if entry.latest is not None)
    named = ", ".join(known[:_MOST_NAMED]) + (" and others" if len(known) > _MOST_NAMED else "")
    return NoModelYetError(
        "no model was made for this dataset yet",
        where=dataset,
        remedy=f"Drop {dataset}.csv first, or choose a dataset that has one" + (f": {named}" if named else ""),
    )
