"""Real rows that are much like a given one and still have another prediction.

They are rows that exist, not points that an optimiser made up, so what sets them apart can occur. Nearness is
Gower's (1971): the mean over columns of the difference as a share of the column's range, or 0 and 1 for equal and
other labels.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dsp_pipeline.core.artifacts.explanations import Change, Counterfactual
from dsp_pipeline.ml.automl.ranges import limits, scaled
from dsp_pipeline.ml.automl.task import is_classes
from dsp_pipeline.ml.insights.explanations.words import as_text, outcomes_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.ml.automl.arrays import Bools, Floats
    from dsp_pipeline.ml.insights.explanations.sums import Attribution

_MOST = 2
_MOST_CHANGES = 8


@dataclasses.dataclass(frozen=True)
class Neighbours:
    """Rows that can be compared.

    Attributes:
        found: Their predictions; the rows are those of the attribution, in its order.
        table: Their cells in the columns that are inputs.
        half_width: Half the width of a predicted quantity's range, on the scale of `ranges`: what lies outside is
            another prediction.
        scaled: Numbers as shares of their range and labels as codes, shape (rows, columns); NaN is missing.
        is_label: Which columns hold labels.
    """

    found: Attribution
    table: pl.DataFrame
    half_width: float
    scaled: Floats
    is_label: Bools

    @classmethod
    def of(cls, found: Attribution, table: pl.DataFrame, half_width: float | None) -> Neighbours:
        """The rows of an attribution as neighbours of each other.

        Args:
            found: The attribution.
            table: The table that its rows are in.
            half_width: Half the width of a quantity's 90 % range, on the scale of `ranges`; where there is none,
                one standard deviation of the predictions there.
        """
        cells = table.select(found.columns)[found.rows]
        is_label = np.array([not _is_number(cells[name].dtype) for name in cells.columns])
        columns = [_scaled(cells[name]) for name in cells.columns]
        if half_width is None:
            half_width = float(scaled(found.task, found.response[:, 0]).std())
        return cls(found, cells, half_width, np.column_stack(columns), is_label)

    def nearest(self, position: int) -> list[tuple[int, float]]:
        """Positions of the nearest rows with another prediction, each with its distance."""
        distances = self._distances(position)
        distances[~self._differs(position)] = np.inf
        order = np.argsort(distances, kind="stable")[:_MOST]
        return [(int(at), float(distances[at])) for at in order if np.isfinite(distances[at])]

    def described(self, position: int) -> list[Counterfactual]:
        """The nearest ones in words."""
        return [self._described(position, at, distance) for at, distance in self.nearest(position)]

    def _described(self, position: int, at: int, distance: float) -> Counterfactual:
        prediction, actual = outcomes_of(self.found, at)
        return Counterfactual(
            row=int(self.found.rows[at]),
            prediction=prediction,
            actual=actual,
            distance=distance,
            changes=self._changes(position, at),
        )

    def _changes(self, position: int, at: int) -> list[Change]:
        """What differs, the largest differences first."""
        gaps = self._gaps(position)[at]
        order = [int(each) for each in np.argsort(-gaps, kind="stable") if gaps[each] > 0]
        here, there = self.table.row(position), self.table.row(at)
        return [
            Change(feature=self.table.columns[each], value=as_text(here[each]), instead=as_text(there[each]))
            for each in order[:_MOST_CHANGES]
        ]

    def _gaps(self, position: int) -> Floats:
        """Differences to every row, column by column, between 0 and 1; a missing value differs from all others."""
        own = self.scaled[position]
        gaps = np.where(self.is_label, (self.scaled != own).astype(np.float64), np.abs(self.scaled - own))
        either = np.isnan(self.scaled) | np.isnan(own)
        both = np.isnan(self.scaled) & np.isnan(own)
        return np.asarray(np.where(either, np.where(both, 0.0, 1.0), gaps))

    def _distances(self, position: int) -> Floats:
        return np.asarray(self._gaps(position).mean(axis=1))

    def _differs(self, position: int) -> Bools:
        if is_classes(self.found.task):
            called = self.found.called
            return np.asarray(called != called[position])
        predicted = self.found.response[:, 0]
        low, high = limits(self.found.task, predicted[position : position + 1], self.half_width)
        return np.asarray((predicted < low) | (predicted > high))


def _is_number(dtype: pl.DataType) -> bool:
    return dtype.is_numeric() or dtype.is_temporal()


def _scaled(column: pl.Series) -> Floats:
    """Numbers, dates and times as shares of their range, labels as codes."""
    if not _is_number(column.dtype):
        return column.cast(pl.String).rank("dense").cast(pl.Float64).to_numpy().astype(np.float64)
    physical = column if column.dtype.is_numeric() else column.to_physical()
    values = physical.cast(pl.Float64).to_numpy().astype(np.float64)
    values[~np.isfinite(values)] = np.nan
    present = values[~np.isnan(values)]
    span = float(np.ptp(present)) if present.size else 0.0
    return np.asarray((values - (present.min() if present.size else 0.0)) / (span or 1.0))


def positions_of(found: Attribution, rows: Sequence[int]) -> list[int]:
    """Where these rows of the table are in an attribution."""
    places = {int(row): place for place, row in enumerate(found.rows)}
    return [places[row] for row in rows]
