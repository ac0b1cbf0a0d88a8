"""Getting one drop out of the bucket: the very bytes that were listed, and what its owner says of them."""

import dataclasses
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from dsp_pipeline.core.artifacts.reading import Source
from dsp_pipeline.core.errors import InputError, ObjectNotFoundError, PreconditionError, ReadingError, SidecarError
from dsp_pipeline.core.naming import dataset_of, sidecar_key, table_suffix
from dsp_pipeline.core.settings import Limits
from dsp_pipeline.core.sidecar import Sidecar, parse_sidecar
from dsp_pipeline.defs.ingestion.drops import find_drops
from dsp_pipeline.storage.base import ObjectInfo, ObjectStore, StoredObject
from dsp_pipeline.storage.layout import version_of


@dataclasses.dataclass(frozen=True)
class FetchedDrop:
    """A drop on the local disk."""

    path: Path
    source: Source
    sidecar: Sidecar


@contextmanager
def fetched(
    store: ObjectStore, *, dataset: str, key: str | None, etag: str | None, limits: Limits
) -> Iterator[FetchedDrop]:
    """One drop as a local file, which is gone afterwards.

    Args:
        store: The drop bucket.
        dataset: The dataset that is analysed.
        key: The drop's key; the dataset's newest drop if None.
        etag: The content that is meant; any if None.
        limits: The largest file that is fetched.

    Raises:
        InputError: There is no such drop, it is too large, or its sidecar is not valid.
        PreconditionError: It was dropped anew since it was listed.
    """
    key = key or _newest_key(store, dataset)
    if dataset_of(key) != dataset:
        raise InputError(
            f"this drop belongs to dataset '{dataset_of(key)}', not to '{dataset}'",
            where=key,
            remedy="Launch the run for that dataset's partition",
        )
    with fetched_key(store, dataset=dataset, key=key, etag=etag, limits=limits) as drop:
        yield drop


@contextmanager
def fetched_key(
    store: ObjectStore, *, dataset: str, key: str, etag: str | None, limits: Limits
) -> Iterator[FetchedDrop]:
    """What lies at a key as a local file, whatever dataset the key's name suggests; see `fetched`."""
    with TemporaryDirectory(prefix="dsp-") as folder:
        path = Path(folder) / f"drop{table_suffix(key)}"
        info = _download(store, key, path, etag=etag, max_bytes=limits.max_file_bytes)
        sha256 = _sha256(path)
        said = _sidecar_object(store, key)
        source = Source(
            dataset=dataset,
            version=version_of(sha256),
            key=key,
            etag=info.etag,
            bytes=info.size,
            sha256=sha256,
            dropped_at=info.last_modified,
            sidecar_key=said.info.key if said else None,
            sidecar_etag=said.info.etag if said else None,
        )
        yield FetchedDrop(path=path, source=source, sidecar=_sidecar(said))


def _download(store: ObjectStore, key: str, path: Path, *, etag: str | None, max_bytes: int) -> ObjectInfo:
    try:
        seen = store.head(key)
        size = seen.size
        if size > max_bytes:
            raise ReadingError(
                f"the file has {size:,} bytes, more than the {max_bytes:,} allowed",
                where=key,
                remedy="Split the file, or ask the operator to raise DSP_LIMIT_MAX_FILE_BYTES",
            )
        return store.download(key, path, if_match=etag or seen.etag)
    except PreconditionError as error:
        if etag is not None:
            raise
        raise InputError(
            "the file was changed while it was read", where=key, remedy="Try again once nothing writes to it"
        ) from error
    except ObjectNotFoundError as error:
        raise InputError(
            "the file was deleted before it could be read", where=key, remedy="Drop it again"
        ) from error


def _newest_key(store: ObjectStore, dataset: str) -> str:
    drops = [drop for drop in find_drops(store.list())[0] if drop.dataset == dataset]
    if not drops:
        raise InputError(
            "the drop bucket holds no file of this dataset",
            where=dataset,
            remedy=f"Drop {dataset}.csv and try again",
        )
    return drops[-1].key


def _sidecar_object(store: ObjectStore, key: str) -> StoredObject | None:
    try:
        return store.get(sidecar_key(key))
    except ObjectNotFoundError:
        return None


def _sidecar(said: StoredObject | None) -> Sidecar:
    if said is None:
        return Sidecar()
    try:
        text = said.data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SidecarError(
            f"the sidecar is not UTF-8 text (byte {error.start + 1})",
            where=said.info.key,
            remedy="Save it as UTF-8",
        ) from error
    return parse_sidecar(text, where=said.info.key)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
