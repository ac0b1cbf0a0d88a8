"""Which encoding a text is in, and why."""

from __future__ import annotations

import codecs
import dataclasses

from dsp_pipeline.core.artifacts.reading import Alternative, Decision
from dsp_pipeline.core.errors import ReadingError
from dsp_pipeline.core.numbers import written
from dsp_pipeline.etl.legacy import choose_legacy

_BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BEYOND_ASCII = bytes(range(0x80, 0x100))
_HEAD = 1 << 16
_DAMAGE_SHARE = 0.1
"""Fewer invalid bytes than this, per valid multi-byte character, are damage in a UTF-8 text."""
_CONTROLS = frozenset(map(chr, {*range(0x20), *range(0x7F, 0xA0)})) - frozenset("\t\n\r\f\x1f\x85")
_NUL_SHARE = 0.05
_ONE_SIDE, _MOSTLY = 0.95, 0.75

ESCAPE = b"\x1b"
_SHIFTS = (b"\x1b$B", b"\x1b$@", b"\x1b$(", b"\x1b(I", b"\x1b$A")
"""What switches to a set of two bytes a character (ISO/IEC 2022, as RFC 1468 and 1554 use it)."""

_SHIFTING = ("iso2022_jp", "iso2022_jp_ext", "iso2022_jp_2", "iso2022_jp_2004")


@dataclasses.dataclass(frozen=True)
class Decided:
    """The encoding of a text.

    Attributes:
        codec: The Python codec.
        decision: Why so.
        damaged: Whether there are bytes that are not valid in it.
    """

    codec: str
    decision: Decision
    damaged: bool = False


def is_wide(data: bytes) -> bool:
    """Whether the bytes look like UTF-16 or UTF-32, in which NUL bytes are ordinary."""
    return _bom(data) not in (None, "utf-8-sig") or _wide_codec(data) is not None


def decide(data: bytes) -> Decided:
    """The encoding of bytes that are not UTF-8 throughout: all of them, or telling lines."""
    bom = _bom(data)
    if bom == "utf-8-sig" or (bom is None and _wide_codec(data) is None):
        return _narrow(data, has_bom=bom is not None)
    codec = bom or _wide_codec(data) or "utf-16"
    why = "it starts with a byte order mark" if bom else f"its NULs stand where {codec} without a mark has them"
    return Decided(codec, _said(codec, why, 1.0))


def as_declared(declared: str, *, name: str) -> Decided:
    """The encoding that the sidecar names, which always wins.

    Raises:
        ReadingError: There is none of that name.
    """
    try:
        codec = codecs.lookup(declared).name
        is_text = isinstance(codecs.getincrementaldecoder(codec)().decode(b"a"), str)
    except (LookupError, ValueError):
        is_text = False
    if not is_text:
        raise ReadingError(
            f"the sidecar names the encoding {declared!r}, which is not known",
            where=name,
            remedy="Use a Python codec's name such as utf-8, cp1252 or utf-16 in reading.encoding",
        )
    return Decided(codec, _said(codec, "the sidecar says so", 1.0))


def shifting(data: bytes) -> Decided | None:
    """The encoding of ASCII bytes of which escapes switch to another set of characters; None if none do so."""
    if not any(shift in data for shift in _SHIFTS):
        return None
    for codec in _SHIFTING:
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        if not text.isascii():
            seen = "".join(dict.fromkeys(char for char in text if char > "\x7f" and char.isprintable()))[:12]
            why = f"escapes switch to another set of characters, as ISO 2022 has it ({seen})"
            told = [
                Alternative(choice="utf-8", why_not="escapes would be parts of words, and letters ASCII symbols")
            ]
            return Decided(codec, _said(codec, why, 0.98, told))
    return None


def about_utf8(codec: str, *, is_ascii: bool, size: int) -> Decision:
    """Why a text of so many bytes, all of them valid, is read as UTF-8 (with a mark: ``utf-8-sig``)."""
    if is_ascii:
        return _said(codec, "every byte is ASCII, which reads the same in UTF-8 and in most encodings", 1.0)
    mark = "it starts with UTF-8's byte order mark and " if codec == "utf-8-sig" else ""
    return _said(codec, f"{mark}all {written(size)} bytes are valid UTF-8 with characters beyond ASCII", 1.0)


def _bom(data: bytes) -> str | None:
    return next((codec for mark, codec in _BOMS if data.startswith(mark)), None)


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


def _narrow(data: bytes, *, has_bom: bool) -> Decided:
    """Damaged UTF-8 if nearly all of it is valid; else a legacy encoding."""
    body = data.removeprefix(codecs.BOM_UTF8)
    text = body.decode("utf-8", "ignore")
    invalid = len(body) - len(text.encode())
    valid = len(text) - len(body.translate(None, delete=_BEYOND_ASCII))
    if has_bom or invalid <= _DAMAGE_SHARE * valid:
        codec = "utf-8-sig" if has_bom else "utf-8"
        why = (
            f"{written(valid)} characters beyond ASCII are valid UTF-8 and only {written(invalid)} bytes "
            "are not: damage"
        )
        return Decided(codec, _said(codec, why, 0.9, [Alternative(choice="cp1252")]), damaged=True)
    choice = choose_legacy(body)
    return Decided(choice.codec, choice.decision, choice.damaged)
