"""How large pages may be: as a whole, and each of their sections."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from dsp_pipeline_tests.dashboard import factory

if TYPE_CHECKING:
    from collections.abc import Callable

_BUDGETS = {
    "summary": 8_000,
    "insights": 150_000,
    "overview": 15_000,
    "explore": 8_000,
    "quality": 80_000,
    "columns": 900_000,
    "associations": 40_000,
    "model": 60_000,
    "explanations": 60_000,
    "rows": 4_000,
    "made": 4_000,
}
"""Bytes of each section's markup; a table of 1,700 columns may fill that of columns."""

_CARRIED = {"charts-data": 400_000, "rows-data": 900_000, "plotly-data": 2_100_000, "explore-data": 300_000}
"""Bytes of what scripts get."""


def mixed(rows: int, columns: int) -> pl.DataFrame:
    """Numbers without pattern, dates and labels, which deflate as badly as real ones."""
    random = np.random.default_rng(11)
    makers: tuple[Callable[[], pl.Series], ...] = (
        lambda: pl.Series(random.lognormal(3, 1, rows).round(2)),
        lambda: pl.Series(random.integers(0, 1_000, rows)),
        lambda: pl.Series(random.choice(["north", "south", "east", "west", "centre"], rows)),
        lambda: pl.Series(random.integers(0, 700, rows)).cast(pl.Int32).cast(pl.Date),
        lambda: pl.Series(random.normal(0, 1, rows)),
    )
    return pl.DataFrame({f"column_{place}": makers[place % len(makers)]() for place in range(columns)})


def page(frame: pl.DataFrame) -> bytes:
    """Its page. The profile is that of the first rows: how large it is does not depend on how many there are."""
    first = factory.case(frame.head(2_000))
    return dataclasses.replace(first, validated=factory.validated(frame)).build().html


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("rows", "columns", "most"),
    [(100_000, 20, 3_000_000), (1_000_000, 15, 10_000_000), (60, 1_700, 10_000_000)],
)
def test_pages_and_each_of_their_sections_keep_to_their_size(rows: int, columns: int, most: int) -> None:
    html = page(mixed(rows, columns))
    assert len(html) <= most
    sections = {
        found[1].decode(): len(found[0])
        for found in re.finditer(rb'<section[^>]* id="([\w-]+)".*?</section>', html, re.DOTALL)
    }
    assert {"summary", "explore", "columns", "rows", "made"} <= set(sections)
    assert {name: size for name, size in sections.items() if size > _BUDGETS.get(name, 100_000)} == {}
    carried = {
        found[1].decode(): len(found[2])
        for found in re.finditer(rb'<script type="[\w/]+" id="([\w-]+)">(.*?)</script>', html, re.DOTALL)
    }
    assert {name: size for name, size in carried.items() if size > _CARRIED.get(name, 1_000_000)} == {}
