"""Groups whose average changed between two spans of time more than that of the others."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.insights import ChartHint, ChartPoint
from dsp_pipeline.ml.insights import evidence, words
from dsp_pipeline.ml.insights.attribution import Spans, labels_to_compare
from dsp_pipeline.ml.insights.contrast import FEWEST, Contrast, Moments, contrast
from dsp_pipeline.ml.insights.figures import value_title
from dsp_pipeline.ml.insights.pattern import Measured, Pattern, Wording

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsp_pipeline.ml.insights.subjects import Breakdown, Measure
    from dsp_pipeline.ml.insights.view import View
    from dsp_pipeline.ml.statistics.arrays import Integers

_MOST_MEASURES = 8
_WORTH_CONFIRMING = 0.5


@dataclasses.dataclass(frozen=True)
class Mover:
    """A group whose average changed more than that of the others.

    Attributes:
        spans: The spans of time.
        measure: What is averaged.
        breakdown: What it is divided by.
        level: The group.
    """

    spans: Spans
    measure: Measure
    breakdown: Breakdown
    level: int


class MeanAttribution(Pattern[Mover]):
    """Which group a measure's average changed in, more than in the others."""

    type = "attribution_of_average"
    least_effect = 0.2

    def measure(self, view: View) -> Iterator[Measured[Mover]]:
        """The group whose change differs most from that of all others, found in one half, tested in the other.

        The test is Welch's of the difference of differences: group or others by span, on ranks.
        """
        spans = Spans.of(view)
        if spans is None:
            return
        when = spans.codes
        for breakdown in labels_to_compare(view):
            levels = len(breakdown.levels)
            cells = np.where((when >= 0) & (breakdown.codes >= 0), when * levels + breakdown.codes, -1)
            for measure in view.measures[:_MOST_MEASURES]:
                if view.copies[measure.name] != view.copies[breakdown.name]:
                    yield from self._moved(view, Mover(spans, measure, breakdown, -1), cells)

    def _moved(self, view: View, subject: Mover, cells: Integers) -> Iterator[Measured[Mover]]:
        measure, breakdown = subject.measure, subject.breakdown
        levels = len(breakdown.levels)

        def moments(rows: Integers) -> Moments:
            kept = rows[measure.present[rows]]
            return Moments.of(measure.scores[kept], cells[kept], 2 * levels)

        searched = moments(view.halves.search)
        enough = (searched.n[:levels] >= FEWEST) & (searched.n[levels:] >= FEWEST)
        if enough.sum() < 2:  # noqa: PLR2004 - a group and another
            return
        found = [(_apart(searched, level, levels).value if enough[level] else 0.0) for level in range(levels)]
        level = int(np.argmax(np.abs(found)))
        if abs(found[level]) < _WORTH_CONFIRMING * self.least_effect:
            return
        sign = 1.0 if found[level] > 0 else -1.0
        confirmed = _apart(moments(view.halves.confirm), level, levels)
        signed = confirmed.signed(sign)
        low, high = confirmed.interval
        yield Measured(
            columns=(measure.name, breakdown.name, subject.spans.line.column.name),
            n=int((measure.present & (cells >= 0)).sum()),
            effect=sign * max(0.0, signed.value),
            effect_name="its change less that of the others, in standard deviations of the ranks",
            strength=min(1.0, 0.3 + 0.4 * abs(confirmed.value)),
            impact=float(breakdown.counts[level] / view.rows) ** 0.5 * view.interest(measure.name),
            detail=dataclasses.replace(subject, level=level),
            p=signed.p,
            ci=(low, high),
            subspace={breakdown.name: breakdown.levels[level]},
            confirmed_on=len(view.halves.confirm),
        )

    def word(self, view: View, found: Measured[Mover]) -> Wording | None:
        """The group's figure before and after, and that of all others."""
        mover = found.detail
        measure, breakdown, spans = mover.measure, mover.breakdown, mover.spans
        when, is_it = spans.codes, breakdown.codes == mover.level
        others = (breakdown.codes >= 0) & ~is_it
        own = [measure.middle(measure.present & is_it & (when == span)) for span in (0, 1)]
        rest = [measure.middle(measure.present & others & (when == span)) for span in (0, 1)]
        change, usual = own[1] - own[0], rest[1] - rest[0]
        if (change - usual) * found.effect <= 0 or abs(change) <= abs(usual):
            return None
        here = breakdown.condition(mover.level)
        elsewhere = breakdown.other_than(mover.level)
        early, late = (spans.condition(span) for span in (spans.early, spans.late))
        what = measure.middle_of(view.noun)
        return Wording(
            statement=words.sentence(
                f"the {what} {'rose' if change > 0 else 'fell'} from {measure.say(own[0])} to "
                f"{measure.say(own[1])} "
                f"{breakdown.at(mover.level)} between {spans.say(spans.early)} and {spans.say(spans.late)}; "
                "over all "
                f"others it went from {measure.say(rest[0])} to {measure.say(rest[1])}."
            ),
            action=(
                f"Look at {breakdown.say(mover.level)} first when the change of {measure.said} is to be "
                "understood: "
                "all others together moved less."
            ),
            evidence=evidence.select(
                (measure.middle_sql(evidence.all_of([here, early])), "its_before"),
                (measure.middle_sql(evidence.all_of([here, late])), "its_after"),
                (measure.middle_sql(evidence.all_of([elsewhere, early])), "others_before"),
                (measure.middle_sql(evidence.all_of([elsewhere, late])), "others_after"),
            ),
            chart=ChartHint(
                kind="bar",
                columns=[measure.name, breakdown.name],
                title=words.sentence(f"{measure.said} before and after"),
                value_title=value_title(view, measure, what),
                points=[
                    ChartPoint(label=f"{breakdown.say(mover.level)}, before", value=own[0], told=True),
                    ChartPoint(label=f"{breakdown.say(mover.level)}, after", value=own[1], told=True),
                    ChartPoint(label="all others, before", value=rest[0]),
                    ChartPoint(label="all others, after", value=rest[1]),
                ],
            ),
        )


def _apart(moments: Moments, level: int, levels: int) -> Contrast:
    """The change of one group less the change of all others."""
    others = np.delete(np.arange(levels), level)
    return contrast(
        [
            (1.0, moments.at(levels + level)),
            (-1.0, moments.at(level)),
            (-1.0, moments.pooled(levels + others)),
            (1.0, moments.pooled(others)),
        ]
    )
