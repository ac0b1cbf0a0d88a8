"""What one column's values are like: the figures in `ColumnProfile.statistics`.

Everything about a numeric column follows from one sorted copy of it. Infinities are counted and then left out.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dsp_pipeline.core.artifacts.profile import CalendarProfile
from dsp_pipeline.etl.counting import counted
from dsp_pipeline.ml.statistics.ranks import dot

if TYPE_CHECKING:
    from dsp_pipeline.ml.statistics.arrays import Column, Floats, Integers

Statistics = dict[str, float | int | str | None]

QUANTILES = {"q01": 0.01, "q05": 0.05, "q25": 0.25, "median": 0.5, "q75": 0.75, "q95": 0.95, "q99": 0.99}
_SECONDS_A_DAY = 86_400
_EXACT_INTEGER_SUM = 2**62


def finite_or_none(value: float) -> float | None:
    """The value as a Python float, None if it is NaN or infinite."""
    number = float(value)
    return number if math.isfinite(number) else None


def quantile(ordered: Floats, share: float) -> float:
    """A quantile of ascending values by linear interpolation (R's type 7, NumPy's default)."""
    position = share * (len(ordered) - 1)
    low = int(position)
    high = min(low + 1, len(ordered) - 1)
    return float(ordered[low] + (position - low) * (ordered[high] - ordered[low]))


def entropy(counts: Integers) -> float:
    """Shannon's entropy in nats of counts: 0 if all is one value, ln(k) if k values are equally common."""
    shares = counts[counts > 0] / counts.sum()
    return float(max(0.0, -np.sum(shares * np.log(shares))))


def entropy_bits(counts: Integers) -> float:
    """Shannon's entropy in bits of counts: 0 if all is one value, log2(k) if k values are equally common."""
    return entropy(counts) / math.log(2)


def run_lengths(ordered: Floats) -> tuple[Floats, Integers]:
    """The distinct values of an ascending array and how often each occurs."""
    if not len(ordered):
        return ordered, np.zeros(0, dtype=np.int64)
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    return ordered[starts], np.diff(np.append(starts, len(ordered)))


def number_counts(column: Column, ordered: Floats) -> tuple[Floats, Integers]:
    """The distinct finite values, ascending, and how often each occurs.

    Numbers that float64 cannot tell apart (whole ones past 2^53, decimals of many digits) are counted as they are
    stored, each by its nearest double.

    Args:
        column: The column.
        ordered: Its finite values in ascending order.
    """
    if column.series.dtype.is_float() or not len(ordered) or max(-ordered[0], ordered[-1]) < 2**53:
        return run_lengths(ordered)
    counts = counted(column.series).sort("value")
    return counts["value"].cast(pl.Float64).to_numpy(), counts["count"].cast(pl.Int64).to_numpy()


def numeric_statistics(column: Column, ordered: Floats) -> Statistics:
    """The statistics of a column of numbers.

    Args:
        column: The column.
        ordered: Its finite values in ascending order.
    """
    infinite = len(column.series) - int(column.missing.sum()) - len(ordered)
    if not len(ordered):
        return {"infinite": infinite}
    figures: Statistics = {**moments(ordered), **_order_statistics(ordered)}
    values, counts = number_counts(column, ordered)
    figures |= {
        "sum": exact_sum(column, ordered),
        "zeros": int(np.searchsorted(ordered, 0, side="right") - np.searchsorted(ordered, 0, side="left")),
        "negatives": int(np.searchsorted(ordered, 0, side="left")),
        "infinite": infinite,
        "mode": float(values[counts.argmax()]),
        "mode_share": float(counts.max() / len(ordered)),
        "entropy": entropy_bits(counts),
        "monotonic": _monotonic(column.finite),
    }
    return figures


def exact_sum(column: Column, ordered: Floats) -> float | int | None:
    """The sum of the finite values; exact for integers below 2^62, by pairwise summation otherwise."""
    bound = max(abs(float(ordered[0])), abs(float(ordered[-1]))) * len(ordered)
    if column.series.dtype.is_integer() and bound < _EXACT_INTEGER_SUM:
        return int(column.series.sum() or 0)
    return finite_or_none(float(ordered.sum()))


