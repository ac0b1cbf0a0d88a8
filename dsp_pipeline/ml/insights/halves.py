"""Two disjoint parts of the rows: what is searched for in one is tested in the other."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from dsp_pipeline.ml.statistics.arrays import Floats, Integers

Half: TypeAlias = Literal["search", "confirm", "both"]
MOST_SEARCHED = 50_000
MOST_CONFIRMING = 100_000


@dataclasses.dataclass(frozen=True)
class Halves:
    """Places of rows, ascending.

    A p that a search picked among many says nothing. That of the picked candidate in rows which the search never
    saw is as good as any other (Cox 1975, Biometrika 62:441-444).

    Attributes:
        search: Where candidates are looked for: half of the rows, 50,000 at most.
        confirm: Where they are tested: the others, 100,000 at most.
    """

    search: Integers
    confirm: Integers

    @property
    def both(self) -> Integers:
        """All rows of both, for tests that need no search: a sample of large tables."""
        return np.concatenate([self.search, self.confirm])

    @classmethod
    def drawn(cls, rows: int, *, groups: Integers | None = None, seed: int = 0) -> Halves:
        """The halves of a table.

        Args:
            rows: Its number of rows.
            groups: Each row's group, -1 for none; rows of one group depend on each other and stay together.
            seed: Of the drawing.
        """
        rng = np.random.default_rng(seed)
        if groups is None:
            order = rng.permutation(rows)
        else:
            places = rng.permutation(int(groups.max(initial=-1)) + 1)
            keys = np.where(groups < 0, rng.permutation(rows), places[groups])
            order = np.argsort(keys, kind="stable")
        middle = rows // 2
        if groups is not None and 0 < middle < rows:
            same = keys[order] == keys[order[middle]]
            middle = int(np.argmax(same))
        search, confirm = order[:middle][:MOST_SEARCHED], order[middle:][:MOST_CONFIRMING]
        return cls(np.sort(search), np.sort(confirm))

    def rows(self, half: Half) -> Integers:
        """The rows of a half, or of both."""
        if half == "both":
            return self.both
        return self.search if half == "search" else self.confirm


@dataclasses.dataclass(frozen=True)
class Sampled:
    """A measure in the rows of a half, or of both.

    Attributes:
        kept: Which places of the half have a value.
        scores: The standardised ranks there.
    """

    kept: Integers | slice
    scores: Floats

    def filled(self, rows: int) -> Floats:
        """The scores of all so many rows of the half, NaN where missing."""
        if isinstance(self.kept, slice):
            return self.scores
        filled = np.full(rows, np.nan)
        filled[self.kept] = self.scores
        return filled
