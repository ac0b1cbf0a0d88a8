from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from dsp_pipeline.ml.statistics.profile import build_profile
from dsp_pipeline.ml.statistics.structure.duplicates import duplicate_rows
from dsp_pipeline_tests.ml.tables import validated

cells = st.one_of(st.none(), st.integers(0, 1))
rows = st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=40)


@given(rows)
def test_patterns_are_the_sets_of_missing_columns_with_their_rows(values: list[tuple[int | None, ...]]) -> None:
    frame = pl.DataFrame(values, schema={"a": pl.Int64, "b": pl.Int64, "c": pl.Int64}, orient="row")
    expected: dict[tuple[str, ...], int] = {}
    for row in values:
        missing = tuple(name for name, value in zip("abc", row, strict=True) if value is None)
        if missing:
            expected[missing] = expected.get(missing, 0) + 1
    patterns = build_profile(validated(frame)).missingness
    assert {tuple(pattern.columns): pattern.rows for pattern in patterns} == expected
    assert [pattern.rows for pattern in patterns] == sorted(expected.values(), reverse=True)


@given(rows)
def test_duplicates_are_the_rows_beyond_the_distinct_ones(values: list[tuple[int | None, ...]]) -> None:
    frame = pl.DataFrame(values, schema={"a": pl.Int64, "b": pl.Int64, "c": pl.Int64}, orient="row")
    assert duplicate_rows(frame) == len(values) - len(set(values))


def test_a_table_without_columns_or_rows_has_no_duplicates() -> None:
    assert duplicate_rows(pl.DataFrame()) == 0
    assert duplicate_rows(pl.DataFrame({"a": []})) == 0


def test_nan_counts_as_missing_and_patterns_are_at_most_twenty() -> None:
    rng = np.random.default_rng(0)
    frame = pl.DataFrame({f"c{i}": np.where(rng.random(500) < 0.3, np.nan, 1.0) for i in range(12)})
    profile = build_profile(validated(frame))
    assert len(profile.missingness) == 20
    assert profile.columns["c0"].missing == int(frame["c0"].is_nan().sum())
