"""What changed between two periods of time, and which groups the change came from."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.insights import ChartHint, ChartPoint
from dsp_pipeline.ml.insights import evidence, words
from dsp_pipeline.ml.insights.contrast import FEWEST, Contrast
from dsp_pipeline.ml.insights.pattern import Measured, Pattern, Wording
from dsp_pipeline.ml.insights.roles import Role
from dsp_pipeline.ml.insights.timeline import timeline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsp_pipeline.ml.insights.subjects import Breakdown
    from dsp_pipeline.ml.insights.timeline import Timeline
    from dsp_pipeline.ml.insights.view import View
    from dsp_pipeline.ml.statistics.arrays import Floats, Integers

_MOST_MEASURES = 8
_MOST_LEVELS = 30
_MOST_BARS = 12
_FEWEST_PERIODS = 12
_YEAR_OF_MONTHS = 12
_NOTABLE_CHANGE = 0.1
_NORMAL = 1e9
"""Degrees of freedom with which Student's distribution is the normal one."""


@dataclasses.dataclass(frozen=True)
class Spans:
    """Two spans of time that are compared.

    Attributes:
        line: The timeline.
        early: The first and the last period of the earlier one.
        late: Those of the later one; as many periods.
    """

    line: Timeline
    early: tuple[int, int]
    late: tuple[int, int]

    @classmethod
    def of(cls, view: View) -> Spans | None:
        """The last year of months and the one before where there are both, else the last and the first half."""
        line = timeline(view, _FEWEST_PERIODS)
        if line is None:
            return None
        n = len(line.starts)
        years = line.unit == "month" and n >= 2 * _YEAR_OF_MONTHS
        size = _YEAR_OF_MONTHS if years else n // 2
        early = n - 2 * size if years else 0
        return cls(line, (early, early + size - 1), (n - size, n - 1))

    @functools.cached_property
    def codes(self) -> Integers:
        """0 for rows of the earlier span, 1 for those of the later one, -1 for others."""
        codes = self.line.codes
        is_early = (codes >= self.early[0]) & (codes <= self.early[1])
        return np.where(codes >= self.late[0], 1, np.where(is_early, 0, -1))

    def counts(self, breakdown: Breakdown) -> Floats:
        """Rows by span and group."""
        by_period = self.line.label_counts(breakdown)
        return np.array([by_period[a : b + 1].sum(axis=0) for a, b in (self.early, self.late)], dtype=np.float64)

    def say(self, span: tuple[int, int]) -> str:
        """A span in words."""
        return f"{self.line.say(span[0])} to {self.line.say(span[1])}"

    def condition(self, span: tuple[int, int]) -> str:
        """A span in SQL."""
        return self.line.condition(*span)


@dataclasses.dataclass(frozen=True)
class Share:
    """A group's part in a change of the number of rows.

    Attributes:
        spans: The spans of time.
        breakdown: What the rows are divided by.
        level: The group.
        counts: Rows by span and group.
    """

    spans: Spans
    breakdown: Breakdown
    level: int
    counts: Floats

    @property
    def rows(self) -> Floats:
        """Those of each span."""
        return np.asarray(self.counts.sum(axis=1))

    @property
    def is_notable(self) -> bool:
        """Whether rows became a tenth more or fewer at least."""
        before, after = self.rows
        return bool(abs(after - before) >= _NOTABLE_CHANGE * before)


