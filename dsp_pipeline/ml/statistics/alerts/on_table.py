"""Alerts on the table as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp_pipeline.core.numbers import written
from dsp_pipeline.ml.statistics.alerts.facts import raised
from dsp_pipeline.ml.statistics.associations import MOST_COLUMNS
from dsp_pipeline.ml.statistics.significance import TWO_SIDED_95
from dsp_pipeline.ml.statistics.structure.dependencies import MOST_DETERMINANTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsp_pipeline.core.artifacts.profile import Alert
    from dsp_pipeline.ml.statistics.alerts.facts import Facts
    from dsp_pipeline.ml.statistics.screening import Screened


def on_table(facts: Facts) -> Iterator[Alert]:
    """Too few rows, repeated rows, gaps that follow a pattern, and what was bounded to save time."""
    rows, limit = facts.rows, facts.limits.few_rows
    if not rows:
        yield raised("no_rows", "The table has no row.", value=0, threshold=1)
    elif rows < limit:
        yield raised("few_rows", f"Only {rows} rows: little can be concluded.", value=rows, threshold=limit)
    yield from _on_repeats(facts)
    yield from _on_gaps(facts)
    yield from _on_bounds(facts)


def _on_repeats(facts: Facts) -> Iterator[Alert]:
    rows, limit = facts.rows, facts.limits.duplicates
    if facts.duplicates > limit * rows:
        share = facts.duplicates / rows
        text = f"{written(facts.duplicates)} rows ({written(share, '.1%')}) repeat an earlier row in every column."
        yield raised("duplicates", text, value=share, threshold=limit)
    near = facts.structure.near_duplicates
    if near and near.rows > limit * rows:
        most = next(iter(near.columns))
        searched = (
            "" if near.searched == 1 else f" of the {written(near.searched, '.0%')} of the rows that were searched"
        )
        text = (
            f"{written(near.rows)} rows{searched} repeat an earlier row in all columns but one, "
            f"most often but for '{most}' (row {written(near.examples[0].row)} and row "
            f"{written(near.examples[0].earlier)})."
        )
        yield raised("near_duplicates", text, value=near.rows / rows, threshold=limit, columns=list(near.columns))


def _on_gaps(facts: Facts) -> Iterator[Alert]:
    test, limit = facts.structure.missing_at_random, facts.limits.significance
    if test and test.p <= limit:
        size = test.statistic / test.degrees
        text = (
            "Which numbers are missing depends on the others: Little's test has "
            f"{written(test.statistic, '.1f')} where "
            f"chance has {test.degrees} on average (p = {written(test.p, '.2g')}, {test.patterns} "
            "patterns of gaps)."
        )
        yield raised("not_at_random", text, value=size, threshold=1, columns=test.columns)


def _on_bounds(facts: Facts) -> Iterator[Alert]:
    rows, made = facts.rows, facts.associations
    if made.left_out:
        text = (
            f"All associations were measured between the {MOST_COLUMNS} most variable columns; of the "
            f"{written(len(made.left_out))} others only the strongest pairs.{_screening(made.screened)}"
        )
        yield raised("associations_bounded", text, value=len(made.left_out), threshold=MOST_COLUMNS)
    if made.sampled_rows is not None:
        text = (
            f"Associations were measured on a random sample of {written(made.sampled_rows)} of "
            f"{written(rows)} rows: "
            f"a correlation may be off by {written(TWO_SIDED_95 / made.sampled_rows**0.5, '.3f')}."
        )
        yield raised("associations_sampled", text, value=made.sampled_rows, threshold=rows)
    if facts.structure.searched is not None:
        text = f"What follows from what was searched from {facts.structure.searched} columns only."
        yield raised("dependencies_bounded", text, value=facts.structure.searched, threshold=MOST_DETERMINANTS)


def _screening(screened: Screened | None) -> str:
    """How the pairs were found, how far off that may be, and what is not listed."""
    if screened is None:
        return ""
    listed = len({figure.pair for figure in screened.found})
    text = (
        f" Their {written(screened.pairs)} pairs were looked at on {written(screened.rows)} rows, where "
        "a correlation may be "
        f"off by {written(TWO_SIDED_95 / screened.rows**0.5, '.3f')}: {written(screened.strong)} stand out"
    )
    if listed == screened.strong:
        return f"{text} and all are listed."
    return (
        f"{text}, of which {written(listed)} are listed; the others are below "
        f"{written(screened.weakest, '.2f')} there."
    )
