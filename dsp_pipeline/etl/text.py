"""From a stored file to blocks of UTF-8: a file that is UTF-8 already is read as it is, block by block."""

from __future__ import annotations

import codecs
import dataclasses
import itertools
import shutil
import weakref
from typing import TYPE_CHECKING

from dsp_pipeline.core.errors import ReadingError
from dsp_pipeline.etl.compression import check_size, compression_of, unpack
from dsp_pipeline.etl.encoding import about_utf8, decode, is_wide
from dsp_pipeline.etl.signatures import refuse_binary
from dsp_pipeline.etl.tables import new_folder
from dsp_pipeline.etl.transcoding import transcode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dsp_pipeline.core.artifacts.reading import Decision
    from dsp_pipeline.core.settings import Limits
    from dsp_pipeline.etl.encoding import Decoded

_HEAD = 1 << 16
_BLOCK = 1 << 23
_WHOLE = 1 << 24
"""An encoding is decided over all of a file of at most this size, and over telling lines of a larger one."""

_EVIDENCE = 1 << 20
_SPARE = (",", ";", "\t", "|", "\x1f")


@dataclasses.dataclass(frozen=True)
class Text:
    """A file's text.

    Attributes:
        compression: What it was compressed with; None if it was not.
        encoding: The Python codec that the file is in.
        decision: Why so.
        damaged: Whether there are lines with bytes that are not valid in it.
    """

    compression: str | None
    encoding: str
    decision: Decision
    damaged: bool
    _source: Path
    _skip: int = 0

    def spare(self) -> str:
        """A delimiter that the text does not have, as far as there is one; a pass over all of it."""
        candidates = dict.fromkeys(_SPARE)
        for block in self.blocks():
            for delimiter in [one for one in candidates if one.encode() in block]:
                del candidates[delimiter]
        return next(iter(candidates), _SPARE[-1])

    def head(self, size: int) -> bytes:
        """The first bytes as UTF-8, without a byte order mark."""
        return next(self.blocks(size), b"")

    def blocks(self, size: int = _BLOCK) -> Iterator[bytes]:
        """All of it as UTF-8 without a byte order mark, cut anywhere; a new pass at each call."""
        return _blocks(self._source, self._skip, size)


def open_text(path: Path, *, name: str, declared: str | None, limits: Limits) -> Text:
    """The text of a stored file, in bounded memory.

    What is compressed, or in another encoding than UTF-8, is written anew to a folder that lasts as long as the
    value.

    Args:
        path: The file.
        name: What to call it in messages.
        declared: The codec that the sidecar names, which always wins.
        limits: Bounds on its size, before and after decompression, and on their ratio.

    Raises:
        ReadingError: It is larger than allowed, damaged, no text, or not in the declared encoding.
    """
    check_size(path, name=name, limits=limits)
    folder = new_folder()
    try:
        text = _opened(path, folder, name=name, declared=declared, limits=limits)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    weakref.finalize(text, shutil.rmtree, folder, ignore_errors=True)
    return text


def _opened(path: Path, folder: Path, *, name: str, declared: str | None, limits: Limits) -> Text:
    compression = compression_of(path)
    if compression is not None:
        unpack(path, folder / "unpacked", compression, name=name, limits=limits)
        path = folder / "unpacked"
    head = next(_blocks(path, 0, _HEAD), b"")
    refuse_binary(head, name=name, wide_text=is_wide(head) or _is_wide_name(declared))
    skip = len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0
    damage = 0
    if declared is None and not is_wide(head):
        damage, is_ascii = _look_over(path, skip)
        if damage < 0:
            codec = "utf-8-sig" if skip else "utf-8"
            decision = about_utf8(codec, is_ascii=is_ascii, size=path.stat().st_size - skip)
            return Text(compression, codec, decision, False, path, skip)  # noqa: FBT003 - not damaged
    evidence = _evidence(path, damage, is_cut_anywhere=is_wide(head))
    decided = _decided(evidence, name=name, declared=declared)
    if decided.damaged and decided.encoding.startswith("utf-8"):
        return Text(compression, decided.encoding, decided.decision, True, path, skip)  # noqa: FBT003 - damaged
    target = folder / "transcoded"
    found = transcode(
        path, target, decided.decision, name=name, is_declared=declared is not None, is_damaged=decided.damaged
    )
    return Text(compression, found.codec, found.decision, found.is_damaged, target)


def _look_over(path: Path, skip: int) -> tuple[int, bool]:
    """About where the first byte stands that is not UTF-8 (-1: nowhere), and whether all is ASCII."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_ascii, done = True, 0
    for block in _blocks(path, skip):
        # An ASCII block is valid, unless the one before ended inside a character.
        if not block.isascii() or decoder.getstate()[0]:
            is_ascii = False
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                return skip + done, False
        done += len(block)
    cut = len(decoder.getstate()[0])
    return (skip + done - cut if cut else -1), is_ascii


def _evidence(path: Path, damage: int, *, is_cut_anywhere: bool) -> bytes:
    """What the encoding is decided by: all of a small file; of a large one its head and the lines beyond ASCII.

    Args:
        path: The file.
        damage: About where it ceases to be UTF-8: what stands there is evidence too.
        is_cut_anywhere: Whether it may be cut within a line, as where a line feed is not one byte.
    """
    if path.stat().st_size <= _WHOLE:
        return path.read_bytes()
    blocks = _blocks(path, 0, _EVIDENCE)
    head = next(blocks)
    if is_cut_anywhere:
        return head
    found = [head[: head.rfind(b"\n") + 1]]
    size = 0
    for block in itertools.chain(_blocks(path, damage, _EVIDENCE), blocks):
        whole = block[block.find(b"\n") + 1 : block.rfind(b"\n") + 1]
        lines = [line for line in whole.splitlines(keepends=True) if not line.isascii()]
        found += lines
        size += sum(map(len, lines))
        if size > _EVIDENCE:
            break
    return b"".join(found)


def _decided(evidence: bytes, *, name: str, declared: str | None) -> Decoded:
    for cut in (0, 2):
        try:
            return decode(evidence[: len(evidence) - cut], name=name, declared=declared)
        except ReadingError:
            # A pair of UTF-16 units may stand where the evidence was cut.
            if cut or len(evidence) != _EVIDENCE:
                raise
    raise AssertionError("the second try raises or returns")


def _blocks(path: Path, skip: int, size: int = _BLOCK) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(skip)
        yield from iter(lambda: file.read(size), b"")


def _is_wide_name(codec: str | None) -> bool:
    return codec is not None and codec.lower().replace("_", "-").startswith(("utf-16", "utf-32", "utf16", "utf32"))
