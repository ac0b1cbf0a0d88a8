"""From bytes to UTF-8: which encoding a text is in, decided over the whole of it."""

from __future__ import annotations

import codecs
import dataclasses

from dsp_pipeline.core.artifacts.reading import Alternative, Decision
from dsp_pipeline.core.errors import ReadingError
from dsp_pipeline.etl.legacy import choose_legacy

_BOMS: tuple[tuple[bytes, str, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32 (little-endian)"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32 (big-endian)"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16 (little-endian)"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16 (big-endian)"),
)
_BEYOND_ASCII = bytes(range(0x80, 0x100))
_HEAD = 1 << 16
_DAMAGE_SHARE = 0.1
"""Fewer invalid bytes than this, per valid multi-byte character, are damage in a UTF-8 text."""
_CONTROLS = frozenset(map(chr, {*range(0x20), *range(0x7F, 0xA0)})) - frozenset("\t\n\r\f\x1f\x85")
_NUL_SHARE = 0.05
_ONE_SIDE, _MOSTLY = 0.95, 0.75


@dataclasses.dataclass(frozen=True)
class Decoded:
    """A text as UTF-8.

    Attributes:
        data: UTF-8 without a byte order mark; bytes that are not valid stay where they were if `damaged`.
        encoding: The Python codec that the file is in.
        decision: Why so.
        damaged: Whether there are lines with bytes that are not valid in that encoding.
    """

    data: bytes
    encoding: str
    decision: Decision
    damaged: bool = False


def is_wide(data: bytes) -> bool:
    """Whether the bytes look like UTF-16 or UTF-32, in which NUL bytes are ordinary."""
    return _bom(data) not in (None, "utf-8-sig") or _wide_codec(data) is not None


def decode(data: bytes, *, name: str, declared: str | None = None) -> Decoded:
    """The text of a file's bytes.

    Args:
        data: The decompressed bytes.
        name: The file's name for messages.
        declared: The codec that the sidecar names, which always wins.

    Raises:
        ReadingError: The declared codec is unknown or does not fit the bytes.
    """
    if declared is not None:
        return _as_declared(data, declared, name=name)
    bom = _bom(data)
    if bom == "utf-8-sig" or (bom is None and _wide_codec(data) is None):
        return _narrow(data, has_bom=bom is not None)
    codec = bom or _wide_codec(data) or "utf-16"
    why = "it starts with a byte order mark" if bom else f"its NULs stand where {codec} without a mark has them"
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as error:
        raise ReadingError(
            f"the text says it is {codec} and is damaged at byte {error.start:,}",
            where=name,
            remedy="Save it as CSV UTF-8 and drop it again",
        ) from error
    return Decoded(text.removeprefix("\ufeff").encode("utf-8", "replace"), codec, _said(codec, why, 1.0))


def about_utf8(codec: str, *, is_ascii: bool, size: int) -> Decision:
    """Why a text of so many bytes, all of them valid, is read as UTF-8 (with a mark: ``utf-8-sig``)."""
    if is_ascii:
        return _said(codec, "every byte is ASCII, which reads the same in UTF-8 and in most encodings", 1.0)
    mark = "it starts with UTF-8's byte order mark and " if codec == "utf-8-sig" else ""
    return _said(codec, f"{mark}all {size:,} bytes are valid UTF-8 with characters beyond ASCII", 1.0)


def _bom(data: bytes) -> str | None:
    return next((codec for mark, codec, _ in _BOMS if data.startswith(mark)), None)


def _wide_codec(data: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark: the NULs of its ASCII characters stand at the same places of each."""
    head = data[: _HEAD & ~3]
    if 0 not in head:
        return None
    quarters = [head[place::4].count(0) / max(len(head) // 4, 1) for place in range(4)]
    if min(quarters[2:]) > _ONE_SIDE > quarters[0]:
        return "utf-32-le"
    if min(quarters[:2]) > _ONE_SIDE > quarters[3]:
        return "utf-32-be"
    pairs = len(data[:_HEAD]) // 2
    even, odd = data[: 2 * pairs : 2].count(0), data[1 : 2 * pairs : 2].count(0)
    if max(even, odd) < _NUL_SHARE * pairs or max(even, odd) < _MOSTLY * (even + odd):
        return None
    codec = "utf-16-le" if odd > even else "utf-16-be"
    text = data[: 2 * pairs].decode(codec, "replace")
    is_text = "\ufffd" not in text[:-1] and ("\n" in text or "\r" in text)
    return codec if is_text and not _CONTROLS.intersection(text) else None


def _said(choice: str, why: str, confidence: float, alternatives: list[Alternative] | None = None) -> Decision:
    return Decision(
        what="encoding", choice=choice, why=why, confidence=confidence, alternatives=alternatives or []
    )


def _as_declared(data: bytes, declared: str, *, name: str) -> Decoded:
    try:
        codec = codecs.lookup(declared).name
        text = data.decode(codec)
    except LookupError as error:
        raise ReadingError(
            f"the sidecar names the encoding {declared!r}, which is not known",
            where=name,
            remedy="Use a Python codec's name such as utf-8, cp1252 or utf-16 in reading.encoding",
        ) from error
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ReadingError(
            f"the bytes are not {declared}, as the sidecar says (byte {error.start:,})",
            where=f"{name}, line {line}",
            remedy="Leave reading.encoding out of the sidecar, or name the right one",
        ) from error
    decision = _said(codec, "the sidecar says so", 1.0)
    return Decoded(text.removeprefix("\ufeff").encode("utf-8", "replace"), codec, decision)


def _narrow(data: bytes, *, has_bom: bool) -> Decoded:
    """UTF-8 if all of it is; damaged UTF-8 if nearly all is; else a legacy encoding."""
    body = data.removeprefix(codecs.BOM_UTF8)
    codec = "utf-8-sig" if has_bom else "utf-8"
    if body.isascii():
        return Decoded(body, codec, about_utf8(codec, is_ascii=True, size=len(body)))
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return Decoded(body, codec, about_utf8(codec, is_ascii=False, size=len(body)))
    text = body.decode("utf-8", "ignore")
    invalid = len(body) - len(text.encode())
    valid = len(text) - len(body.translate(None, delete=_BEYOND_ASCII))
    if has_bom or invalid <= _DAMAGE_SHARE * valid:
        why = f"{valid:,} characters beyond ASCII are valid UTF-8 and only {invalid:,} bytes are not: damage"
        return Decoded(body, codec, _said(codec, why, 0.9, [Alternative(choice="cp1252")]), damaged=True)
    return _legacy(body)


def _legacy(body: bytes) -> Decoded:
    choice = choose_legacy(body)
    return Decoded(choice.text.encode("utf-8", "surrogateescape"), choice.codec, choice.decision, choice.damaged)
