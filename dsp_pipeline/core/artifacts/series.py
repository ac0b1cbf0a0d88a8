"""The part of `profile.json` that says how numbers run over time."""

from __future__ import annotations

from typing import Literal

from dsp_pipeline.core.artifacts import ArtifactModel

Unit = Literal["second", "minute", "hour", "day", "weekday", "week", "month", "quarter", "year", "irregular"]
Verdict = Literal["stationary", "non-stationary", "changing", "unclear"]


class Gap(ArtifactModel):
    """A stretch without points, between two that are there."""

    after: str
    before: str
    points: int


class TimeGrid(ArtifactModel):
    """The points in time that the table is looked at by.

    ``step`` is the number of units from one point to the next, ``missing`` the number of points of the grid
    without a row, ``rows_a_point`` how many rows were averaged on average. An irregular grid has no step and no
    gaps.
    """

    column: str
    unit: Unit
    step: int
    points: int
    missing: int
    rows_a_point: float
    first: str
    last: str
    longest_gap: Gap | None = None


class Trend(ArtifactModel):
    """Mann-Kendall's test, corrected for autocorrelation, and Theil and Sen's slope per unit of time."""

    tau: float
    slope: float
    p: float
    q: float


class Season(ArtifactModel):
    """A pattern that repeats every ``period`` points: the share of variance it explains, and Friedman's p."""

    period: int
    name: str
    strength: float
    p: float


class ChangePoint(ArtifactModel):
    """The first point of a new level; ``effect`` is the change in standard deviations around the levels."""

    at: str
    before: float
    after: float
    effect: float
    p: float


class UnusualPoint(ArtifactModel):
    """A point apart from its neighbours and its season; ``distance`` is in robust standard deviations."""

    at: str
    value: float
    expected: float
    distance: float


class UnitRootTest(ArtifactModel):
    """A test of stationarity; ``p`` of KPSS is bounded by its table to 0.01..0.1."""

    statistic: float
    p: float
    lags: int


class SeriesProfile(ArtifactModel):
    """One column over time; ``column`` is None for the number of rows at each point."""

    column: str | None
    n: int
    trend: Trend
    seasons: list[Season] = []
    change_points: list[ChangePoint] = []
    unusual: list[UnusualPoint] = []
    adf: UnitRootTest | None = None
    kpss: UnitRootTest | None = None
    verdict: Verdict | None = None
    autocorrelation: list[float] = []


class TimeSeries(ArtifactModel):
    """The table over time."""

    grid: TimeGrid
    series: list[SeriesProfile]
