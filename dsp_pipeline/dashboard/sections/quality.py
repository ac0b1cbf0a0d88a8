"""Data quality: how the file was read, what was checked, what is missing, and which rows were set aside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp_pipeline.dashboard.charts.custom_charts import meter
from dsp_pipeline.dashboard.charts.frame import Words
from dsp_pipeline.dashboard.charts.plotly_charts import bars
from dsp_pipeline.dashboard.sections import checks
from dsp_pipeline.dashboard.sections.overview import tone_of_share
from dsp_pipeline.dashboard.view import AlertLine, Grid, Meter, QualityView
from dsp_pipeline.dashboard.wording import NONE, clipped, number, percent, plural, whole

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.profile import Alert, AlertSeverity
    from dsp_pipeline.dashboard.charts.base import PlotlyChart
    from dsp_pipeline.dashboard.sections.material import Material
    from dsp_pipeline.dashboard.view import Tone

MOST_ALERTS = 60
_MOST_BARS = 25
_MOST_PATTERNS = 8
_TONES: dict[AlertSeverity, Tone] = {"error": "bad", "warning": "warn", "info": "plain"}
_ORDER: dict[AlertSeverity, int] = {"error": 0, "warning": 1, "info": 2}
_MEANINGS = {
    "completeness": "cells with a value",
    "uniqueness": "rows that are not repeats",
    "validity": "rows that could be read and meet the rules",
    "consistency": "columns that keep one form",
    "timeliness": "how new the newest value is, by the age allowed",
}


def quality(material: Material) -> QualityView:
    """The whole section."""
    validation = material.validation
    scores = validation.quality
    meters = tuple(
        Meter(
            label=name.capitalize(),
            value=percent(getattr(scores, name)),
            svg=meter(
                getattr(scores, name),
                label=f"{name} {percent(getattr(scores, name))}",
                tone=tone_of_share(getattr(scores, name)),
            ),
            note=meaning,
        )
        for name, meaning in _MEANINGS.items()
        if getattr(scores, name) is not None
    )
    alerts = sorted(material.profile.alerts, key=lambda alert: _ORDER[alert.severity])
    hidden = len(alerts) - MOST_ALERTS
    return QualityView(
        score=percent(scores.score),
        meters=meters,
        summary=_summary(material),
        alerts=tuple(alert_line(alert) for alert in alerts[:MOST_ALERTS]),
        alerts_left_out=f"{whole(hidden)} more are in profile.json." if hidden > 0 else "",
        decisions=_decisions(material),
        problems=checks.problems(validation),
        checks=checks.every(validation),
        checks_summary=checks.summary(validation),
        reasons=checks.reasons(validation),
        quarantined=checks.quarantined(material),
        charts=_missing_charts(material),
    )


def alert_line(alert: Alert) -> AlertLine:
    """An alert as it is shown."""
    return AlertLine(alert.severity, _TONES[alert.severity], alert.text, alert.action)


def _summary(material: Material) -> str:
    validation, reading = material.validation, material.reading
    parts = [f"{whole(reading.rows_in)} records in the file, {whole(validation.rows_valid)} in the table"]
    if reading.rows_rejected > reading.rows_below:
        parts.append(f"{whole(reading.rows_rejected - reading.rows_below)} could not be read")
    if reading.rows_below:
        parts.append(f"{whole(reading.rows_below)} below the table, as totals or notes")
    if validation.rows_quarantined:
        parts.append(f"{whole(validation.rows_quarantined)} in quarantine")
    if validation.ignored_columns:
        parts.append(f"ignored as asked: {', '.join(validation.ignored_columns)}")
    return "; ".join(parts) + "."


def _decisions(material: Material) -> Grid:
    rows = tuple(
        (
            decision.what.replace("_", " "),
            decision.choice,
            decision.why,
            percent(decision.confidence),
            "; ".join(clipped(one.choice, 40) for one in decision.alternatives) or NONE,
        )
        for decision in material.reading.decisions
    )
    header = ("What", "Choice", "Why", "Confidence", "Also considered")
    hint = "Where one is wrong, say so under 'reading' or 'types' in the sidecar, which goes before all of them."
    return Grid(header, rows, "How the file was read", numeric=frozenset({3}), left_out=hint)


def _missing_charts(material: Material) -> tuple[PlotlyChart, ...]:
    profiles = material.profile.columns
    with_gaps = [
        (name, column.missing / max(1, column.count + column.missing)) for name, column in profiles.items()
    ]
    with_gaps = sorted((item for item in with_gaps if item[1] > 0), key=lambda item: -item[1])
    if not with_gaps:
        return ()
    shown = with_gaps[:_MOST_BARS]
    more = f" The {len(shown)} emptiest are shown." if len(with_gaps) > len(shown) else ""
    summary = (
        f"{plural(len(with_gaps), 'column')} of {whole(len(profiles))} have missing values; "
        f"most in {shown[0][0]} ({percent(shown[0][1])}).{more}"
    )
    by_column = bars(
        Words("missing-columns", f"{shown[0][0]} has most gaps: {percent(shown[0][1])} missing", summary),
        [name for name, _ in shown],
        [100 * share for _, share in shown],
        value_title="% missing",
        texts=[percent(share) for _, share in shown],
    )
    together = [pattern for pattern in material.profile.missingness if len(pattern.columns) > 1 and pattern.rows]
    together = sorted(together, key=lambda pattern: -pattern.rows)[:_MOST_PATTERNS]
    if not together:
        return (by_column,)
    labels = [_pattern_label(pattern.columns) for pattern in together]
    patterns = bars(
        Words(
            "missing-patterns",
            f"{labels[0]} are missing together most often",
            f"Most often {labels[0]}: {whole(together[0].rows)} rows.",
        ),
        labels,
        [pattern.rows for pattern in together],
        value_title="rows",
        texts=[number(pattern.rows) for pattern in together],
    )
    return by_column, patterns


def _pattern_label(columns: list[str]) -> str:
    return " + ".join(columns) if len(columns) == 2 else f"{columns[0]} + {len(columns) - 1} more"  # noqa: PLR2004
