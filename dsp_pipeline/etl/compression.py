"""From a stored file to its text: compression told by magic bytes, unpacked in bounded memory, within limits."""

from __future__ import annotations

import bz2
import errno
import gzip
import io
import lzma
import re
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING, Any, BinaryIO

from dsp_pipeline.core.errors import ReadingError
from dsp_pipeline.etl.zstandard import zstd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dsp_pipeline.core.settings import Limits

_MAGIC: dict[str, tuple[bytes, ...]] = {
    "gzip": (b"\x1f\x8b",),
    # A frame, or one to be skipped, as pzstd writes them.
    "zstd": (b"\x28\xb5\x2f\xfd", *(bytes((first,)) + b"\x2a\x4d\x18" for first in range(0x50, 0x60))),
    "bzip2": (b"BZh",),
    "zip": (b"PK\x03\x04",),
}
_LONGEST_MAGIC = 4
_CHUNK = 1 << 20
_RATIO_FLOOR = 4 << 20
"""Text below this size is never called a bomb: short, repetitive tables compress very well."""

_ENCRYPTED = 0x1
_OFFICE = re.compile(r"\[Content_Types\]\.xml|mimetype|(?:word|xl|ppt)/.*\.xml")
"""Members of Office documents: of Microsoft's (ECMA-376, part 2), and of OpenDocument (part 2, 2.2)."""

_DAMAGE = (
    *(zlib.error, lzma.LZMAError, zstd.ZstdError, zipfile.BadZipFile),
    # What zipfile makes of sizes, versions, properties and names that can't be.
    *(NotImplementedError, struct.error, ValueError, OverflowError, OSError),
)
_SYSTEM = ("__MACOSX/", ".DS_Store")
_SHOWN_MEMBERS = 5


def compression_of(path: Path) -> str | None:
    """What a file is compressed with, by its first bytes: ``gzip``, ``zstd``, ``bzip2`` or ``zip``; else None.

    Office documents are ZIP archives too, but none of text.
    """
    with path.open("rb") as file:
        head = file.read(_LONGEST_MAGIC)
    kind = next((kind for kind, magic in _MAGIC.items() if head.startswith(magic)), None)
    return None if kind == "zip" and _is_office(path) else kind


def unpack(
    path: Path,
    target: Path,
    kind: str,
    *,
    name: str,
    limits: Limits,
    between: Callable[[], None] = lambda: None,
) -> None:
    """Write a compressed file's text to another file.

    Args:
        path: The compressed file.
        target: Where the text goes.
        kind: What `compression_of` said.
        name: What to call the file in messages.
        limits: Bounds on the text's size, and on its ratio to the file's.
        between: Called between pieces of the work; what it raises ends it.

    Raises:
        ReadingError: It is cut off, damaged, encrypted, a decompression bomb, or holds several files.
    """
    size, stored = 0, path.stat().st_size
    try:
        with path.open("rb") as packed, target.open("wb") as file:
            for text in _pieces(packed, kind, name=name):
                between()
                size += len(text)
                _check_text_size(size, stored=stored, name=name, limits=limits)
                file.write(text)
    except EOFError as error:
        raise ReadingError(
            f"the {kind} file ends early, after {size:,} bytes of text",
            where=name,
            remedy="The upload was cut off or the archive is incomplete: make it anew and drop it again",
        ) from error
    except _DAMAGE as error:
        # An archive that names a place before its own beginning makes the seek invalid.
        if isinstance(error, OSError) and error.errno not in {None, errno.EINVAL}:
            raise  # The disk's, not the archive's.
        raise ReadingError(
            f"the {kind} file is damaged after {size:,} bytes of text ({error})",
            where=name,
            remedy="Make the archive anew and drop it again",
        ) from error


def check_size(path: Path, kind: str | None, *, name: str, limits: Limits) -> None:
    """Raise if a file is larger than allowed, before it is read; ``kind`` is what `compression_of` said.

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
    if kind is None:
        _check_text_size(stored, stored=stored, name=name, limits=limits)


def _pieces(packed: BinaryIO, kind: str, *, name: str) -> Iterator[bytes]:
    """The text in bounded pieces, of all members (zstd: frames); EOFError if the last one is cut off."""
    match kind:
        case "gzip":
            with gzip.open(packed) as file:
                yield from _read(file)
        case "zstd":
            with zstd.open(packed) as file:
                yield from _read(file)
        case "bzip2":
            yield from _bzipped(packed)
        case _:
            yield from _zipped(packed, name=name)


def _read(file: Any) -> Iterator[bytes]:
    # As far as it goes: what comes before a fault is handed out, and counted.
    return iter(lambda: file.read1(_CHUNK), b"")


def _bzipped(packed: BinaryIO) -> Iterator[bytes]:
    """The text of all of bzip2's members. `bz2.open` passes over whatever is no member, silently."""
    decompressor, data = bz2.BZ2Decompressor(), b""
    while True:
        if decompressor.eof:
            data = decompressor.unused_data or packed.read(io.DEFAULT_BUFFER_SIZE)
            if not data:
                return
            decompressor = bz2.BZ2Decompressor()
        elif decompressor.needs_input:
            data = packed.read(io.DEFAULT_BUFFER_SIZE)
            if not data:
                raise EOFError
        yield decompressor.decompress(data, _CHUNK)
        data = b""


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
            return any(map(_OFFICE.fullmatch, archive.namelist()))
    except (zipfile.BadZipFile, NotImplementedError, struct.error, ValueError, OSError):
        return False


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
