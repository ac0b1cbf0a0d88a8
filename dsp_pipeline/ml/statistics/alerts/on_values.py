"""Alerts on the values of one column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.core.numbers import marked, written
from dsp_pipeline.ml.statistics.alerts.facts import raised

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsp_pipeline.core.artifacts.profile import Alert, ColumnProfile
    from dsp_pipeline.core.thresholds import AlertThresholds
    from dsp_pipeline.ml.statistics.arrays import Column

_FEWEST_FOR_UNIFORM = 100
_FEWEST_LABELS = 3
_A_CODE = 2


def on_identity(column: Column, profile: ColumnProfile, limits: AlertThresholds) -> Iterator[Alert]:
    """A column that names rows, or whose texts all have one length."""
    name = column.name
    may_identify = profile.kind in {ColumnKind.IDENTIFIER, ColumnKind.TEXT, ColumnKind.INTEGER}
    if may_identify and profile.distinct == profile.count > limits.few_rows:
        text = f"'{name}' is different in every row: it names rows, it does not describe them."
        yield raised("all_distinct", text, column=name, value=profile.distinct, threshold=profile.count)
    shortest, longest = profile.statistics.get("length_min"), profile.statistics.get("length_max")
    enough = profile.count >= limits.few_rows and profile.distinct >= _FEWEST_LABELS
    is_text = not column.series.dtype.is_numeric()  # four digits are the years of our time, no code
    if enough and is_text and isinstance(longest, int) and shortest == longest >= _A_CODE:
        text = f"Every value of '{name}' has {longest} characters."
        yield raised("constant_length", text, column=name, value=longest)


def on_labels(name: str, profile: ColumnProfile, limits: AlertThresholds) -> Iterator[Alert]:
    """Too many labels, one label that is nearly all, and labels that are all equally common."""
    if profile.kind is ColumnKind.CATEGORY and profile.distinct > limits.many_labels:
        text = f"'{name}' has {written(profile.distinct)} different labels."
        yield raised("high_cardinality", text, column=name, value=profile.distinct, threshold=limits.many_labels)
    share = profile.statistics.get("mode_share")
    counted = profile.kind.is_categorical or profile.kind.is_numeric
    if counted and isinstance(share, float) and share >= limits.imbalance and profile.top_values:
        commonest = profile.top_values[0].value
        said = marked(commonest) if profile.kind.is_numeric else commonest
        text = f"'{name}' is '{said}' in {written(share, '.1%')} of the rows that have a value."
        yield raised("imbalance", text, column=name, value=share, threshold=limits.imbalance)
    yield from _on_evenness(name, profile, limits)


def _on_evenness(name: str, profile: ColumnProfile, limits: AlertThresholds) -> Iterator[Alert]:
    evenness = profile.statistics.get("evenness")
    many = profile.count >= _FEWEST_FOR_UNIFORM
    if profile.kind.is_categorical and isinstance(evenness, float):
        if many and profile.distinct >= _FEWEST_LABELS and evenness >= limits.uniform:
            text = f"The {profile.distinct} labels of '{name}' are equally common."
            yield raised("uniform", text, column=name, value=evenness, threshold=limits.uniform)
    elif many and profile.distribution is not None and profile.distribution.family == "uniform":
        ends = (profile.statistics.get("min"), profile.statistics.get("max"))
        span = " to ".join(written(end, ",g") for end in ends if isinstance(end, float))
        text = f"'{name}' spreads evenly from {span}."
        yield raised("uniform", text, column=name, value=profile.distribution.statistic)


def on_numbers(name: str, profile: ColumnProfile, limits: AlertThresholds) -> Iterator[Alert]:
    """Infinities, a long tail, many zeros, many values far out."""
    figures = profile.statistics
    infinite = figures.get("infinite")
    if isinstance(infinite, int) and infinite:
        text = f"'{name}' is infinite in {written(infinite)} rows."
        yield raised("infinite", text, column=name, value=infinite, threshold=0)
        if infinite == profile.count:
            text = f"'{name}' holds no number that a double can hold: nothing about it can be computed."
            yield raised("unsupported", text, column=name, value=infinite, threshold=profile.count)
            return
    skewness = figures.get("skewness")
    if isinstance(skewness, float) and abs(skewness) >= limits.skewness:
        side = "above" if skewness > 0 else "below"
        text = f"'{name}' has a long tail {side} its middle (skewness {written(skewness, '.1f')})."
        yield raised("skewed", text, column=name, value=skewness, threshold=limits.skewness)
    zeros = figures.get("zeros")
    if isinstance(zeros, int) and profile.distinct > 2 and zeros / profile.count >= limits.zeros:  # noqa: PLR2004
        share = zeros / profile.count
        text = f"'{name}' is 0 in {written(share, '.1%')} of the rows that have a value."
        yield raised("zeros", text, column=name, value=share, threshold=limits.zeros)
    yield from _on_outliers(name, profile, limits)


def _on_outliers(name: str, profile: ColumnProfile, limits: AlertThresholds) -> Iterator[Alert]:
    if profile.outliers and profile.outliers.count / profile.count >= limits.outliers:
        share = profile.outliers.count / profile.count
        text = (
            f"{written(profile.outliers.count)} values of '{name}' ({written(share, '.1%')}) lie outside "
            f"{written(profile.outliers.low_fence, '.4g')} to {written(profile.outliers.high_fence, '.4g')}."
        )
        yield raised("outliers", text, column=name, value=share, threshold=limits.outliers)
