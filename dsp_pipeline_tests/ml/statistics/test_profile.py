from __future__ import annotations

import datetime as dt
import decimal
import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsp_pipeline.core.artifacts.profile import Profile
from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.ml.statistics.profile import build_profile
from dsp_pipeline_tests.ml.tables import validated

NEW_YEAR = dt.datetime(2024, 1, 1)  # noqa: DTZ001 - a CSV without time zones gives just such values


def mixed(seed: int = 0, n: int = 400) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "amount": rng.gamma(2, 10, n),
            "pieces": rng.poisson(3, n),
            "paid": rng.random(n) < 0.7,
            "city": rng.choice(["Bern", "Basel", "Zürich"], n),
            "id": [f"k{i}" for i in range(n)],
            "note": [f"note {i % 90} of many" for i in range(n)],
            "day": [dt.date(2024, 1, 1) + dt.timedelta(days=int(d)) for d in rng.integers(0, 90, n)],
            "at": [NEW_YEAR + dt.timedelta(minutes=int(m)) for m in rng.integers(0, 90_000, n)],
        }
    )


def test_a_profile_survives_json_and_is_the_same_for_the_same_table() -> None:
    one, other = build_profile(validated(mixed())), build_profile(validated(mixed()))
    assert one.to_json() == other.to_json()
    assert Profile.model_validate_json(one.to_json()) == one


def test_each_kind_gets_what_applies_to_it() -> None:
    columns = build_profile(validated(mixed(), kinds={"note": ColumnKind.TEXT})).columns
    assert columns["amount"].histogram is not None
    assert columns["amount"].distribution is not None
    assert columns["amount"].outliers is not None
    assert [top.value for top in columns["paid"].top_values] == ["true", "false"]
    assert sum(top.share for top in columns["city"].top_values) == pytest.approx(1)
    assert columns["id"].top_values == []
    assert "words_mean" in columns["note"].statistics
    assert columns["day"].histogram is not None
    assert columns["at"].statistics["granularity"] == "minute"
    assert columns["pieces"].top_values[0].value.isdigit()


def test_columns_named_like_our_own_words_are_no_trouble() -> None:
    names = ["count", "label", "len", "value", "text", "time", "key", "", "__proto__", 'quo"te']
    frame = pl.DataFrame({name: ["a", "b", "b"] for name in names} | {"index": [1, 2, 3]})
    assert build_profile(validated(frame)).columns["count"].top_values[0].value == "b"


@pytest.mark.parametrize(
    "frame",
    [
        pl.DataFrame(),
        pl.DataFrame({"a": pl.Series([], dtype=pl.Float64), "b": pl.Series([], dtype=pl.String)}),
        pl.DataFrame({"a": [1], "b": ["x"], "c": [None], "d": [dt.date(2024, 1, 1)], "e": [True]}),
        pl.DataFrame({"a": [None, None], "b": [math.nan, math.nan], "c": [math.inf, -math.inf]}),
        pl.DataFrame({"a": [decimal.Decimal("1.10"), decimal.Decimal("2.25"), None]}),
        pl.DataFrame({"a": [2**62, 2**62 + 1, -(2**62)], "b": [1e-320, 2e-320, 0.0]}),
        pl.DataFrame(
            {"t": [NEW_YEAR.replace(year=1), NEW_YEAR.replace(year=9999), None], "u": [dt.time(1), None, None]}
        ),
    ],
    ids=["nothing", "no rows", "one row", "no value", "decimals", "huge and tiny", "all of time"],
)
def test_odd_tables_have_a_profile(frame: pl.DataFrame) -> None:
    profile = build_profile(validated(frame))
    assert profile.rows == frame.height
    assert list(profile.columns) == frame.columns
    for column in profile.columns.values():
        assert column.count + column.missing == frame.height
    Profile.model_validate_json(profile.to_json())


def test_distinct_is_exact_where_doubles_are_not() -> None:
    profile = build_profile(validated(pl.DataFrame({"a": [2**62, 2**62 + 1, 2**62 + 2, None]})))
    assert profile.columns["a"].distinct == 3


value = st.one_of(st.none(), st.floats(), st.floats(-10, 10).map(round))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(value, st.one_of(st.none(), st.text(max_size=3))), min_size=1, max_size=30))
def test_any_values_are_counted_in_full(rows: list[tuple[float | None, str | None]]) -> None:
    frame = pl.DataFrame(rows, schema={"x": pl.Float64, "s": pl.String}, orient="row")
    profile = build_profile(validated(frame, kinds={"x": ColumnKind.CONTINUOUS, "s": ColumnKind.CATEGORY}))
    numbers = [x for x, _ in rows if x is not None and not math.isnan(x)]
    texts = [s for _, s in rows if s is not None]
    assert profile.columns["x"].count == len(numbers)
    assert profile.columns["x"].distinct == len(set(numbers))
    assert profile.columns["s"].count == len(texts)
    assert profile.columns["s"].distinct == len(set(texts))
    histogram = profile.columns["x"].histogram
    assert histogram is None or sum(histogram.counts) == sum(map(math.isfinite, numbers))
    for figure in profile.columns["x"].statistics.values():
        assert not isinstance(figure, float) or math.isfinite(figure)


def test_the_later_ones_of_a_thousand_columns_are_brief() -> None:
    rng = np.random.default_rng(0)
    frame = pl.DataFrame({f"c{i}": rng.normal(size=200) for i in range(1_000)})
    profile = build_profile(validated(frame))
    last = profile.columns["c999"]
    assert last.histogram is not None
    assert len(last.histogram.counts) <= 20
    assert len(last.model_dump_json()) < 3_000
