"""How likely each character is in a text of a language."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING

from dsp_pipeline.etl.letters import ASCII_ORDER, BY_RANK, JAPANESE, KOREAN, LETTERS, SIMPLIFIED, TRADITIONAL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Costs = dict[str, float]

_ASCII = "abcdefghijklmnopqrstuvwxyz"

_MIN_ASCII = 0.003
"""How much of a text in another alphabet ASCII letters are, at least."""


@functools.cache
def costs_of(language: str) -> Costs:
    """Each letter's likelihood in a language, a logarithm: in lower case, where the language has cases."""
    if language in LETTERS:
        return _of_alphabet(LETTERS[language], ASCII_ORDER.get(language, ""))
    return _OF_CHARACTERS[language]()


def _of_alphabet(listed: str, order: str) -> Costs:
    shares = {entry[0]: float(entry[1:].lstrip("\u0307")) / 100 for entry in listed.split()}
    left = max(1 - sum(shares.values()), _MIN_ASCII)
    ranks = [*BY_RANK, *[BY_RANK[-1] / 2] * (len(order) - len(BY_RANK))] if order else [1.0] * len(_ASCII)
    ascii_letters = {char: left * rank / sum(ranks) for char, rank in zip(order or _ASCII, ranks, strict=True)}
    return {char: math.log(share) for char, share in {**ascii_letters, **shares}.items()}


def _of_characters(
    common: str, share: float, codec: str, leads: tuple[int, int], *, others: Mapping[str, float]
) -> Costs:
    """The costs of a language with thousands of characters.

    Args:
        common: The commonest characters.
        share: How much of a text they are.
        codec: A double-byte encoding that has the usual characters in rows of their own.
        leads: The first and the last of those rows.
        others: Characters that are written among them, with their likelihoods.
    """
    usual = _characters(range(leads[0], leads[1] + 1), codec)
    chars = dict.fromkeys(_characters(range(leads[1] + 1, 0xFA), codec), 1e-6)
    chars.update(dict.fromkeys(usual, 0.4 / len(usual)))
    chars.update(dict.fromkeys(common, share / len(set(common))))
    chars.update(others)
    ascii_letters = {chr(code): 1e-3 for base in (65, 97) for code in range(base, base + 26)}
    return {char: math.log(likelihood) for char, likelihood in {**ascii_letters, **chars}.items()}


def _characters(leads: range, codec: str) -> list[str]:
    found = (bytes((lead, trail)).decode(codec, "ignore") for lead in leads for trail in range(0x40, 0xFF))
    return [char for char in found if len(char) == 1 and char > "\x7f"]


def _kana() -> Costs:
    hiragana = {chr(code): 0.35 / 83 for code in range(0x3041, 0x3094)}
    katakana = {chr(code): 0.15 / 87 for code in range(0x30A1, 0x30FD)}
    full_width = {chr(code): 0.02 / 94 for code in range(0xFF01, 0xFF5F)}
    return {**hiragana, **katakana, **full_width}


def _half_width() -> Costs:
    """Katakana as old machines print them; the marks that voice them stand behind them."""
    kana = {chr(code): math.log(0.85 / 56) for code in range(0xFF66, 0xFF9E)}
    return {**kana, "\uff9e": math.log(0.12), "\uff9f": math.log(0.03)}


_FULL_WIDTH = {chr(code): 0.01 / 94 for code in range(0xFF01, 0xFF5F)}
_OF_CHARACTERS: dict[str, Callable[[], Costs]] = {
    "Japanese": lambda: _of_characters(JAPANESE, 0.35, "euc_jp", (0xB0, 0xCF), others=_kana()),
    "Japanese, half width": _half_width,
    "Chinese": lambda: _of_characters(SIMPLIFIED, 0.55, "gb2312", (0xB0, 0xD7), others=_FULL_WIDTH),
    "Chinese, traditional": lambda: _of_characters(TRADITIONAL, 0.55, "big5", (0xA4, 0xC6), others=_FULL_WIDTH),
    "Korean": lambda: _of_characters(KOREAN, 0.6, "euc_kr", (0xB0, 0xC8), others=_FULL_WIDTH),
}
