"""From a version's artifacts to its dashboard: first the view model, then the page."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from markupsafe import Markup

from dsp_pipeline.core.artifacts.summary import Summary
from dsp_pipeline.core.numbers import NUMBER_FORMATS, PLAIN, plain
from dsp_pipeline.dashboard import packager
from dsp_pipeline.dashboard.charts.frame import BASE_LAYOUT
from dsp_pipeline.dashboard.escaping import script_json
from dsp_pipeline.dashboard.explore.table import embedded
from dsp_pipeline.dashboard.explore.view import explore_view
from dsp_pipeline.dashboard.page import ALONE, Dashboard
from dsp_pipeline.dashboard.palette import themes
from dsp_pipeline.dashboard.sections import (
    columns,
    findings,
    glance,
    making,
    model,
    overview,
    quality,
    reasons,
    rows,
    structure,
    what_if,
)
from dsp_pipeline.dashboard.sections.associations import associations
from dsp_pipeline.dashboard.sections.material import Material
from dsp_pipeline.dashboard.view import PageView, SectionLink
from dsp_pipeline.dashboard.wording import whole

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.explanations import Explanations
    from dsp_pipeline.core.artifacts.insights import Insights
    from dsp_pipeline.core.artifacts.model import ModelReport
    from dsp_pipeline.core.artifacts.profile import Profile
    from dsp_pipeline.core.artifacts.summary import BuiltFrom
    from dsp_pipeline.core.numbers import NumberFormat
    from dsp_pipeline.core.sidecar import DashboardOptions
    from dsp_pipeline.dashboard.page import Surroundings
    from dsp_pipeline.etl.tables import ValidatedTable

_STYLES = ("base.css", "page.css", "explore.css", "what-if.css")
_SCRIPTS = tuple(
    f"{name}.js"
    for name in (
        "page",
        "unpack",
        "speaking",
        "numbers",
        "elements",
        "saving",
        "chart-saving",
        "chart-tables",
        "charts",
        "columns",
        "rows",
    )
)
_WHAT_IF_SCRIPTS = ("inputs", "trees", "model", "controls", "answer", "main")
_EXPLORE_SCRIPTS = ("columns", "state", "chart", "card", "saving", "contrast", "main", "brush")


def build(
    validated: ValidatedTable,
    profile: Profile,
    model: ModelReport,
    explanations: Explanations,
    insights: Insights,
    *,
    built_from: BuiltFrom,
    title: str | None = None,
    surroundings: Surroundings = ALONE,
) -> Dashboard:
    """The dashboard of one version: one HTML file that opens anywhere and asks the network for nothing.

    Args:
        validated: The table with its quarantine and reports.
        profile: What is in the table.
        model: What predicts what; its ``task`` is None where there is no model.
        explanations: Why it predicts so; empty where there is no model.
        insights: The ranked statements.
        built_from: What the footer and the last section say of the page's origin.
        title: The page's title; else the sidecar's, else the dataset's name.
        surroundings: The version before this one, and whether the page is published with what makes it an app.

    Returns:
        The same bytes for the same arguments.
    """
    chosen = title or validated.sidecar.title or _spoken(built_from.dataset)
    material = Material(
        validated,
        profile.marked(),
        model.marked(),
        explanations.marked(),
        insights.marked(),
        built_from,
        chosen,
        surroundings.before,
    )
    page = view(material)
    html = render(
        page,
        options=validated.sidecar.dashboard,
        code_version=built_from.code_version,
        installable=surroundings.installable,
    )
    return Dashboard(html=html, summary=_summary(material, page, len(html)))


def _spoken(dataset: str) -> str:
    """A dataset's slug as a title: ``shop-orders`` is ``Shop orders``."""
    words = dataset.replace("_", " ").replace("-", " ")
    return words[:1].upper() + words[1:]


def view(material: Material) -> PageView:
    """Everything that the page shows."""
    matrix, pairs = associations(material)
    every_row = embedded(material)
    parts = PageView(
        title=material.title,
        dataset=material.built_from.dataset,
        version=material.built_from.version,
        lead=overview.lead(material),
        tiles=overview.tiles(material),
        contents=(),
        insights=findings.insights(material, every_row),
        overview=glance.charts(material),
        explore=explore_view(every_row, material.noun),
        associations=matrix,
        associations_table=pairs,
        structure=structure.structure(material),
        over_time=structure.over_time(material),
        quality=quality.quality(material),
        columns=columns.columns(material),
        model=model.model(material),
        explanations=reasons.explanations(material),
        what_if=what_if.what_if(material),
        table=rows.table(material),
        made=making.making(material),
        logo=material.validated.sidecar.dashboard.logo or "",
    )
    return _with_contents(parts, len(material.profile.alerts), len(material.profile.columns))


