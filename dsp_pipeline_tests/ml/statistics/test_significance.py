from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from dsp_pipeline.ml.statistics.ranks import average_ranks, dense_codes
from dsp_pipeline.ml.statistics.significance import (
    benjamini_hochberg,
    chi_squared_p,
    correlation_p,
    fisher_interval,
    harmonic,
    normal_p,
)

BENJAMINI_HOCHBERG_1995 = [
    *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344),
    *(0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000),
]


def test_the_papers_own_example_rejects_four_hypotheses() -> None:
    q = benjamini_hochberg(BENJAMINI_HOCHBERG_1995)
    assert sum(value <= 0.05 for value in q if value is not None) == 4


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50))
def test_adjusted_ps_are_scipys(p: list[float]) -> None:
    assert benjamini_hochberg(p) == pytest.approx(stats.false_discovery_control(p).tolist(), abs=1e-12)


def test_what_was_not_tested_counts_for_nothing() -> None:
    assert benjamini_hochberg([None, 0.01, None, 0.04]) == [None, 0.02, None, 0.04]
    assert benjamini_hochberg([]) == []


@pytest.mark.parametrize("n", [4, 10, 200])
def test_ps_of_correlations_are_scipys(n: int) -> None:
    rng = np.random.default_rng(n)
    x, y = rng.normal(size=n), rng.normal(size=n)
    r, p = stats.pearsonr(x, y)
    assert float(correlation_p(np.array(r), n)) == pytest.approx(p, rel=1e-9)


def test_ps_at_the_ends_are_defined() -> None:
    assert float(correlation_p(np.array(1.0), 10)) == 0.0
    assert float(correlation_p(np.array(0.5), 2)) == 1.0
    assert chi_squared_p(5.0, 0) == 1.0
    assert chi_squared_p(3.841458820694124, 1) == pytest.approx(0.05)
    assert normal_p(1.959963984540054) == pytest.approx(0.05)


def test_intervals_of_correlations_are_scipys() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=50)
    result = stats.pearsonr(x, x + rng.normal(size=50))
    interval = result.confidence_interval(0.95)
    assert fisher_interval(result.statistic, 50) == pytest.approx((interval.low, interval.high), rel=1e-9)
    assert fisher_interval(0.3, 3) == (-1.0, 1.0)
    assert fisher_interval(1.0, 30) == (1.0, 1.0)


@given(st.lists(st.integers(-5, 5).map(float), min_size=1, max_size=60), st.randoms(use_true_random=False))
def test_ranks_are_scipys_also_of_a_subset(values: list[float], random: st.DrawFn) -> None:
    numbers = np.array(values)
    codes = dense_codes(numbers)
    assert average_ranks(codes) == pytest.approx(stats.rankdata(numbers))
    rows = np.array([random.random() < 0.5 for _ in values])  # type: ignore[attr-defined]
    if rows.any():
        assert average_ranks(codes, rows) == pytest.approx(stats.rankdata(numbers[rows]))


def test_missing_values_have_no_rank() -> None:
    assert dense_codes(np.array([3.0, np.nan, 1.0, 3.0])).tolist() == [1, -1, 0, 1]
    assert dense_codes(np.array([np.nan])).tolist() == [-1]


def test_harmonic_numbers_are_exact_and_need_no_memory() -> None:
    assert harmonic(1) == pytest.approx(1)
    assert harmonic(10) == pytest.approx(7381 / 2520, rel=1e-14)
    # Of all pairs of a million columns: log(n) + 0.57721... + 1 / 2n (Graham, Knuth & Patashnik, 9.89).
    pairs = 499_999_500_000
    assert harmonic(pairs) == pytest.approx(np.log(pairs) + 0.5772156649015329 + 0.5 / pairs, rel=1e-14)
