"""Which insights come first: by impact, effect and confidence, and not five on one column."""

from __future__ import annotations

import collections
import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from dsp_pipeline.ml.insights.pattern import Measured, Pattern, Wording

_FACT_CONFIDENCE = 0.8
_SAME_COLUMN = 0.6
_SAME_TYPE = 0.8
_FOCUS = 0.25
_FEW = 8
_MOST_FACTS_OF_A_TYPE = 4
_NEGLIGIBLE = 0.02


@dataclasses.dataclass(frozen=True)
class Candidate:
    """A measured pattern that holds up, with the q of its test; None for facts."""

    pattern: Pattern[Any]
    found: Measured[Any]
    q: float | None

    @property
    def score(self) -> float:
        """Impact times strength times confidence: ``1 - q`` for findings, 0.8 for facts."""
        confidence = _FACT_CONFIDENCE if self.q is None else 1 - self.q
        return self.found.impact * self.found.strength * confidence


@dataclasses.dataclass(frozen=True)
class Ranked:
    """A candidate in words, with its score after what was said before it."""

    candidate: Candidate
    wording: Wording
    score: float


def ranked(
    candidates: Iterable[Candidate],
    families: Mapping[str, str],
    word: Callable[[Candidate], Wording | None],
    *,
    focus: str | None,
    most: int,
) -> list[Ranked]:
    """The candidates that can be put in words, best first.

    A candidate loses 40 % for each time that its columns (averaged over them, near copies counted as one) were
    spoken of already, and 20 % for each insight of its type. One subject is said once: two relations between the
    same columns, or two insights of one type on them, are one subject. No type of fact comes more than four times.
    Scores never rise along the list; it ends, after eight at least, where they fall below 2 % of the first.

    Args:
        candidates: All that hold up.
        families: Each column's family of near copies.
        word: Puts a candidate in words, or returns None where that is not possible.
        focus: The column that people care about most; speaking of it again costs a quarter of the usual.
        most: Where to stop.
    """
    waiting = sorted(candidates, key=lambda candidate: -candidate.score)
    heard = _Heard(families, focus)
    chosen: list[Ranked] = []
    while waiting and len(chosen) < most:
        scores = [heard.discounted(candidate) for candidate in waiting]
        if len(chosen) >= _FEW and max(scores) < _NEGLIGIBLE * chosen[0].score:
            break
        best = waiting.pop(scores.index(max(scores)))
        wording = None if heard.knows(best) else word(best)
        if wording is not None:
            chosen.append(Ranked(best, wording, max(scores)))
            heard.note(best)
    return chosen


class _Heard:
    """What has been said so far."""

    def __init__(self, families: Mapping[str, str], focus: str | None) -> None:
        self._families = families
        self._focus = families.get(focus or "")
        self._columns: collections.Counter[str] = collections.Counter()
        self._types: collections.Counter[str] = collections.Counter()
        self._subjects: set[tuple[str, frozenset[str]]] = set()

    def discounted(self, candidate: Candidate) -> float:
        """The candidate's score, less for what it repeats."""
        names = self._names(candidate)
        spoken = (self._columns[name] * (_FOCUS if name == self._focus else 1.0) for name in names)
        overlap = sum(spoken) / len(names) if names else 0.0
        return candidate.score * float(_SAME_COLUMN**overlap * _SAME_TYPE ** self._types[candidate.pattern.type])

    def knows(self, candidate: Candidate) -> bool:
        """Whether its subject was said already, or enough facts of its type were."""
        enough = candidate.q is None and self._types[candidate.pattern.type] >= _MOST_FACTS_OF_A_TYPE
        return enough or self._subject(candidate) in self._subjects

    def note(self, candidate: Candidate) -> None:
        """Remember that the candidate was said."""
        self._columns.update(self._names(candidate))
        self._types[candidate.pattern.type] += 1
        self._subjects.add(self._subject(candidate))

    def _names(self, candidate: Candidate) -> frozenset[str]:
        return frozenset(self._families.get(name, name) for name in candidate.found.columns)

    def _subject(self, candidate: Candidate) -> tuple[str, frozenset[str]]:
        """What it speaks of; how two columns are related, or how one runs, is one subject whatever the part."""
        topic = candidate.pattern.topic
        if topic:
            return topic, self._names(candidate)
        part = frozenset(f"{name}={value}" for name, value in candidate.found.subspace.items())
        return candidate.pattern.type, self._names(candidate) | part
