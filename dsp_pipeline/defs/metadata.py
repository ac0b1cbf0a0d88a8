"""From values to Dagster metadata: the only place that knows how the UI shows them."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import dagster as dg

from dsp_pipeline.core.artifacts.explanations import Explanations
from dsp_pipeline.core.artifacts.insights import Insights
from dsp_pipeline.core.artifacts.predictions import Predictions
from dsp_pipeline.core.artifacts.profile import Alert, ColumnProfile, Profile
from dsp_pipeline.core.artifacts.reading import Source
from dsp_pipeline.core.artifacts.summary import Catalogue
from dsp_pipeline.core.artifacts.validation import CheckResult, Validation
from dsp_pipeline.dashboard.page import Dashboard
from dsp_pipeline.defs.plots import bars
from dsp_pipeline.etl.tables import RawTable, ValidatedTable
from dsp_pipeline.ml.automl.model import Model
from dsp_pipeline.storage.layout import artifact_key

Metadata = dict[str, dg.MetadataValue | str | int | float | bool | None]

ROWS, SCHEMA, URI = "dagster/row_count", "dagster/column_schema", "dagster/uri"
_BARS = "▁▂▃▄▅▆▇█"
_COMPARED = frozenset({"pearson", "spearman", "cramers_v", "correlation_ratio"})
_FOUND = 0.05
_MOST_ROWS = 200
"""Rows of a metadata table; more would bloat the event log, and the artifact has them all."""


def _uri(source: Source, file: str) -> str:
    return artifact_key(source.dataset, source.version, file)


def of_raw(raw: RawTable) -> Metadata:
    """How the file was read."""
    from dsp_pipeline.ml.privacy.publication import Publication  # noqa: PLC0415 - needs Polars

    reading = raw.reading
    shown = Publication.of_meanings(raw.sidecar, {}).reading(reading)
    decisions = [{"what": made.what, "choice": made.choice, "why": made.why} for made in shown.decisions]
    return {
        ROWS: reading.rows_read,
        SCHEMA: _schema({column.name: f"text, read as {column.dtype}" for column in reading.columns}),
        URI: _uri(reading.source, "raw.parquet"),
        "drop": reading.source.key,
        "version": reading.source.version,
        "bytes": reading.source.bytes,
        "encoding": reading.encoding,
        "delimiter": repr(reading.delimiter),
        "rows_in": reading.rows_in,
        "rows_rejected": reading.rows_rejected,
        "decisions": _table(decisions),
    }


def of_validated(validated: ValidatedTable) -> Metadata:
    """What was checked, and how good the data is."""
    validation, quality = published(validated), validated.validation.quality
    return {
        ROWS: validation.rows_valid,
        SCHEMA: _schema({name: str(dtype) for name, dtype in validated.stored.schema.items()}),
        URI: _uri(validated.reading.source, "table.parquet"),
        "rows_in": validation.rows_in,
        "rows_quarantined": validation.rows_quarantined,
        "quarantine": _uri(validated.reading.source, "quarantine.csv"),
        "quality_score": quality.score,
        "completeness": quality.completeness,
        "uniqueness": quality.uniqueness,
        "validity": quality.validity,
        "consistency": quality.consistency,
        **({"timeliness": quality.timeliness} if quality.timeliness is not None else {}),
        "failed_checks": checks_table(check for check in validation.checks if not check.passed),
        "why_rows_are_in_quarantine": _markdown_table(
            ("Rows", "Reason", "Column", "Message"),
            [(f"{one.rows:,}", one.code, one.column or "", one.message) for one in validation.reasons],
        ),
    }


def published(validated: ValidatedTable) -> Validation:
    """What was checked, without the cells of personal columns that messages quote; Dagster's users are readers."""
    validation = validated.validation
    if all(check.passed for check in validation.checks) and not validation.reasons:
        return validation
    from dsp_pipeline.ml.privacy.judgement import publication_of  # noqa: PLC0415 - needs Polars

    return publication_of(validated).validation(validation)


