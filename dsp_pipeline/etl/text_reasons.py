"""Why a column that looks like something else stays text, in words for `reading.json`."""

from __future__ import annotations

import collections
from typing import TYPE_CHECKING

from dsp_pipeline.core.numbers import written
from dsp_pipeline.etl.candidates import LOOK_SHARE
from dsp_pipeline.etl.cells import Look, look
from dsp_pipeline.etl.exactness import LEADING_ZERO, LONG_DIGITS, LONG_PHONE, is_named_code
from dsp_pipeline.etl.moments import TOO_FINE
from dsp_pipeline.etl.numbers import units_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dsp_pipeline.core.sidecar import ExceptionPolicy
    from dsp_pipeline.etl.columns import TextColumn

MAX_EXCEPTIONS = 0.01
"""A column is what it mostly is with this share of exceptions; with more, or if the sidecar says so, text."""


def why_text(column: TextColumn, sample: Sequence[str], exceptions: ExceptionPolicy) -> str:
    """Why a column is text.

    Args:
        column: The column.
        sample: Texts from all over it, none of them blank.
        exceptions: What the sidecar has done with values that are not what the others are.
    """
    looks = collections.Counter(look(cell) for cell in sample)
    if sample and looks[Look.DATE] >= LOOK_SHARE * len(sample):
        if column.contains(TOO_FINE):
            return "the times are finer than a microsecond, which a table would cut"
        return (
            "the values look like dates, but no one way to write them reads all but "
            f"{written(MAX_EXCEPTIONS, '.0%')}"
        )
    if sample and looks[Look.NUMBER] >= LOOK_SHARE * len(sample):
        return _why_no_number(column, sample, exceptions)
    return "the values are words"


def _why_no_number(column: TextColumn, sample: Sequence[str], exceptions: ExceptionPolicy) -> str:
    units = sorted(units_of(sample))
    reasons: tuple[tuple[Callable[[], bool], str], ...] = (
        (lambda: is_named_code(column.name), "the name says that the digits are a code, which counts nothing"),
        (
            lambda: column.contains(LEADING_ZERO),
            "the values are digits with leading zeros, which a number would lose",
        ),
        (
            lambda: column.contains(LONG_DIGITS) or column.contains(LONG_PHONE),
            "the values have more digits than a number keeps",
        ),
        (lambda: len(units) > 1, f"the values are in several units: {', '.join(units)}"),
        (lambda: exceptions == "text", "not every value is a number, and the sidecar has such columns text"),
    )
    otherwise = f"more than {written(MAX_EXCEPTIONS, '.0%')} of the values are not numbers"
    return next((reason for holds, reason in reasons if holds()), otherwise)
