"""What rises or falls over time, and the period that stands out."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.insights import ChartHint
from dsp_pipeline.ml.insights import evidence, words
from dsp_pipeline.ml.insights.pattern import Measured, Pattern, Wording
from dsp_pipeline.ml.insights.timeline import timeline
from dsp_pipeline.ml.statistics.series.trend import mann_kendall

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsp_pipeline.ml.insights.subjects import Measure
    from dsp_pipeline.ml.insights.timeline import Timeline
    from dsp_pipeline.ml.insights.view import View

_MOST_TRENDS = 12
_NOTABLE_CHANGE = 0.05
_FACT = 0.45


@dataclasses.dataclass(frozen=True)
class Course:
    """A measure, or the number of rows (None), over the periods of a timeline."""

    line: Timeline
    measure: Measure | None
    first: float
    last: float
    third: int


class Trend(Pattern[Course]):
    """Rows, or a measure's average, that rise or fall over time."""

    type = "trend"
    least_effect = 0.4

    def measure(self, view: View) -> Iterator[Measured[Course]]:
        """Rows per period and the mean ranks of the foremost measures, by Mann and Kendall."""
        line = timeline(view)
        if line is None:
            return
        for measure in (None, *view.measures[:_MOST_TRENDS]):
            values = line.counts if measure is None else line.mean_scores(measure)
            if np.isnan(values).any():
                continue
            test = mann_kendall(np.arange(len(values), dtype=float), values)
            if test is None:
                continue
            course = _course(line, measure)
            names = (line.column.name,) if measure is None else (measure.name, line.column.name)
            yield Measured(
                columns=names,
                n=int(line.counts.sum()),
                effect=test.tau,
                effect_name=f"Kendall's tau over {len(line.starts)} {line.unit}s",
                strength=abs(test.tau),
                impact=float(line.counts.sum() / view.rows) * view.interest(*names),
                detail=course,
                p=test.p,
            )

    def word(self, view: View, found: Measured[Course]) -> Wording | None:
        """The average of the first third of periods and of the last."""
        course, line = found.detail, found.detail.line
        size = max(abs(course.first), abs(course.last))
        change = course.last - course.first
        if change * found.effect <= 0 or abs(change) < _NOTABLE_CHANGE * size:
            return None
        spans = [(0, course.third - 1), (len(line.starts) - course.third, len(line.starts) - 1)]
        conditions = [line.condition(*span) for span in spans]
        measure = course.measure
        if measure is None:
            what = f"the number of {view.noun} per {line.unit}"
            sql = [f"{evidence.rows(condition)} / {course.third}e0" for condition in conditions]
            before, after = words.number(course.first), words.number(course.last)
        else:
            share = f"share of {view.noun} with {measure.said}"
            what = f"the {share if measure.is_rate else f'{measure.typical} {measure.said}'}"
            sql = [measure.middle_sql(condition) for condition in conditions]
            before, after = measure.say(course.first), measure.say(course.last)
        said = [f"{line.say(first)} to {line.say(last)}" for first, last in spans]
        return Wording(
            statement=words.sentence(
                f"{what} {'rises' if found.effect > 0 else 'falls'} over time: from {before} ({said[0]}) "
                f"to {after} ({said[1]})."
            ),
            action="Plan with the latest periods: an average over all of them misleads.",
            evidence=evidence.select((sql[0], "first"), (sql[1], "last")),
            chart=ChartHint(kind="line", columns=[line.column.name, *([measure.name] if measure else [])]),
        )


def _course(line: Timeline, measure: Measure | None) -> Course:
    size = len(line.starts)
    third = size // 3
    if measure is None:
        return Course(line, None, float(line.counts[:third].mean()), float(line.counts[-third:].mean()), third)
    early = measure.present & (line.codes >= 0) & (line.codes < third)
    late = measure.present & (line.codes >= size - third)
    return Course(line, measure, measure.middle(early), measure.middle(late), third)


@dataclasses.dataclass(frozen=True)
class Peak:
    """The period with the most rows."""

    line: Timeline
    period: int
    mean: float


class BusiestPeriod(Pattern[Peak]):
    """The period with the most rows."""

    type = "busiest_period"

    def measure(self, view: View) -> Iterator[Measured[Peak]]:
        """One candidate where periods differ by 5 % at least."""
        line = timeline(view)
        if line is None:
            return
        mean, period = float(line.counts.mean()), int(np.argmax(line.counts))
        above = float(line.counts[period] / mean - 1)
        if above >= _NOTABLE_CHANGE:
            yield Measured(
                columns=(line.column.name,),
                n=int(line.counts.sum()),
                effect=above,
                effect_name="rows above the average period, as a share of it",
                strength=min(1.0, _FACT + above / 4),
                impact=_FACT,
                detail=Peak(line, period, mean),
            )

    def word(self, view: View, found: Measured[Peak]) -> Wording:
        """Its rows, and those of an average period."""
        line, period = found.detail.line, found.detail.period
        everything = evidence.rows(line.condition(0, len(line.starts) - 1))
        return Wording(
            statement=words.sentence(
                f"{line.say(period)} is the {line.unit} with the most {view.noun}: "
                f"{words.count(int(line.counts[period]))}, against {words.number(found.detail.mean)} in an "
                f"average {line.unit}."
            ),
            action=f"Check what happened in {line.say(period)} before taking it for normal.",
            evidence=evidence.select(
                (evidence.rows(line.condition(period, period)), "rows"),
                (f"{everything} / {len(line.starts)}e0", "average"),
            ),
            chart=ChartHint(kind="line", columns=[line.column.name]),
        )
