"""From a stored file to blocks of UTF-8: a file that is UTF-8 already is read as it is, block by block."""

from __future__ import annotations

import codecs
import dataclasses
import itertools
import shutil
import weakref
from typing import TYPE_CHECKING, NamedTuple

from dsp_pipeline.etl.compression import check_size, compression_of, unpack
from dsp_pipeline.etl.encoding import ESCAPE, Decided, about_utf8, as_declared, decide, is_wide, shifting
from dsp_pipeline.etl.original import whole_lines
from dsp_pipeline.etl.signatures import refuse_binary
from dsp_pipeline.etl.tables import new_folder
from dsp_pipeline.etl.transcoding import transcode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dsp_pipeline.core.artifacts.reading import Decision
    from dsp_pipeline.core.settings import Limits

_HEAD = 1 << 16
_BLOCK = 1 << 22
_DECODED = 1 << 17
"""Bytes that are decoded at a time to see whether they are UTF-8: so much stays in the processor's cache."""

_WHOLE = 1 << 24
"""An encoding is decided over all of a file of at most this size, and over telling lines of a larger one."""

_EVIDENCE, _MOST_PIECES = 1 << 20, 64
_UTF8 = ("utf-8", "utf-8-sig")
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

    def spare(self, between: Callable[[], None]) -> str:
        """A delimiter that the text does not have, as far as there is one; a pass over all of it."""
        candidates = dict.fromkeys(_SPARE)
        for block in self.blocks():
            between()
            for delimiter in [one for one in candidates if one.encode() in block]:
                del candidates[delimiter]
        return next(iter(candidates), _SPARE[-1])

    def head(self, size: int) -> bytes:
        """The first bytes as UTF-8, without a byte order mark."""
        return next(self.blocks(size), b"")

    def blocks(self, size: int = _BLOCK) -> Iterator[bytes]:
        """All of it as UTF-8 without a byte order mark, cut anywhere; a new pass at each call."""
        return _blocks(self._source, self._skip, size)


def open_text(
    path: Path,
    *,
    name: str,
    declared: str | None,
    limits: Limits,
    between: Callable[[], None] = lambda: None,
) -> Text:
    """The text of a stored file, in bounded memory.

    What is compressed, or in another encoding than UTF-8, is written anew to a folder that lasts as long as the
    value.

    Args:
        path: The file.
        name: What to call it in messages.
        declared: The codec that the sidecar names, which always wins.
        limits: Bounds on its size, before and after decompression, and on their ratio.
        between: Called between pieces of the work; what it raises ends it.

    Raises:
        ReadingError: It is larger than allowed, damaged, no text, or not in the declared encoding.
    """
    folder = new_folder()
    try:
        text = _opened(path, folder, name=name, declared=declared, limits=limits, between=between)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    weakref.finalize(text, shutil.rmtree, folder, ignore_errors=True)
    return text


def _opened(
    path: Path, folder: Path, *, name: str, declared: str | None, limits: Limits, between: Callable[[], None]
) -> Text:
    compression = compression_of(path)
    check_size(path, compression, name=name, limits=limits)
    if compression is not None:
        unpack(path, folder / "unpacked", compression, name=name, limits=limits, between=between)
        path = folder / "unpacked"
    head = next(_blocks(path, 0, _HEAD), b"")
    refuse_binary(head, name=name, wide_text=is_wide(head) or _is_wide_name(declared))
    skip = len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0
    said = as_declared(declared, name=name) if declared is not None else None
    decided = _decided(path, skip, said, is_wide=is_wide(head), between=between)
    if decided.codec in _UTF8 and (said is None or not decided.damaged):
        return Text(compression, decided.codec, decided.decision, decided.damaged, path, skip)
    target = folder / "transcoded"
    found = transcode(path, target, decided, name=name, is_declared=said is not None, between=between)
    return Text(compression, found.codec, found.decision, found.damaged, target)


def _decided(
    path: Path, skip: int, said: Decided | None, *, is_wide: bool, between: Callable[[], None]
) -> Decided:
    """The encoding of a file, with whether it has damage as far as that is known."""
    if said is not None and said.codec not in _UTF8:
        return said
    if is_wide and said is None:
        return decide(next(_blocks(path, 0, _EVIDENCE)))
    survey = _look_over(path, skip, between)
    if said is not None:
        return dataclasses.replace(said, damaged=survey.damage is not None)
    if survey.damage is not None:
        return decide(_evidence(path, survey.damage))
    shifted = shifting(_evidence(path, 0)) if survey.has_escapes else None
    if shifted is not None:
        return shifted
    codec = "utf-8-sig" if skip else "utf-8"
    return Decided(codec, about_utf8(codec, is_ascii=survey.is_ascii, size=path.stat().st_size - skip))


class _Survey(NamedTuple):
    """About where the first byte stands that is not UTF-8, whether all is ASCII, and whether escapes are in it."""

    damage: int | None
    is_ascii: bool
    has_escapes: bool


def _look_over(path: Path, skip: int, between: Callable[[], None]) -> _Survey:
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_ascii, has_escapes, done = True, False, 0
    for block in _blocks(path, skip, _DECODED):
        between()
        has_escapes |= ESCAPE in block
        # An ASCII block is valid, unless the one before ended inside a character.
        if not block.isascii() or decoder.getstate()[0]:
            is_ascii = False
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                return _Survey(skip + done, is_ascii, has_escapes)
        done += len(block)
    cut = len(decoder.getstate()[0])
    return _Survey(skip + done - cut if cut else None, is_ascii, has_escapes and is_ascii)


def _evidence(path: Path, damage: int) -> bytes:
    """What the encoding is decided by: all of a small file; of a large one its head and its telling lines.

    Args:
        path: The file.
        damage: About where it ceases to be UTF-8: what stands there is evidence too.
    """
    if path.stat().st_size <= _WHOLE:
        return path.read_bytes()
    begin = max(0, damage - _HEAD)
    found = [next(whole_lines(_part(path, 0))).data]
    size = 0
    for start in dict.fromkeys((begin, 0)):
        for part in whole_lines(_part(path, start)):
            lines = part.data.splitlines(keepends=True)[1 if start else 0 :]
            telling = [line for line in lines if not line.isascii() or ESCAPE in line]
            found += telling
            size += sum(map(len, telling))
            if size > _EVIDENCE:
                return b"".join(found)
    return b"".join(found)


def _part(path: Path, start: int) -> Iterator[bytes]:
    """Some of a file, from a place on: lines without end are not put together for ever."""
    return itertools.islice(_blocks(path, start, _EVIDENCE), _MOST_PIECES)


def _blocks(path: Path, skip: int, size: int = _BLOCK) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(skip)
        yield from iter(lambda: file.read(size), b"")


def _is_wide_name(codec: str | None) -> bool:
    return codec is not None and codec.lower().replace("_", "-").startswith(("utf-16", "utf-32", "utf16", "utf32"))
