"""All rows added up per group: what several patterns ask of the same division is counted once."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.ml.statistics.ranks import dot

if TYPE_CHECKING:
    from dsp_pipeline.ml.insights.subjects import Measure
    from dsp_pipeline.ml.statistics.arrays import Booleans, Floats, Integers


@dataclasses.dataclass(frozen=True, eq=False)
class Grouping:
    """A division of all rows of a table into groups.

    Attributes:
        places: Each row's group from 0; `size` for rows of none.
        size: How many groups there are.
    """

    places: Integers
    size: int

    @classmethod
    def of(cls, codes: Integers, size: int) -> Grouping:
        """The division that codes from 0 give, those below 0 being of no group."""
        return cls(np.where(codes < 0, size, codes) if len(codes) and codes.min() < 0 else codes, size)

    @functools.cached_property
    def counts(self) -> Integers:
        """Rows of each group."""
        return self._all_counts[:-1]

    @functools.cached_property
    def _all_counts(self) -> Integers:
        return np.bincount(self.places, minlength=self.size + 1)

    @functools.cached_property
    def _outside(self) -> Integers:
        return np.flatnonzero(self.places == self.size) if self._all_counts[-1] else np.zeros(0, dtype=np.int64)

    def crossed(self, other: Grouping, rows: Integers | slice = slice(None)) -> Integers:
        """Rows of each group and each of another division's, with the last row and column for those of none.

        Args:
            other: The other division.
            rows: Which rows to count; all by default.
        """
        shape = self.size + 1, other.size + 1
        cells = self.places[rows] * shape[1]
        cells += other.places[rows]
        return np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape)

    def counts_in(self, rows: Integers | Booleans) -> Integers:
        """Rows of each group among some of the table's."""
        return np.bincount(self.places[rows], minlength=self.size + 1)[:-1]

    def rows_with(self, measure: Measure) -> Integers:
        """Rows of each group in which the measure has a value."""
        return self.counts - self.counts_in(measure.absent) if len(measure.absent) else self.counts

    def sums(self, values: Floats) -> Floats:
        """The sum of values in each group, one per row of the table and 0 where there is none."""
        sums = np.bincount(self.places, weights=values, minlength=self.size + 1)[:-1]
        return np.asarray(sums, dtype=np.float64)

    def squares(self, measure: Measure) -> float:
        """The sum of squares of the measure's scores over the rows of all groups."""
        outside = measure.scores[self._outside]
        return measure.sum_of_squares - dot(outside, outside)


def means_by(values: Floats, codes: Integers, size: int) -> Floats:
    """The mean of the values in each of so many groups, as `medians_by`."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.bincount(codes, weights=values, minlength=size) / np.bincount(codes, minlength=size))


def medians_by(values: Floats, codes: Integers, size: int) -> Floats:
    """The median of the values in each of so many groups; NaN where there are none.

    Args:
        values: One per row, none missing.
        codes: Each row's group from 0.
        size: How many groups there are.
    """
    # Numbers of two bytes are sorted by their digits, four times as quickly.
    short = codes.astype(np.uint16) if size <= np.iinfo(np.uint16).max else codes
    ordered = values[np.argsort(short, kind="stable")]
    parts = np.split(ordered, np.cumsum(np.bincount(codes, minlength=size))[:-1])
    return np.array([np.median(part) if len(part) else np.nan for part in parts])
