"""How rows spread over labels, and which labels go together."""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.insights import ChartHint
from dsp_pipeline.ml.insights import evidence, words
from dsp_pipeline.ml.insights.intervals import cramer_interval
from dsp_pipeline.ml.insights.pattern import Measured, Pattern, Wording
from dsp_pipeline.ml.insights.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsp_pipeline.ml.insights.subjects import Breakdown, Measure
    from dsp_pipeline.ml.insights.view import View
    from dsp_pipeline.ml.statistics.arrays import Integers

_MAJORITY = 0.5
_NOTABLE_LEAD = 1.2
_FEWEST = 20
_MANY_LEVELS = 8
_HEAD = 0.3
_CELL_SHARE = 0.01
_FEWEST_IN_CELL = 10
_DETERMINED = 0.98
_FACT = 0.45


def _labels(view: View) -> list[Breakdown]:
    """Breakdowns that name things; parts of the calendar are no labels."""
    return [each for each in view.breakdowns if view.roles[each.name] is not Role.CALENDAR]


class TopLabel(Pattern["Breakdown"]):
    """The commonest label: a majority, or clearly ahead of the next."""

    type = "top_label"
    acts = "segment"

    def measure(self, view: View) -> Iterator[Measured[Breakdown]]:
        """Every column of labels whose commonest one stands out."""
        for breakdown in _labels(view):
            if view.roles[breakdown.name] is not Role.LABEL:
                continue
            counts = breakdown.counts
            share = float(counts[0] / counts.sum())
            lead = float(counts[0] / counts[1])
            if counts.sum() < _FEWEST or (share < _MAJORITY and lead < _NOTABLE_LEAD) or lead == 1:
                continue
            even = 1 / len(counts)
            yield Measured(
                columns=(breakdown.name,),
                n=int(counts.sum()),
                effect=share,
                effect_name="share of rows",
                strength=min(1.0, _FACT + (share - even) / 2),
                impact=_FACT * share * view.interest(breakdown.name),
                detail=breakdown,
                subspace={breakdown.name: breakdown.levels[0]},
            )

    def word(self, view: View, found: Measured[Breakdown]) -> Wording:
        """Its rows and share, and the next one's."""
        breakdown = found.detail
        first, second = (int(count) for count in breakdown.counts[:2])
        present = f"{evidence.identifier(breakdown.name)} IS NOT NULL"
        lead = "is the commonest" if len(breakdown.counts) > 2 else "is the commoner"  # noqa: PLR2004
        return Wording(
            statement=words.sentence(
                f"{breakdown.say(0)} {lead} with {view.amount(first)} "
                f"({words.percent(found.effect)} of {view.all_known(breakdown.name)}), ahead of "
                f"{breakdown.say(1)} with {words.count(second)}."
            ),
            action=(
                f"Look at {breakdown.say(0)} and the others apart: overall averages mostly describe it."
                if found.effect >= _MAJORITY
                else f"Give {breakdown.say(0)} its own line in reports: it is the largest group."
            ),
            evidence=evidence.select(
                (evidence.rows(breakdown.condition(0)), "rows"),
                (evidence.share(breakdown.condition(0), present), "percent"),
                (evidence.rows(breakdown.condition(1)), "next"),
            ),
            chart=ChartHint(kind="bar", columns=[breakdown.name]),
        )


class FlagShare(Pattern["Measure"]):
    """How many rows a flag holds for."""

    type = "flag_share"

    def measure(self, view: View) -> Iterator[Measured[Measure]]:
        """Every column of true and false, or 1 and 0."""
        for flag in view.measures:
            if flag.is_rate and flag.profile.count >= _FEWEST:
                share = float(flag.values[flag.present].mean())
                yield Measured(
                    columns=(flag.name,),
                    n=flag.profile.count,
                    effect=share,
                    effect_name="share of rows",
                    strength=_FACT,
                    impact=_FACT * view.interest(flag.name),
                    detail=flag,
                )

    def word(self, view: View, found: Measured[Measure]) -> Wording:
        """Its rows and share."""
        flag = found.detail
        rows = int(flag.values[flag.present].sum())
        return Wording(
            statement=words.sentence(
                words.holds_for(
                    flag.said, f"{words.count(rows)} of {view.amount(found.n)} ({words.percent(found.effect)})"
                )
                + "."
            ),
            action=f"Take this share as the yardstick when {flag.said} is compared between groups.",
            evidence=evidence.select(
                (evidence.rows(f"{flag.sql} = 100"), "rows"), (f"AVG({flag.sql})", "percent")
            ),
            chart=ChartHint(kind="bar", columns=[flag.name]),
        )


@dataclasses.dataclass(frozen=True)
class Head:
    """The commonest labels that together make up half of the rows."""

    breakdown: Breakdown
    size: int
    share: float


