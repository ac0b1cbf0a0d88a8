"""One column of text, looked at stretch by stretch: it may be too long to be held as a whole."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import polars as pl

from dsp_pipeline.etl.seen import SeenValues, SeenWords

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from dsp_pipeline.core.artifacts.reading import Dtype
    from dsp_pipeline.etl.ahead import Ahead
    from dsp_pipeline.etl.seen import WholeColumn, Words
    from dsp_pipeline.etl.tables import StoredTable

_STRETCH = 1 << 19


@dataclasses.dataclass(frozen=True)
class TextColumn:
    """A column of a stored table.

    Attributes:
        table: The table.
        name: The column's name.
        between: Called before each stretch; what it raises ends the work.
        ahead: What is known of it already.
    """

    table: StoredTable
    name: str
    between: Callable[[], None] = lambda: None
    ahead: Ahead | None = None

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
        known = self.ahead.converted(self.name, dtype, form, null_tokens) if self.ahead else None
        if known is not None:
            return known
        seen = SeenValues(dtype, form, null_tokens)
        parts = [seen.add(text) for text in self.stretches()]
        return seen.whole(pl.concat(parts).alias(self.name))

    def words(self, null_tokens: Collection[str]) -> Words:
        """What there is to know of it as text."""
        known = self.ahead.words(self.name, null_tokens) if self.ahead else None
        if known is not None:
            return known
        seen = SeenWords(null_tokens)
        for text in self.stretches():
            seen.add(text)
        return seen.words()
