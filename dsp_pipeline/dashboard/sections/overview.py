"""The top of the page: what it is about in a sentence or three, the key figures, and the main charts."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from dsp_pipeline.dashboard.charts.custom_charts import meter
from dsp_pipeline.dashboard.charts.frame import Words
from dsp_pipeline.dashboard.charts.plotly_charts import bars, histogram
from dsp_pipeline.dashboard.charts.times import over_time
from dsp_pipeline.dashboard.view import Tile
from dsp_pipeline.dashboard.wording import moment, number, percent, plural, sentence, whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from dsp_pipeline.core.artifacts.model import ModelReport
    from dsp_pipeline.dashboard.charts.base import PlotlyChart
    from dsp_pipeline.dashboard.sections.material import Material
    from dsp_pipeline.dashboard.view import Tone

_GOOD, _FAIR = 0.9, 0.75
_MOST_BARS = 15


def lead(material: Material) -> tuple[str, ...]:
    """Up to three sentences that say the most important things first."""
    rows = whole(material.table.height)
    first = (
        f"{rows} {material.noun} in {plural(material.table.width, 'column')}, read from {material.built_from.key}."
    )
    best = [insight.statement for insight in material.insights.insights[:1]]
    verdict = [material.model.verdict] if material.model.target is not None else []
    return (first, *(sentence(text) for text in (*best, *verdict) if text))


def tone_of_share(share: float) -> Tone:
    """How good a quality share between 0 and 1 is."""
    return "good" if share >= _GOOD else "warn" if share >= _FAIR else "bad"


def tone_of_model(report: ModelReport) -> Tone:
    """Whether the model is worth believing."""
    if report.target is None:
        return "plain"
    return "good" if report.better_than_baseline else "warn"


def tiles(material: Material) -> tuple[Tile, ...]:
    """The key figures."""
    validation, profile = material.validated.validation, material.profile
    quality = validation.quality
    cells = max(1, profile.rows * len(profile.columns))
    missing = sum(column.missing for column in profile.columns.values())
    kinds = Counter(column.kind.value for column in profile.columns.values())
    mix = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common(3))
    bad = validation.rows_quarantined
    return (
        Tile(
            material.noun[:1].upper() + material.noun[1:], whole(profile.rows), _duplicates(profile.duplicate_rows)
        ),
        Tile("Columns", whole(len(profile.columns)), mix, link="columns"),
        Tile(
            "Quality score",
            percent(quality.score),
            "completeness, uniqueness, validity, consistency",
            tone=tone_of_share(quality.score),
            link="quality",
            svg=meter(
                quality.score, label=f"Quality score {percent(quality.score)}", tone=tone_of_share(quality.score)
            ),
        ),
        Tile(
            "Complete cells",
            percent(1 - missing / cells),
            f"{whole(missing)} missing" if missing else "nothing missing",
            link="quality",
            svg=meter(1 - missing / cells, label=f"{percent(1 - missing / cells)} of the cells have a value"),
        ),
        Tile(
            "Quarantined",
            whole(bad),
            f"{percent(bad / max(1, validation.rows_in))} of {whole(validation.rows_in)} rows read"
            if bad
            else "every row kept",
            tone="warn" if bad else "good",
            link="quality",
        ),
        _model_tile(material),
    )


def _duplicates(rows: int) -> str:
    return f"{plural(rows, 'duplicate row')}" if rows else "no duplicates"


def _model_tile(material: Material) -> Tile:
    report = material.model
    best = next((entry for entry in report.leaderboard if entry.name == report.best), None)
    if report.target is None or best is None or report.metric is None:
        return Tile(
            "Model", "none", "no sensible target" if report.target is None else report.verdict, link="model"
        )
    metric = report.metric.name.replace("_", " ")
    against = f", baseline {number(report.baseline.holdout)}" if report.baseline is not None else ""
    return Tile(
        f"Predicting {report.target}",
        number(best.holdout),
        f"{metric} on unseen rows{against}",
        tone=tone_of_model(report),
        link="model",
    )


def charts(material: Material) -> tuple[PlotlyChart, ...]:
    """Rows over time, the target over time, and the target's distribution; each only where there is one."""
    time, target = material.time_column(), material.model.target
    drawn: list[PlotlyChart | None] = []
    if time is not None:
        drawn.append(over_time(material.table, time, None, key="overview-rows", noun=material.noun))
        measures = [target] if target is not None and target in material.table.columns else []
        column = next((name for name in measures if material.is_measure(name)), None)
        if column is not None:
            drawn.append(over_time(material.table, time, column, key="overview-target-time", noun=material.noun))
    if target in material.profile.columns:
        drawn.append(column_chart(material, target, key="overview-target"))
    return tuple(chart for chart in drawn if chart is not None)


def column_chart(material: Material, column: str, *, key: str) -> PlotlyChart | None:
    """A column's histogram or its commonest values, from the profile; None if it has neither."""
    profile = material.profile.columns[column]
    if profile.histogram is not None and not profile.kind.is_categorical:
        dates = profile.kind.is_temporal
        show: Callable[[float], str] = moment if dates else number
        edges, counts = profile.histogram.edges, profile.histogram.counts
        fullest = counts.index(max(counts))
        summary = (
            f"From {show(edges[0])} to {show(edges[-1])}; most values lie between "
            f"{show(edges[fullest])} and {show(edges[fullest + 1])}."
        )
        words = Words(key, f"Distribution of {column}", summary)
        return histogram(words, edges, counts, value_title=column, dates=dates)
    if not profile.top_values:
        return None
    shown = profile.top_values[:_MOST_BARS]
    return bars(
        Words(key, f"Values of {column}", f"{shown[0].value} is the commonest with {percent(shown[0].share)}."),
        [top.value for top in shown],
        [top.count for top in shown],
        value_title=material.noun,
        texts=[percent(top.share) for top in shown],
    )
