"""How well a legacy encoding explains bytes: how likely its letters are in the languages that are written in it.

A word is as likely as a mixture of these languages makes it, with each one's share by expectation maximisation:
each letter has its frequency in the language, and capitals stand where they usually do. Symbols that seldom stand
inside words, controls, and bytes that are not valid, cost. All readings account for the same bytes, so that their
sums can be compared.
"""

from __future__ import annotations

import collections
import dataclasses
import math
import re
import unicodedata
from typing import TYPE_CHECKING

from dsp_pipeline.etl.language_costs import costs_of
from dsp_pipeline.etl.letters import LETTERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_WORD = re.compile(r"[A-Za-z\x80-\U0010ffff]+")
_USUAL_SYMBOLS = frozenset(
    "\xa0°€£§«»“”„‘’‚–—…²³µ½¼¾×·®©™±ºª¿¡•´№¥¢÷¹‰†\u3000、。「」・（）％：，；～－—《》【】〒※→○●△□◎"  # noqa: RUF001 - they are meant
)
_BETWEEN_LETTERS = frozenset("’‘·´–…'-\xad・")  # noqa: RUF001 - they are meant
_BEFORE_LETTERS = frozenset("\xa0«»“”„‘’‚¿¡°—–…·•£§№€µ±\u3000、。「」（）：；・《》【】※→○●△□◎")  # noqa: RUF001 - they are meant
_USUAL, _UNUSUAL, _FOREIGN, _INVALID = math.log(3e-3), math.log(1e-5), math.log(3e-6), math.log(1e-8)
_INSIDE = math.log(0.02)
_LAST_LETTERS = frozenset("םןךףץςةى")
_ALONE = math.log(0.05)
_TITLE, _CAPITALS, _JUMBLED = math.log(0.6), math.log(0.3), math.log(0.005)
_LAST_LATIN = "\u024f"
_MOST_WORDS = 3_000
_MOST_TIMES = 3
_STEPS = 3

_WEST = (
    "English",
    "German",
    "French",
    "Spanish",
    "Portuguese",
    "Italian",
    "Catalan",
    "Dutch",
    "Swedish",
    "Danish and Norwegian",
    "Finnish",
    "Icelandic",
)
_CENTRE = ("Polish", "Czech", "Slovak", "Hungarian", "Romanian", "Croatian and Slovene", "German")
_CYRILLIC = ("Russian", "Ukrainian", "Bulgarian", "Serbian")
_SELDOM = {"Catalan": 0.2, "Icelandic": 0.2, "Slovak": 0.5, "Bulgarian": 0.5, "Serbian": 0.5, "Estonian": 0.5}
"""Languages that fewer files are in than in the others of their encodings."""

_BALTIC = ("Lithuanian", "Latvian", "Estonian")
CODECS: dict[str, tuple[float, tuple[str, ...]]] = {
    "cp1252": (0, (*_WEST, "Estonian")),
    "iso8859-15": (-3, (*_WEST, "Estonian")),
    "mac_roman": (-4, _WEST),
    "cp850": (-4, _WEST),
    "cp437": (-5, _WEST),
    "cp1250": (-5, _CENTRE),
    "iso8859-2": (-6, _CENTRE),
    "cp852": (-7, _CENTRE),
    "cp1251": (-3, _CYRILLIC),
    "koi8-r": (-4, ("Russian",)),
    "koi8-u": (-5, ("Russian", "Ukrainian")),
    "cp866": (-4, ("Russian",)),
    "iso8859-5": (-5, _CYRILLIC),
    "mac_cyrillic": (-6, _CYRILLIC),
    "cp1253": (-4, ("Greek",)),
    "iso8859-7": (-5, ("Greek",)),
    "cp1254": (-4, ("Turkish",)),
    "cp1255": (-4, ("Hebrew",)),
    "cp1256": (-4, ("Arabic",)),
    "iso8859-6": (-6, ("Arabic",)),
    "cp1257": (-6, _BALTIC),
    "cp874": (-4, ("Thai",)),
    "cp932": (-3, ("Japanese", "Japanese, half width")),
    "euc_jp": (-4, ("Japanese",)),
    "gb18030": (-3, ("Chinese",)),
    "big5": (-3, ("Chinese, traditional",)),
    "cp950": (-4, ("Chinese, traditional",)),
    "euc_kr": (-3, ("Korean",)),
    "cp949": (-4, ("Korean",)),
}
"""Each encoding with how likely it is beforehand (a logarithm) and the languages that are written in it."""


