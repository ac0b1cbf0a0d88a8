"""Gaps between groups of people: how the model treats the groups of each column that the sidecar calls sensitive.

Demographic parity compares how often each group is called positive, equal opportunity how often those who are
positive are called so (Hardt, Price and Srebro 2016); the four-fifths rule of the US EEOC's Uniform Guidelines
(1978) asks that no group's rate is below four fifths of the highest one's. A gap is a fact about predictions, not
by itself a wrong. Intervals are normal ones, of rates with Agresti and Caffo's (2000) four added observations;
where rows are divided by a group column, they are as wide as its groups' differences ask for, if that is wider.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dsp_pipeline.core.artifacts.explanations import Fairness, GroupGap, GroupRates
from dsp_pipeline.core.numbers import POINT
from dsp_pipeline.etl.counting import commonest_first
from dsp_pipeline.ml.automl.metrics import score
from dsp_pipeline.ml.automl.task import is_classes
from dsp_pipeline.ml.automl.threshold import called
from dsp_pipeline.ml.insights.explanations.differences import difference_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from dsp_pipeline.ml.automl.arrays import Bools, Floats, Ints
    from dsp_pipeline.ml.insights.explanations.segments import Judged

_MIN_ROWS = 30
_MOST_GROUPS = 12
_Z = 1.959964
_FOUR_FIFTHS = 0.8
_RATES = frozenset({"demographic parity", "equal opportunity"})
_QUARTERS = 4


def fairness_of(
    judged: Judged, columns: Sequence[str], classes: Sequence[str], *, hidden: Collection[str] = frozenset()
) -> list[Fairness]:
    """The gaps of each sensitive column that is in the table, on rows that the model has not learnt from.

    Args:
        judged: Rows of the hold-out.
        columns: The sensitive columns; numbers are divided into quarters.
        classes: The labels; with two of them the second one is the positive one.
        hidden: Columns whose values must not be shown: their groups are numbered.
    """
    return [
        _of_column(judged, name, classes, is_hidden=name in hidden)
        for name in columns
        if name in judged.table.columns
    ]


@dataclasses.dataclass(frozen=True)
class _Group:
    name: str
    mask: Bools


def _of_column(judged: Judged, name: str, classes: Sequence[str], *, is_hidden: bool) -> Fairness:
    groups, left_out = _groups(judged.table[name])
    if is_hidden:
        groups = [_Group(f"group {place}", group.mask) for place, group in enumerate(groups, start=1)]
    calls = called(judged.response, judged.threshold) if is_classes(judged.task) else None
    is_binary = len(classes) == 2  # noqa: PLR2004 - what binary means
    measures: dict[str, tuple[Floats, Bools]] = {}
    everyone = np.ones(judged.y.size, bool)
    if calls is not None and is_binary:
        positive = (calls == 1).astype(np.float64)
        measures = {"demographic parity": (positive, everyone), "equal opportunity": (positive, judged.y == 1)}
    elif calls is None:
        measures = {
            "mean prediction": (judged.response[:, 0], everyone),
            "mean error": (judged.response[:, 0] - judged.y, everyone),
        }
    else:
        measures = {"accuracy": ((calls == judged.y).astype(np.float64), everyone)}
    gaps = [_gap(judged, measure, values, counts, groups) for measure, (values, counts) in measures.items()]
    return Fairness(
        column=name,
        positive=classes[1] if is_binary else None,
        groups=[_rates(judged, group, measures) for group in groups],
        gaps=[gap for gap in gaps if gap is not None],
        left_out=left_out,
    )


def _groups(column: pl.Series) -> tuple[list[_Group], int]:
    """Groups of at least 30 rows, the largest twelve, and how many rows are in none of them."""
    labels = column.cast(pl.String)
    if column.dtype.is_numeric() and column.n_unique() > _MOST_GROUPS:
        parts = column.cast(pl.Float64).qcut(_QUARTERS, allow_duplicates=True, left_closed=True)
        labels = parts.cast(pl.String)
    labels = labels.fill_null("missing")
    counts = commonest_first(labels)
    kept = counts.filter(pl.col("count") >= _MIN_ROWS)["value"].head(_MOST_GROUPS).sort().to_list()
    groups = [_Group(_said(label, column.dtype), (labels == label).to_numpy()) for label in kept]
    return groups, int(labels.len() - sum(int(group.mask.sum()) for group in groups))


def _said(label: str, dtype: pl.DataType) -> str:
    """A group's label; numbers and the ends of their ranges have no separator but the point."""
    return label.replace(".", POINT) if dtype.is_numeric() else label


def _rates(judged: Judged, group: _Group, measures: dict[str, tuple[Floats, Bools]]) -> GroupRates:
    return GroupRates(
        group=group.name,
        rows=int(group.mask.sum()),
        rates={
            measure: float(values[group.mask & counts].mean())
            for measure, (values, counts) in measures.items()
            if (group.mask & counts).any()
        },
        score=score(judged.task, judged.losses[group.mask]),
    )


def _gap(judged: Judged, measure: str, values: Floats, counts: Bools, groups: Sequence[_Group]) -> GroupGap | None:
    """The gap between the lowest and the highest group, with its 95 % interval."""
    masks = {group.name: group.mask & counts for group in groups}
    masks = {name: mask for name, mask in masks.items() if _is_enough(mask, judged.clusters)}
    parts = {name: values[mask] for name, mask in masks.items()}
    if len(parts) < 2:  # noqa: PLR2004 - a gap is between two
        return None
    means = {name: float(part.mean()) for name, part in parts.items()}
    lowest, highest = min(means, key=lambda name: means[name]), max(means, key=lambda name: means[name])
    is_rate = measure in _RATES
    low, high = _interval(parts[highest], parts[lowest], is_rate=is_rate)
    if judged.clusters is not None:
        apart = difference_of(values, masks[highest], masks[lowest], judged.clusters)
        middle, error = (low + high) / 2, (high - low) / 2
        error = max(error, 0.0 if apart is None else apart.interval[1] - apart.value)
        low, high = middle - error, middle + error
    ratio = means[lowest] / means[highest] if is_rate and means[highest] > 0 else None
    return GroupGap(
        measure=measure,
        lowest=lowest,
        highest=highest,
        difference=means[highest] - means[lowest],
        ci_low=low,
        ci_high=high,
        ratio=ratio,
        below_four_fifths=None if ratio is None else ratio < _FOUR_FIFTHS,
    )


def _is_enough(mask: Bools, clusters: Ints | None) -> bool:
    """Whether a group's rows can be compared: at least thirty, and not all of one cluster."""
    return mask.sum() >= _MIN_ROWS and (clusters is None or np.unique(clusters[mask]).size > 1)


def _interval(one: Floats, other: Floats, *, is_rate: bool) -> tuple[float, float]:
    """The 95 % interval of the difference of two means."""
    if is_rate:
        one, other = np.r_[one, 0.0, 1.0], np.r_[other, 0.0, 1.0]
    error = _Z * float(np.sqrt(one.var() / one.size + other.var() / other.size))
    middle = float(one.mean() - other.mean())
    return middle - error, middle + error
