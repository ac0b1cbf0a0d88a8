"""What repeats with the day of the week, the hour of the day or the month of the year."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dsp_pipeline.core.artifacts.insights import ChartHint
from dsp_pipeline.ml.insights import evidence, words
from dsp_pipeline.ml.insights.grouping import Grouping
from dsp_pipeline.ml.insights.groups import rank_test
from dsp_pipeline.ml.insights.pattern import Measured, Pattern, Wording
from dsp_pipeline.ml.statistics.ranks import average_ranks, dense_codes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsp_pipeline.ml.insights.subjects import Measure
    from dsp_pipeline.ml.insights.view import View
    from dsp_pipeline.ml.statistics.arrays import Column, Floats, Integers

_MOST_MEASURES = 12
_HOURS = 24
_THURSDAY = 3
"""The weekday of 1970-01-01, Monday being 0."""
_FEWEST_CELLS = 28
_FEWEST_ROWS_A_CELL = 3
_SECONDS_A_YEAR = 366 * 86_400
_NOTABLE = 0.05
_NOTABLE_SPREAD = 0.2
_SQL_PARTS = {"weekday": "ISODOW", "hour": "HOUR", "month": "MONTH"}
_NAMES = {"weekday": "day of the week", "hour": "hour of the day", "month": "month of the year"}


@dataclasses.dataclass(frozen=True)
class Cells:
    """The table by day, or by day and hour: the units that repeat.

    Attributes:
        column: The time column.
        part: weekday, hour or month.
        by: The rows by cell, in the order of time.
        parts: Each cell's part of the calendar: 1..7 from Monday, 0..23 or 1..12.
    """

    column: Column
    part: str
    by: Grouping
    parts: Integers

    @property
    def time(self) -> str:
        """The time column in SQL."""
        return evidence.identifier(self.column.name)

    def condition(self, value: int) -> str:
        """The SQL condition for rows of one part."""
        return f"EXTRACT({_SQL_PARTS[self.part]} FROM {self.time}) = {value}"

    def say(self, value: int) -> str:
        """A part as a sentence says it."""
        if self.part == "weekday":
            return words.WEEKDAYS[value - 1]
        return f"{value}:00" if self.part == "hour" else words.month_name(value)


def calendar_cells(view: View) -> Iterator[Cells]:
    """The parts of the calendar that the time column covers often enough and that no column of its own holds."""
    column = view.time
    if column is None:
        return
    explicit = {breakdown.part for breakdown in view.breakdowns}
    span = column.numbers[~np.isnan(column.numbers)]
    for part in _SQL_PARTS:
        too_coarse = part == "hour" and column.series.dtype == pl.Date
        too_short = part == "month" and np.ptp(span) < 2 * _SECONDS_A_YEAR
        if part in explicit or too_coarse or too_short:
            continue
        cells = _cells(view, column, part)
        if len(cells.parts) >= _FEWEST_CELLS and len(np.unique(cells.parts)) > 1:
            yield cells


def _cells(view: View, column: Column, part: str) -> Cells:
    hourly = part == "hour"
    by, keys = view.once(("cells of time", hourly), lambda: _divided(column, hourly=hourly))
    if hourly:
        return Cells(column, part, by, keys % _HOURS)
    if part == "weekday":
        return Cells(column, part, by, (keys + _THURSDAY) % 7 + 1)
    months = keys.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return Cells(column, part, by, months % 12 + 1)


def _divided(column: Column, *, hourly: bool) -> tuple[Grouping, Integers]:
    """The rows by day, or by hour, and the number of each of these since 1970."""
    time = pl.col("time")
    key = time.cast(pl.Date).to_physical().cast(pl.Int64)
    if hourly:
        key = key * _HOURS + time.dt.hour()
    frame = column.series.alias("time").to_frame().select(key.cast(pl.Float64).fill_null(np.nan).alias("key"))
    keys = np.asarray(frame["key"].to_numpy(), dtype=np.float64)
    codes = dense_codes(keys)
    distinct = np.zeros(int(codes.max(initial=-1)) + 1, dtype=np.int64)
    present = codes >= 0
    distinct[codes[present]] = keys[present]
    return Grouping.of(codes, len(distinct)), distinct


@dataclasses.dataclass(frozen=True)
class Season:
    """The part of the calendar that stands out most."""

    cells: Cells
    measure: Measure | None
    value: int
    here: float
    overall: float


class Seasonality(Pattern[Season]):
    """Rows, or a measure's average, that differ by the day of the week, the hour or the month."""

    type = "seasonality"
    acts = "segment"
    least_effect = 0.05

    def measure(self, view: View) -> Iterator[Measured[Season]]:
        """Cells as units, so that rows of one day do not count as many: Kruskal and Wallis over the parts."""
        for cells in calendar_cells(view):
            for measure in (None, *view.measures[:_MOST_MEASURES]):
                yield from _season(view, cells, measure)

    def word(self, view: View, found: Measured[Season]) -> Wording | None:
        """The part furthest from the average, against all."""
        season, cells = found.detail, found.detail.cells
        difference = season.here - season.overall
        notable = abs(difference) >= _NOTABLE * max(abs(season.here), abs(season.overall))
        spread = season.measure.spread if season.measure else 0.0
        if not notable and not abs(difference) >= _NOTABLE_SPREAD * spread > 0:
            return None
        name, part = cells.say(season.value), _NAMES[cells.part]
        if season.measure is None:
            return _word_rows(view, season)
        measure = season.measure
        what = measure.middle_of(view.noun)
        return Wording(
            statement=words.sentence(
                f"{name} is the {part} with the {'highest' if difference > 0 else 'lowest'} {what}: "
                f"{measure.say(season.here)}, against {measure.say(season.overall)} overall."
            ),
            action=f"Compare {measure.said} only between like {cells.part}s, and plan for {name} apart.",
            evidence=evidence.select(
                (measure.middle_sql(cells.condition(season.value)), "here"),
                (measure.middle_sql(f"{cells.time} IS NOT NULL"), "overall"),
            ),
            chart=ChartHint(kind="bar", columns=[cells.column.name, measure.name]),
        )


