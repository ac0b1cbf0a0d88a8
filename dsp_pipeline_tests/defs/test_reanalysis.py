"""Which datasets are due for another analysis."""

from __future__ import annotations

import datetime as dt

import pytest

from dsp_pipeline.defs.ingestion.reanalysis import due_datasets, offset_of

MONDAY = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)
TICK = dt.timedelta(minutes=5)


def days_due(crons: dict[str, str], *, days: int = 7) -> dict[str, list[dt.datetime]]:
    """When each dataset comes up, over whole days of five-minute ticks from a Monday at midnight."""
    due: dict[str, list[dt.datetime]] = {name: [] for name in crons}
    for tick in range(int(dt.timedelta(days=days) / TICK)):
        now = MONDAY + (tick + 1) * TICK
        for name in due_datasets(crons, since=now - TICK, until=now):
            due[name].append(now)
    return due


def test_a_weekly_dataset_comes_up_once_a_week_within_the_hour_after_its_time() -> None:
    (when,) = days_due({"sales": "0 6 * * 1"})["sales"]

    planned = MONDAY + dt.timedelta(hours=6)
    assert planned <= when <= planned + dt.timedelta(minutes=65)


def test_a_daily_one_comes_up_every_day_and_never_means_never() -> None:
    due = days_due({"daily": "30 4 * * *", "silent": "never"})

    assert len(due["daily"]) == 7
    assert due["silent"] == []


@pytest.mark.no_cover
def test_a_hundred_datasets_with_one_cron_are_spread_over_the_hour() -> None:
    due = days_due({f"d{number}": "0 6 * * 1" for number in range(100)}, days=1)

    ticks = [when for times in due.values() for when in times]
    assert len(ticks) == 100
    assert max(ticks.count(tick) for tick in set(ticks)) < 25
    assert max(ticks) - min(ticks) > dt.timedelta(minutes=45)


def test_a_datasets_offset_is_its_own_and_stays() -> None:
    assert offset_of("sales") == offset_of("sales")
    assert offset_of("sales") != offset_of("costs")
    assert dt.timedelta(0) <= offset_of("sales") < dt.timedelta(hours=1)
