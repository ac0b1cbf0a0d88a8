"""How each asset's value becomes files under its version's folder, and back.

A value is a dataclass or a published model. `ARTIFACTS` says for each asset which part of the value lies in which
file, so the IO manager, `dsp run` and `dsp predict` all read and write the same shape.
"""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from dsp_pipeline.core.artifacts.explanations import Explanations
from dsp_pipeline.core.artifacts.insights import Insights
from dsp_pipeline.core.artifacts.model import ModelReport
from dsp_pipeline.core.artifacts.profile import Profile
from dsp_pipeline.core.artifacts.reading import Reading
from dsp_pipeline.core.artifacts.summary import Summary
from dsp_pipeline.core.artifacts.validation import Validation
from dsp_pipeline.core.sidecar import Sidecar
from dsp_pipeline.dashboard.page import Dashboard
from dsp_pipeline.etl.tables import RawTable, StoredTable, ValidatedTable, new_folder
from dsp_pipeline.ml.automl.model import Model
from dsp_pipeline.storage.layout import artifact_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import pydantic

    from dsp_pipeline.etl.original import StoredText
    from dsp_pipeline.storage.base import ObjectStore

_Held = TypeVar("_Held", "StoredTable", "StoredText")


class Codec(Protocol):
    """One way to keep a part of a value under a key."""

    def save(self, store: ObjectStore, key: str, part: Any) -> None:
        """Write the part."""
        ...

    def load(self, store: ObjectStore, key: str) -> Any:
        """Read the part; ObjectNotFoundError where it was never written."""
        ...


@dataclasses.dataclass(frozen=True)
class _File(Generic[_Held]):
    """A value that holds a file of its own, which passes through the local disk and not through memory.

    ``kind`` gives the value's class, which is loaded when one is read.
    """

    name: str
    kind: Callable[[], type[_Held]]

    def save(self, store: ObjectStore, key: str, part: _Held) -> None:
        store.upload(part.path, key)

    def load(self, store: ObjectStore, key: str) -> _Held:
        folder = new_folder()
        stored = self.kind()(folder / self.name, owned=folder)
        store.download(key, stored.path)
        return stored


@dataclasses.dataclass(frozen=True)
class _Json:
    """A pydantic model as JSON."""

    model: type[pydantic.BaseModel]

    def save(self, store: ObjectStore, key: str, part: pydantic.BaseModel) -> None:
        # Only what was said is kept of a sidecar: `target: null` and no target are two things.
        only_set = isinstance(part, Sidecar)
        store.put(key, part.model_dump_json(indent=1, by_alias=True, exclude_unset=only_set).encode() + b"\n")

    def load(self, store: ObjectStore, key: str) -> pydantic.BaseModel:
        return self.model.model_validate_json(store.get(key).data)


class _Bytes:
    """Bytes as they are."""

    def save(self, store: ObjectStore, key: str, part: bytes) -> None:
        store.put(key, part)

    def load(self, store: ObjectStore, key: str) -> bytes:
        return store.get(key).data


class _Folder:
    """Named files under a folder; files of an earlier attempt that are no longer there are removed."""

    def save(self, store: ObjectStore, key: str, part: Mapping[str, bytes]) -> None:
        for name, data in part.items():
            store.put(f"{key}/{name}", data)
        for info in list(store.list(f"{key}/")):
            if info.key.removeprefix(f"{key}/") not in part:
                store.delete(info.key)

    def load(self, store: ObjectStore, key: str) -> dict[str, bytes]:
        return {info.key.removeprefix(f"{key}/"): store.get(info.key).data for info in store.list(f"{key}/")}


@dataclasses.dataclass(frozen=True)
class Part:
    """One file of an artifact: the value's attribute that it holds (None: the value itself) and how.

    A part with ``owner`` is another asset's file that this value carries along: it is read, never written.
    """

    file: str
    attribute: str | None
    codec: Codec
    owner: str | None = None


