"""Differences that are there in a part of the table only: where one column, or two, have a certain value."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.insights import ChartHint, ChartPoint
from dsp_pipeline.ml.insights import evidence, words
from dsp_pipeline.ml.insights.contrast import FEWEST, Contrast, Moments, contrast
from dsp_pipeline.ml.insights.figures import value_title
from dsp_pipeline.ml.insights.interactions import is_another
from dsp_pipeline.ml.insights.pattern import Measured, Pattern, Wording

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsp_pipeline.ml.insights.subjects import Breakdown, Measure
    from dsp_pipeline.ml.insights.view import View
    from dsp_pipeline.ml.statistics.arrays import Floats, Integers

_MOST_MEASURES = 6
_MOST_BREAKDOWNS = 6
_MOST_LEVELS = 12
_MOST_PARTS = 40
_LEAST_SHARE = 0.1
_MOST_SHARE = 0.9
_WORTH_CONFIRMING = 0.5


@dataclasses.dataclass(frozen=True)
class Part:
    """The rows in which one column, or two, have a certain value.

    Attributes:
        filters: The columns with the positions of their labels.
        share: Its share of the rows.
    """

    filters: tuple[tuple[Breakdown, int], ...]
    share: float

    def places(self, codes: list[Integers]) -> Integers:
        """0 where all filters hold, k where only the k-th fails, and 3 where both do.

        Args:
            codes: Those of the rows in each of the filters' columns.
        """
        fails = (own != level for own, (_, level) in zip(codes, self.filters, strict=True))
        return np.asarray(sum(own * place for place, own in enumerate(fails, 1)))

    @property
    def names(self) -> set[str]:
        """The columns filtered by."""
        return {breakdown.name for breakdown, _ in self.filters}

    @property
    def said(self) -> str:
        """The filters as a sentence names them."""
        return words.listed([breakdown.say(level) for breakdown, level in self.filters])

    @property
    def condition(self) -> str:
        """The filters in SQL."""
        return evidence.all_of([breakdown.condition(level) for breakdown, level in self.filters])


@dataclasses.dataclass(frozen=True)
class Local:
    """Two groups that lie apart in a part of the table, and less so outside it."""

    measure: Measure
    breakdown: Breakdown
    top: int
    bottom: int
    part: Part


def parts_of(view: View) -> list[Part]:
    """The parts with a tenth of the rows at least, by one column and by two, the largest first."""
    columns = view.breakdowns[:_MOST_BREAKDOWNS]
    found: list[Part] = []
    for place, first in enumerate(columns):
        shares = first.counts[:_MOST_LEVELS] / max(1, view.rows)
        levels = [level for level, share in enumerate(shares) if _LEAST_SHARE <= share <= _MOST_SHARE]
        found += [Part(((first, level),), float(shares[level])) for level in levels]
        for second in columns[place + 1 :]:
            if view.copies[first.name] != view.copies[second.name]:
                found += _by_two(view, first, second, levels)
    return sorted(found, key=lambda part: -part.share)[:_MOST_PARTS]


def _by_two(view: View, first: Breakdown, second: Breakdown, levels: list[int]) -> Iterator[Part]:
    size = min(_MOST_LEVELS, len(second.levels))
    for level in levels:
        counts = view.crossed(first, second)[level, :size]
        for other, count in enumerate(counts.tolist()):
            share = count / view.rows
            # A label that nearly all of these rows have anyway makes no part of its own.
            if share >= _LEAST_SHARE and count <= _MOST_SHARE * counts.sum():
                yield Part(((first, level), (second, other)), share)


class DifferenceWithin(Pattern[Local]):
    """Two groups that differ in a part of the table, and differ less outside it."""

    type = "difference_within"
    topic = "interaction"
    acts = "segment"
    least_effect = 0.25
    may_lack_words = True

    def measure(self, view: View) -> Iterator[Measured[Local]]:
        """The two groups furthest apart in each part, looked for in one half.

        In the other half it all has to hold by Welch's tests on ranks: that they differ there, and more than
        outside; with two filters, more than where only one of them holds. The largest p counts.
        """
        for part in parts_of(view):
            for breakdown in view.breakdowns[:_MOST_BREAKDOWNS]:
                if breakdown.name in part.names:
                    continue
                for measure in view.measures[:_MOST_MEASURES]:
                    if is_another(view, measure, breakdown, *(column for column, _ in part.filters)):
                        yield from self._tested(view, Local(measure, breakdown, -1, -1, part))

    def _tested(self, view: View, subject: Local) -> Iterator[Measured[Local]]:
        measure, breakdown, part = subject.measure, subject.breakdown, subject.part
        n, means = _searched(view, subject)
        named = np.flatnonzero((n >= FEWEST).all(axis=0))
        if len(named) < 2:  # noqa: PLR2004 - two groups
            return
        more_there = (means[0] - means[1:].mean(axis=0))[named]
        top, bottom = int(named[np.argmax(more_there)]), int(named[np.argmin(more_there)])
        here, *elsewhere = (means[:, top] - means[:, bottom]).tolist()
        if min(here, *(here - there for there in elsewhere)) < _WORTH_CONFIRMING * self.least_effect:
            return
        confirmed = _contrasts(_confirming(view, subject), top, bottom, part)
        weakest = min(confirmed, key=lambda each: each.value)
        yield Measured(
            columns=(measure.name, breakdown.name, *sorted(part.names)),
            n=int(breakdown.grouping.rows_with(measure).sum()),
            effect=max(0.0, weakest.value),
            effect_name="difference there, or its excess over that elsewhere, in standard deviations of the ranks",
            strength=min(1.0, 0.3 + 0.4 * max(0.0, weakest.value)),
            impact=part.share**0.5 * view.interest(measure.name, breakdown.name, *part.names),
            detail=dataclasses.replace(subject, top=top, bottom=bottom),
            p=max(each.p for each in confirmed),
            ci=weakest.interval,
            subspace={column.name: column.levels[level] for column, level in part.filters},
            confirmed_on=len(view.halves.confirm),
        )

    def word(self, view: View, found: Measured[Local]) -> Wording | None:
        """The two groups' figures in the part, and outside it."""
        local = found.detail
        measure, breakdown, part = local.measure, local.breakdown, local.part
        if measure.tail_is_heavy:
            return None
        inside = part.places([column.codes for column, _ in part.filters]) == 0
        known = measure.present & (breakdown.codes >= 0)
        figures = [
            measure.middle(known & (inside == is_in) & (breakdown.codes == level))
            for is_in in (True, False)
            for level in (local.top, local.bottom)
        ]
        here, outside = figures[0] - figures[1], figures[2] - figures[3]
        if here <= 0 or abs(outside) >= here:
            return None
        say = [measure.say(value) for value in figures]
        what = measure.middle_of(view.noun)
        top, bottom = breakdown.at(local.top), breakdown.at(local.bottom)
        out = f"NOT COALESCE({part.condition}, FALSE)"
        conditions = [
            evidence.all_of([breakdown.condition(level), condition])
            for condition in (part.condition, out)
            for level in (local.top, local.bottom)
        ]
        return Wording(
            statement=words.sentence(
                f"among {view.noun} with {part.said}, the {what} is {say[0]} {top} and {say[1]} {bottom}; among "
                "all other "
                f"{view.noun} the two are {say[2]} and {say[3]}."
            ),
            action=(
                f"Look at {measure.said} by {breakdown.said} where {part.said} "
                f"{'hold' if len(part.filters) > 1 else 'holds'}"
                ": overall figures water the difference down."
            ),
            evidence=evidence.select(
                *(
                    (measure.middle_sql(condition), name)
                    for condition, name in zip(
                        conditions,
                        ("first_there", "second_there", "first_elsewhere", "second_elsewhere"),
                        strict=True,
                    )
                )
            ),
            chart=ChartHint(
                kind="bar",
                columns=[measure.name, breakdown.name],
                title=words.sentence(f"{measure.said} by {breakdown.said}, with {part.said} and without"),
                value_title=value_title(view, measure, what),
                points=[
                    ChartPoint(
                        label=f"{breakdown.say(level)}, {'there' if is_in else 'elsewhere'}",
                        value=figures[2 * (not is_in) + place],
                        told=is_in,
                    )
                    for is_in in (True, False)
                    for place, level in enumerate((local.top, local.bottom))
                ],
            ),
        )


