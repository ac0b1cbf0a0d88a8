from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsp_pipeline.ml.statistics.histograms import FEWEST_BINS, MOST_BINS, histogram


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=300))
def test_every_value_is_counted_once_between_rising_edges(values: list[float]) -> None:
    made = histogram(np.sort(np.array(values)), whole=False)
    assert made is not None
    assert sum(made.counts) == len(values)
    assert len(made.edges) == len(made.counts) + 1
    assert made.edges == sorted(made.edges)
    assert made.edges[0] <= min(values)
    assert made.edges[-1] >= max(values)


@pytest.mark.parametrize("seed", range(3))
def test_counts_are_numpys_for_freedman_and_diaconis_bins(seed: int) -> None:
    values = np.sort(np.random.default_rng(seed).normal(size=2_000))
    made = histogram(values, whole=False)
    edges = np.histogram_bin_edges(values, bins="fd")
    assert made is not None
    assert made.rule == "Freedman-Diaconis"
    assert len(made.counts) == len(edges) - 1
    assert made.counts == np.histogram(values, bins=made.edges)[0].tolist()


def test_whole_numbers_in_a_short_range_get_a_bin_each() -> None:
    made = histogram(np.array([1.0, 1.0, 3.0, 6.0]), whole=True)
    assert made is not None
    assert made.counts == [2, 0, 1, 0, 0, 1]
    assert made.edges[:2] == [0.5, 1.5]


def test_bins_stay_within_their_bounds_whatever_the_data() -> None:
    wild = histogram(np.sort(np.append(np.linspace(0, 1, 5_000), 1e9)), whole=False)
    spiky = histogram(np.sort(np.array([0.0] * 100 + [1.5, 2.5, 3.25])), whole=False)
    flat = histogram(np.array([0.0, 0.5, 1.0]), whole=False)
    assert wild is not None
    assert len(wild.counts) == MOST_BINS
    assert spiky is not None
    assert spiky.rule == "Sturges"
    assert flat is not None
    assert len(flat.counts) == FEWEST_BINS


def test_nothing_a_range_beyond_doubles_and_a_single_value_are_no_crash() -> None:
    assert histogram(np.array([]), whole=False) is None
    assert histogram(np.array([-1.7e308, 1.7e308]), whole=False) is None
    single = histogram(np.array([7.0, 7.0]), whole=True)
    assert single is not None
    assert single.counts == [2]
