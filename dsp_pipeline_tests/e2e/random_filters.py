"""Filters drawn at random, as a page's link spells them and as Polars does, and the rows that pass in the page."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from urllib.parse import quote

import polars as pl

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from dsp_pipeline.dashboard.explore.levels import Levels
    from dsp_pipeline.dashboard.explore.table import Embedded
    from dsp_pipeline_tests.pages import Watched

_MOST_COLUMNS = 3


def ready(page: Watched, address: str) -> None:
    """Open a page and wait until it can be filtered."""
    page.open(address)
    page.wait("document.getElementById('explore')?.dataset.ready")
    page.evaluate("document.addEventListener('dsp:filter', (event) => { window.answer = event.detail; })")


def ask(page: Watched, filters: str) -> str:
    """Follow a link to these filters; returns the rows that pass, one character each: 1, or 0."""
    page.evaluate("(hash) => { window.answer = null; window.location.hash = hash; }", f"#explore~{filters}")
    page.wait("window.answer")
    passing: str = page.evaluate("""() => {
        const { passing, rows } = window.answer;
        const passes = (row) => !passing || (passing[row >> 3] >> (row & 7)) & 1;
        return Array.from({ length: rows }, (_, row) => (passes(row) ? '1' : '0')).join('');
    }""")
    return passing


def _value(levels: Levels, bound: str) -> dt.datetime | float:
    return dt.datetime.fromisoformat(bound) if levels.kind == "time" else float(bound)


def combined(columns: Sequence[Embedded], choice: random.Random) -> tuple[str, pl.Expr]:
    """Filters on up to three of the columns, as a link spells them and as Polars does."""
    several = choice.sample(columns, choice.randrange(1, 1 + min(_MOST_COLUMNS, len(columns))))
    parts = [_drawn(column.levels, choice) for column in several]
    return "&".join(text for text, _ in parts), pl.all_horizontal([test for _, test in parts])


def _drawn(levels: Levels, choice: random.Random) -> tuple[str, pl.Expr]:
    """A filter on one column, as a link spells it and as Polars does."""
    column = pl.col(levels.name)
    missing = levels.missing and choice.random() < 0.5
    if levels.kind == "category":
        labels = choice.sample(levels.labels, choice.randrange(1, len(levels.labels)))
        texts, test = [quote(label, safe="") for label in labels], column.cast(pl.String).is_in(labels)
    else:
        start = choice.randrange(levels.named)
        end = choice.randrange(start, levels.named) + levels.ranges
        low, high = levels.bounds[start], levels.bounds[end]
        texts = [f"{quote(low, safe='')}..{quote(high, safe='')}"]
        start_at, end_at = (pl.lit(_value(levels, bound)) for bound in (low, high))
        without_end = levels.ranges and end < len(levels.bounds) - 1
        test = (column >= start_at) & ((column < end_at) if without_end else (column <= end_at))
    return (
        f"{levels.name}={','.join([*texts, *(['!missing'] if missing else [])])}",
        (test | column.is_null() if missing else test.fill_null(value=False)),
    )
