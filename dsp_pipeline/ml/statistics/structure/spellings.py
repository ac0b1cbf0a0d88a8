"""Labels that seem to mean the same: "Berlin", "berlin ", "Berlín" and "Berlni"."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from typing import TYPE_CHECKING

from dsp_pipeline.core.artifacts.structure import Spelling
from dsp_pipeline.core.kinds import ColumnKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dsp_pipeline.ml.statistics.arrays import Column, Levels

MOST_SPELLINGS = 20
"""Labels with variants that are listed for one column."""
MOST_LABELS = 5_000
MOST_LETTERS = 40
"""Longer labels are compared by case, accents and spaces only."""
_FEWEST_LETTERS = 5
_MOST_TYPOS_SHARE = 0.05
_FEWEST_OF_RIGHT = 20
_MOST_VARIANTS = 10
_SEPARATORS = re.compile(r"[\s\-_.,/]+")
_DIGIT = re.compile(r"\d")


def spellings(columns: Sequence[Column]) -> list[Spelling]:
    """The labels with variants, column by column, those of most rows first.

    Two ways: labels that are the same without case, accents and separators; and labels of five to forty letters
    without digits that differ by one character (one too many, missing, replaced, or two swapped) from a label
    that is 20 times as common. Columns of more than 5,000 labels are left out.
    """
    found: list[Spelling] = []
    for column in columns:
        if column.kind in {ColumnKind.CATEGORY, ColumnKind.TEXT} and len(column.levels.names) <= MOST_LABELS:
            keys = [key_of(label) for label in column.levels.names]
            of_column = [*_same_key(column.name, column.levels, keys), *_typos(column.name, column.levels, keys)]
            found += sorted(of_column, key=lambda item: (-item.rows, item.label))[:MOST_SPELLINGS]
    return found


def key_of(label: str) -> str:
    """The label without case, accents and separators, as people see it as the same."""
    plain = unicodedata.normalize("NFKD", label.casefold())
    if not plain.isascii():
        plain = "".join(c for c in plain if not unicodedata.combining(c))
    return _SEPARATORS.sub(" ", plain).strip()


def _same_key(name: str, levels: Levels, keys: Sequence[str]) -> Iterator[Spelling]:
    groups: dict[str, list[int]] = defaultdict(list)
    for place, key in enumerate(keys):
        groups[key].append(place)
    for key, (first, *others) in groups.items():
        if key and others:
            yield _spelling(name, levels, first, others, why="case, accents or spaces")


def _typos(name: str, levels: Levels, keys: Sequence[str]) -> Iterator[Spelling]:
    known: dict[str, list[int]] = defaultdict(list)
    wrong: dict[int, list[int]] = defaultdict(list)
    # Labels come in order of their frequency: what is known is at least as common as what is looked up.
    for place, key in enumerate(keys):
        if not _may_be_typed(key):
            continue
        forms = _without_one(key)
        right = next(
            (other for form in forms for other in known[form] if _is_typo(levels, other, place, keys)), None
        )
        if right is not None:
            wrong[right].append(place)
            continue
        if levels.counts[place] >= _FEWEST_OF_RIGHT:
            for form in forms:
                known[form].append(place)
    for right, places in wrong.items():
        yield _spelling(name, levels, right, places, why="one character")


def _may_be_typed(key: str) -> bool:
    return _FEWEST_LETTERS <= len(key) <= MOST_LETTERS and not _DIGIT.search(key)


def _without_one(key: str) -> set[str]:
    """The key, and the key without each of its characters: two keys one edit apart share one of these."""
    return {key, *(key[:place] + key[place + 1 :] for place in range(len(key)))}


def _is_typo(levels: Levels, right: int, wrong: int, keys: Sequence[str]) -> bool:
    rare = levels.counts[wrong] <= _MOST_TYPOS_SHARE * levels.counts[right]
    return bool(rare and keys[right] != keys[wrong] and one_edit_apart(keys[right], keys[wrong]))


def one_edit_apart(a: str, b: str) -> bool:
    """Whether one insertion, deletion, replacement or swap of neighbours makes one of the other."""
    if abs(len(a) - len(b)) > 1 or a == b:
        return False
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    if len(a) != len(b):
        longer, shorter = (a, b) if len(a) > len(b) else (b, a)
        return longer[start + 1 :] == shorter[start:]
    swapped = a[start : start + 2] == b[start : start + 2][::-1] and a[start + 2 :] == b[start + 2 :]
    return swapped or a[start + 1 :] == b[start + 1 :]


def _spelling(name: str, levels: Levels, right: int, others: Sequence[int], *, why: str) -> Spelling:
    return Spelling.model_validate(
        {
            "column": name,
            "label": levels.names[right],
            "variants": [levels.names[place] for place in others[:_MOST_VARIANTS]],
            "rows": int(sum(levels.counts[place] for place in others)),
            "why": why,
        }
    )