class Concentration(Pattern[Head]):
    """A few of many labels that make up half of all rows."""

    type = "concentration"
    acts = "segment"

    def measure(self, view: View) -> Iterator[Measured[Head]]:
        """Every column with many labels whose half lies in less than a third of them."""
        for breakdown in [each for each in _labels(view) if view.roles[each.name] is Role.LABEL]:
            counts = breakdown.counts
            shares = np.cumsum(counts) / counts.sum()
            size = int(np.searchsorted(shares, _MAJORITY) + 1)
            if len(counts) < _MANY_LEVELS or counts.sum() < _FEWEST or size < 2 or size / len(counts) > _HEAD:  # noqa: PLR2004
                continue
            yield Measured(
                columns=(breakdown.name,),
                n=int(counts.sum()),
                effect=size / len(counts),
                effect_name="share of the labels that make up half of the rows",
                strength=_FACT + (_HEAD - size / len(counts)),
                impact=_FACT * view.interest(breakdown.name),
                detail=Head(breakdown, size, float(shares[size - 1])),
            )

    def word(self, view: View, found: Measured[Head]) -> Wording:
        """How many of how many make up what share."""
        breakdown, size = found.detail.breakdown, found.detail.size
        name = evidence.identifier(breakdown.name)
        top = evidence.counted([(name, "label")], f"{name} IS NOT NULL", head=size)
        every = evidence.figure(f"COUNT({name})")
        labels = evidence.figure(f"COUNT(DISTINCT {name})")
        return Wording(
            statement=(
                f"{size} of the {words.count(len(breakdown.counts))} values of {breakdown.said} make up "
                f"{words.percent(found.detail.share)} of {view.all_known(breakdown.name)}."
            ),
            action=f"Start with these {size} when something is to be changed: half of the {view.noun} are there.",
            evidence=evidence.select(
                ("COUNT(n)", "values"), (labels, "of"), (f"1e2 * SUM(n) / {every}", "percent"), source=top
            ),
            chart=ChartHint(kind="bar", columns=[breakdown.name]),
        )


@dataclasses.dataclass(frozen=True)
class Cell:
    """Two labels that occur together more often than chance.

    Attributes:
        a: The column whose label is given.
        b: The column whose label is then commoner.
        level_a: The label's position.
        level_b: The label's position.
        within: Share of b's label among the rows with a's.
        overall: Share of b's label among all rows with both values.
    """

    a: Breakdown
    b: Breakdown
    level_a: int
    level_b: int
    within: float
    overall: float


class LabelsTogether(Pattern["Cell | None"]):
    """Two columns of labels that depend on each other."""

    type = "labels_together"
    acts = "segment"
    topic = "relation"
    least_effect = 0.1

    def measure(self, view: View) -> Iterator[Measured[Cell | None]]:
        """Every pair of columns of labels that the profile tested by chi-squared."""
        names = {each.name for each in view.measures if each.is_rate}
        labels = [each for each in _labels(view) if not view.columns[each.name].has_numbers]
        for a, b in itertools.combinations([each for each in labels if each.name not in names], 2):
            found = view.pair(a.name, b.name, "cramers_v")
            if found is None:
                continue
            worth = self.least_effect <= found.value < _DETERMINED
            yield Measured(
                columns=(a.name, b.name),
                n=found.n,
                effect=found.value if found.value < _DETERMINED else 0.0,
                effect_name="Cramér's V, bias-corrected",
                strength=found.value,
                impact=found.n / view.rows * view.interest(a.name, b.name),
                detail=_strongest_cell(view, a, b) if worth else None,
                p=found.p,
                ci=cramer_interval(found.value, found.n, len(a.levels), len(b.levels)),
            )

    def word(self, view: View, found: Measured[Cell | None]) -> Wording | None:
        """The two labels that go together most, against what chance would give."""
        cell = found.detail
        if cell is None:
            return None
        given, then = cell.a.say(cell.level_a), cell.b.say(cell.level_b)
        a, b = cell.a.condition(cell.level_a), cell.b.condition(cell.level_b)
        both = evidence.all_of([f"{evidence.identifier(each.name)} IS NOT NULL" for each in (cell.a, cell.b)])
        return Wording(
            statement=words.sentence(
                f"{given} and {then} go together: {words.percent(cell.within)} of the {view.noun} with {given} "
                f"have {then}, against {words.percent(cell.overall)} of "
                f"{view.all_known(cell.a.name, cell.b.name)}."
            ),
            action=f"Do not read differences by {cell.a.said} and by {cell.b.said} as two findings: they overlap.",
            evidence=evidence.select(
                (evidence.share(b, evidence.all_of([a, both])), "within"), (evidence.share(b, both), "overall")
            ),
            chart=ChartHint(kind="heatmap", columns=[cell.a.name, cell.b.name]),
        )


def _is_divided(table: Integers) -> bool:
    """Whether every row's label goes with one of the columns' only, and some have one in common."""
    return bool(np.all(np.count_nonzero(table, axis=1) <= 1)) and table.shape[0] > table.shape[1]


def _strongest_cell(view: View, a: Breakdown, b: Breakdown) -> Cell | None:
    """The over-represented cell that contributes most to chi-squared among those with enough rows.

    Its first label is the one of whose own rows the larger share lies in it. None where one column divides the
    labels of the other, as continents do countries: which label goes with which is no news then.
    """
    table = view.crossed(a, b)[:-1, :-1]
    if _is_divided(table) or _is_divided(table.T):
        return None
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    with np.errstate(invalid="ignore", divide="ignore"):
        pull = np.where(table > expected, (table - expected) ** 2 / expected, 0.0)
    pull[table < max(_FEWEST_IN_CELL, _CELL_SHARE * table.sum())] = 0
    if not pull.any():
        return None
    i, j = np.unravel_index(int(np.argmax(pull)), table.shape)
    if table[i, j] / table[:, j].sum() > table[i, j] / table[i].sum():
        a, b, i, j, table = b, a, j, i, table.T
    within, overall = table[i, j] / table[i].sum(), table[:, j].sum() / table.sum()
    return Cell(a, b, int(i), int(j), float(within), float(overall))
