"""From bytes to UTF-8: which encoding a text is in, decided over the whole of it."""

from __future__ import annotations

import codecs
import dataclasses
import re

from dsp_pipeline.core.artifacts.reading import Alternative, Decision
from dsp_pipeline.core.errors import ReadingError

_BOMS: tuple[tuple[bytes, str, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32 (little-endian)"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32 (big-endian)"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16 (little-endian)"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16 (big-endian)"),
)
_BEYOND_ASCII = bytes(range(0x80, 0x100))
_ASCII = bytes(range(0x80))
_LINE = 1 << 12
"""As much of a line is looked at, about the first byte that is not ASCII."""
_HEAD = 1 << 16
_EVIDENCE = 1 << 16
_DAMAGE_SHARE = 0.1
"""Fewer invalid bytes than this, per valid multi-byte character, are damage in a UTF-8 text."""
_WESTERN = frozenset(  # the letters and signs that Western European texts have
    "äöüßÄÖÜéèêëàâáãåçñíîïìóôòõúùûýÿœæøåÅØÆÉÈÇÑÁÍÓÚÀÂÊÎÔÛ€£§°²³µ´`’‘“”„–—…«»¿¡ºª©®™·•±×½¼¾¢¥\xa0"  # noqa: RUF001 - they are meant
)
_INSIDE_WORD = re.compile(r"[a-z][^\x00-\x7f\w’‘·´`](?=[a-z])|[a-z][²³¹ºª¼½¾](?=[a-z])")  # noqa: RUF001 - they are meant
_HIGH_LETTER_SHARE = 0.35
_WESTERN_SHARE = 0.8


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
    why = "it starts with a byte order mark" if bom else "every other byte is NUL, as in unmarked UTF-16"
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
    """UTF-16 without a mark: ASCII characters have their NUL at odd or at even places, nearly always."""
    head = data[: _HEAD & ~1]
    pairs = len(head) // 2
    if pairs == 0 or 0 not in head:
        return None
    even, odd = head[0 : pairs * 2 : 2].count(0), head[1 : pairs * 2 : 2].count(0)
    if odd > 0.7 * pairs and even < 0.05 * pairs:
        return "utf-16-le"
    if even > 0.7 * pairs and odd < 0.05 * pairs:
        return "utf-16-be"
    return None


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


def _legacy(data: bytes) -> Decoded:
    """A single- or multi-byte encoding from before Unicode, judged by the lines that are not ASCII."""
    evidence = _lines_beyond_ascii(data)
    choice, why, confidence, others = _western(evidence) or _guessed(evidence)
    for codec in dict.fromkeys([choice, "cp1252", "latin-1"]):
        try:
            text = data.decode(codec)
        except UnicodeDecodeError as error:
            others = [*others, Alternative(choice=codec, why_not=f"byte {error.start:,} is not valid in it")]
            continue
        if codec != choice:
            why, confidence = f"it is not valid UTF-8, and {codec} fits every byte", 0.4
        others = [other for other in others if other.choice != codec]
        return Decoded(text.encode("utf-8"), codec, _said(codec, why, confidence, others))
    raise AssertionError("latin-1 decodes every byte")


def _lines_beyond_ascii(data: bytes) -> bytes:
    """Up to 64 kB of the lines that hold bytes beyond ASCII: the head of a file often has none."""
    lines: list[bytes] = []
    size = 0
    for line in data.splitlines():
        if line.isascii():
            continue
        first = len(line) - len(line.lstrip(_ASCII))
        lines.append(line[:_LINE] if first < _LINE // 2 else line[first - _LINE // 2 :][:_LINE])
        size += len(lines[-1])
        if size > _EVIDENCE:
            break
    return b"\n".join(lines)


_Guess = tuple[str, str, float, list[Alternative]]


def _western(evidence: bytes) -> _Guess | None:
    """cp1252 where its letters stand as Western European languages have them; None if in doubt."""
    try:
        text = evidence.decode("cp1252")
    except UnicodeDecodeError:
        return None
    high = [char for char in text if char > "\x7f"]
    letters = sum(1 for char in text if char.isalpha())
    high_letters = sum(1 for char in high if char.isalpha())
    expected = sum(1 for char in high if char in _WESTERN)
    if _INSIDE_WORD.search(text) or high_letters > _HIGH_LETTER_SHARE * letters + 2:
        return None
    if expected < _WESTERN_SHARE * len(high):
        return None
    seen = "".join(dict.fromkeys(high))[:12]
    why = f"it is not valid UTF-8, and read as cp1252 its characters are those of Western Europe ({seen})"
    return "cp1252", why, 0.85, [Alternative(choice="latin-1", why_not="cp1252 is the same but for 27 symbols")]


def _guessed(evidence: bytes) -> _Guess:
    import charset_normalizer  # noqa: PLC0415 - only where the text is not UTF-8

    matches = list(charset_normalizer.from_bytes(evidence, preemptive_behaviour=False))
    if not matches:
        return "cp1252", "it is not valid UTF-8 and fits no other encoding better", 0.3, []
    best = matches[0]
    others = [Alternative(choice=match.encoding, score=round(1 - match.chaos, 3)) for match in matches[1:4]]
    why = f"it is not valid UTF-8; by its characters it reads best as {best.encoding}"
    if best.language not in ("", "Unknown"):
        why += f" ({best.language})"
    return best.encoding, why, round(0.7 * (1 - best.chaos), 2), others
