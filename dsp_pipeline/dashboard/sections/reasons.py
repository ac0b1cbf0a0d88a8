"""Why the model predicts what it predicts."""

from __future__ import annotations

import statistics
from collections import defaultdict
from typing import TYPE_CHECKING

from dsp_pipeline.dashboard.charts.explanation_charts import coloured_dots
from dsp_pipeline.dashboard.charts.frame import Words
from dsp_pipeline.dashboard.charts.model_charts import waterfall
from dsp_pipeline.dashboard.charts.plotly_charts import Box, bars, boxes
from dsp_pipeline.dashboard.sections import accountability, effects
from dsp_pipeline.dashboard.view import ExplanationsView, RowChart
from dsp_pipeline.dashboard.wording import as_label, clipped, number, plural, whole

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.explanations import Counterfactual, Dependence, ExplainedRow, Explanations
    from dsp_pipeline.dashboard.charts.base import PlotlyChart
    from dsp_pipeline.dashboard.sections.material import Material
    from dsp_pipeline.ml.privacy.publication import Publication

_MOST_FEATURES = 15
_MOST_DEPENDENCE = 6
_MOST_ROWS = 12
_MOST_STEPS = 10
_MOST_GROUPS = 12
_MOST_AGAINST = 4
_FEW_FOR_QUARTILES = 2
_DAYS = " (days)"
_MILLISECONDS_A_DAY = 86_400_000.0


def explanations(material: Material) -> ExplanationsView | None:
    """The whole section; None where there is no model to explain."""
    found = material.explanations
    if not found.global_:
        return None
    dependence = [
        _dependence(one, place, material.publication, dates=_is_date(one, material))
        for place, one in enumerate(found.dependence[:_MOST_DEPENDENCE], start=1)
    ]
    return ExplanationsView(
        note=_note(found),
        importance=_importance(found),
        warnings=accountability.warnings(found),
        groups=accountability.groups(found),
        swarm=effects.swarms(found),
        dependence=tuple(chart for chart in dependence if chart is not None),
        effects=effects.effects(found, material),
        interactions=effects.interactions(found),
        rows=tuple(
            _row(row, place, material.publication) for place, row in enumerate(found.rows[:_MOST_ROWS], start=1)
        ),
        segments=accountability.segments(found, material),
        part_scores=accountability.part_scores(found, material),
        fairness=accountability.fairness(found, material),
        card=accountability.card(found, material),
    )


def _note(found: Explanations) -> str:
    output = f", in units of {found.output}" if found.output else ""
    text = f"Contributions by {found.method}{output}."
    if found.fidelity is not None:
        text += (
            f" Over {whole(found.fidelity.rows)} held-out rows they add up to the model's output "
            f"within {number(found.fidelity.additivity_max_error)}."
        )
    return text + " They describe the model, not causes in the world."


def _importance(found: Explanations) -> PlotlyChart:
    shown = sorted(found.global_, key=lambda one: -one.mean_abs)[:_MOST_FEATURES]
    cut = (
        f" The {len(shown)} strongest of {len(found.global_)} are shown."
        if len(found.global_) > len(shown)
        else ""
    )
    names = ", ".join(one.feature for one in shown[:3])
    return bars(
        Words("importance", "What moves predictions most", f"Led by {names}. Whiskers are 95% intervals.{cut}"),
        [one.feature for one in shown],
        [one.mean_abs for one in shown],
        value_title="mean absolute contribution",
        intervals=[(one.ci_low, one.ci_high) for one in shown],
    )


def _is_date(one: Dependence, material: Material) -> bool:
    """Whether the feature is a point in time as days since 1970."""
    return material.kind(one.feature.removesuffix(_DAYS)).is_temporal and one.feature.endswith(_DAYS)


