"""Facts about data quality, each with the threshold that made it one."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from dsp_pipeline.core.artifacts.profile import Alert, AlertSeverity, ColumnProfile
from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.ml.statistics.associations import MOST_COLUMNS
from dsp_pipeline.ml.statistics.disguises import disguised_missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dsp_pipeline.ml.statistics.arrays import Column
    from dsp_pipeline.ml.statistics.associations import Associations

_ALERT_PAIRS = 50


@dataclasses.dataclass(frozen=True)
class Thresholds:
    """Where a fact becomes an alert. Shares are between 0 and 1."""

    missing: float = 0.05
    high_missing: float = 0.5
    many_labels: int = 50
    skewness: float = 2.0
    zeros: float = 0.5
    imbalance: float = 0.9
    outliers: float = 0.05
    correlation: float = 0.95
    duplicates: float = 0.0
    few_rows: int = 30


DEFAULTS = Thresholds()


def alerts_of(
    columns: Sequence[Column],
    profiles: Mapping[str, ColumnProfile],
    associations: Associations,
    *,
    duplicates: int,
    thresholds: Thresholds = DEFAULTS,
) -> list[Alert]:
    """All alerts of a table: those on the whole table first, then by column in the table's order.

    Args:
        columns: The table's columns.
        profiles: Their profiles.
        associations: What was measured between them.
        duplicates: Rows that repeat an earlier one.
        thresholds: Where a fact becomes an alert.
    """
    rows = len(columns[0].series) if columns else 0
    alerts = list(_on_table(rows, associations, duplicates, thresholds))
    for column in columns:
        alerts.extend(_on_column(column, profiles[column.name], thresholds))
    alerts.extend(_on_pairs(associations, thresholds))
    return alerts


def _on_table(rows: int, associations: Associations, duplicates: int, limits: Thresholds) -> Iterator[Alert]:
    if rows < limits.few_rows:
        yield _alert("few_rows", None, rows, limits.few_rows, f"Only {rows} rows: little can be concluded.")
    if duplicates > limits.duplicates * rows:
        share = duplicates / rows
        text = f"{duplicates:,} rows ({share:.1%}) repeat an earlier row in every column."
        yield _alert("duplicates", None, share, limits.duplicates, text)
    if associations.left_out:
        text = (
            f"Associations were measured between the {MOST_COLUMNS} most variable columns; "
            f"{len(associations.left_out):,} others were left out."
        )
        yield _alert("associations_bounded", None, len(associations.left_out), MOST_COLUMNS, text, "info")
    if associations.sampled_rows is not None:
        text = f"Associations were measured on a random sample of {associations.sampled_rows:,} of {rows:,} rows."
        yield _alert("associations_sampled", None, associations.sampled_rows, rows, text, "info")


def _on_column(column: Column, profile: ColumnProfile, limits: Thresholds) -> Iterator[Alert]:
    name = column.name
    if not profile.count:
        yield _alert("empty", name, 0, None, f"'{name}' has no value in any row.")
        return
    yield from _on_missing(name, profile, limits)
    if profile.distinct == 1:
        yield _alert("constant", name, 1, 1, f"'{name}' has one and the same value in every row that has any.")
        return
    yield from _on_identity(column, profile)
    yield from _on_labels(name, profile, limits)
    if column.has_numbers and profile.kind is not ColumnKind.IDENTIFIER:
        yield from _on_numbers(name, profile, limits)
    yield from disguised_missing(column, profile)


def _on_missing(name: str, profile: ColumnProfile, limits: Thresholds) -> Iterator[Alert]:
    share = profile.missing / (profile.count + profile.missing)
    if share >= limits.high_missing:
        text = f"'{name}' is missing in {share:.1%} of the rows."
        yield _alert("high_missing", name, share, limits.high_missing, text)
    elif share >= limits.missing:
        text = f"'{name}' is missing in {share:.1%} of the rows."
        yield _alert("missing", name, share, limits.missing, text, "info")


def _on_identity(column: Column, profile: ColumnProfile) -> Iterator[Alert]:
    may_identify = profile.kind in {ColumnKind.IDENTIFIER, ColumnKind.TEXT, ColumnKind.INTEGER}
    if may_identify and profile.distinct == profile.count > DEFAULTS.few_rows:
        text = f"'{column.name}' is different in every row: it names rows, it does not describe them."
        yield _alert("all_distinct", column.name, profile.distinct, profile.count, text, "info")


def _on_labels(name: str, profile: ColumnProfile, limits: Thresholds) -> Iterator[Alert]:
    if profile.kind is ColumnKind.CATEGORY and profile.distinct > limits.many_labels:
        text = f"'{name}' has {profile.distinct:,} different labels."
        yield _alert("high_cardinality", name, profile.distinct, limits.many_labels, text, "info")
    share = profile.statistics.get("mode_share")
    counted = profile.kind.is_categorical or profile.kind.is_numeric
    if counted and isinstance(share, float) and share >= limits.imbalance and profile.top_values:
        text = f"'{name}' is '{profile.top_values[0].value}' in {share:.1%} of the rows that have a value."
        yield _alert("imbalance", name, share, limits.imbalance, text)


def _on_numbers(name: str, profile: ColumnProfile, limits: Thresholds) -> Iterator[Alert]:
    figures = profile.statistics
    infinite = figures.get("infinite")
    if isinstance(infinite, int) and infinite:
        yield _alert("infinite", name, infinite, 0, f"'{name}' is infinite in {infinite:,} rows.")
    skewness = figures.get("skewness")
    if isinstance(skewness, float) and abs(skewness) >= limits.skewness:
        side = "above" if skewness > 0 else "below"
        text = f"'{name}' has a long tail {side} its middle (skewness {skewness:.1f})."
        yield _alert("skewed", name, skewness, limits.skewness, text, "info")
    zeros = figures.get("zeros")
    if isinstance(zeros, int) and profile.distinct > 2 and zeros / profile.count >= limits.zeros:  # noqa: PLR2004
        share = zeros / profile.count
        text = f"'{name}' is 0 in {share:.1%} of the rows that have a value."
        yield _alert("zeros", name, share, limits.zeros, text, "info")
    if profile.outliers and profile.outliers.count / profile.count >= limits.outliers:
        share = profile.outliers.count / profile.count
        text = (
            f"{profile.outliers.count:,} values of '{name}' ({share:.1%}) lie outside "
            f"{profile.outliers.low_fence:.4g} to {profile.outliers.high_fence:.4g}."
        )
        yield _alert("outliers", name, share, limits.outliers, text, "info")


def _on_pairs(associations: Associations, limits: Thresholds) -> Iterator[Alert]:
    strong = [
        pair
        for pair in associations.pairs
        if pair.measure in {"pearson", "cramers_v"} and abs(pair.value) >= limits.correlation
    ]
    strong.sort(key=lambda pair: -abs(pair.value))
    for pair in strong[:_ALERT_PAIRS]:
        text = f"'{pair.a}' and '{pair.b}' carry nearly the same information ({pair.measure} {pair.value:.3f})."
        yield _alert("highly_correlated", pair.a, pair.value, limits.correlation, text, "info")
    if len(strong) > _ALERT_PAIRS:
        text = f"{len(strong):,} pairs of columns carry nearly the same information; {_ALERT_PAIRS} are listed."
        yield _alert("many_correlated", None, len(strong), _ALERT_PAIRS, text, "info")


def _alert(
    code: str,
    column: str | None,
    value: float | None,
    threshold: float | None,
    text: str,
    severity: AlertSeverity = "warning",
) -> Alert:
    return Alert(code=code, column=column, value=value, threshold=threshold, text=text, severity=severity)
