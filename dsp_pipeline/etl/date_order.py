"""Day before month or month before day: decided over the column, and over the file where that leaves both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp_pipeline.core.artifacts.reading import Alternative, Decision
from dsp_pipeline.etl import dates
from dsp_pipeline.etl.cells import NULL_TOKENS

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.reading import ColumnReading
    from dsp_pipeline.etl.candidates import Habits
    from dsp_pipeline.etl.columns import TextColumn


def settle_order(
    reading: ColumnReading, other_format: str, column: TextColumn, *, told: set[bool], habits: Habits
) -> tuple[ColumnReading, Decision]:
    """A column of dates with the more plausible order of day and month, where both fit every value.

    Args:
        reading: The column with one of the formats.
        other_format: The other one.
        column: The column.
        told: The orders (True: day first) of the file's other dates, where the values leave no choice.
        habits: What else the file speaks for.
    """
    forms = [reading.format or "", other_format]
    day_first, month_first = sorted(forms, key=dates.is_day_first, reverse=True)
    wants_day, why, confidence = _day_first(column, day_first, month_first, told, habits)
    form, other = (day_first, month_first) if wants_day else (month_first, day_first)
    settled = reading.model_copy(
        update={"format": form, "confidence": confidence, "reason": f"written as {form}, {why}"}
    )
    decision = Decision(
        what=f"order of day and month in {reading.name}",
        choice="day first" if wants_day else "month first",
        why=why,
        confidence=confidence,
        alternatives=[Alternative(choice=other, why_not="it fits every value too; set types in the sidecar")],
    )
    return settled, decision


def _day_first(
    column: TextColumn, day_first: str, month_first: str, told: set[bool], habits: Habits
) -> tuple[bool, str, float]:
    if len(told) == 1:
        return next(iter(told)), "as in the file's other dates, where only one order fits", 0.95
    values = [column.converted(dates.dtype_of(form), form, NULL_TOKENS).typed for form in (day_first, month_first)]
    rising = [one.drop_nulls().is_sorted() or one.drop_nulls().is_sorted(descending=True) for one in values]
    if rising[0] != rising[1]:
        return rising[0], "the rows are in the order of time when read so", 0.9
    if "." in day_first[:3]:
        return True, "dates with points have the day first", 0.9
    if habits.is_european:
        return True, "both orders fit; semicolons or decimal commas speak for Europe", 0.7
    if "-" in day_first[:3]:
        return True, "both orders fit; with hyphens the day is more often first", 0.55
    return False, "both orders fit; with slashes and decimal points the month is more often first", 0.55