@dataclasses.dataclass(frozen=True)
class Artifact:
    """An asset's value: its parts, and how to put them together again.

    ``extras`` are files made from the value for people, in blocks; nothing reads them back.
    """

    parts: tuple[Part, ...]
    build: Callable[..., Any] | None = None
    extras: Mapping[str, Callable[[Any], Iterable[bytes]]] = dataclasses.field(default_factory=dict)


def _quarantine_csv(value: ValidatedTable) -> Iterable[bytes]:
    from dsp_pipeline.etl.quarantine import quarantine_csv  # noqa: PLC0415 - needs Polars

    return quarantine_csv(value.quarantined, value.reading)


def _stored_text() -> type[StoredText]:
    from dsp_pipeline.etl.original import StoredText  # noqa: PLC0415 - needs Polars

    return StoredText


_PARQUET = _File("table.parquet", lambda: StoredTable)
_TEXT = _File("text.zst", _stored_text)
_READING = _Json(Reading)

ARTIFACTS: dict[str, Artifact] = {
    "raw_dataset": Artifact(
        (
            Part("raw.parquet", "stored", _PARQUET),
            Part("rejected.parquet", "set_aside", _PARQUET),
            Part("text.zst", "text", _TEXT),
            Part("sidecar.json", "sidecar", _Json(Sidecar)),
            Part("reading.json", "reading", _READING),
        ),
        RawTable,
    ),
    "validated_table": Artifact(
        (
            Part("table.parquet", "stored", _PARQUET),
            Part("quarantine.parquet", "quarantined", _PARQUET),
            Part("applied.json", "sidecar", _Json(Sidecar)),
            Part("reading.json", "reading", _READING, owner="raw_dataset"),
            Part("validation.json", "validation", _Json(Validation)),
        ),
        ValidatedTable,
        {"quarantine.csv": _quarantine_csv},
    ),
    "profile": Artifact((Part("profile.json", None, _Json(Profile)),)),
    "model": Artifact(
        (Part("model", "files", _Folder()), Part("model.json", "report", _Json(ModelReport))), Model
    ),
    "explanations": Artifact((Part("explanations.json", None, _Json(Explanations)),)),
    "insights": Artifact((Part("insights.json", None, _Json(Insights)),)),
    "dashboard": Artifact(
        (Part("dashboard.html", "html", _Bytes()), Part("summary.json", "summary", _Json(Summary))), Dashboard
    ),
}
"""Every asset whose value is kept, in the order in which a run makes them."""


def save_artifact(lake: ObjectStore, *, asset: str, dataset: str, version: str, value: Any) -> None:
    """Write an asset's value under its version's folder; the report that describes the tables goes last."""
    artifact = ARTIFACTS[asset]
    for file, make in artifact.extras.items():
        _save_blocks(lake, artifact_key(dataset, version, file), make(value))
    for part in artifact.parts:
        if part.owner is None:
            held = value if part.attribute is None else getattr(value, part.attribute)
            part.codec.save(lake, artifact_key(dataset, version, part.file), held)


def _save_blocks(lake: ObjectStore, key: str, blocks: Iterable[bytes]) -> None:
    """Write what may be large by way of the local disk."""
    with tempfile.TemporaryDirectory(prefix="dsp-") as folder:
        path = Path(folder) / "blocks"
        with path.open("wb") as file:
            file.writelines(blocks)
        lake.upload(path, key)


def load_artifact(lake: ObjectStore, *, asset: str, dataset: str, version: str) -> Any:
    """An asset's value as it was written.

    Raises:
        ObjectNotFoundError: The asset was not made for that version.
    """
    artifact = ARTIFACTS[asset]
    loaded = {
        part.attribute or "": part.codec.load(lake, artifact_key(dataset, version, part.file))
        for part in artifact.parts
    }
    return loaded[""] if artifact.build is None else artifact.build(**loaded)


def load_table(lake: ObjectStore, *, dataset: str, version: str, file: str) -> StoredTable:
    """One Parquet file of a version, such as ``table.parquet``.

    Raises:
        ObjectNotFoundError: There is none.
    """
    return _PARQUET.load(lake, artifact_key(dataset, version, file))