def moments(values: Floats) -> Statistics:
    """Mean, spread and shape, computed from deviations (corrected two-pass), as NIST's StRD demands.

    ``variance`` and ``std`` divide by ``n - 1``. ``skewness`` is ``m3 / m2^1.5`` and ``kurtosis`` the excess
    ``m4 / m2^2 - 3`` with central moments that divide by ``n`` (SciPy's defaults, type 1 in R's e1071); both are
    None where nothing varies.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        mean = values.mean()
        mean += (values - mean).mean()
        deviations = values - mean
        squares = deviations * deviations
        count = len(values)
        total = squares.sum() - deviations.sum() ** 2 / count
        varies = values[0] != values[-1]
        variance = total / (count - 1) if count > 1 else np.nan
        second = total / count if varies else np.nan
        third = dot(squares, deviations) / count
        fourth = dot(squares, squares) / count
        std = np.sqrt(variance)
        # A square below the smallest double would give 0/0: the shape of so narrow a column is not known.
        shape_known = varies and second**2 > 0
        return {
            "mean": finite_or_none(mean),
            "std": finite_or_none(std),
            "variance": finite_or_none(variance),
            "cv": finite_or_none(std / abs(mean)) if mean != 0 else None,
            "skewness": finite_or_none(third / second**1.5) if shape_known else None,
            "kurtosis": finite_or_none(fourth / second**2 - 3) if shape_known else None,
        }


def _order_statistics(ordered: Floats) -> Statistics:
    with np.errstate(over="ignore", invalid="ignore"):
        figures: Statistics = {"min": float(ordered[0]), "max": float(ordered[-1])}
        quantiles = {name: quantile(ordered, share) for name, share in QUANTILES.items()}
        figures |= {name: finite_or_none(value) for name, value in quantiles.items()}
        figures["range"] = finite_or_none(ordered[-1] - ordered[0])
        figures["iqr"] = finite_or_none(quantiles["q75"] - quantiles["q25"])
        figures["mad"] = finite_or_none(float(np.median(np.abs(ordered - quantiles["median"]))))
    return figures


def _monotonic(values: Floats) -> str:
    """Whether the column only ever rises or falls in the file's order; equal neighbours are allowed."""
    kept = values[~np.isnan(values)]
    if len(kept) < 2 or kept.min() == kept.max():  # noqa: PLR2004 - two values are what an order needs
        return "no"
    steps = kept[1:] >= kept[:-1]
    if steps.all():
        return "increasing"
    return "decreasing" if (kept[1:] <= kept[:-1]).all() else "no"


def label_statistics(counts: Integers) -> Statistics:
    """Entropy and the commonest label's share, of a category's or boolean's counts."""
    if not len(counts):
        return {}
    entropy = entropy_bits(counts)
    return {
        "entropy": entropy,
        "evenness": entropy / math.log2(len(counts)) if len(counts) > 1 else None,
        "mode_share": float(counts.max() / counts.sum()),
        "singletons": int((counts == 1).sum()),
    }


def text_statistics(series: pl.Series) -> Statistics:
    """Lengths in characters, words, and blanks, of a text column."""
    frame = series.drop_nulls().to_frame("text").lazy()
    length = pl.col("text").str.len_chars()
    row = frame.select(
        length.min().alias("length_min"),
        length.mean().alias("length_mean"),
        length.median().alias("length_median"),
        length.max().alias("length_max"),
        pl.col("text").str.count_matches(r"\S+").mean().alias("words_mean"),
        (pl.col("text").str.strip_chars() == "").sum().alias("blank"),
    ).collect()
    return {name: value for name, value in row.row(0, named=True).items() if value is not None}


def temporal_statistics(column: Column, ordered: Floats) -> Statistics:
    """Range, widest gap and granularity of points in time; days are of 86,400 seconds.

    Args:
        column: The column.
        ordered: Its values in ascending order, seconds since 1970.
    """
    if not len(ordered):
        return {}
    values, counts = run_lengths(ordered)
    gaps = np.diff(values)
    return {
        "min": str(column.series.min()),
        "max": str(column.series.max()),
        "median": _instant(ordered, column),
        "range_days": float((ordered[-1] - ordered[0]) / _SECONDS_A_DAY),
        "gap_max_days": float(gaps.max() / _SECONDS_A_DAY) if len(gaps) else None,
        "gap_median_days": float(np.median(gaps) / _SECONDS_A_DAY) if len(gaps) else None,
        "granularity": granularity(values),
        "mode_share": float(counts.max() / len(ordered)),
        "monotonic": _monotonic(column.numbers),
    }


def _instant(ordered: Floats, column: Column) -> str:
    middle = pl.Series([int(ordered[(len(ordered) - 1) // 2] * 1e6)]).cast(pl.Datetime("us"))
    return str(middle.cast(pl.Date)[0] if column.series.dtype == pl.Date else middle[0])


def calendar_profile(series: pl.Series) -> CalendarProfile | None:
    """Rows by weekday, month and hour; None if there are none."""
    present = series.drop_nulls()
    if present.is_empty():
        return None

    def rows(parts: pl.Series, first: int, last: int) -> list[int]:
        return [int(count) for count in np.bincount(parts.to_numpy(), minlength=last + 1)[first : last + 1]]

    return CalendarProfile(
        weekdays=rows(present.dt.weekday(), 1, 7),
        months=rows(present.dt.month(), 1, 12),
        hours=[] if series.dtype == pl.Date else rows(present.dt.hour(), 0, 23),
    )


def granularity(seconds: Floats) -> str:
    """The coarsest of day, hour, minute and second that all points in time fall on, else subsecond."""
    for name, length in (("day", _SECONDS_A_DAY), ("hour", 3600), ("minute", 60), ("second", 1)):
        if not np.mod(seconds, length).any():
            return name
    return "subsecond"


def time_of_day_statistics(series: pl.Series) -> Statistics:
    """Earliest, median and latest time of day."""
    kept = series.drop_nulls()
    if not len(kept):
        return {}
    return {"min": str(kept.min()), "median": str(kept.sort()[(len(kept) - 1) // 2]), "max": str(kept.max())}
