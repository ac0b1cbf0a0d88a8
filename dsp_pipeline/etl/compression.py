"""From a stored file to its text: compression told by magic bytes, unpacked in bounded memory, within limits."""

from __future__ import annotations

import bz2
import sys
import zipfile
import zlib
from typing import TYPE_CHECKING, BinaryIO, Protocol

from dsp_pipeline.core.errors import ReadingError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dsp_pipeline.core.settings import Limits

_MAGIC = {"gzip": b"\x1f\x8b", "zstd": b"\x28\xb5\x2f\xfd", "bzip2": b"BZh", "zip": b"PK\x03\x04"}
_LONGEST_MAGIC = 4
_CHUNK = 1 << 20
_RATIO_FLOOR = 4 << 20
"""Text below this size is never called a bomb: short, repetitive tables compress very well."""

_ENCRYPTED = 0x1
_OFFICE = ("[Content_Types].xml", "mimetype", "word/", "xl/", "ppt/")
_SYSTEM = ("__MACOSX/", ".DS_Store")
_SHOWN_MEMBERS = 5


class _Decompressor(Protocol):
    """What zlib's, bz2's and zstd's decompressor objects have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


def compression_of(path: Path) -> str | None:
    """What a file is compressed with, by its first bytes: ``gzip``, ``zstd``, ``bzip2`` or ``zip``; else None.

    Office documents are ZIP archives too, but none of text.
    """
    with path.open("rb") as file:
        head = file.read(_LONGEST_MAGIC)
    kind = next((kind for kind, magic in _MAGIC.items() if head.startswith(magic)), None)
    return None if kind == "zip" and _is_office(path) else kind


def unpack(path: Path, target: Path, kind: str, *, name: str, limits: Limits) -> None:
    """Write a compressed file's text to another file.

    Args:
        path: The compressed file.
        target: Where the text goes.
        kind: What `compression_of` said.
        name: What to call the file in messages.
        limits: Bounds on the text's size, and on its ratio to the file's.

    Raises:
        ReadingError: It is cut off, damaged, encrypted, a decompression bomb, or holds several files.
    """
    size, stored = 0, path.stat().st_size
    try:
        with path.open("rb") as packed, target.open("wb") as file:
            for text in _zipped(packed, name=name) if kind == "zip" else _members(packed, kind):
                size += len(text)
                _check_text_size(size, stored=stored, name=name, limits=limits)
                file.write(text)
    except EOFError as error:
        raise ReadingError(
            f"the {kind} file ends early, after {size:,} bytes of text",
            where=name,
            remedy="The upload was cut off or the archive is incomplete: make it anew and drop it again",
        ) from error
    except (zlib.error, OSError, zipfile.BadZipFile, NotImplementedError, _zstd_error()) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # The disk's, not bz2's.
        raise ReadingError(
            f"the {kind} file is damaged after {size:,} bytes of text ({error})",
            where=name,
            remedy="Make the archive anew and drop it again",
        ) from error


def check_size(path: Path, *, name: str, limits: Limits) -> None:
    """Raise if a file is larger than allowed, before it is read.

    Raises:
        ReadingError: It is.
    """
    stored = path.stat().st_size
    if stored > limits.max_file_bytes:
        raise ReadingError(
            f"the file has {stored:,} bytes, more than the limit of {limits.max_file_bytes:,}",
            where=name,
            remedy="Split it, or raise DSP_LIMIT_MAX_FILE_BYTES",
        )
    if compression_of(path) is None:
        _check_text_size(stored, stored=stored, name=name, limits=limits)


def _members(packed: BinaryIO, kind: str) -> Iterator[bytes]:
    """The text of all members (zstd: frames), in bounded pieces; EOFError if the last one is cut off."""
    rest = packed.read(_CHUNK)
    while rest.startswith(_MAGIC[kind]):
        decompressor = _decompressor(kind)
        while not decompressor.eof:
            text = decompressor.decompress(rest, _CHUNK)
            yield text
            # zlib gives back what it did not take; the others keep it, and say whether they want more.
            rest = getattr(decompressor, "unconsumed_tail", b"")
            if not rest and getattr(decompressor, "needs_input", True):
                rest = packed.read(_CHUNK)
                if not rest and not text and not decompressor.eof:
                    raise EOFError
        rest = decompressor.unused_data + rest
        if len(rest) < _LONGEST_MAGIC:
            rest += packed.read(_CHUNK)


def _zipped(packed: BinaryIO, *, name: str) -> Iterator[bytes]:
    """The text of the one file in a ZIP archive, in bounded pieces."""
    with zipfile.ZipFile(packed) as archive:
        members = [one for one in archive.infolist() if not one.is_dir() and not _is_system(one.filename)]
        if len(members) != 1:
            shown = ", ".join(one.filename for one in members[:_SHOWN_MEMBERS])
            more = ", ..." if len(members) > _SHOWN_MEMBERS else ""
            raise ReadingError(
                f"the zip file holds {len(members):,} files" + (f": {shown}{more}" if members else ""),
                where=name,
                remedy="Drop each table by itself: only an archive with a single file can be read",
            )
        if members[0].flag_bits & _ENCRYPTED:
            raise ReadingError(
                "the zip file needs a password", where=name, remedy="Unpack it and drop the CSV itself"
            )
        with archive.open(members[0]) as file:
            yield from iter(lambda: file.read(_CHUNK), b"")


def _is_system(filename: str) -> bool:
    return filename.startswith(_SYSTEM[0]) or filename.rsplit("/", 1)[-1] == _SYSTEM[1]


def _is_office(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.startswith(_OFFICE) for name in archive.namelist())
    except zipfile.BadZipFile:
        return False


def _decompressor(kind: str) -> _Decompressor:
    if kind == "gzip":
        return zlib.decompressobj(wbits=31)
    if kind == "bzip2":
        return bz2.BZ2Decompressor()
    if sys.version_info >= (3, 14):
        from compression import zstd  # noqa: PLC0415 - only where the file is zstd
    else:
        from backports import zstd  # noqa: PLC0415 - only where the file is zstd
    decompressor: _Decompressor = zstd.ZstdDecompressor()
    return decompressor


def _zstd_error() -> type[Exception]:
    if sys.version_info >= (3, 14):
        from compression import zstd  # noqa: PLC0415 - only where a file is compressed
    else:
        from backports import zstd  # noqa: PLC0415 - only where a file is compressed
    error: type[Exception] = zstd.ZstdError
    return error


def _check_text_size(size: int, *, stored: int, name: str, limits: Limits) -> None:
    if size > limits.max_text_bytes:
        raise ReadingError(
            f"the text has more than {limits.max_text_bytes:,} bytes after decompression",
            where=name,
            remedy="Split it, or raise DSP_LIMIT_MAX_TEXT_BYTES",
        )
    if size > _RATIO_FLOOR and size > stored * limits.max_compression_ratio:
        raise ReadingError(
            f"{stored:,} compressed bytes hold more than {limits.max_compression_ratio:,} times as much text, "
            "as a decompression bomb does",
            where=name,
            remedy="Drop it uncompressed, or raise DSP_LIMIT_MAX_COMPRESSION_RATIO",
        )
