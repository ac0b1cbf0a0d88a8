"""Who holds the total: one group most of it, a few groups half of it, or all of them the same."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.insights import ChartHint, ChartPoint
from dsp_pipeline.ml.insights import evidence, words
from dsp_pipeline.ml.insights.additive import adds_up
from dsp_pipeline.ml.insights.figures import MOST_BARS
from dsp_pipeline.ml.insights.pattern import Measured, Pattern, Wording
from dsp_pipeline.ml.insights.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsp_pipeline.ml.insights.subjects import Breakdown, Measure
    from dsp_pipeline.ml.insights.view import View
    from dsp_pipeline.ml.statistics.arrays import Floats

_MAJORITY = 0.5
_HEAD = 0.34
_FEWEST = 20
_FEWEST_LEVELS = 3
_FACT = 0.45


@dataclasses.dataclass(frozen=True)
class Total:
    """A measure's total by group, the largest first.

    Attributes:
        measure: What is added up.
        breakdown: What it is divided by.
        order: The groups, the one with the largest total first.
        shares: Their shares of the total, in that order.
        size: How many of them are told.
    """

    measure: Measure
    breakdown: Breakdown
    order: list[int]
    shares: Floats
    size: int


def _totals(view: View) -> Iterator[Total]:
    labels = [each for each in view.breakdowns if view.roles[each.name] is Role.LABEL]
    for measure in view.measures:
        if not adds_up(measure) or measure.profile.count < _FEWEST:
            continue
        for breakdown in labels:
            sums = breakdown.grouping.sums(measure.filled)
            total = float(sums.sum())
            if len(sums) >= _FEWEST_LEVELS and 0 < total < np.inf:
                order = np.argsort(-sums, kind="stable")
                yield Total(measure, breakdown, [int(level) for level in order], sums[order] / total, 1)


class _OfTotal(Pattern[Total]):
    """The interface's parts that statements about totals share."""

    acts = "segment"

    def _measured(self, view: View, total: Total, strength: float) -> Measured[Total]:
        measure, breakdown = total.measure, total.breakdown
        return Measured(
            columns=(measure.name, breakdown.name),
            n=int(breakdown.grouping.rows_with(measure).sum()),
            effect=float(total.shares[: total.size].sum()),
            effect_name="share of the total",
            strength=strength,
            impact=0.6 * view.interest(measure.name, breakdown.name),
            detail=total,
        )

    @staticmethod
    def _chart(total: Total) -> ChartHint:
        measure, breakdown = total.measure, total.breakdown
        return ChartHint(
            kind="bar",
            columns=[measure.name, breakdown.name],
            title=words.sentence(f"{measure.said} by {breakdown.said}, as shares of the total"),
            value_title=f"% of all {measure.said}",
            points=[
                ChartPoint(label=breakdown.say(level), value=100 * float(share), told=place < total.size)
                for place, (level, share) in enumerate(zip(total.order, total.shares, strict=True))
                if place < MOST_BARS
            ],
        )


class MajorityOfTotal(_OfTotal):
    """One group that holds more than half of a total, and another part of it than of the rows."""

    type = "majority"
    _notable = 0.05

    def measure(self, view: View) -> Iterator[Measured[Total]]:
        """Every measure that adds up by every column of three labels at least."""
        for total in _totals(view):
            beyond = float(total.shares[0]) - _share_of_rows(total)
            if total.shares[0] > _MAJORITY and abs(beyond) >= self._notable:
                yield self._measured(view, total, min(1.0, _FACT + abs(beyond)))

    def word(self, view: View, found: Measured[Total]) -> Wording:
        """Its share of the total, and its share of the rows."""
        total = found.detail
        measure, breakdown, top = total.measure, total.breakdown, total.order[0]
        both = f"{evidence.identifier(breakdown.name)} IS NOT NULL AND {measure.sql} IS NOT NULL"
        of_rows = _share_of_rows(total)
        here = f"SUM(CASE WHEN {breakdown.condition(top)} THEN {measure.sql} END)"
        every = f"SUM(CASE WHEN {both} THEN {measure.sql} END)"
        return Wording(
            statement=words.sentence(
                f"{breakdown.say(top)} holds {words.percent(found.effect)} of all {measure.said}, with "
                f"{words.percent(of_rows)} of the {view.noun}."
            ),
            action=f"Look at {breakdown.say(top)} first: whatever moves the total of {measure.said} moves there.",
            evidence=evidence.select(
                (f"1e2 * {here} / {every}", "percent_of_total"),
                (evidence.share(breakdown.condition(top), both), "percent_of_rows"),
            ),
            chart=self._chart(total),
        )