class CountAttribution(Pattern[Share]):
    """Which group a change in the number of rows came from, more than its size would give."""

    type = "attribution"
    least_effect = 0.05

    def measure(self, view: View) -> Iterator[Measured[Share]]:
        """The group whose part of the change exceeds its size most.

        It is tested whether its share of the rows moved that way: the one-sided test of two shares, the group
        against all others by span, times the number of groups (Bonferroni). Where there is no change to speak of,
        p is 1: leaving such a candidate out after the procedure would not keep its rate.
        """
        spans = Spans.of(view)
        if spans is None:
            return
        for breakdown in labels_to_compare(view):
            levels = len(breakdown.levels)
            counts = spans.counts(breakdown)
            if counts.sum(axis=1).min() < FEWEST:
                continue
            change = np.diff(counts.sum(axis=1))[0]
            moved = np.diff(counts / counts.sum(axis=1, keepdims=True), axis=0)[0]
            sign = 1.0 if change > 0 else -1.0
            level = int(np.argmax(moved * sign))
            share = Share(spans, breakdown, level, counts)
            found = _two_shares(np.vstack([counts[:, level], share.rows - counts[:, level]]))
            yield Measured(
                columns=(breakdown.name, spans.line.column.name),
                n=int(counts.sum()),
                effect=found.value,
                effect_name="change of its share of the rows",
                strength=min(1.0, 0.4 + 2 * abs(found.value)),
                impact=float(counts.sum() / view.rows) * view.interest(breakdown.name),
                detail=share,
                p=min(1.0, levels * found.signed(sign).p) if share.is_notable else 1.0,
                ci=found.interval,
                subspace={breakdown.name: breakdown.levels[level]},
            )

    def word(self, view: View, found: Measured[Share]) -> Wording:
        """The change of all rows, the group's part of it, and its share before."""
        share, spans, breakdown = found.detail, found.detail.spans, found.detail.breakdown
        before, after = share.rows
        own_before, own_after = share.counts[:, share.level]
        change, own = after - before, own_after - own_before
        early, late = (spans.condition(span) for span in (spans.early, spans.late))
        is_it, known = breakdown.condition(share.level), f"{evidence.identifier(breakdown.name)} IS NOT NULL"
        name, part = breakdown.say(share.level), own / change
        moved = "rose" if change > 0 else "fell"
        share_of = (
            f"makes up {words.percent(part)} of the {'rise' if change > 0 else 'fall'}"
            if part <= 1
            else f"{moved} by more than all together, from {words.count(int(own_before))} to "
            f"{words.count(int(own_after))}"
        )
        figures = [
            (evidence.rows(f"{early} AND {known}"), "before"),
            (evidence.rows(f"{late} AND {known}"), "after"),
            (evidence.rows(f"{early} AND {is_it}"), "its_before"),
            (evidence.rows(f"{late} AND {is_it}"), "its_after"),
            (evidence.share(is_it, f"{early} AND {known}"), "its_percent_before"),
        ]
        whole = [expression for expression, _ in figures]
        return Wording(
            statement=words.sentence(
                f"{view.noun} {moved} from {words.count(int(before))} ({spans.say(spans.early)}) to "
                f"{words.count(int(after))} ({spans.say(spans.late)}), by "
                f"{words.percent(abs(change) / before)}; {name} "
                f"{share_of}, with {words.percent(own_before / before)} of them before."
            ),
            action=(
                f"Look at {name} first when the change is to be understood: its share of all {view.noun} {moved} "
                "with it."
            ),
            evidence=evidence.select(
                *figures,
                (f"1e2 * ABS(1e0 * {whole[1]} - {whole[0]}) / {whole[0]}", "percent_change"),
                (f"1e2 * ({whole[3]} - {whole[2]}) / (1e0 * {whole[1]} - {whole[0]})", "percent_of_change"),
            ),
            chart=_changes_chart(share, f"change of {view.noun}"),
        )


def labels_to_compare(view: View) -> Iterator[Breakdown]:
    """The columns of labels that a change can be divided by."""
    for breakdown in view.breakdowns:
        if view.roles[breakdown.name] is not Role.CALENDAR and len(breakdown.levels) <= _MOST_LEVELS:
            yield breakdown


def _two_shares(table: Floats) -> Contrast:
    """The later share minus the earlier one; with the error under one share for both p is chi-squared's.

    Args:
        table: Rows of the group and of all others (first axis) by span.
    """
    n = table.sum(axis=0)
    shares = table[0] / n
    common = float(table[0].sum() / n.sum())
    difference = float(shares[1] - shares[0])
    return Contrast(difference, float(np.sqrt(common * (1 - common) * (1 / n).sum())), _NORMAL)


def _changes_chart(share: Share, what: str) -> ChartHint:
    breakdown, changes = share.breakdown, np.diff(share.counts, axis=0)[0]
    order = [int(level) for level in np.argsort(-np.abs(changes), kind="stable")[:_MOST_BARS]]
    return ChartHint(
        kind="bar",
        columns=[breakdown.name],
        title=words.sentence(f"{what} by {breakdown.said}"),
        value_title=what,
        points=[
            ChartPoint(label=breakdown.say(level), value=float(changes[level]), told=level == share.level)
            for level in sorted(order, key=lambda level: -changes[level])
        ],
    )
