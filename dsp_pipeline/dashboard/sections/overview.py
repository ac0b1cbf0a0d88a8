"""The top of the page: what it is about in a sentence or three, and the key figures."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from dsp_pipeline.dashboard.charts.custom_charts import meter
from dsp_pipeline.dashboard.sections import changes
from dsp_pipeline.dashboard.view import Tile
from dsp_pipeline.dashboard.wording import number, percent, plural, sentence, whole

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.model import ModelReport
    from dsp_pipeline.dashboard.sections.material import Material
    from dsp_pipeline.dashboard.view import Tone

_GOOD, _FAIR = 0.9, 0.75


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
    bad, before = validation.rows_quarantined, material.before
    rows = changes.of_count(profile.rows, before.rows if before else None)
    width = changes.of_count(len(profile.columns), before.columns if before else None)
    score = changes.of_share(quality.score, before.quality_score if before else None)
    set_aside = changes.of_count(bad, before.rows_quarantined if before else None, more_is_worse=True)
    return (
        Tile(
            material.noun[:1].upper() + material.noun[1:],
            whole(profile.rows),
            _duplicates(profile.duplicate_rows),
            change=rows[0],
            change_tone=rows[1],
        ),
        Tile(
            "Columns",
            whole(len(profile.columns)),
            mix,
            link="columns",
            change=width[0],
            change_tone=width[1],
        ),
        Tile(
            "Quality score",
            percent(quality.score),
            "completeness, uniqueness, validity, consistency",
            tone=tone_of_share(quality.score),
            link="quality",
            svg=meter(
                quality.score, label=f"Quality score {percent(quality.score)}", tone=tone_of_share(quality.score)
            ),
            change=score[0],
            change_tone=score[1],
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
            change=set_aside[0],
            change_tone=set_aside[1],
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
    change = changes.of_score(best.holdout, report, material.before)
    against = f", baseline {number(report.baseline.holdout)}" if report.baseline is not None else ""
    return Tile(
        f"Predicting {report.target}",
        number(best.holdout),
        f"{metric} on unseen rows{against}",
        tone=tone_of_model(report),
        link="model",
        change=change[0],
        change_tone=change[1],
    )
