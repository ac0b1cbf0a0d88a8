import numpy as np
import pytest
from scipy import stats
from sklearn.ensemble import IsolationForest

from dsp_pipeline.ml.statistics.isolation import expected_depth, grow


def test_the_mean_depth_is_the_papers() -> None:
    # Liu, Ting and Zhou (2008), equation 1: c(n) = 2 H(n - 1) - 2 (n - 1) / n with H(i) = ln i + 0.5772156649.
    assert expected_depth(np.array([1.0, 2.0]))[:2].tolist() == [0.0, 1.0]
    assert float(expected_depth(np.array(256.0))) == pytest.approx(10.244770920116851, rel=1e-12)


def test_scores_order_rows_as_scikit_learns_do() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(1_500, 6))
    rows[:10] += rng.choice([-6, 6], size=(10, 6))
    ours = grow(rows, seed=1).scores(rows)
    theirs = -IsolationForest(n_estimators=100, random_state=1).fit(rows).score_samples(rows)
    assert stats.pearsonr(ours, theirs).statistic > 0.85
    assert set(np.argsort(-ours)[:10]) == set(range(10))
    assert ours.mean() == pytest.approx(theirs.mean(), abs=0.02)
    assert ours[:10].min() > 0.6 > np.sort(ours[10:])[-5]


def test_the_column_that_cuts_a_row_off_is_blamed() -> None:
    rows = np.random.default_rng(1).normal(size=(800, 5))
    rows[7, 3] = 40.0
    blamed = grow(rows, seed=0).blame(rows[7])
    assert blamed.argmax() == 3


def test_rows_that_do_not_differ_are_all_ordinary() -> None:
    forest = grow(np.ones((300, 3)), seed=0)
    assert np.ptp(forest.scores(np.ones((5, 3)))) == 0
