"""Rows are divided so that what judges has not been learnt from, whichever way the table asks for."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.core.sidecar import Sidecar
from dsp_pipeline.ml.automl.outcome import MIN_CLASS_ROWS, Outcome, outcome_of
from dsp_pipeline.ml.automl.split import bounded, divide, early_stopping_rows, folds_of, order_note
from dsp_pipeline_tests.ml.automl.tables import sampler


def _table(rows: int, seed: int = 0) -> pl.DataFrame:
    rng = sampler(seed)
    return pl.DataFrame(
        {
            "when": rng.permutation(rows),
            "customer": rng.integers(0, 40, rows),
            "few": rng.integers(0, 3, rows),
            "y": rng.choice(["rare", "common"], rows, p=[0.2, 0.8]),
        }
    )


def _outcome(table: pl.DataFrame) -> Outcome:
    return outcome_of(table["y"], ColumnKind.CATEGORY, None)


@settings(max_examples=40, deadline=None)
@given(
    rows=st.integers(80, 400),
    seed=st.integers(0, 1_000),
    said=st.sampled_from([{}, {"time_column": "when"}, {"group_column": "customer"}]),
)
def test_no_row_is_both_learnt_from_and_judged_on(rows: int, seed: int, said: dict[str, str]) -> None:
    table = _table(rows, seed)
    assume((table["y"] == "rare").sum() >= MIN_CLASS_ROWS)
    division = divide(table, _outcome(table), Sidecar.model_validate(said), seed)
    both = np.sort(np.concatenate([division.train, division.holdout]))
    assert np.array_equal(both, np.arange(rows))
    assert 0.1 * rows < division.holdout.size < 0.45 * rows
    for fold in folds_of(division, seed, 10_000):
        assert not set(fold.fit) & set(fold.test)
        assert set(fold.fit) | set(fold.test) <= set(division.train)
        assert fold.test.size > 0


def test_classes_keep_their_shares_in_the_holdout_and_in_every_fold() -> None:
    table = _table(1_000)
    outcome = _outcome(table)
    division = divide(table, outcome, Sidecar(), 0)
    assert division.kind == "stratified"
    overall = outcome.y.mean()
    parts = [division.holdout, *(fold.test for fold in folds_of(division, 0, 10_000))]
    assert all(abs(outcome.y[part].mean() - overall) < 0.01 for part in parts)


def test_a_time_column_judges_on_the_future_only() -> None:
    table = _table(500)
    division = divide(table, _outcome(table), Sidecar(time_column="when"), 0)
    when = table["when"].to_numpy()
    assert when[division.train].max() < when[division.holdout].min()
    for fold in folds_of(division, 0, 10_000):
        assert when[fold.fit].max() < when[fold.test].min()
    fit, stop = early_stopping_rows(division.train, "time", 0)
    assert when[division.train[fit]].max() < when[division.train[stop]].min()


def test_rows_without_a_time_are_never_judged_on() -> None:
    table = _table(300).with_columns(pl.when(pl.col("when") > 20).then(pl.col("when")).alias("when"))
    division = divide(table, _outcome(table), Sidecar(time_column="when"), 0)
    assert table["when"].is_null().sum() == 21
    assert not np.isnan(table["when"].to_numpy()[division.holdout]).any()


def test_a_group_is_on_one_side_only() -> None:
    table = _table(500)
    division = divide(table, _outcome(table), Sidecar(group_column="customer"), 0)
    customer = table["customer"].to_numpy()
    assert division.kind == "group"
    assert not set(customer[division.train]) & set(customer[division.holdout])
    for fold in folds_of(division, 0, 10_000):
        assert not set(customer[fold.fit]) & set(customer[fold.test])


def test_a_column_that_cannot_order_or_group_is_passed_over_with_the_reason() -> None:
    table = _table(200)
    few = divide(table, _outcome(table), Sidecar(group_column="few"), 0)
    assert (few.kind, few.reason[:30]) == ("stratified", "'few' has fewer than 8 values;")
    text = table.with_columns(pl.col("when").cast(pl.String))
    assert divide(text, _outcome(text), Sidecar(time_column="when"), 0).reason.startswith("'when' has no order in")
    own = divide(table, _outcome(table), Sidecar(group_column="y", time_column="y"), 0)
    assert own.kind == "stratified"


def test_rows_in_the_order_of_a_time_that_nobody_named_are_said_to_be() -> None:
    table = _table(300)
    days = pl.date_range(dt.date(2020, 1, 1), dt.date(2020, 10, 26), eager=True)
    outcome = _outcome(table)
    ordered = table.with_columns(days.alias("day"))
    note = order_note(ordered, outcome, divide(ordered, outcome, Sidecar(), 0))
    assert note is not None
    assert "name 'day' as time_column" in note
    named = divide(ordered, outcome, Sidecar(time_column="day"), 0)
    assert order_note(ordered, outcome, named) is None
    shuffled = table.with_columns(days.shuffle(seed=0).alias("day"))
    assert order_note(shuffled, outcome, divide(shuffled, outcome, Sidecar(), 0)) is None


def test_a_large_table_is_bounded_and_says_so() -> None:
    outcome = _outcome(_table(500))
    used = bounded(outcome, 100, 3)
    assert used.rows.size == 100
    assert set(used.rows) <= set(outcome.rows)
    assert np.array_equal(used.rows, bounded(outcome, 100, 3).rows)
    assert used.notes[-1].startswith("100 of 500 rows")
