"""How people write yes and no."""

from __future__ import annotations

import re

BOOLEANS: tuple[tuple[str, str], ...] = (
    ("true", "false"),
    ("yes", "no"),
    ("ja", "nein"),
    ("ja", "nee"),
    ("ja", "nej"),
    ("ja", "nei"),
    ("oui", "non"),
    ("s\u00ed", "no"),
    ("si", "no"),
    ("s\u00ec", "no"),
    ("sim", "n\u00e3o"),
    ("sim", "nao"),
    ("tak", "nie"),
    ("да", "нет"),
    ("evet", "hay\u0131r"),
    ("wahr", "falsch"),
    ("vrai", "faux"),
    ("verdadero", "falso"),
    ("vero", "falso"),
    ("verdadeiro", "falso"),
    ("waar", "onwaar"),
    ("истина", "ложь"),
    ("はい", "いいえ"),
    ("是", "否"),
    ("on", "off"),
    ("t", "f"),
    ("y", "n"),
    ("j", "n"),
)
"""Pairs of what is true and what is false, in lower case."""

_NAME = re.compile(
    r"(?:^|_)(?:is|has|was|can|should|did|ist|hat|est|es|tiene)_\w+|\w+_(?:flag|yn|bool)|(?:is|has|was|can)[A-Z]\w+",
)


def pairs_of(name: str, words: set[str]) -> list[tuple[str, str]]:
    """The pairs that a column's words, in lower case, are.

    ``true`` and ``false`` also stand alone. 1 and 0 are numbers, but where the column's name is a question.

    Args:
        name: The column's name.
        words: All of its words in a sample, without those that stand for missing values.
    """
    found = [pair for pair in BOOLEANS if words == set(pair)]
    if words and words <= {"true", "false"}:
        found = [BOOLEANS[0]]
    if words == {"0", "1"} and _NAME.fullmatch(name):
        found.append(("1", "0"))
    return found
