"""From a stored file to blocks of UTF-8: a file that is UTF-8 already is read as it is, block by block."""

from __future__ import annotations

import codecs
import dataclasses
import io
from typing import TYPE_CHECKING

from dsp_pipeline.etl.compression import check_size, is_compressed, read_bytes
from dsp_pipeline.etl.encoding import about_utf8, decode, is_wide
from dsp_pipeline.etl.signatures import refuse_binary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from dsp_pipeline.core.artifacts.reading import Decision
    from dsp_pipeline.core.settings import Limits

_HEAD = 1 << 16
_BLOCK = 1 << 23
_SPARE = (",", ";", "\t", "|", "\x1f")


@dataclasses.dataclass(frozen=True)
class Text:
    """A file's text.

    Attributes:
        compression: What it was compressed with; None if it was not.
        encoding: The Python codec that the file is in.
        decision: Why so.
        damaged: Whether there are lines with bytes that are not valid in it.
        spare: A delimiter that the text does not have.
    """

    compression: str | None
    encoding: str
    decision: Decision
    damaged: bool
    spare: str
    _source: Path | bytes
    _skip: int = 0

    def head(self, size: int) -> bytes:
        """The first bytes as UTF-8, without a byte order mark."""
        return next(self.blocks(size), b"")

    def blocks(self, size: int = _BLOCK) -> Iterator[bytes]:
        """All of it as UTF-8 without a byte order mark, cut anywhere; a new pass at each call."""
        if isinstance(self._source, bytes):
            # Slices of a view: no second copy of a text that stands in memory.
            with io.BytesIO(self._source) as file:
                yield from iter(lambda: file.read(size), b"")
            return
        with self._source.open("rb") as file:
            file.seek(self._skip)
            yield from iter(lambda: file.read(size), b"")


def open_text(path: Path, *, name: str, declared: str | None, limits: Limits) -> Text:
    """The text of a stored file.

    Compressed files, and those in another encoding than UTF-8, are held in memory as a whole.

    Args:
        path: The file.
        name: What to call it in messages.
        declared: The codec that the sidecar names, which always wins.
        limits: Bounds on its size, before and after decompression, and on their ratio.

    Raises:
        ReadingError: It is empty, larger than allowed, damaged, no text, or not in the declared encoding.
    """
    check_size(path, name=name, limits=limits)
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not is_compressed(head) and declared is None and not is_wide(head):
        refuse_binary(head, name=name, wide_text=False)
        found = _as_utf8(path, has_bom=head.startswith(codecs.BOM_UTF8))
        if found is not None:
            return found
    data, compression = read_bytes(path, name=name, limits=limits)
    refuse_binary(data[:_HEAD], name=name, wide_text=is_wide(data[:_HEAD]))
    decoded = decode(data, name=name, declared=declared)
    spare = _spare([decoded.data])
    return Text(compression, decoded.encoding, decoded.decision, decoded.damaged, spare, decoded.data)


def _as_utf8(path: Path, *, has_bom: bool) -> Text | None:
    """The text of a file of which every byte is valid UTF-8; None if that is not so."""
    skip = len(codecs.BOM_UTF8) if has_bom else 0
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_ascii, size = True, 0
    candidates = dict.fromkeys(_SPARE)
    with path.open("rb") as file:
        file.seek(skip)
        for block in iter(lambda: file.read(_BLOCK), b""):
            size += len(block)
            if not block.isascii():
                is_ascii = False
            try:
                # An ASCII block is valid, unless the one before ended inside a character.
                if not block.isascii() or decoder.getstate()[0]:
                    decoder.decode(block)
            except UnicodeDecodeError:
                return None
            for delimiter in [d for d in candidates if d.encode() in block]:
                del candidates[delimiter]
    if decoder.getstate()[0]:
        return None
    encoding = "utf-8-sig" if has_bom else "utf-8"
    decision = about_utf8(encoding, is_ascii=is_ascii, size=size)
    return Text(
        None, encoding, decision, damaged=False, spare=next(iter(candidates), "\x1f"), _source=path, _skip=skip
    )


def _spare(blocks: Iterable[bytes]) -> str:
    left = list(_SPARE)
    for block in blocks:
        left = [delimiter for delimiter in left if delimiter.encode() not in block]
    return next(iter(left), "\x1f")
