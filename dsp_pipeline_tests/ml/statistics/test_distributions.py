from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import stats

from dsp_pipeline.ml.statistics import families
from dsp_pipeline.ml.statistics.distributions import closest_family

if TYPE_CHECKING:
    from collections.abc import Callable

    from dsp_pipeline_tests.ml.statistics.references import Numbers

RNG = np.random.default_rng(20240229)
SAMPLES: dict[str, Numbers] = {
    "normal": RNG.normal(10, 2, 4_000),
    "Laplace": RNG.laplace(3, 2, 4_000),
    "uniform": RNG.uniform(-1, 5, 4_000),
    "exponential": RNG.exponential(4, 4_000),
    "log-normal": RNG.lognormal(1, 0.8, 4_000),
    "gamma": RNG.gamma(3, 2, 4_000),
    "Weibull": 3 * RNG.weibull(3.5, 4_000),
}
COUNTS: dict[str, Numbers] = {
    "Poisson": RNG.poisson(4, 4_000).astype(float),
    "geometric": (RNG.geometric(0.3, 4_000) - 1).astype(float),
    "uniform over whole numbers": RNG.integers(1, 7, 4_000).astype(float),
}


@pytest.mark.parametrize("family", SAMPLES)
def test_the_family_that_made_the_values_is_named(family: str) -> None:
    found = closest_family(np.sort(SAMPLES[family]), whole=False)
    assert found.family == family
    assert found.statistic is not None
    assert found.statistic < 0.03
    assert found.text.startswith(f"Close to {family}: cumulative shares differ by at most ")


@pytest.mark.parametrize("family", COUNTS)
def test_the_family_that_made_the_counts_is_named(family: str) -> None:
    assert closest_family(np.sort(COUNTS[family]), whole=True).family == family


def test_no_family_fits_is_an_answer() -> None:
    two_hills = np.sort(np.concatenate([RNG.normal(0, 1, 1_000), RNG.normal(20, 1, 1_000)]))
    found = closest_family(two_hills, whole=False)
    assert found.family is None
    assert found.parameters == {}
    assert found.text.startswith("No simple family fits; the nearest, ")


def test_too_few_or_equal_values_have_no_family() -> None:
    assert "Too few values (5)" in closest_family(np.arange(5.0), whole=True).text
    assert closest_family(np.full(50, 3.0), whole=True).family is None


SCIPY: list[
    tuple[str, Callable[[Numbers], families.Fit | None], Callable[[dict[str, float]], stats.rv_continuous]]
] = [
    ("normal", families.fit_normal, lambda p: stats.norm(p["mean"], p["std"])),
    ("Laplace", families.fit_laplace, lambda p: stats.laplace(p["location"], p["scale"])),
    ("uniform", families.fit_uniform, lambda p: stats.uniform(p["low"], p["high"] - p["low"])),
    ("exponential", families.fit_exponential, lambda p: stats.expon(0, p["mean"])),
    ("log-normal", families.fit_lognormal, lambda p: stats.lognorm(p["sigma"], 0, np.exp(p["mu"]))),
    ("gamma", families.fit_gamma, lambda p: stats.gamma(p["shape"], 0, p["scale"])),
    ("Weibull", families.fit_weibull, lambda p: stats.weibull_min(p["shape"], 0, p["scale"])),
]


@pytest.mark.parametrize(("name", "fit", "frozen"), SCIPY, ids=[name for name, _, _ in SCIPY])
def test_likelihoods_and_shares_are_scipys(
    name: str,
    fit: Callable[[Numbers], families.Fit | None],
    frozen: Callable[[dict[str, float]], stats.rv_continuous],
) -> None:
    values = SAMPLES[name][:500]
    made = fit(values)
    assert made is not None
    reference = frozen(made.parameters)
    assert made.log_likelihood == pytest.approx(reference.logpdf(values).sum(), rel=1e-9)
    assert made.cdf(values) == pytest.approx(reference.cdf(values), abs=1e-12)


def test_estimates_are_the_likeliest_as_scipy_finds_them() -> None:
    gamma, weibull = families.fit_gamma(SAMPLES["gamma"]), families.fit_weibull(SAMPLES["Weibull"])
    assert gamma is not None
    assert weibull is not None
    shape, _, scale = stats.gamma.fit(SAMPLES["gamma"], floc=0)
    assert gamma.parameters == pytest.approx({"shape": shape, "scale": scale}, rel=1e-4)
    shape, _, scale = stats.weibull_min.fit(SAMPLES["Weibull"], floc=0)
    assert weibull.parameters == pytest.approx({"shape": shape, "scale": scale}, rel=1e-3)


def test_counts_have_scipys_likelihoods() -> None:
    poisson, geometric = families.fit_poisson(COUNTS["Poisson"]), families.fit_geometric(COUNTS["geometric"])
    assert poisson is not None
    assert geometric is not None
    reference = stats.poisson(poisson.parameters["mean"])
    assert poisson.log_likelihood == pytest.approx(reference.logpmf(COUNTS["Poisson"]).sum(), rel=1e-9)
    shifted = stats.geom(geometric.parameters["probability"], -1)
    assert geometric.log_likelihood == pytest.approx(shifted.logpmf(COUNTS["geometric"]).sum(), rel=1e-9)
    assert geometric.cdf(np.arange(5.0)) == pytest.approx(shifted.cdf(np.arange(5.0)))


def test_families_of_positive_values_refuse_others() -> None:
    negative = np.array([-1.0, 2.0, 3.0])
    for fit in (families.fit_exponential, families.fit_lognormal, families.fit_gamma, families.fit_weibull):
        assert fit(negative) is None
    for fit in (families.fit_poisson, families.fit_geometric):
        assert fit(np.zeros(5)) is None
    for fit in (families.fit_normal, families.fit_laplace, families.fit_uniform, families.fit_whole_uniform):
        assert fit(np.ones(5)) is None