def _relates(page: PageView) -> bool:
    return any((page.associations_table, page.structure, page.over_time))


def _with_contents(page: PageView, alerts: int, columns_: int) -> PageView:
    links = [
        SectionLink("summary", "Summary"),
        SectionLink("insights", "Insights", whole(len(page.insights.cards))),
        SectionLink("overview", "At a glance") if page.overview else None,
        SectionLink("explore", "Explore", whole(page.explore.rows)) if page.explore else None,
        SectionLink("quality", "Data quality", whole(alerts) if alerts else ""),
        SectionLink("columns", "Columns", whole(columns_)),
        SectionLink("associations", "Associations") if _relates(page) else None,
        SectionLink("model", "Model"),
        SectionLink("explanations", "Explanations") if page.explanations else None,
        SectionLink("what-if", "What if") if page.what_if else None,
        SectionLink("rows", "Data", whole(page.table.rows)),
        SectionLink("made", "How this was made"),
    ]
    return dataclasses.replace(page, contents=tuple(link for link in links if link is not None))


def render(page: PageView, *, options: DashboardOptions, code_version: str, installable: bool = False) -> bytes:
    """The page as one HTML file, UTF-8."""
    numbers = NUMBER_FORMATS[options.number_format]
    figures = {key: chart.figure for key, chart in page.plotly_charts().items()}
    plotly = packager.plotly_source() if figures else b""
    chosen = themes(options.accent)
    # Where the page writes them another way, scripts show texts so and save them plainly.
    kept = PLAIN if numbers == PLAIN else None
    base = BASE_LAYOUT if numbers == PLAIN else {**BASE_LAYOUT, "separators": numbers.point + numbers.group}
    data = script_json({"base": base, "figures": dict(figures), "swaps": dict(chosen.swaps())}, kept)
    carries_model = page.what_if is not None and page.what_if.packed
    scripts = (
        *_SCRIPTS,
        *(f"explore/{name}.js" for name in _EXPLORE_SCRIPTS if page.explore),
        *(f"what-if/{name}.js" for name in _WHAT_IF_SCRIPTS if carries_model),
    )
    carried = (plotly,) if figures else ()
    looks = packager.Looks(
        chosen, _STYLES, scripts, carried=carried, workers=True, numbers=numbers, installable=installable
    )
    return packager.render(
        "dashboard.html",
        looks,
        {
            "page": page,
            "code_version": code_version,
            "charts_data": Markup(data),  # noqa: S704 - script_json escapes it for a script element
            "rows_data": Markup(packager.packed(script_json(page.table.data, kept).encode())),  # noqa: S704 - base64
            **_explore_data(page, kept),
            **_what_if_data(page, numbers),
            "plotly_data": Markup(packager.packed(plotly) if figures else ""),  # noqa: S704 - base64
        },
    )


def _explore_data(page: PageView, numbers: NumberFormat | None) -> dict[str, object]:
    """The embedded table for the page's scripts: what is known of it, its columns, and the worker's source."""
    shown = page.explore
    described = script_json(shown.data, numbers) if shown else ""
    columns = [packager.spelt(data) for data in shown.columns] if shown else []
    return {
        "explore_data": Markup(described),  # noqa: S704 - script_json escapes it for a script element
        "explore_columns": [Markup(data) for data in columns],  # noqa: S704 - base64
        "explore_engine": Markup(packager.script("explore/engine.js")),  # noqa: S704 - our own file
    }


def _what_if_data(page: PageView, numbers: NumberFormat) -> dict[str, object]:
    """The model for the page's scripts: what it is, and its numbers."""
    shown = page.what_if
    described = script_json(shown.data, numbers) if shown and shown.packed else ""
    return {
        "what_if_data": Markup(described),  # noqa: S704 - script_json escapes it for a script element
        "what_if_model": Markup(shown.packed if shown else ""),  # noqa: S704 - base64
    }


def _summary(material: Material, page: PageView, size: int) -> Summary:
    report = material.model
    best = next((entry for entry in report.leaderboard if entry.name == report.best), None)
    return Summary(
        bytes=size,
        rows_embedded=page.table.rows,
        built_from=material.built_from,
        title=material.title,
        rows=material.table.height,
        columns=material.table.width,
        rows_quarantined=material.validated.validation.rows_quarantined,
        quality_score=material.validated.validation.quality.score,
        target=report.target,
        metric=report.metric.name if report.metric is not None else None,
        score=best.holdout if best is not None else None,
        verdict=plain(report.verdict),
        key_insight=plain(page.insights.cards[0].statement) if page.insights.cards else "",
        alerts=len(material.profile.alerts),
    )
