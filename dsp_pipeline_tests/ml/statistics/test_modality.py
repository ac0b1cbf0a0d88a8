from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from dsp_pipeline.ml.statistics.modality import QUANTILES, SHARES, dip, dip_p, modality
from dsp_pipeline_tests.ml.statistics.dip_quantiles import quantiles

if TYPE_CHECKING:
    from dsp_pipeline_tests.ml.statistics.references import Numbers


def dip_by_definition(x: Numbers) -> float:
    """The least distance to a distribution with one peak, by linear programming for a peak at each value.

    Unknown are the distribution's shares at the values, twice at the peak (before and after a jump), and the
    distance.
    """
    return min(_least_distance(x, peak) for peak in range(len(x)))


def _least_distance(x: Numbers, peak: int) -> float:
    count = len(x)
    size = count + 2
    places = [*range(peak + 1), *range(peak, count)]
    limits: list[tuple[dict[int, float], float]] = [({peak: 1.0, peak + 1: -1.0}, 0.0)]
    for unknown, place in enumerate(places):
        if unknown != peak + 1:
            limits.append(({unknown: 1.0, size - 1: -1.0}, place / count))
        if unknown != peak:
            limits.append(({unknown: -1.0, size - 1: -1.0}, -(place + 1) / count))
    for unknown in range(1, count):
        before, after = x[places[unknown]] - x[places[unknown - 1]], 0.0
        if unknown + 1 <= count:
            after = x[places[unknown + 1]] - x[places[unknown]]
        if before > 0 and after > 0:
            sign = 1.0 if unknown < peak else -1.0
            bend = {unknown - 1: -1 / before, unknown: 1 / before + 1 / after, unknown + 1: -1 / after}
            limits.append(({key: sign * value for key, value in bend.items()}, 0.0))
    rows = np.zeros((len(limits), size))
    for row, (terms, _) in enumerate(limits):
        for key, value in terms.items():
            rows[row, key] = value
    goal = np.eye(size)[-1]
    bounds: list[Any] = [(None, None)] * (size - 1) + [(0, None)]
    return float(linprog(goal, A_ub=rows, b_ub=[limit for _, limit in limits], bounds=bounds).fun)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=2, max_size=11, unique=True))
def test_the_dip_is_the_least_distance_to_a_distribution_with_one_peak(values: list[int]) -> None:
    x = np.sort(np.array(values, dtype=float))
    assert dip(x) == pytest.approx(dip_by_definition(x), abs=1e-8)


@given(st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=60, unique=True), st.floats(0.5, 20))
def test_shift_scale_and_reversal_change_nothing(values: list[float], scale: float) -> None:
    x = np.sort(np.round(values, 3))
    x = x[np.concatenate(([True], np.diff(x) > 0))]
    assert dip(np.sort(-x)) == pytest.approx(dip(x), abs=1e-9)
    assert dip(x * scale + 3) == pytest.approx(dip(x), abs=1e-6)


def test_the_table_is_what_a_simulation_gives() -> None:
    again = quantiles(100, samples=1_500, seed=9)
    assert again[:6] == pytest.approx(QUANTILES[100][:6], rel=0.04)
    assert dip_p(QUANTILES[100][5] / 10, 100) == pytest.approx(1 - SHARES[5])


def test_two_peaks_are_found_and_one_is_not_called_two() -> None:
    rng = np.random.default_rng(3)
    two = modality(np.sort(np.concatenate([rng.normal(0, 1, 400), rng.normal(5, 1, 300)])))
    assert two is not None
    assert two.p <= 0.001 + 1e-9
    for one in (rng.normal(size=600), rng.exponential(size=600), rng.random(600)):
        found = modality(np.sort(one))
        assert found is not None
        assert found.p > 0.05


def test_rounding_makes_no_peaks() -> None:
    rounded = np.sort(np.random.default_rng(4).normal(20, 3, 800).round(0))
    found = modality(rounded)
    assert found is not None
    assert found.p > 0.05
    assert modality(np.repeat([1.0, 2.0, 3.0], 200)) is None
