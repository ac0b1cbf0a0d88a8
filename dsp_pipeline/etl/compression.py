"""From a stored file to its bytes: compression told by magic bytes, within limits."""

from __future__ import annotations

import sys
import zlib
from typing import TYPE_CHECKING, Protocol

from dsp_pipeline.core.errors import ReadingError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dsp_pipeline.core.settings import Limits

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_CHUNK = 1 << 20
_RATIO_FLOOR = 4 << 20
"""Text below this size is never called a bomb: short, repetitive tables compress very well."""


class _Decompressor(Protocol):
    """What zlib's and zstd's decompressor objects have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


def read_bytes(path: Path, *, name: str, limits: Limits) -> tuple[bytes, str | None]:
    """A file's bytes after decompression, and the compression's name (None, ``gzip`` or ``zstd``).

    Args:
        path: The file.
        name: What to call it in messages.
        limits: Bounds on its size, before and after decompression, and on their ratio.

    Raises:
        ReadingError: It is cut off, damaged, empty after decompression, or a decompression bomb.
    """
    data = path.read_bytes()
    if data.startswith(_GZIP):
        return _decompressed(data, "gzip", name=name, limits=limits), "gzip"
    if data.startswith(_ZSTD):
        return _decompressed(data, "zstd", name=name, limits=limits), "zstd"
    return data, None


def is_compressed(head: bytes) -> bool:
    """Whether a file's first bytes are those of a compressed one."""
    return head.startswith((_GZIP, _ZSTD))


def check_size(path: Path, *, name: str, limits: Limits) -> None:
    """Raise if a file is empty or larger than allowed, before it is read.

    Raises:
        ReadingError: It is.
    """
    stored = path.stat().st_size
    if stored == 0:
        raise ReadingError("the file is empty", where=name, remedy="Drop a file with a header and rows")
    if stored > limits.max_file_bytes:
        raise ReadingError(
            f"the file has {stored:,} bytes, more than the limit of {limits.max_file_bytes:,}",
            where=name,
            remedy="Split it, or raise DSP_LIMIT_MAX_FILE_BYTES",
        )
    with path.open("rb") as file:
        if not is_compressed(file.read(4)):
            _check_text_size(stored, stored=stored, name=name, limits=limits)


def _decompressed(data: bytes, kind: str, *, name: str, limits: Limits) -> bytes:
    text = bytearray()
    try:
        for chunk in _members(data, kind):
            text += chunk
            _check_text_size(len(text), stored=len(data), name=name, limits=limits)
    except EOFError as error:
        raise ReadingError(
            f"the {kind} file ends early, after {len(text):,} bytes of text",
            where=name,
            remedy="The upload was cut off or the archive is incomplete: make it anew and drop it again",
        ) from error
    except (zlib.error, _zstd_error()) as error:
        raise ReadingError(
            f"the {kind} file is damaged after {len(text):,} bytes of text ({error})",
            where=name,
            remedy="Make the archive anew and drop it again",
        ) from error
    if not text:
        raise ReadingError("the file is empty", where=name, remedy="Drop a file with a header and rows")
    return bytes(text)


def _members(data: bytes, kind: str) -> Iterator[bytes]:
    """The text of all members (gzip) or frames (zstd), in bounded chunks; EOFError if the last one is cut off."""
    rest = data
    magic = _GZIP if kind == "gzip" else _ZSTD
    while rest.startswith(magic):
        decompressor = _decompressor(kind)
        pending = rest
        while not decompressor.eof:
            chunk = decompressor.decompress(pending, _CHUNK)
            pending = getattr(decompressor, "unconsumed_tail", b"")
            yield chunk
            if not chunk and not pending and not decompressor.eof:
                raise EOFError
        rest = decompressor.unused_data


def _decompressor(kind: str) -> _Decompressor:
    if kind == "gzip":
        return zlib.decompressobj(wbits=31)
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