def checks_table(checks: Iterable[CheckResult]) -> dg.MetadataValue:
    """Checks as a table: what failed, where, and what to do."""
    header = ("Result", "Check", "Column", "Rows", "Lines", "What is wrong", "What to do")
    return _markdown_table(header, [_check_row(check) for check in checks])


def _check_row(check: CheckResult) -> tuple[str, ...]:
    result = "passed" if check.passed else "failed" if check.severity == "error" else "warning"
    lines = ", ".join(f"{line:,}" for line in check.lines)
    more = " ..." if 0 < len(check.lines) < check.failed_rows else ""
    return (
        result,
        check.name,
        check.column or "",
        f"{check.failed_rows:,}" if check.about == "rows" else "",
        lines + more,
        check.message or check.expected,
        check.remedy,
    )


def of_profile(profile: Profile) -> Metadata:
    """The key figures, a row for each column, the strongest associations as a small plot, and the alerts."""
    structure, count = profile.structure, len(profile.columns)
    missing = sum(column.missing for column in profile.columns.values())
    severities = Counter(alert.severity for alert in profile.alerts)
    strongest = _strongest(profile)
    return {
        ROWS: profile.rows,
        "columns": count,
        "missing_share": missing / max(1, profile.rows * count),
        "duplicate_rows": profile.duplicate_rows,
        "near_duplicate_rows": structure.near_duplicates.rows if structure.near_duplicates else 0,
        "keys": _bullets([" + ".join(key) for key in structure.keys]),
        "dependencies": len(structure.dependencies),
        "associated_pairs": len(strongest),
        "strongest_associations": bars("Strongest associations", strongest),
        "errors": severities["error"],
        "warnings": severities["warning"],
        "alerts": alerts_table(profile.alerts),
        "column_profiles": _table(_column_rows(profile)),
    }


def alerts_table(alerts: Sequence[Alert]) -> dg.MetadataValue:
    """Alerts as a table, the most severe first: what is so, and what to do."""
    order = {"error": 0, "warning": 1, "info": 2}
    ranked = sorted(alerts, key=lambda alert: order[alert.severity])
    rows = [
        (alert.severity, alert.code, ", ".join(alert.columns[:3]), alert.text, alert.action) for alert in ranked
    ]
    return _markdown_table(("Severity", "Alert", "Columns", "What", "What to do"), rows)


def _strongest(profile: Profile) -> list[tuple[str, float]]:
    """The pairs that are no chance with the strongest of their measures on the scale of correlations."""
    best: dict[str, float] = {}
    for pair in profile.associations:
        if pair.measure in _COMPARED and pair.q is not None and pair.q <= _FOUND:
            name = f"{pair.a} & {pair.b}"
            best[name] = max((best.get(name, 0.0), pair.value), key=abs)
    return sorted(best.items(), key=lambda item: -abs(item[1]))


def _column_rows(profile: Profile) -> list[dict[str, object]]:
    alerts = Counter(alert.column for alert in profile.alerts if alert.severity != "info")
    return [_column_row(name, column, alerts[name]) for name, column in profile.columns.items()]


def _column_row(name: str, column: ColumnProfile, alerts: int) -> dict[str, object]:
    counts = column.histogram.counts if column.histogram else [top.count for top in column.top_values]
    figures = column.statistics
    return {
        "column": name,
        "kind": str(column.kind),
        "missing": column.missing,
        "distinct": column.distinct,
        "min": _figure(figures.get("min")),
        "median": _figure(figures.get("median")),
        "max": _figure(figures.get("max")),
        "alerts": alerts,
        "distribution": sparkline(counts),
    }


def _figure(value: float | str | None) -> str:
    return f"{value:,.6g}" if isinstance(value, int | float) else value or ""


def of_model(model: Model) -> Metadata:
    """The verdict, the leaderboard and what was left out as a leak."""
    report = model.report
    board = [
        {"model": entry.name, "holdout": entry.holdout, "ci_low": entry.ci_low, "ci_high": entry.ci_high}
        for entry in report.leaderboard
    ]
    return {
        "target": report.target or "none",
        "why": report.target_reason,
        "task": report.task or "none",
        "metric": report.metric.name if report.metric else "none",
        "verdict": report.verdict,
        "leaks": _bullets([f"{leak.column}: {leak.evidence}" for leak in report.leakage]),
        "leaderboard": _table(board),
        "bytes": sum(len(data) for data in model.files.values()),
    }