@dataclasses.dataclass(frozen=True)
class Vote:
    """How well an encoding explains some bytes.

    Attributes:
        codec: The Python codec.
        likelihood: A logarithm; the larger, the better.
        mean: The same for each character, in the mean and without what is likely beforehand.
        language: The language that explains most words.
        text: The bytes as they read in it.
    """

    codec: str
    likelihood: float
    mean: float
    language: str
    text: str


def votes(evidence: bytes) -> list[Vote]:
    """The encodings that explain the bytes, best first."""
    found = [_vote(evidence, codec, prior, languages) for codec, (prior, languages) in CODECS.items()]
    return sorted(found, key=lambda vote: -vote.likelihood)


def _vote(evidence: bytes, codec: str, prior: float, languages: Sequence[str]) -> Vote:
    text = evidence.decode(codec, "replace")
    words = collections.Counter(word for word in _WORD.findall(text) if not word.isascii())
    common = words.most_common(_MOST_WORDS)
    table = [
        [_likelihood(word, costs_of(language), is_cased=language in LETTERS) for language in languages]
        for word, _ in common
    ]
    times = [min(count, _MOST_TIMES) for _, count in common]
    usual = [_SELDOM.get(language, 1.0) for language in languages]
    shares = [one / sum(usual) for one in usual]
    for _ in range(_STEPS):
        shares = _shares(table, times, shares)
    total = sum(count * _mixed(row, shares) for row, count in zip(table, times, strict=True))
    size = sum(count * len(word) for (word, _), count in zip(common, times, strict=True))
    language = languages[max(range(len(shares)), key=shares.__getitem__)]
    return Vote(codec, prior + total, total / max(size, 1), language, text)


def _mixed(row: Sequence[float], shares: Sequence[float]) -> float:
    best = max(row)
    return best + math.log(sum(share * math.exp(one - best) for one, share in zip(row, shares, strict=True)))


def _shares(table: Sequence[Sequence[float]], times: Sequence[int], before: Sequence[float]) -> list[float]:
    """How much of the words each language explains."""
    counts = [0.5] * len(before)
    for row, count in zip(table, times, strict=True):
        whole = _mixed(row, before)
        for place, one in enumerate(row):
            counts[place] += count * before[place] * math.exp(one - whole)
    return [one / sum(counts) for one in counts]


def _likelihood(word: str, costs: Mapping[str, float], *, is_cased: bool) -> float:
    """A word's likelihood in a language, a logarithm."""
    total = _case_cost(word)
    for place, char in enumerate(word):
        lower = char.lower() if is_cased else char
        cost = costs.get(lower) or costs.get(lower[:1])
        total += (_other_cost(char) if cost is None else cost) + _place_cost(word, place)
    is_lone_letter = len(word) == 1 and word.isalpha() and word > _LAST_LATIN
    return total + (_ALONE if is_lone_letter else 0.0)


def _place_cost(word: str, place: int) -> float:
    """What a character costs by where it stands: few symbols stand between letters, or directly before one."""
    char = word[place]
    if not word[place + 1 : place + 2].isalpha():
        return 0.0
    if char.isalpha():
        return _INSIDE if char in _LAST_LETTERS else 0.0
    allowed = _BETWEEN_LETTERS if place > 0 and word[place - 1].isalpha() else _BEFORE_LETTERS
    return 0.0 if char in allowed else _INSIDE


def _other_cost(char: str) -> float:
    """What a character costs that is no letter of the language."""
    if char in _USUAL_SYMBOLS:
        return _USUAL
    kind = unicodedata.category(char)
    if char == "\ufffd" or kind in {"Cc", "Cn", "Co"}:
        return _INVALID
    return _FOREIGN if kind[0] == "L" else _UNUSUAL


def _case_cost(word: str) -> float:
    """What a word costs by where its capitals stand."""
    letters = [char for char in word if char.isupper() or char.islower()]
    capitals = sum(1 for char in letters if char.isupper())
    if not capitals:
        return 0.0
    if capitals == 1 and letters[0].isupper():
        return _TITLE
    return _CAPITALS if capitals >= len(letters) - word.count("ß") else _JUMBLED