def _dependence(one: Dependence, place: int, publication: Publication, *, dates: bool) -> PlotlyChart | None:
    name = one.feature.removesuffix(_DAYS) if dates else one.feature
    key, title = f"dependence-{place}", f"Contribution of {name}"
    pairs = [(x, shap) for x, shap in zip(one.x, one.shap, strict=True) if x is not None]
    numbers = [(float(x), shap) for x, shap in pairs if not isinstance(x, str)]
    missing = len(one.x) - len(pairs)
    gone = f" {whole(missing)} rows without a value are left out." if missing else ""
    if numbers and len(numbers) == len(pairs):
        summary = f"Each dot is a held-out row: above 0 the value raises the prediction, below it lowers it.{gone}"
        unit = _MILLISECONDS_A_DAY if dates else 1.0
        points = [unit * x for x, _ in numbers], [shap for _, shap in numbers]
        levels, colours = _colours(one)
        words = Words(key, title, summary + colours)
        return coloured_dots(words, points, levels, titles=(name, "contribution"), dates=dates)
    groups = _groups([(publication.text(as_label(x)), shap) for x, shap in pairs])
    if not groups:
        return None
    summary = f"Above 0 the value raises the prediction, below it lowers it. The commonest values are shown.{gone}"
    return boxes(Words(key, title, summary), groups, value_title="contribution", least_height=320)


def _colours(one: Dependence) -> tuple[list[float | None], str]:
    """For each dot the rank of the interacting column's value from 0 to 1, and what the colours mean in words."""
    present = [place for place, x in enumerate(one.x) if x is not None]
    values = [one.with_x[place] for place in present] if one.with_x else []
    if not values or any(isinstance(value, str) for value in values):
        return [0.5] * len(present), ""
    ordered = sorted({float(value) for value in values if value is not None})
    ranks = {value: place / max(1, len(ordered) - 1) for place, value in enumerate(ordered)}
    levels = [None if value is None else ranks[float(value)] for value in values]
    return levels, f" Orange dots have low values of {one.with_feature}, blue ones high: they work together most."


def _groups(pairs: list[tuple[str, float]]) -> list[Box]:
    by_label: dict[str, list[float]] = defaultdict(list)
    for label, shap in pairs:
        by_label[label].append(shap)
    common = sorted(by_label.items(), key=lambda item: (-len(item[1]), item[0]))[:_MOST_GROUPS]
    return sorted((_box(label, values) for label, values in common), key=lambda box: (-box.median, box.label))


def _box(label: str, values: list[float]) -> Box:
    if len(values) < _FEW_FOR_QUARTILES:
        return Box(label, *(values * 5))
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return Box(label, min(values), low, middle, high, max(values))


def _row(row: ExplainedRow, place: int, publication: Publication) -> RowChart:
    ordered = sorted(row.contributions, key=lambda one: -abs(one.shap))
    shown, others = ordered[:_MOST_STEPS], ordered[_MOST_STEPS:]
    labels = [f"{one.feature} = {clipped(publication.text(one.value), 24)}" for one in shown]
    steps = [one.shap for one in shown]
    if others:
        labels.append(plural(len(others), "other"))
        steps.append(sum(one.shap for one in others))
    first = shown[0] if shown else None
    strongest = (
        f" The strongest push comes from {first.feature} ({number(first.shap)})." if first is not None else ""
    )
    path = f"From {number(row.base)} to {number(row.margin)}."
    before = f" Before this row was learnt from: {row.unseen}." if row.unseen is not None else ""
    summary = f"Predicted {row.prediction}, actual {row.actual}.{before} {path}{strongest}"
    words = Words(f"row-{place}", f"Row {whole(row.row + 1)}: {row.why_shown}", summary)
    return RowChart(
        label=f"Row {whole(row.row + 1)}",
        why=row.why_shown,
        prediction=row.prediction,
        actual=row.actual,
        chart=waterfall(words, labels, steps, row.base),
        against=tuple(_against(one, publication) for one in row.counterfactuals),
    )


def _against(one: Counterfactual, publication: Publication) -> str:
    """A counterfactual row in words."""
    shown = [
        f"{each.feature} {clipped(publication.text(each.instead), 24)} instead of"
        f" {clipped(publication.text(each.value), 24)}"
        for each in one.changes[:_MOST_AGAINST]
    ]
    more = len(one.changes) - len(shown)
    rest = f" and {plural(more, 'smaller difference')}" if more else ""
    return f"Row {whole(one.row + 1)} is predicted {one.prediction}, with {', '.join(shown)}{rest}."
