"""One column of text, looked at stretch by stretch: it may be too long to be held as a whole."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import polars as pl

from dsp_pipeline.etl.casting import NUMBERS, Converted, convert, worded
from dsp_pipeline.etl.durations import is_duration
from dsp_pipeline.etl.exactness import are_codes, is_rounded

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from dsp_pipeline.core.artifacts.reading import Dtype
    from dsp_pipeline.etl.casting import Worded
    from dsp_pipeline.etl.tables import StoredTable

_STRETCH = 1 << 19
_FIRST_WORDS = 10_000


@dataclasses.dataclass(frozen=True, slots=True)
class WholeColumn(Converted):
    """All of a column after conversion, and what of its texts a number would spoil.

    Attributes:
        are_codes: Whether digits of it are names: see `exactness.are_codes`.
        is_rounded: Whether a float is another number than was written: see `exactness.is_rounded`.
    """

    are_codes: bool
    is_rounded: bool


@dataclasses.dataclass(frozen=True)
class TextColumn:
    """A column of a stored table; ``between`` is called before each stretch, and what it raises ends the work."""

    table: StoredTable
    name: str
    between: Callable[[], None] = lambda: None

    def stretches(self) -> Iterator[pl.Series]:
        """Its texts, in frames of half a million; a new pass at each call."""
        self.between()
        if self.table.is_small:
            yield self.table.frame[self.name]
            return
        plan = self.table.scan().select(self.name)
        for start in range(0, self.table.height, _STRETCH):
            self.between()
            yield plan.slice(start, _STRETCH).collect().to_series()

    def contains(self, pattern: str) -> bool:
        """Whether any of its texts matches a regular expression somewhere."""
        return any(one.str.contains(pattern).any() for one in self.stretches())

    def converted(self, dtype: Dtype, form: str | None, null_tokens: Collection[str]) -> WholeColumn:
        """All of it as values of a type that is not text: see `convert`. Tokens are meant in any case."""
        parts: list[Converted] = []
        start, codes, rounded = 0, False, False
        for text in self.stretches():
            part = convert(text, dtype, form, null_tokens, fold_case=True)
            parts.append(dataclasses.replace(part, failed=part.failed + start))
            start += len(text)
            if dtype in NUMBERS and not is_duration(form):
                codes = codes or are_codes(text, dtype)
                rounded = rounded or (dtype == "float64" and is_rounded(text, part.typed, form))
        return WholeColumn(
            pl.concat([part.typed for part in parts]).alias(self.name),
            pl.concat([part.failed for part in parts]),
            pl.concat([part.texts for part in parts]),
            sorted({token for part in parts for token in part.null_tokens}),
            are_codes=codes,
            is_rounded=rounded,
        )

    def words(self, null_tokens: Collection[str]) -> Words:
        """What there is to know of it as text."""
        seen = _Seen()
        for text in self.stretches():
            seen.add(worded(text, null_tokens, fold_case=True))
        return seen.words()


@dataclasses.dataclass(frozen=True)
class Words:
    """What a column of text holds.

    Attributes:
        rows: How many rows it has.
        present: In how many there is a text.
        distinct: How many different texts there are; told apart by hashes of 64 bits where there are many rows.
        first: The first text; None if there is none.
        mean_words: How many words the first texts have in the mean.
        mean_length: How many characters.
        null_tokens: The null tokens that were met, sorted.
    """

    rows: int
    present: int
    distinct: int
    first: str | None
    mean_words: float
    mean_length: float
    null_tokens: list[str]


class _Seen:
    """Texts on their way by, of which little is kept."""

    def __init__(self) -> None:
        self._rows = self._present = 0
        self._hashes: list[pl.Series] = []
        self._head: pl.Series | None = None
        self._tokens: set[str] = set()

    def add(self, texts: Worded) -> None:
        missing = texts.kept.null_count()
        self._rows += len(texts.kept)
        self._present += len(texts.kept) - missing
        self._tokens.update(texts.null_tokens)
        self._hashes.append(texts.different.hash())
        if self._head is None and missing < len(texts.kept):
            self._head = texts.kept.drop_nulls().head(_FIRST_WORDS)

    def words(self) -> Words:
        hashes = pl.concat(self._hashes) if self._hashes else pl.Series([], dtype=pl.UInt64)
        head = self._head if self._head is not None else pl.Series([], dtype=pl.String)
        return Words(
            rows=self._rows,
            present=self._present,
            distinct=hashes.n_unique(),
            first=head[0] if len(head) else None,
            mean_words=float(head.str.count_matches(r"\S+").mean() or 0),  # type: ignore[arg-type]
            mean_length=float(head.str.len_chars().mean() or 0),  # type: ignore[arg-type]
            null_tokens=sorted(self._tokens),
        )
