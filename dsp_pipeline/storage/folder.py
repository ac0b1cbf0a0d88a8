"""A bucket that is a folder on this machine, with the promises of the real ones.

Objects are files at the paths that their keys say (`folder_names` has the exceptions), so people can look
at them and drop CSVs in by hand. What a file system cannot do is said as an error: an object ``a`` beside
an object ``a/b``, and names longer than it takes.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import fcntl
import functools
import hashlib
import os
import stat
import time
import urllib.parse
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

from dsp_pipeline.core.errors import ObjectNotFoundError, PreconditionError, StorageError
from dsp_pipeline.storage.base import ObjectInfo, StoredObject
from dsp_pipeline.storage.files import file_error, whole_file
from dsp_pipeline.storage.folder_names import key_of, path_of, sort_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_CHUNK_BYTES = 2**20
_OWN_FOLDER = ".dsp"
_SETTLED_NS = 2_000_000_000
"""A file this old can't change again without its time stamp telling; file systems' clocks are coarse."""

_ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EISDIR})


class FolderStore:
    """One bucket as a folder (an `ObjectStore`). Safe for several threads and processes at once.

    Args:
        root: The folder that holds the buckets; made at the first write.
        bucket: The bucket's own folder in it; ``""`` for the root itself.
        public_url: The address at which a web server serves the bucket; `url` gives ``file:`` URLs if None.
    """

    def __init__(self, root: Path, bucket: str = "", *, public_url: str | None = None) -> None:
        self.bucket = bucket
        self.public_url = public_url
        self.folder = (root / path_of(bucket) if bucket else root).absolute()

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        """See `ObjectStore.list`. Hidden files and those that no key names are left out."""
        with self._explained(prefix):
            found = sorted(self._files_below(self.folder, prefix), key=lambda named: sort_key(named[0]))
        infos = []
        for key, path in found:
            with contextlib.suppress(ObjectNotFoundError):  # removed since
                infos.append(self._info(key, path))
        return iter(infos)

    def head(self, key: str) -> ObjectInfo:
        """See `ObjectStore.head`."""
        return self._info(key, self.path(key))

    def get(self, key: str, *, if_match: str | None = None) -> StoredObject:
        """See `ObjectStore.get`."""
        with self._explained(key), self.path(key).open("rb") as file:
            data = file.read()
            there = os.fstat(file.fileno())
        etag = _md5(data)
        self._demand(key, etag, if_match)
        return StoredObject(data=data, info=_object_info(key, etag, there))

    def download(
        self,
        key: str,
        path: Path,
        *,
        if_match: str | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> ObjectInfo:
        """See `ObjectStore.download`."""
        with self._explained(key), self.path(key).open("rb") as source, whole_file(path) as file:
            before = os.fstat(source.fileno())
            etag = _copy(source, file, progress)
            after = os.fstat(source.fileno())
            if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
                raise PreconditionError("the file was written to while it was copied", where=str(self.path(key)))
            self._demand(key, etag, if_match)
            return _object_info(key, etag, after)

    def put(
        self,
        key: str,
        data: bytes,
        *,
        cache_control: str | None = None,  # noqa: ARG002 - a file system has no such headers
        if_match: str | None = None,
        if_absent: bool = False,
    ) -> ObjectInfo:
        """See `ObjectStore.put`. The cache header has no meaning here."""
        path = self.path(key)
        with self._explained(key, writing=True), self._locked():
            if if_match is not None or if_absent:
                self._demand_state(key, path, if_match)
            with whole_file(path) as file:
                file.write(data)
            return _object_info(key, _md5(data), path.stat())

    def upload(
        self,
        path: Path,
        key: str,
        *,
        progress: Callable[[int], None] | None = None,
        if_match: str | None = None,
    ) -> ObjectInfo:
        """See `ObjectStore.upload`."""
        target = self.path(key)
        with path.open("rb") as source, self._explained(key, writing=True), self._locked():
            if if_match is not None:
                self._demand_state(key, target, if_match)
            with whole_file(target) as file:
                etag = _copy(source, file, progress)
            return _object_info(key, etag, target.stat())

    def delete(self, key: str) -> None:
        """See `ObjectStore.delete`. Folders that it leaves empty go too: a bucket has none."""
        path = self.path(key)
        with self._explained(key, writing=True), self._locked():
            try:
                path.unlink()
            except (FileNotFoundError, NotADirectoryError):
                return
            for folder in path.parents:
                if folder == self.folder or any(folder.iterdir()):
                    return
                folder.rmdir()

    def url(self, key: str) -> str:
        """See `ObjectStore.url`."""
        if self.public_url:
            return f"{self.public_url.rstrip('/')}/{urllib.parse.quote(str(path_of(key)))}"
        return self.path(key).as_uri()

    def check(self) -> None:
        """See `ObjectStore.check`. The folder is made if it is not there."""
        with self._explained(""):
            self.folder.mkdir(parents=True, exist_ok=True)
            with os.scandir(self.folder) as entries:
                next(entries, None)

    def path(self, key: str) -> Path:
        """The file that holds an object; always below the bucket's folder."""
        if not key:
            raise StorageError("an object needs a key", where=str(self.folder))
        return self.folder / path_of(key)

    def _files_below(self, folder: Path, prefix: str) -> Iterator[tuple[str, Path]]:
        """Keys and files below a folder, unordered; folders that cannot hold the prefix are not opened."""
        try:
            entries = os.scandir(folder)
        except FileNotFoundError:
            return
        with entries:
            for entry in entries:
                path = Path(entry.path)
                key = key_of(PurePosixPath(path.relative_to(self.folder)))
                if key is None:
                    continue
                if entry.is_dir(follow_symlinks=False):  # a linked folder may hold itself
                    if f"{key}/".startswith(prefix) or prefix.startswith(f"{key}/"):
                        yield from self._files_below(path, prefix)
                elif key.startswith(prefix) and entry.is_file():
                    yield key, path

    def _info(self, key: str, path: Path) -> ObjectInfo:
        with self._explained(key):
            there = path.stat()
            if not stat.S_ISREG(there.st_mode):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            return _object_info(key, _etag_of(path, there), there)

    def _demand_state(self, key: str, path: Path, etag: str | None) -> None:
        """Raise unless the object has this ETag; None: unless there is no object."""
        try:
            there = _etag_of(path, path.stat())
        except (FileNotFoundError, NotADirectoryError):
            there = None
        if there != etag:
            raise self._changed(key)

    def _demand(self, key: str, etag: str, if_match: str | None) -> None:
        if if_match is not None and etag != if_match:
            raise self._changed(key)

    def _changed(self, key: str) -> PreconditionError:
        return PreconditionError(
            "the object was changed by someone else in the meantime",
            where=str(self.path(key)),
            remedy="Look at its newest state and decide again",
        )

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the bucket's lock: one writer at a time, also between processes."""
        own = self.folder / _OWN_FOLDER
        own.mkdir(parents=True, exist_ok=True)
        with (own / "lock").open("wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # given back when the file is closed
            yield

    @contextlib.contextmanager
    def _explained(self, key: str, *, writing: bool = False) -> Iterator[None]:
        """Turn an `OSError` in the block into a `StorageError`."""
        try:
            yield
        except OSError as error:
            where = str(self.path(key) if key else self.folder)
            if error.errno in _ABSENT and not writing:
                raise ObjectNotFoundError("no object has this key", where=where) from error
            raise file_error(error, where) from error


def _copy(source: BinaryIO, target: BinaryIO, progress: Callable[[int], None] | None) -> str:
    """Copy a file in chunks; the MD5 of what was copied."""
    digest = hashlib.md5(usedforsecurity=False)
    while chunk := source.read(_CHUNK_BYTES):
        target.write(chunk)
        digest.update(chunk)
        if progress:
            progress(len(chunk))
    return digest.hexdigest()


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def _object_info(key: str, etag: str, there: os.stat_result) -> ObjectInfo:
    modified = dt.datetime.fromtimestamp(there.st_mtime, dt.UTC)
    return ObjectInfo(key=key, etag=etag, size=there.st_size, last_modified=modified)


def _etag_of(path: Path, there: os.stat_result) -> str:
    """A file's MD5, remembered for as long as its time stamp, size and inode stay what they were."""
    if time.time_ns() - there.st_mtime_ns < _SETTLED_NS:
        return _md5_of_file(path)
    return _md5_of_settled_file(path, there.st_mtime_ns, there.st_size, there.st_ino)


@functools.lru_cache(maxsize=2**18)
def _md5_of_settled_file(path: Path, _mtime_ns: int, _size: int, _inode: int) -> str:
    return _md5_of_file(path)


def _md5_of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, functools.partial(hashlib.md5, usedforsecurity=False)).hexdigest()
