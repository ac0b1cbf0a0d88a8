from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from dsp_pipeline.ml.statistics.tails import box_cox_power, tail_statistics

VALUES = np.sort(np.random.default_rng(8).gamma(0.7, 20, 900) + 0.01)


def test_means_are_scipys() -> None:
    figures = tail_statistics(VALUES, None)
    assert figures["trimmed_mean"] == pytest.approx(stats.trim_mean(VALUES, 0.1), rel=1e-12)
    assert figures["geometric_mean"] == pytest.approx(stats.gmean(VALUES), rel=1e-12)
    assert "box_cox" not in figures


@pytest.mark.parametrize("scale", [1.0, 1e-150, 1e150])
def test_the_power_is_scipys_and_does_not_depend_on_the_unit(scale: float) -> None:
    found = box_cox_power(VALUES * scale)
    assert found == pytest.approx(stats.boxcox_normmax(VALUES, method="mle"), abs=1e-5)


def test_the_power_takes_the_skewness_away() -> None:
    logs = np.random.default_rng(9).normal(3, 1, 5_000)
    figures = tail_statistics(np.sort(np.exp(logs)), 5.0)
    assert figures["box_cox"] == pytest.approx(0, abs=0.05)
    assert figures["skewness_after"] == pytest.approx(0, abs=0.1)


def test_values_that_are_not_positive_have_no_power() -> None:
    assert set(tail_statistics(np.array([-1.0, 2.0, 80.0]), 3.0)) == {"trimmed_mean"}
