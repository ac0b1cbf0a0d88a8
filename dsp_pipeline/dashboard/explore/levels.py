"""What a column is divided into: the levels that the page counts, draws and filters by.

A level is a value, a range of values or a group of labels; each row has just one in every embedded column, as a
number from 0. The numbers come in the order in which levels are drawn; after them, where there are such rows, one
for all other labels and one for missing values.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    from dsp_pipeline.dashboard.escaping import Json

Codes: TypeAlias = "np.ndarray[tuple[int], np.dtype[np.uint8]]"
Divider: TypeAlias = "Callable[[int], Levels]"
"""Gives a column's levels, of which there are at most so many; asked for at least 8, as `table.LIMITS` does."""

LevelKind: TypeAlias = Literal["number", "time", "category"]


@dataclasses.dataclass(frozen=True)
class Levels:
    """How one column is divided.

    Attributes:
        name: The column's name.
        kind: How the levels are drawn and filtered: numbers and times have an order, categories have none.
        labels: For ranges what their edges are called, one more than there are ranges; else the levels' names.
        bounds: The edges of ranges or the values of levels, as a link spells them; as many as ``labels``.
        ranges: Whether level ``i`` goes from bound ``i`` to bound ``i + 1`` (without it, but for the last one).
        others: How many different labels the level of all others holds; 0 where there is none.
        missing: Whether the last level holds the missing values (and those that are not finite).
        place: Gives each value its level, with the missing ones at the end.
    """

    name: str
    kind: LevelKind
    labels: tuple[str, ...]
    bounds: tuple[str, ...]
    ranges: bool
    others: int
    missing: bool
    place: Callable[[pl.Series], Codes] = dataclasses.field(repr=False, compare=False)

    @property
    def named(self) -> int:
        """The number of levels without those for other labels and for missing values."""
        return len(self.labels) - self.ranges

    @property
    def count(self) -> int:
        """The number of all levels."""
        return self.named + bool(self.others) + self.missing

    def codes(self, values: pl.Series) -> Codes:
        """The level of each value, as a number from 0; ``values`` are rows of the column that was divided."""
        return self.place(values)

    def described(self, codes: Codes, bits: int) -> dict[str, Json]:
        """What the page's scripts know of the column; see `scripts/explore/columns.js`."""
        return {
            "name": self.name,
            "kind": self.kind,
            "labels": list(self.labels),
            "bounds": list(self.bounds),
            "ranges": self.ranges,
            "others": self.others,
            "missing": self.missing,
            "counts": [int(count) for count in np.bincount(codes, minlength=self.count)],
            "bits": bits,
        }
