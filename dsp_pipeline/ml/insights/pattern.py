"""The one interface of all patterns, and what they hand over."""

from __future__ import annotations

import abc
import dataclasses
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dsp_pipeline.core.artifacts.insights import ActionKind, ChartHint
    from dsp_pipeline.ml.insights.view import View

Detail = TypeVar("Detail")


@dataclasses.dataclass(frozen=True)
class Measured(Generic[Detail]):
    """One candidate with its test and its effect, before it is worth any words.

    Attributes:
        columns: The columns it speaks of, the main one first.
        n: The rows it rests on.
        effect: Its size, in the units that `effect_name` says.
        effect_name: What the effect is.
        strength: The effect between 0 (nothing) and 1 (as strong as can be), comparable between patterns.
        impact: How much of the table it concerns and how much people care, between 0 and 1.
        detail: What the pattern needs to word it.
        p: The test's p; None for a fact.
        ci: A 95 % interval of the effect, where there is one.
        subspace: The part of the table that it speaks of, as column and value.
        confirmed_on: The rows that the test used, where it was searched for in others; None where nothing was.
    """

    columns: tuple[str, ...]
    n: int
    effect: float
    effect_name: str
    strength: float
    impact: float
    detail: Detail
    p: float | None = None
    ci: tuple[float, float] | None = None
    subspace: Mapping[str, str] = dataclasses.field(default_factory=dict)
    confirmed_on: int | None = None


@dataclasses.dataclass(frozen=True)
class Wording:
    """A candidate in words.

    Attributes:
        statement: One or two sentences; their numbers are marked (`core.numbers`), as the action's are.
        action: What to do, with the reason.
        evidence: A query that returns the statement's numbers.
        chart: What to draw beside it.
        acts: What the action comes down to, where it differs from the pattern's.
    """

    statement: str
    action: str
    evidence: str
    chart: ChartHint
    acts: ActionKind | None = None


class Pattern(abc.ABC, Generic[Detail]):
    """A kind of statement.

    `measure` yields all candidates with their tests, those without an effect too: the false discovery rate counts
    every test that was run. Those that hold up and rank high are put in words by `word`.
    """

    type: ClassVar[str]
    acts: ClassVar[ActionKind] = "watch"
    """What its actions come down to."""
    topic: ClassVar[str] = ""
    """What it says of its columns, such as that they go together: two statements of one topic on the same columns
    say the same, and the better one is kept. Empty: it says what no other pattern says."""
    least_effect: ClassVar[float] = 0.0
    """A finding with a smaller effect is not worth a sentence, however certain it is."""

    may_lack_words: ClassVar[bool] = False
    """Whether `word` is None for some candidates that pass the test, so that all of these are asked: those without
    words count as not passed. Where hundreds may pass and hardly one lacks words, that is not worth the time."""

    @abc.abstractmethod
    def measure(self, view: View) -> Iterator[Measured[Detail]]:
        """All candidates."""

    @abc.abstractmethod
    def word(self, view: View, found: Measured[Detail]) -> Wording | None:
        """The candidate in words; None where words would not hold what the test says."""