def _searched(view: View, subject: Local) -> tuple[Floats, Floats]:
    """Rows and mean scores of the commonest groups in the searched half: in the part, and where one filter fails.

    Returns:
        Two arrays with a row for the part and one for each filter, and a column for each group; NaN without rows.
    """
    columns = tuple(column for column, _ in subject.part.filters)
    n, sums = _cells(view, subject.measure, (*columns, subject.breakdown))
    levels = tuple(level for _, level in subject.part.filters)
    lines: list[tuple[int | slice, ...]] = [
        (*levels[:axis], slice(None), *levels[axis + 1 :]) for axis in range(len(levels))
    ]
    rows, totals = (
        np.stack([table[levels], *(table[line].sum(axis=0) - table[levels] for line in lines)])[:, :-1]
        for table in (n, sums)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        return rows, totals / rows


def _cells(view: View, measure: Measure, columns: tuple[Breakdown, ...]) -> tuple[Floats, Floats]:
    """Rows and sums of scores of the searched half by all these columns, counted once for all parts by them.

    Each column has a place for each of its commonest labels, and a last one for all others.
    """
    shape = tuple(min(_MOST_LEVELS, len(column.levels)) + 1 for column in columns)
    names = tuple(column.name for column in columns)

    def place() -> Integers:
        codes = [view.codes_in(column, "search") for column in columns]
        # Codes of -1 stand for the last place of a column too.
        capped = [
            np.where((own < 0) | (own >= size), size - 1, own) for own, size in zip(codes, shape, strict=True)
        ]
        return np.asarray(np.ravel_multi_index(tuple(capped), shape).astype(np.int16))

    def add() -> tuple[Floats, Floats]:
        sampled = view.sampled(measure, "search")
        places, size = view.once(("places", names), place)[sampled.kept], math.prod(shape)
        n = np.bincount(places, minlength=size).astype(np.float64)
        sums = np.bincount(places, weights=sampled.scores, minlength=size).astype(np.float64)
        return n.reshape(shape), sums.reshape(shape)

    return view.once(("cells", measure.name, names), add)


def _confirming(view: View, subject: Local) -> Moments:
    """The moments of the same groups in the half that confirms; the last row is where several filters fail."""
    breakdown, part = subject.breakdown, subject.part
    size, codes = min(_MOST_LEVELS, len(breakdown.levels)), view.codes_in(breakdown, "confirm")
    places = part.places([view.codes_in(column, "confirm") for column, _ in part.filters])
    coded = np.where((codes >= 0) & (codes < size), places * size + codes, -1)
    sampled, shape = view.sampled(subject.measure, "confirm"), (len(part.filters) + 2, size)
    return Moments.of(sampled.scores, coded[sampled.kept], shape[0] * shape[1]).shaped(shape)


def _contrasts(moments: Moments, top: int, bottom: int, part: Part) -> list[Contrast]:
    """How far the two lie apart in the part, and how much further than where one filter does not hold."""
    here = [(1.0, moments.at((0, top))), (-1.0, moments.at((0, bottom)))]
    places = range(1, len(part.filters) + 1)
    return [
        contrast(here),
        *(contrast([*here, (-1.0, moments.at((k, top))), (1.0, moments.at((k, bottom)))]) for k in places),
    ]