def _share_of_rows(total: Total) -> float:
    """The first group's share of the rows that the total is made of."""
    rows = total.breakdown.grouping.rows_with(total.measure)
    return float(rows[total.order[0]] / rows.sum())


class Pareto(_OfTotal):
    """A few of many groups that hold half of a total, or more."""

    type = "pareto"
    _many = 8
    _most = 0.8

    def measure(self, view: View) -> Iterator[Measured[Total]]:
        """Every measure that adds up by every column of eight labels at least."""
        for total in _totals(view):
            if len(total.order) < self._many or total.shares[0] > _MAJORITY:
                continue
            size = int(np.searchsorted(np.cumsum(total.shares), self._most) + 1)
            if size / len(total.order) <= _HEAD:
                told = dataclasses.replace(total, size=size)
                yield self._measured(view, told, _FACT + (_HEAD - size / len(total.order)) / 2)

    def word(self, view: View, found: Measured[Total]) -> Wording:  # noqa: ARG002 - the interface's
        """How many of how many hold what share."""
        total = found.detail
        measure, breakdown = total.measure, total.breakdown
        name = evidence.identifier(breakdown.name)
        known = f"{name} IS NOT NULL AND {measure.sql} IS NOT NULL"
        each = evidence.grouped(name, [(f"SUM({measure.sql})", "v")], where=known)
        top = " OR ".join(f"({breakdown.condition(level)})" for level in total.order[: total.size])
        here = evidence.figure(f"SUM(CASE WHEN {top} THEN {measure.sql} END)")
        return Wording(
            statement=words.sentence(
                f"{total.size} of the {words.count(len(total.order))} values of {breakdown.said} hold "
                f"{words.percent(found.effect)} of all {measure.said}; the first is "
                f"{breakdown.say(total.order[0])} "
                f"with {words.percent(float(total.shares[0]))}."
            ),
            action=(
                f"Start with these {total.size} when {measure.said} is to be changed: the other "
                f"{len(total.order) - total.size} hold {words.percent(1 - found.effect)} together."
            ),
            evidence=evidence.select(
                (f"1e2 * {here} / SUM(v)", "percent"),
                ("1e2 * MAX(v) / SUM(v)", "percent_of_first"),
                ("COUNT(v)", "of"),
                (evidence.literal(total.size), "values"),
                source=each,
            ),
            chart=self._chart(total),
        )


@dataclasses.dataclass(frozen=True)
class Even:
    """A column of labels that are about equally common."""

    breakdown: Breakdown
    low: float
    high: float


def _between(even: Even) -> str:
    low, high = words.percent(even.low), words.percent(even.high)
    return low if low == high else f"between {low} and {high}"


class Evenness(Pattern[Even]):
    """Labels that occur about equally often."""

    type = "evenness"
    _most_apart = 1.25
    _most_levels = 50

    def measure(self, view: View) -> Iterator[Measured[Even]]:
        """Every column of three labels at least, the commonest at most a quarter ahead of the rarest."""
        for breakdown in view.breakdowns:
            counts = breakdown.counts
            few = not _FEWEST_LEVELS <= len(counts) <= self._most_levels
            if few or counts[-1] < _FEWEST or counts[0] > self._most_apart * counts[-1]:
                continue
            yield Measured(
                columns=(breakdown.name,),
                n=int(counts.sum()),
                effect=float(counts[0] / counts[-1]),
                effect_name="commonest over rarest",
                strength=_FACT,
                impact=_FACT * view.interest(breakdown.name),
                detail=Even(breakdown, float(counts[-1] / counts.sum()), float(counts[0] / counts.sum())),
            )

    def word(self, view: View, found: Measured[Even]) -> Wording:
        """The shares between which all labels lie."""
        even, breakdown = found.detail, found.detail.breakdown
        name = evidence.identifier(breakdown.name)
        source = evidence.counted([(name, "label")], f"{name} IS NOT NULL")
        return Wording(
            statement=words.sentence(
                f"{view.all_known(breakdown.name)} spread evenly over the {len(breakdown.levels)} values of "
                f"{breakdown.said}: each has {_between(even)}."
            ),
            action=(
                f"Compare the values of {breakdown.said} directly: none of them weighs more than the others in "
                "overall figures."
            ),
            evidence=evidence.select(
                ("1e2 * MIN(n) / SUM(n)", "least"),
                ("1e2 * MAX(n) / SUM(n)", "most"),
                ("COUNT(n)", "values"),
                source=source,
            ),
            chart=ChartHint(kind="bar", columns=[breakdown.name]),
        )
