"""From a validated table to its profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.profile import ColumnProfile, Profile, TopValue
from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.core.thresholds import DEFAULT_THRESHOLDS
from dsp_pipeline.ml.privacy.columns import published_column, published_structure
from dsp_pipeline.ml.statistics import descriptive
from dsp_pipeline.ml.statistics.alerts.collect import alerts_of
from dsp_pipeline.ml.statistics.alerts.facts import Facts
from dsp_pipeline.ml.statistics.arrays import columns_of
from dsp_pipeline.ml.statistics.associations import associate
from dsp_pipeline.ml.statistics.distributions import closest_family
from dsp_pipeline.ml.statistics.histograms import MOST_BINS, histogram
from dsp_pipeline.ml.statistics.meanings.meaning import meaning_of
from dsp_pipeline.ml.statistics.missingness import missing_patterns
from dsp_pipeline.ml.statistics.outliers import find_outliers
from dsp_pipeline.ml.statistics.series.analyse import over_time
from dsp_pipeline.ml.statistics.structure.analyse import structure_of
from dsp_pipeline.ml.statistics.structure.duplicates import duplicate_rows
from dsp_pipeline.ml.statistics.structure.roles import Roles
from dsp_pipeline.ml.statistics.tails import tail_statistics
from dsp_pipeline.ml.statistics.unusual import unusual_rows
from dsp_pipeline.ml.statistics.wording import text_profile

if TYPE_CHECKING:
    from dsp_pipeline.core.thresholds import AlertThresholds
    from dsp_pipeline.etl.tables import ValidatedTable
    from dsp_pipeline.ml.statistics.arrays import Column, Floats

_MOST_TOP_VALUES = 20
_DETAILED_COLUMNS = 100
_BRIEF_BINS = 16
_BRIEF_TOP_VALUES = 5
_BRIEF_SHARE = 0.01
"""The share of a number below which it is no top value of a column that is kept short."""


def build_profile(
    validated: ValidatedTable, *, seed: int = 0, thresholds: AlertThresholds = DEFAULT_THRESHOLDS
) -> Profile:
    """What is in the table: each column by its kind, what goes together, what is missing, what is odd.

    The names and definitions of all figures are in docs/user-guide/profile.md. Columns beyond the first hundred
    get coarser histograms and fewer top values, so that the profile stays small.

    Args:
        validated: The table with its reading.
        seed: For samples, which are taken only where looking at everything would cost too much.
        thresholds: Where a fact becomes an alert.
    """
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        # Overflow is an answer here: figures that no double holds are None.
        return _profile(validated, seed=seed, thresholds=thresholds)


def _profile(validated: ValidatedTable, *, seed: int, thresholds: AlertThresholds) -> Profile:
    columns = columns_of(validated)
    masks = validated.sidecar.personal_data == "mask"
    profiles = {
        column.name: published_column(column_profile(column, brief=position >= _DETAILED_COLUMNS, masks=masks))
        for position, column in enumerate(columns)
    }
    roles = Roles.of(validated.sidecar, profiles)
    associations = associate(columns, profiles, target=roles.target, seed=seed)
    structure = published_structure(
        structure_of(
            validated.table.select(list(profiles)),
            columns,
            profiles,
            associations,
            roles=roles,
            least_share=thresholds.dependency,
            seed=seed,
        ),
        profiles,
    )
    duplicates = duplicate_rows(validated.table)
    told = [column for column in columns if not profiles[column.name].is_hidden]
    series = over_time(validated.table, told, time=roles.time)
    facts = Facts(columns, profiles, associations, structure, series, roles, duplicates, thresholds)
    return Profile(
        rows=validated.table.height,
        duplicate_rows=duplicates,
        columns=profiles,
        associations=associations.pairs,
        missingness=missing_patterns(columns),
        alerts=alerts_of(facts),
        structure=structure,
        time_series=series,
        unusual_rows=unusual_rows(columns, profiles, seed=seed),
    )


def column_profile(column: Column, *, brief: bool = False, masks: bool = True) -> ColumnProfile:
    """The profile of one column.

    ``count`` and ``missing`` add up to the table's rows; ``count`` includes infinities. ``distinct`` is exact.

    Args:
        column: The column.
        brief: Whether to keep histograms and top values short.
        masks: Whether the column's meaning says that personal data in it is to be hidden; nothing is hidden here.
    """
    ordered = None
    if column.has_numbers:
        finite = column.finite
        ordered = np.sort(finite[~np.isnan(finite)])
        made = _of_numbers(column, ordered, brief=brief)
    elif column.is_temporal or column.is_time_of_day:
        made = _of_time(column, brief=brief)
    else:
        made = _of_labels(column, brief=brief)
    return made.model_copy(update={"meaning": meaning_of(column, made, ordered, masks=masks)})


def _of_numbers(column: Column, ordered: Floats, *, brief: bool) -> ColumnProfile:
    whole = _is_whole(column, ordered)
    count = len(column.series) - int(column.missing.sum())
    described = column.kind.is_numeric and len(ordered) > 0
    return ColumnProfile(
        kind=column.kind,
        dtype=column.dtype,
        count=count,
        missing=len(column.series) - count,
        distinct=_distinct_numbers(column, ordered, count),
        statistics=_numeric_statistics(column, ordered),
        histogram=histogram(ordered, whole=whole, most=_BRIEF_BINS if brief else MOST_BINS) if described else None,
        top_values=[]
        if column.kind is ColumnKind.IDENTIFIER
        else _top_numbers(column, ordered, whole=whole, brief=brief),
        outliers=find_outliers(ordered, column.finite, brief=brief) if described else None,
        distribution=closest_family(ordered, whole=whole, brief=brief) if described else None,
    )


def _numeric_statistics(column: Column, ordered: Floats) -> descriptive.Statistics:
    figures = descriptive.numeric_statistics(column, ordered)
    skewness = figures.get("skewness")
    if not len(ordered) or not column.kind.is_numeric:
        return figures
    return figures | tail_statistics(ordered, skewness if isinstance(skewness, float) else None)


def _distinct_numbers(column: Column, ordered: Floats, count: int) -> int:
    """How many different numbers there are; asked of Polars where float64 cannot tell (infinities, past 2^53)."""
    if len(ordered) == count and (not count or max(-ordered[0], ordered[-1]) < 2**53):
        return int(np.count_nonzero(np.diff(ordered))) + (count > 0)
    return (
        column.series.drop_nulls().drop_nans().n_unique()
        if column.series.dtype.is_float()
        else column.series.drop_nulls().n_unique()
    )


def _is_whole(column: Column, ordered: Floats) -> bool:
    return column.series.dtype.is_integer() or not np.any(ordered != np.floor(ordered))


def _of_time(column: Column, *, brief: bool) -> ColumnProfile:
    numbers = column.numbers
    ordered = np.sort(numbers[~np.isnan(numbers)])
    statistics = (
        descriptive.temporal_statistics(column, ordered)
        if column.is_temporal
        else descriptive.time_of_day_statistics(column.series)
    )
    return ColumnProfile(
        kind=column.kind,
        dtype=column.dtype,
        count=len(ordered),
        missing=len(column.series) - len(ordered),
        distinct=len(descriptive.run_lengths(ordered)[0]),
        statistics=statistics,
        histogram=histogram(ordered, whole=False, most=_BRIEF_BINS if brief else MOST_BINS),
        calendar=descriptive.calendar_profile(column.series) if column.is_temporal and not brief else None,
    )


def _of_labels(column: Column, *, brief: bool) -> ColumnProfile:
    # In order, so that sums of them are the same in every run.
    counts = np.sort(column.label_counts["count"].to_numpy())
    count = int(counts.sum())
    statistics = descriptive.label_statistics(counts)
    if column.kind in {ColumnKind.TEXT, ColumnKind.CATEGORY, ColumnKind.IDENTIFIER} and count:
        statistics |= descriptive.text_statistics(column.labels)
    shown = 0 if column.kind is ColumnKind.IDENTIFIER else _BRIEF_TOP_VALUES if brief else _MOST_TOP_VALUES
    return ColumnProfile(
        kind=column.kind,
        dtype=column.dtype,
        count=count,
        missing=len(column.series) - count,
        distinct=len(counts),
        statistics=statistics,
        top_values=[
            TopValue(value=name, count=occurrences, share=occurrences / count)
            for name, occurrences in column.commonest(shown)
        ],
        text=text_profile(column.labels) if column.kind is ColumnKind.TEXT and not brief else None,
    )


def _top_numbers(column: Column, ordered: Floats, *, whole: bool, brief: bool) -> list[TopValue]:
    """The commonest numbers, the smaller first among equals; none where no value occurs twice."""
    values, counts = descriptive.number_counts(column, ordered)
    order = np.argsort(-counts, kind="stable")[: _BRIEF_TOP_VALUES if brief else _MOST_TOP_VALUES]
    return [
        TopValue(
            value=str(int(values[index])) if whole and abs(values[index]) < 2**53 else repr(float(values[index])),
            count=int(counts[index]),
            share=int(counts[index]) / len(ordered),
        )
        for index in order
        if counts[index] > 1 and not (brief and counts[index] < _BRIEF_SHARE * len(ordered))
    ]
