"""What is kept of a column's cells on their way by: enough to tell what the column is, however long it is."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import polars as pl

from dsp_pipeline.etl.casting import NUMBERS, Converted, convert, worded
from dsp_pipeline.etl.durations import is_duration
from dsp_pipeline.etl.exactness import are_codes, is_rounded

if TYPE_CHECKING:
    from collections.abc import Collection

    from dsp_pipeline.core.artifacts.reading import Dtype

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


class SeenValues:
    """A column that is converted to a type that is not text; its values are not kept."""

    def __init__(self, dtype: Dtype, form: str | None, null_tokens: Collection[str]) -> None:
        """Nothing of a column yet.

        Args:
            dtype: The type.
            form: How its values are written: see `ColumnReading.format`.
            null_tokens: Texts that stand for missing values, in lower case and meant in any case.
        """
        self.dtype, self.form, self.null_tokens = dtype, form, null_tokens
        self._rows = 0
        self._parts: list[Converted] = []
        self.are_codes = self.is_rounded = False
        self.failed = 0

    def add(self, text: pl.Series) -> pl.Series:
        """Take in the next texts; returns their values."""
        part = convert(text, self.dtype, self.form, self.null_tokens, fold_case=True)
        moved = dataclasses.replace(part, typed=part.typed.clear(), failed=part.failed + self._rows)
        self._parts.append(moved)
        self._rows += len(text)
        self.failed += len(part.failed)
        if self.dtype in NUMBERS and not is_duration(self.form):
            self.are_codes = self.are_codes or are_codes(text, self.dtype)
            is_float = self.dtype == "float64"
            self.is_rounded = self.is_rounded or (is_float and is_rounded(text, part.typed, self.form))
        return part.typed

    def failures(self) -> tuple[pl.Series, pl.Series]:
        """The rows (UInt32, ascending) and the texts of the cells that are no values of the type."""
        rows, texts = [part.failed for part in self._parts], [part.texts for part in self._parts]
        return pl.concat(rows), pl.concat(texts)

    def whole(self, values: pl.Series) -> WholeColumn:
        """The whole column, given all values that `add` returned."""
        return WholeColumn(
            values,
            *self.failures(),
            sorted({token for part in self._parts for token in part.null_tokens}),
            are_codes=self.are_codes,
            is_rounded=self.is_rounded,
        )


class SeenWords:
    """A column that stays text."""

    def __init__(self, null_tokens: Collection[str], *, most: int | None = None) -> None:
        """Nothing of a column yet.

        Args:
            null_tokens: Texts that stand for missing values, in lower case and meant in any case.
            most: How many hashes may be kept; where there are more different texts, nothing `is_known`. None: any
                number.
        """
        self.null_tokens, self._most = null_tokens, most
        self._rows = self._present = self._held = 0
        self._hashes: list[pl.Series] | None = []
        self._head: pl.Series | None = None
        self._met: set[str] = set()

    def add(self, text: pl.Series) -> pl.Series:
        """Take in the next texts; returns them without those that stand for missing values."""
        found = worded(text, self.null_tokens, fold_case=True)
        missing = found.kept.null_count()
        self._rows += len(found.kept)
        self._present += len(found.kept) - missing
        self._met.update(found.null_tokens)
        self._add_hashes(found.different.hash())
        if self._head is None and missing < len(found.kept):
            self._head = found.kept.drop_nulls().head(_FIRST_WORDS)
        return found.kept

    def _add_hashes(self, hashes: pl.Series) -> None:
        if self._hashes is None:
            return
        self._hashes.append(hashes)
        self._held += len(hashes)
        if self._most is not None and self._held > self._most:
            once = pl.concat(self._hashes).unique()
            self._hashes, self._held = ([once] if len(once) <= self._most // 2 else None), len(once)

    @property
    def is_known(self) -> bool:
        """Whether there were not too many different texts."""
        return self._hashes is not None

    def words(self) -> Words:
        """What there is to know of it; only where `is_known`."""
        hashes = pl.concat(self._hashes) if self._hashes else pl.Series([], dtype=pl.UInt64)
        head = self._head if self._head is not None else pl.Series([], dtype=pl.String)
        return Words(
            rows=self._rows,
            present=self._present,
            distinct=hashes.n_unique(),
            first=head[0] if len(head) else None,
            mean_words=float(head.str.count_matches(r"\S+").mean() or 0),  # type: ignore[arg-type]
            mean_length=float(head.str.len_chars().mean() or 0),  # type: ignore[arg-type]
            null_tokens=sorted(self._met),
        )
