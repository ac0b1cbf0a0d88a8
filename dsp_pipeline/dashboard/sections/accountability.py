"""Where the model errs, how it treats groups of people, which columns stand in for each other, and its card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp_pipeline.dashboard.view import CardView, FairnessView, Grid, PartScoresView
from dsp_pipeline.dashboard.wording import NONE, interval, number, percent, plural, whole

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.explanations import ColumnScores, Explanations, Fairness, GroupGap, GroupRates
    from dsp_pipeline.dashboard.sections.material import Material

_MOST_SEGMENTS = 20
_SHARES = frozenset({"demographic parity", "equal opportunity", "accuracy"})


def segments(found: Explanations, material: Material) -> Grid | None:
    """The weak parts, as a table."""
    rows = tuple(
        (
            material.publication.text(one.description),
            whole(one.rows),
            number(one.score),
            NONE if one.ci_low is None or one.ci_high is None else interval(one.ci_low, one.ci_high),
            number(one.overall),
        )
        for one in found.segments[:_MOST_SEGMENTS]
    )
    header = ("Where", "Rows", "Score there", "95% interval", "Score overall")
    caption = "Where the model is worse than overall"
    return Grid(header, rows, caption, numeric=frozenset({1, 2, 3, 4})) if rows else None


def part_scores(found: Explanations, material: Material) -> tuple[PartScoresView, ...]:
    """A table of the parts by each of the strongest columns."""
    metric = material.model.metric
    name = metric.name.replace("_", " ") if metric is not None else "score"
    return tuple(PartScoresView(one.column, _by_part(one, name, material)) for one in found.part_scores)


def _by_part(one: ColumnScores, metric: str, material: Material) -> Grid:
    rows = tuple(
        (
            material.publication.text(part.description),
            whole(part.rows),
            number(part.score),
            NONE if part.ci_low is None or part.ci_high is None else interval(part.ci_low, part.ci_high),
        )
        for part in one.parts
    )
    left = (
        f"{plural(one.left_out, 'row')} in parts that are too small, or beyond the commonest."
        if one.left_out
        else ""
    )
    header = ("Part", "Rows", metric[:1].upper() + metric[1:], "95% interval")
    caption = f"How well the model does by {one.column}"
    return Grid(header, rows, caption, numeric=frozenset({1, 2, 3}), left_out=left)


def groups(found: Explanations) -> Grid | None:
    """Columns that say much the same."""
    rows = tuple(
        (
            ", ".join(one.features),
            number(one.association),
            number(one.mean_abs),
            NONE if one.worth is None else number(one.worth),
        )
        for one in found.groups
    )
    header = ("Columns", "Weakest link", "Contribution together", "Worth together")
    return Grid(header, rows, "Columns that say much the same", numeric=frozenset({1, 2, 3})) if rows else None


def warnings(found: Explanations) -> tuple[str, ...]:
    """Where what the model leans on is worth nothing."""
    return tuple(f"{one.feature}: {one.warning}." for one in found.global_ if one.warning)


def card(found: Explanations, material: Material) -> tuple[CardView, ...]:
    """The model card."""
    said = material.publication.text
    return tuple(CardView(part.title, tuple(said(line) for line in part.lines)) for part in found.card)


def fairness(found: Explanations, material: Material) -> tuple[FairnessView, ...]:
    """A table of groups and one of gaps for each sensitive column."""
    return tuple(_fairness(one, material) for one in found.fairness if one.groups)


def _fairness(one: Fairness, material: Material) -> FairnessView:
    names = _names(one, material)
    positive = material.publication.text(one.positive or "")
    measures = list(dict.fromkeys(measure for group in one.groups for measure in group.rates))
    rows = tuple(_group(group, measures, names) for group in one.groups)
    header = (one.column, "Rows", *(measure[:1].upper() + measure[1:] for measure in measures), "Score")
    left = f"{plural(one.left_out, 'row')} in groups too small to compare." if one.left_out else ""
    numeric = frozenset(range(1, len(header)))
    caption = f"How groups of {one.column} are treated"
    return FairnessView(
        column=one.column,
        sentences=tuple(_gap(gap, positive, names) for gap in one.gaps),
        groups=Grid(header, rows, caption, numeric=numeric, left_out=left),
    )


def _names(one: Fairness, material: Material) -> dict[str, str]:
    """Groups as they may be shown: numbered where the column holds personal data."""
    if one.column in material.publication.whole:
        return {group.group: f"group {place}" for place, group in enumerate(one.groups, start=1)}
    return {group.group: material.publication.text(group.group) for group in one.groups}


def _group(group: GroupRates, measures: list[str], names: dict[str, str]) -> tuple[str, ...]:
    rates = (_written(measure, group.rates.get(measure)) for measure in measures)
    return (names[group.group], whole(group.rows), *rates, number(group.score))


def _written(measure: str, value: float | None) -> str:
    return percent(value) if measure in _SHARES else number(value)


def _gap(gap: GroupGap, positive: str, names: dict[str, str]) -> str:
    unit = " points" if gap.measure in _SHARES else ""
    factor = 100 if gap.measure in _SHARES else 1
    ends = interval(factor * gap.ci_low, factor * gap.ci_high)
    subject = {
        "demographic parity": f"called '{positive}'",
        "equal opportunity": f"called '{positive}' among those who are",
    }.get(gap.measure, gap.measure)
    if gap.difference == 0:
        return f"{subject[:1].upper()}{subject[1:]}: the groups do not differ."
    text = (
        f"{subject[:1].upper()}{subject[1:]}: {names[gap.highest]} is {number(factor * gap.difference)}{unit} "
        f"above {names[gap.lowest]} (95% interval {ends})."
    )
    if gap.ratio is None:
        return text
    verdict = "below" if gap.below_four_fifths else "within"
    return f"{text} The lower rate is {percent(gap.ratio)} of the higher, {verdict} the four-fifths rule's 80%."
