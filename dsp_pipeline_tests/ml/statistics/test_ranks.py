"""Positions of values among the distinct ones, whichever way they are found."""

from __future__ import annotations

import numpy as np
import pytest

from dsp_pipeline.ml.statistics.ranks import dense_codes

INFINITE, BIG = float("inf"), 2.0**60


@pytest.mark.parametrize(
    "values",
    [
        [3, 1, 2, 2, 7, -4, 3],
        [5, 5, 5],
        [0.5, 1, 1, 2],
        [-0.0, 0.0, 1, 1],
        [BIG, BIG + 256, BIG],
        [INFINITE, 1, 2, -INFINITE, 2],
        [INFINITE, INFINITE],
        [1e308, -1e308, 0],
        [2, np.nan, 1, 2],
    ],
)
def test_positions_among_distinct_values_are_numpys(values: list[float]) -> None:
    found = np.array(values, dtype=np.float64)
    present = ~np.isnan(found)
    expected = np.full(len(found), -1)
    expected[present] = np.unique(found[present], return_inverse=True)[1]
    assert dense_codes(found).tolist() == expected.tolist()
