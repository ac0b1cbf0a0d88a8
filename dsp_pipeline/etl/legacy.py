"""The encoding of a text that is not Unicode: which one is taken, how sure that is, and how others would read."""

from __future__ import annotations

import dataclasses
import math
import re
from typing import TYPE_CHECKING

from dsp_pipeline.core.artifacts.reading import Alternative, Decision
from dsp_pipeline.core.numbers import written
from dsp_pipeline.etl.encoding_votes import votes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.etl.encoding_votes import Vote

_EVIDENCE = 1 << 16
_ASCII = bytes(range(0x80))
_LINE = 1 << 12
"""As much of a line is looked at, about the first byte that is not ASCII."""

_MAX_DAMAGE = 0.005
_SURE_MARGIN = 8.0
_UNLIKELY = -9.5
_MOST_ALTERNATIVES = 3
_WORD = re.compile(r"[^\s\x00-\x2f:-@\[-`{-\x7f]+")


@dataclasses.dataclass(frozen=True)
class Legacy:
    """The encoding of a text from before Unicode.

    Attributes:
        codec: The Python codec.
        decision: Why that one.
        damaged: Whether there are bytes that are not valid in it.
    """

    codec: str
    decision: Decision
    damaged: bool


def choose_legacy(data: bytes) -> Legacy:
    """The encoding of bytes that are not UTF-8, judged by the lines that hold bytes beyond ASCII.

    The encoding that explains the letters best is taken if all bytes, or nearly all, are valid in it; else the
    next one. In Latin-1 every byte is.
    """
    evidence = lines_beyond_ascii(data)
    ranked = votes(evidence)
    refused: list[Alternative] = []
    for vote in ranked:
        try:
            data.decode(vote.codec)
        except UnicodeDecodeError as error:
            invalid = data.decode(vote.codec, "replace").count("\ufffd")
            if not refused and invalid <= _MAX_DAMAGE * _count_beyond_ascii(data):
                return Legacy(vote.codec, _decision(vote, ranked, [], invalid=invalid), damaged=True)
            why_not = f"byte {written(error.start)} is not valid in it"
            refused.append(Alternative(choice=vote.codec, why_not=why_not))
        else:
            return Legacy(vote.codec, _decision(vote, ranked, refused), damaged=False)
    decision = Decision(
        what="encoding",
        choice="iso8859-1",
        why="it is not valid UTF-8, and no other encoding fits every byte",
        confidence=0.2,
        alternatives=refused[:_MOST_ALTERNATIVES],
    )
    return Legacy("iso8859-1", decision, damaged=False)


def lines_beyond_ascii(data: bytes) -> bytes:
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


def _count_beyond_ascii(data: bytes) -> int:
    return len(data) - len(data.translate(None, delete=bytes(range(0x80, 0x100))))


def _decision(best: Vote, ranked: Sequence[Vote], refused: list[Alternative], *, invalid: int = 0) -> Decision:
    rivals = [vote for vote in ranked if vote.text != best.text and vote.likelihood <= best.likelihood]
    same = [vote.codec for vote in ranked if vote.text == best.text and vote is not best]
    beyond = [char for char in best.text if char > "\x7f"]
    seen = "".join(dict.fromkeys(char for char in beyond if char.isprintable()))[:12]
    why = f"it is not valid UTF-8, and read so its words are likeliest, as {best.language} ones ({seen})"
    if invalid:
        why += f"; {written(invalid)} of its bytes are not valid: damage"
    margin = best.likelihood - rivals[0].likelihood if rivals else _SURE_MARGIN
    confidence = 0.5 + 0.48 * (1 - math.exp(-margin / _SURE_MARGIN))
    if best.mean < _UNLIKELY:
        why, confidence = why + ", though no language fits well", 0.3
    told = [Alternative(choice=codec, why_not="every character here is the same in it") for codec in same[:1]]
    told += [
        Alternative(
            choice=vote.codec, score=round(vote.likelihood - best.likelihood, 1), why_not=_reads(vote, best)
        )
        for vote in rivals[: _MOST_ALTERNATIVES - len(told)]
    ]
    return Decision(
        what="encoding",
        choice=best.codec,
        why=why,
        confidence=round(min(confidence, 0.99), 2),
        alternatives=[*refused[:_MOST_ALTERNATIVES], *told],
    )


def _reads(other: Vote, best: Vote) -> str:
    """A word that another encoding reads in a less likely way."""
    for line, line_so in zip(best.text.split("\n"), other.text.split("\n"), strict=False):
        for word, word_so in zip(_WORD.findall(line), _WORD.findall(line_so), strict=False):
            if word != word_so:
                return f"{word[:30]!r} would be {word_so[:30]!r}"
    return "its words are less likely"
