"""The vocabulary of object storage: one bucket, its objects, and what can be asked of them."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator
    from pathlib import Path

_UNKNOWN_TYPE = "application/octet-stream"
_TYPE_BY_SUFFIX = {
    ".csv": "text/csv; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".yaml": "application/yaml",
    ".webmanifest": "application/manifest+json",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}


def content_type_of(key: str) -> str:
    """The media type of an object by its key's suffix; ``application/octet-stream`` if unknown."""
    suffix = key[key.rfind(".") :].lower() if "." in key else ""
    return _TYPE_BY_SUFFIX.get(suffix, _UNKNOWN_TYPE)


@dataclasses.dataclass(frozen=True, slots=True)
class ObjectInfo:
    """What a listing says of one object. ``etag`` is without quotes; ``last_modified`` is in UTC."""

    key: str
    etag: str
    size: int
    last_modified: dt.datetime


@dataclasses.dataclass(frozen=True, slots=True)
class StoredObject:
    """An object's bytes, with what the store says of them."""

    data: bytes
    info: ObjectInfo


class ObjectStore(Protocol):
    """One bucket. All methods raise the errors of `dsp_pipeline.core.errors`, never a client library's own.

    Every method may raise `StorageUnavailableError` (worth a retry) or `StorageError` (not).
    """

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        """All objects whose key starts with the prefix, in the order of their keys' UTF-8 bytes."""
        ...

    def head(self, key: str) -> ObjectInfo:
        """What is known of one object.

        Raises:
            ObjectNotFoundError: There is none.
        """
        ...

    def get(self, key: str, *, if_match: str | None = None) -> StoredObject:
        """One object's bytes.

        Raises:
            ObjectNotFoundError: There is none.
            PreconditionError: Its ETag is not ``if_match``.
        """
        ...

    def download(
        self,
        key: str,
        path: Path,
        *,
        if_match: str | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> ObjectInfo:
        """One object's bytes into a file, in bounded memory; ``progress`` gets the bytes of each chunk.

        The file is whole or not there.

        Raises:
            ObjectNotFoundError: There is none.
            PreconditionError: Its ETag is not ``if_match``.
        """
        ...

    def put(
        self,
        key: str,
        data: bytes,
        *,
        cache_control: str | None = None,
        if_match: str | None = None,
        if_absent: bool = False,
    ) -> ObjectInfo:
        """Store bytes under a key, whole or not at all; the content type follows the key's suffix.

        Raises:
            PreconditionError: Its ETag is not ``if_match``, or ``if_absent`` is set and there is one.
        """
        ...

    def upload(
        self,
        path: Path,
        key: str,
        *,
        progress: Callable[[int], None] | None = None,
        if_match: str | None = None,
    ) -> ObjectInfo:
        """Store a file under a key in bounded memory, in parts where it is large.

        Raises:
            PreconditionError: Its ETag is not ``if_match`` once all bytes are there.
        """
        ...

    def delete(self, key: str) -> None:
        """Remove an object; nothing happens where there is none."""
        ...

    def url(self, key: str) -> str:
        """An address at which a person's browser can open the object."""
        ...

    def check(self) -> None:
        """Ask whether the bucket can be listed.

        Raises:
            StorageError: It can't; the message says why and how to mend it.
        """
        ...
