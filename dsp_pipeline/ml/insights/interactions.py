"""Two columns whose joint effect on a measure is more than the sum of both."""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.insights import ChartHint, ChartPoint
from dsp_pipeline.ml.insights import evidence, words
from dsp_pipeline.ml.insights.contrast import FEWEST, Contrast, Moments, contrast
from dsp_pipeline.ml.insights.figures import value_title
from dsp_pipeline.ml.insights.pattern import Measured, Pattern, Wording

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsp_pipeline.ml.insights.contrast import Codes
    from dsp_pipeline.ml.insights.halves import Half
    from dsp_pipeline.ml.insights.subjects import Breakdown, Measure
    from dsp_pipeline.ml.insights.view import View
    from dsp_pipeline.ml.statistics.arrays import Floats

MOST_MEASURES = 8
MOST_BREAKDOWNS = 8
MOST_LEVELS = 12
_WORTH_CONFIRMING = 0.5


@dataclasses.dataclass(frozen=True)
class Cell:
    """The rows with a label of one column and a label of another.

    Attributes:
        measure: What is averaged.
        one: The first column.
        other: The second one.
        at: The two labels' positions.
    """

    measure: Measure
    one: Breakdown
    other: Breakdown
    at: tuple[int, int]


def breakdown_pairs(view: View) -> Iterator[tuple[Breakdown, Breakdown]]:
    """Every two of the foremost breakdowns that are not nearly the same."""
    for one, other in itertools.combinations(view.breakdowns[:MOST_BREAKDOWNS], 2):
        if view.copies[one.name] != view.copies[other.name]:
            yield one, other


def is_another(view: View, measure: Measure, *breakdowns: Breakdown) -> bool:
    """Whether a measure is another subject than the breakdowns, and none of them determines it."""
    copies = {view.copies[each.name] for each in breakdowns}
    return view.copies[measure.name] not in copies and not any(view.is_determined(measure, b) for b in breakdowns)


def _joint_codes(view: View, one: Breakdown, other: Breakdown, half: Half) -> tuple[Codes, tuple[int, int]]:
    """The cell of the commonest labels of both for each row of a half, -1 elsewhere, and the table's shape."""
    return view.once(("joint", one.name, other.name, half), lambda: _joined(view, one, other, half))


def _joined(view: View, one: Breakdown, other: Breakdown, half: Half) -> tuple[Codes, tuple[int, int]]:
    shape = min(MOST_LEVELS, len(one.levels)), min(MOST_LEVELS, len(other.levels))
    a, b = view.codes_in(one, half), view.codes_in(other, half)
    inside = (a >= 0) & (a < shape[0]) & (b >= 0) & (b < shape[1])
    # Two bytes a row: all pairs of columns are kept while patterns are measured.
    return np.where(inside, a * shape[1] + b, -1).astype(np.int16), shape


def joint_moments(view: View, measure: Measure, columns: tuple[Breakdown, Breakdown], half: Half) -> Moments:
    """The moments of the measure's standardised ranks in the cells of two columns, taken once in either order."""
    first, second = sorted(columns, key=lambda each: each.name)

    def take() -> Moments:
        codes, shape = _joint_codes(view, first, second, half)
        sampled = view.sampled(measure, half)
        return Moments.of(sampled.scores, codes[sampled.kept], shape[0] * shape[1]).shaped(shape)

    moments = view.once(("joint moments", measure.name, first.name, second.name, half), take)
    return moments if first is columns[0] else moments.transposed()


