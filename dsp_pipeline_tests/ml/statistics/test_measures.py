"""Kendall's tau, mutual information, Theil's U and partial correlation against independent references."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from scipy import stats
from sklearn.metrics import mutual_info_score

from dsp_pipeline.ml.statistics.coefficient import information_coefficient
from dsp_pipeline.ml.statistics.correlation import chi_squared
from dsp_pipeline.ml.statistics.information import (
    PermutationMoments,
    mutual_information,
    permutation_p,
    theils_u,
)
from dsp_pipeline.ml.statistics.partial import partial_correlation
from dsp_pipeline.ml.statistics.profile import build_profile
from dsp_pipeline_tests.ml.statistics.test_associations import found, gappy
from dsp_pipeline_tests.ml.tables import validated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.core.artifacts.profile import Profile


def profiled(frame: pl.DataFrame) -> Profile:
    return build_profile(validated(frame))


@pytest.mark.parametrize("seed", range(2))
def test_kendalls_tau_and_its_p_are_scipys_with_ties_and_gaps(seed: int) -> None:
    frame = gappy(seed)
    profile = profiled(frame)
    for a, b in itertools.combinations("abcd", 2):
        both = frame.select(a, b).drop_nulls()
        reference = stats.kendalltau(both[a].to_numpy(), both[b].to_numpy(), method="asymptotic")
        tau = found(profile, a, b, "kendall")
        assert tau.n == both.height
        assert tau.value == pytest.approx(reference.statistic, abs=1e-12)
        assert tau.p == pytest.approx(reference.pvalue, rel=1e-9)
        assert tau.error is None


def test_tau_of_many_rows_is_sampled_within_its_stated_error() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=6_000)
    frame = pl.DataFrame({"x": x, "y": x + rng.normal(size=6_000), "z": rng.normal(size=6_000)})
    profile = profiled(frame)
    for a, b in itertools.combinations("xyz", 2):
        tau = found(profile, a, b, "kendall")
        assert tau.n == 2_000
        assert tau.error is not None
        whole = stats.kendalltau(frame[a].to_numpy(), frame[b].to_numpy()).statistic
        assert abs(tau.value - whole) < tau.error < 0.07


def counts(x: Sequence[int], y: Sequence[int]) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    table = np.zeros((max(x) + 1, max(y) + 1), dtype=np.int64)
    np.add.at(table, (list(x), list(y)), 1)
    return table


def test_mutual_information_and_theils_u_are_the_references() -> None:
    rng = np.random.default_rng(0)
    x = rng.integers(0, 5, 400)
    y = (x + rng.integers(0, 3, 400)) % 4
    table = counts(x.tolist(), y.tolist())
    nats = mutual_info_score(x, y)
    assert mutual_information(table) == pytest.approx(nats, rel=1e-9)
    of_y, of_x = theils_u(table)
    assert of_y == pytest.approx(nats / stats.entropy(np.bincount(y)), rel=1e-9)
    assert of_x == pytest.approx(nats / stats.entropy(np.bincount(x)), rel=1e-9)


def test_the_information_of_normal_variables_gives_their_correlation_back() -> None:
    rho = 0.6
    assert information_coefficient(-0.5 * np.log(1 - rho**2)) == pytest.approx(rho, rel=1e-12)


@pytest.mark.parametrize("y", [[0, 0, 1, 1, 1, 0, 1], [0, 0, 1, 1, 1, 2, 3]])
def test_permutation_moments_are_those_of_all_permutations(y: list[int]) -> None:
    x = [0, 0, 0, 1, 1, 2, 2]
    every = [chi_squared(counts(x, order)) for order in itertools.permutations(y)]
    moments = PermutationMoments.of(counts(x, y))
    assert moments.mean == pytest.approx(np.mean(every), rel=1e-9)
    assert moments.variance == pytest.approx(np.var(every), rel=1e-9)


def test_ps_of_mutual_information_are_uniform_where_nothing_is_related() -> None:
    rng = np.random.default_rng(11)
    x, y = rng.integers(0, 6, 500).tolist(), rng.choice(5, 500, p=[0.4, 0.2, 0.15, 0.15, 0.1])
    ps = [permutation_p(counts(x, rng.permutation(y).tolist())) for _ in range(400)]
    assert stats.kstest([p for p in ps if p is not None], "uniform").pvalue > 0.01


def test_a_curve_that_correlations_miss_is_found_by_mutual_information() -> None:
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, 1_000)
    profile = profiled(pl.DataFrame({"x": x, "y": x**2 + 0.05 * rng.normal(size=1_000)}))
    assert abs(found(profile, "x", "y", "pearson").value) < 0.1
    information = found(profile, "x", "y", "mutual_information")
    assert information.q is not None
    assert information.q < 1e-9
    assert information_coefficient(information.value) > 0.7


def test_partial_correlation_is_the_correlation_of_residuals() -> None:
    rng = np.random.default_rng(0)
    c = rng.normal(size=300)
    a, b = c + rng.normal(size=300), c + rng.normal(size=300)
    frame = pl.DataFrame({"a": a, "b": b, "c": c})
    gaps = pl.when(pl.Series(rng.random(300) < 0.1)).then(None).otherwise(pl.col("c")).alias("c")
    for table in (frame, frame.with_columns(gaps)):
        kept = table.drop_nulls()
        design = np.column_stack([np.ones(kept.height), kept["c"].to_numpy()])
        residuals = [
            column - design @ np.linalg.lstsq(design, column, rcond=None)[0]
            for column in (kept["a"].to_numpy(), kept["b"].to_numpy())
        ]
        partial = found(profiled(table), "a", "b", "partial_pearson")
        assert (partial.given, partial.n) == ("c", kept.height)
        assert partial.value == pytest.approx(np.corrcoef(residuals)[0, 1], abs=1e-12)


def test_partial_correlation_of_a_textbook_example() -> None:
    # r12 = .5, r13 = .6, r23 = .4: (.5 - .24) / sqrt(.64 * .84)
    assert partial_correlation(0.5, 0.6, 0.4) == pytest.approx(0.26 / (0.64 * 0.84) ** 0.5, rel=1e-12)


def test_beyond_a_thousand_pairs_only_the_strongest_have_all_measures() -> None:
    rng = np.random.default_rng(0)
    base = rng.normal(size=100)
    frame = pl.DataFrame({f"c{i}": rng.normal(size=100) for i in range(48)} | {"x": base, "y": base + 0.1})
    profile = profiled(frame.with_columns(pl.col("y") + pl.col("c0") / 9))
    measures = [association.measure for association in profile.associations]
    assert measures.count("spearman") == 50 * 49 // 2
    assert measures.count("kendall") == 1_000
    assert found(profile, "x", "y", "kendall").value > 0.8