def _season(view: View, cells: Cells, measure: Measure | None) -> Iterator[Measured[Season]]:
    counts = cells.by.counts if measure is None else cells.by.rows_with(measure)
    filled = counts > 0
    if filled.sum() < _FEWEST_CELLS:
        return
    if measure is None:
        if counts[filled].mean() < _FEWEST_ROWS_A_CELL:
            return
        values = counts[filled].astype(np.float64)
    else:
        values = cells.by.sums(measure.scores)[filled] / counts[filled]
    parts = cells.parts[filled]
    tested = rank_test(average_ranks(dense_codes(values)), parts, int(parts.max()) + 1)
    if tested is None:
        return
    test, per_part, scores = tested
    best = _furthest(scores, per_part)
    names = (cells.column.name,) if measure is None else (measure.name, cells.column.name)
    here, overall = _levels(cells, measure, values, parts, best)
    yield Measured(
        columns=names,
        n=int(counts.sum()),
        effect=test.effect,
        effect_name=f"share of the ranks' variance between parts of the calendar, over {len(values)} cells",
        strength=min(1.0, test.effect**0.5) if (here - overall) * scores[best] > 0 else 0.0,
        impact=float(counts.sum() / view.rows) * view.interest(*names) * 0.9,
        detail=Season(cells, measure, best, here, overall),
        p=test.p,
        ci=test.ci,
        subspace={cells.part: cells.say(best)},
    )


def _furthest(scores: Floats, counts: Integers) -> int:
    """The part whose mean rank is furthest from the rest, among those with three cells at least."""
    named = counts >= min(3, np.sort(counts)[-2:][0])
    return int(np.argmax(np.where(named, np.abs(np.nan_to_num(scores)), -1)))


def _levels(
    cells: Cells, measure: Measure | None, values: Floats, parts: Integers, best: int
) -> tuple[float, float]:
    """The figure of a part of the calendar, and that of all."""
    if measure is None:
        return float(values[parts == best].mean()), float(values.mean())
    if measure.tail_is_heavy:
        # Rows without a time have the place after the last cell.
        part = np.append(cells.parts, -1)[cells.by.places]
        return measure.middle(measure.present & (part == best)), measure.middle(measure.present & (part >= 0))
    sums, counts, is_best = cells.by.sums(measure.filled), cells.by.rows_with(measure), cells.parts == best
    scale = 100.0 if measure.is_rate else 1.0
    here, overall = sums[is_best].sum() / counts[is_best].sum(), sums.sum() / counts.sum()
    return scale * float(here), scale * float(overall)


def _word_rows(view: View, season: Season) -> Wording:
    cells = season.cells
    day = f"CAST({cells.time} AS DATE)"
    part = f"EXTRACT({_SQL_PARTS[cells.part]} FROM {cells.time})"
    unit = "hour" if cells.part == "hour" else "day"
    source = evidence.counted([(day, "day"), (part, "part")], f"{cells.time} IS NOT NULL")
    name = cells.say(season.value)
    busy = season.here > season.overall
    return Wording(
        statement=words.sentence(
            f"{name} is the {'busiest' if busy else 'quietest'} {_NAMES[cells.part]}: {words.number(season.here)} "
            f"{view.noun} per {unit} on average, against {words.number(season.overall)} over all {unit}s with any."
        ),
        action=f"Compare only like {cells.part}s, and plan for {name} apart: the rhythm would pass for news.",
        evidence=evidence.select(
            (evidence.average("n", f"part = {season.value}"), "here"), ("AVG(n)", "overall"), source=source
        ),
        chart=ChartHint(kind="bar", columns=[cells.column.name]),
    )
