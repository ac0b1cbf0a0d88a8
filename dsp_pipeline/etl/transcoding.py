"""From any encoding to UTF-8, piece by piece."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from dsp_pipeline.core.artifacts.reading import Alternative
from dsp_pipeline.core.errors import ReadingError
from dsp_pipeline.core.numbers import written
from dsp_pipeline.etl.encoding import Decided

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_PIECE = 1 << 22
_SECOND_CHOICES = ("cp1252", "latin-1")
"""What is tried where a byte far down a file is not valid in the encoding that its evidence spoke for."""

_UNSURE, _SURE = 0.4, 0.9


class _InvalidByteError(Exception):
    """A byte, by its place in the file, that an encoding does not have."""

    def __init__(self, place: int) -> None:
        super().__init__(place)
        self.place = place


def transcode(
    path: Path,
    target: Path,
    decided: Decided,
    *,
    name: str,
    is_declared: bool,
    between: Callable[[], None] = lambda: None,
) -> Decided:
    """Write a text anew as UTF-8 without a byte order mark.

    Bytes that are known to be damage stay as they are, so that the lines they stand on can be set aside.

    Args:
        path: The text.
        target: Where it goes.
        decided: The encoding that was decided on.
        name: The file's name for messages.
        is_declared: Whether the sidecar says so, and no other encoding is tried.
        between: Called between pieces of the work; what it raises ends it.

    Returns:
        The encoding that fits every byte, or nearly every one, and the decision for it.

    Raises:
        ReadingError: A byte is not valid in the only encoding that may be meant.
    """
    chosen, decision = decided.codec, decided.decision
    is_fixed = is_declared or chosen.startswith(("utf-16", "utf-32", "iso2022"))
    if decided.damaged and not is_declared:
        _write(path, target, chosen, between, errors="surrogateescape")
        return decided
    others = [other for other in decision.alternatives if other.choice not in _SECOND_CHOICES]
    for codec in dict.fromkeys((chosen, *(() if is_fixed else _SECOND_CHOICES))):
        try:
            _write(path, target, codec, between)
        except _InvalidByteError as error:
            if is_fixed:
                raise _refused(path, codec, error.place, name=name, is_declared=is_declared) from error
            if codec == chosen and decision.confidence >= _SURE:
                _write(path, target, codec, between, errors="surrogateescape")
                why = f"{decision.worded('why')}; byte {written(error.place)} is not valid in it: damage"
                return Decided(codec, decision.model_copy(update={"why": why}), damaged=True)
            others.append(Alternative(choice=codec, why_not=f"byte {written(error.place)} is not valid in it"))
            continue
        if codec == chosen:
            return decided
        why = f"it is not valid UTF-8, and {codec} fits every byte"
        said = {"choice": codec, "why": why, "confidence": _UNSURE, "alternatives": others}
        return Decided(codec, decision.model_copy(update=said))
    raise AssertionError("latin-1 decodes every byte")


def _write(path: Path, target: Path, codec: str, between: Callable[[], None], *, errors: str = "strict") -> None:
    out = "replace" if errors == "strict" else errors
    with target.open("wb") as file:
        for number, text in enumerate(_decoded(path, codec, errors)):
            between()
            file.write((text if number else text.removeprefix("\ufeff")).encode("utf-8", out))


def _decoded(path: Path, codec: str, errors: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(codec)(errors)
    done = 0
    with path.open("rb") as file:
        while True:
            piece = file.read(_PIECE)
            waiting = len(decoder.getstate()[0])
            try:
                yield decoder.decode(piece, final=not piece)
            except UnicodeDecodeError as error:
                raise _InvalidByteError(done - waiting + error.start) from error
            if not piece:
                return
            done += len(piece)


def _refused(path: Path, codec: str, place: int, *, name: str, is_declared: bool) -> ReadingError:
    if not is_declared:
        return ReadingError(
            f"the text says it is {codec} and is damaged at byte {place:,}",
            where=name,
            remedy="Save it as CSV UTF-8 and drop it again",
        )
    line = 1 + sum(piece.count(b"\n") for piece in _first_bytes(path, place))
    return ReadingError(
        f"the bytes are not {codec}, as the sidecar says (byte {place:,})",
        where=f"{name}, line {line}",
        remedy="Leave reading.encoding out of the sidecar, or name the right one",
    )


def _first_bytes(path: Path, count: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        while count > 0 and (piece := file.read(min(_PIECE, count))):
            count -= len(piece)
            yield piece