def of_explanations(explanations: Explanations) -> Metadata:
    """The features that matter most."""
    features = [{"feature": item.feature, "mean_abs_shap": item.mean_abs} for item in explanations.global_]
    return {"method": explanations.method, "importance": _table(features)}


def of_insights(insights: Insights) -> Metadata:
    """The statements, best first, and how many tests stood behind them."""
    return {
        "insights": _bullets([insight.statement for insight in insights.insights]),
        "findings": sum(insight.kind == "finding" for insight in insights.insights),
        "tests_run": insights.tests_run,
        "q_threshold": insights.q_threshold,
    }


def of_predictions(made: Predictions, key: str, address: str, *, note: str) -> Metadata:
    """What was predicted by which model, where it lies, and what was unexpected about the rows."""
    return {
        ROWS: made.rows,
        URI: key,
        "predictions": dg.MetadataValue.url(address),
        "rows": made.key,
        "rows_without_prediction": made.rows_unread,
        "target": made.target,
        "model": made.model,
        "model_version": made.version,
        "added_columns": ", ".join(made.columns),
        "reasons": made.reasons,
        "remarks": _bullets([*([note] if note else []), *made.remarks()]),
    }


def of_dashboard(page: Dashboard, address: str | None) -> Metadata:
    """The page's size and where to open it."""
    made = page.summary.built_from
    return {
        **({"dashboard": dg.MetadataValue.url(address)} if address else {}),
        URI: artifact_key(made.dataset, made.version, "dashboard.html"),
        "bytes": page.summary.bytes,
        "rows_embedded": page.summary.rows_embedded,
        "key_insight": page.summary.key_insight,
    }


def of_catalogue(catalogue: Catalogue, address: str | None) -> Metadata:
    """How many datasets there are, and where to open the page."""
    failed = sum(entry.failure is not None for entry in catalogue.entries.values())
    return {
        **({"catalogue": dg.MetadataValue.url(address)} if address else {}),
        "datasets": len(catalogue.entries),
        "with_failed_drop": failed,
    }


def sparkline(counts: Sequence[float]) -> str:
    """Counts as a row of bars, each an eighth of a line high or more; empty for no counts."""
    most = max(counts, default=0)
    if most <= 0:
        return ""
    return "".join(_BARS[round(count / most * (len(_BARS) - 1))] for count in counts)


def _schema(columns: Mapping[str, str]) -> dg.MetadataValue:
    return dg.MetadataValue.table_schema(
        dg.TableSchema(columns=[dg.TableColumn(name, kind) for name, kind in columns.items()])
    )


def _table(rows: Sequence[Mapping[str, object]]) -> dg.MetadataValue:
    if not rows:
        return dg.MetadataValue.text("none")
    return dg.MetadataValue.table(
        [dg.TableRecord({name: _cell(cell) for name, cell in row.items()}) for row in rows[:_MOST_ROWS]]
    )


def _cell(value: object) -> str | int | float | bool:
    return value if isinstance(value, str | int | float) else "" if value is None else str(value)


def _markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> dg.MetadataValue:
    if not rows:
        return dg.MetadataValue.md("none")
    lines = [header, ["---"] * len(header), *rows[:_MOST_ROWS]]
    return dg.MetadataValue.md("\n".join("| " + " | ".join(map(_markdown, line)) + " |" for line in lines))


def _markdown(text: str) -> str:
    """A text that markdown shows as it is, in one cell."""
    shown = text.replace("&", "&amp;").replace("<", "&lt;").replace("\r", " ").replace("\n", " ")
    return re.sub(r"([\\`*_\[\]|~#!])", r"\\\1", shown)


def _bullets(lines: Sequence[str]) -> dg.MetadataValue:
    shown = [f"- {line}" for line in lines[:_MOST_ROWS]]
    return dg.MetadataValue.md("\n".join(shown) if shown else "none")
