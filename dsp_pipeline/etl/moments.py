"""Texts as dates and times, by a format; what is not written so is null, and nothing is cut or rounded."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import polars as pl

from dsp_pipeline.etl import counted_dates
from dsp_pipeline.etl.months import in_english

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.reading import Dtype

_FIRST_DAY = dt.date(1000, 1, 1)
"""``%Y`` also takes '24'; a year before this day's was not meant."""

TOO_FINE = r"[.,]\d{6}\d*[1-9]"
"""A fraction of a second that a table, which holds microseconds, would cut."""

_WEEKDAY = "%a, "
_DEFAULTS = {"date": "%Y-%m-%d", "time": "%H:%M:%S", "datetime": "%Y-%m-%dT%H:%M:%S"}


def parsed(text: pl.Series, dtype: Dtype, form: str | None) -> pl.Series:
    """The values of texts.

    Args:
        text: The texts.
        dtype: ``date``, ``time`` or ``datetime``; times with an offset become UTC.
        form: What `ColumnReading.format` says; ISO 8601 if None.
    """
    form = form or _DEFAULTS[dtype]
    if counted_dates.is_counted(form):
        return counted_dates.moments(text, form, pl.Date() if dtype == "date" else pl.Datetime("us"))
    if "%B" in form:
        text = in_english(text, has_weekday=form.startswith(_WEEKDAY))
        # The texts are in lower case now, but for the months.
        form = form.removeprefix(_WEEKDAY).replace("UTC", "utc").replace("GMT", "gmt").replace("Z", "z")
    if "%.f" in form:
        text = text.set(text.str.contains(TOO_FINE).fill_null(value=False), None)
    if dtype == "time":
        return text.str.strptime(pl.Time, form, strict=False)
    if dtype == "date":
        return _of_our_time(text.str.strptime(pl.Date, form, strict=False, cache=False))
    times = text.str.strptime(pl.Datetime("us"), form, strict=False, cache=False)
    if "%z" in form or "%#z" in form:
        times = times.dt.replace_time_zone(None)  # strptime has already made them UTC
    return _of_our_time(times)


def _of_our_time(values: pl.Series) -> pl.Series:
    first = _FIRST_DAY if values.dtype == pl.Date else dt.datetime.combine(_FIRST_DAY, dt.time())
    early = values < first
    return values.set(early.fill_null(value=False), None) if early.any() else values