class Interaction(Pattern[Cell]):
    """A difference by one column that is another one for a label of a second column."""

    type = "interaction"
    topic = "interaction"
    acts = "segment"
    least_effect = 0.2
    may_lack_words = True

    def measure(self, view: View) -> Iterator[Measured[Cell]]:
        """Every measure by every two breakdowns: the cell furthest from what both give apart, confirmed elsewhere.

        The contrast is the difference of differences: label or others of one column, by label or others of the
        other. Its error is Welch's, on ranks.
        """
        for one, other in breakdown_pairs(view):
            for measure in view.measures[:MOST_MEASURES]:
                if not is_another(view, measure, one, other):
                    continue
                found = self._cell(view, measure, (one, other))
                if found is None:
                    continue
                at, confirmed, sign = found
                share = float(view.crossed(one, other)[at] / view.rows)
                signed = confirmed.signed(sign)
                yield Measured(
                    columns=(measure.name, one.name, other.name),
                    n=int(view.crossed_with(measure, one, other)[:MOST_LEVELS, :MOST_LEVELS].sum()),
                    effect=sign * max(0.0, signed.value),
                    effect_name="difference of differences, in standard deviations of the ranks",
                    strength=min(1.0, 0.3 + 0.4 * abs(signed.value)),
                    impact=share**0.5 * view.interest(measure.name, one.name, other.name),
                    detail=Cell(measure, one, other, at),
                    p=signed.p,
                    ci=confirmed.interval,
                    subspace={one.name: one.levels[at[0]], other.name: other.levels[at[1]]},
                    confirmed_on=len(view.halves.confirm),
                )

    def _cell(
        self, view: View, measure: Measure, columns: tuple[Breakdown, Breakdown]
    ) -> tuple[tuple[int, int], Contrast, float] | None:
        searched = joint_moments(view, measure, columns, "search")
        deviations = _double_differences(searched)
        if not np.any(np.abs(deviations) >= _WORTH_CONFIRMING * self.least_effect):
            return None
        weights = np.abs(deviations) * np.sqrt(searched.n)
        i, j = (int(place) for place in np.unravel_index(int(np.argmax(weights)), weights.shape))
        if abs(deviations[i, j]) < _WORTH_CONFIRMING * self.least_effect:
            return None
        return (
            (i, j),
            _contrast_at(joint_moments(view, measure, columns, "confirm"), i, j),
            1.0 if deviations[i, j] > 0 else -1.0,
        )

    def word(self, view: View, found: Measured[Cell]) -> Wording | None:
        """Both differences: where the label of the second column is, and elsewhere."""
        cell = found.detail
        measure, one, other, (i, j) = cell.measure, cell.one, cell.other, cell.at
        if measure.tail_is_heavy:
            return None
        masks = _quarters(cell)
        figures = [measure.middle(measure.present & mask) for mask in masks]
        here, without = figures[0] - figures[1], figures[2] - figures[3]
        if (here - without) * found.effect <= 0 or abs(here) <= abs(without):
            return None
        what = measure.middle_of(view.noun)
        say = [measure.say(value) for value in figures]
        same_way = without * here > 0
        contrast_word = "only " if same_way else ""
        return Wording(
            statement=words.sentence(
                f"the {what} {one.at(i)} is {say[0]} {other.at(j)}, against {say[1]} {one.at_others(i)}; "
                f"without {other.say(j)} the two are {contrast_word}{say[2]} and {say[3]}."
            ),
            action=(
                f"Report {measure.said} by {one.said} and {other.said} together: either alone hides what "
                "happens where "
                f"{one.say(i)} meets {other.say(j)}."
            ),
            evidence=evidence.select(
                *((measure.middle_sql(condition), name) for condition, name in _conditions(cell))
            ),
            chart=ChartHint(
                kind="bar",
                columns=[measure.name, one.name, other.name],
                title=words.sentence(f"{measure.said} by {one.said} and {other.said}"),
                value_title=value_title(view, measure, what),
                points=[
                    ChartPoint(label=label, value=value, told=place == 0)
                    for place, (label, value) in enumerate(
                        zip(
                            (
                                f"{one.say(i)}, {other.say(j)}",
                                f"others, {other.say(j)}",
                                f"{one.say(i)}, others",
                                "all others",
                            ),
                            figures,
                            strict=True,
                        )
                    )
                ],
            ),
        )


def _quarters(cell: Cell) -> list[np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    (i, j), one, other = cell.at, cell.one.codes, cell.other.codes
    known = (one >= 0) & (other >= 0)
    is_i, is_j = one == i, other == j
    return [is_i & is_j, known & ~is_i & is_j, known & is_i & ~is_j, known & ~is_i & ~is_j]


def _conditions(cell: Cell) -> list[tuple[str, str]]:
    one, other, (i, j) = cell.one, cell.other, cell.at
    is_i, is_j = one.condition(i), other.condition(j)
    not_i, not_j = one.other_than(i), other.other_than(j)
    return [
        (evidence.all_of([is_i, is_j]), "both"),
        (evidence.all_of([not_i, is_j]), "others_with"),
        (evidence.all_of([is_i, not_j]), "it_without"),
        (evidence.all_of([not_i, not_j]), "neither"),
    ]


def _double_differences(moments: Moments) -> Floats:
    """Each cell's difference of differences against the rest of its row and column; 0 where rows are few."""
    n, sums = moments.n, np.where(moments.n > 0, moments.n * np.nan_to_num(moments.mean), 0.0)
    rows, columns = (
        (n.sum(axis=1, keepdims=True), sums.sum(axis=1, keepdims=True)),
        (
            n.sum(axis=0, keepdims=True),
            sums.sum(axis=0, keepdims=True),
        ),
    )
    in_row, in_column = (rows[0] - n, rows[1] - sums), (columns[0] - n, columns[1] - sums)
    outside = n.sum() - rows[0] - in_column[0], sums.sum() - rows[1] - in_column[1]
    least = np.minimum.reduce([n, in_row[0], in_column[0], outside[0]])
    with np.errstate(invalid="ignore", divide="ignore"):
        made = sums / n - in_column[1] / in_column[0] - in_row[1] / in_row[0] + outside[1] / outside[0]
    return np.where(least >= FEWEST, np.nan_to_num(made), 0.0)


def _contrast_at(moments: Moments, i: int, j: int) -> Contrast:
    rows, columns = np.arange(moments.n.shape[0]) != i, np.arange(moments.n.shape[1]) != j
    return contrast(
        [
            (1.0, moments.at((i, j))),
            (-1.0, moments.pooled((rows, j))),
            (-1.0, moments.pooled((i, columns))),
            (1.0, moments.pooled(np.ix_(rows, columns))),
        ]
    )
