from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy import special, stats

from dsp_pipeline.ml.statistics import count_families, families, goodness
from dsp_pipeline.ml.statistics.distributions import closest_family, fit, fit_counts
from dsp_pipeline.ml.statistics.iterations import trigamma

if TYPE_CHECKING:
    from collections.abc import Callable

    from dsp_pipeline_tests.ml.statistics.references import Numbers

RNG = np.random.default_rng(20240229)
SAMPLES: dict[str, Numbers] = {
    "normal": RNG.normal(10, 2, 4_000),
    "Laplace": RNG.laplace(3, 2, 4_000),
    "logistic": RNG.logistic(3, 2, 4_000),
    "Student t": 5 + 2 * RNG.standard_t(2.5, 4_000),
    "uniform": RNG.uniform(-1, 5, 4_000),
    "exponential": RNG.exponential(4, 4_000),
    "log-normal": RNG.lognormal(1, 0.8, 4_000),
    "gamma": RNG.gamma(3, 2, 4_000),
    "Weibull": 3 * RNG.weibull(3.5, 4_000),
    "beta": RNG.beta(2, 5, 4_000),
    "Pareto": 3 * (1 + RNG.pareto(2.5, 4_000)),
}
COUNTS: dict[str, np.ndarray[Any, np.dtype[np.int64]]] = {
    "Poisson": RNG.poisson(4, 4_000),
    "geometric": RNG.geometric(0.3, 4_000) - 1,
    "negative binomial": RNG.negative_binomial(3, 0.4, 4_000),
    "binomial": RNG.binomial(20, 0.4, 4_000),
    "uniform over whole numbers": RNG.integers(1, 7, 4_000),
}
FAMILIES = {family.name: family for family in families.CONTINUOUS}
COUNT_FAMILIES = {family.name: family for family in count_families.COUNTS}


@pytest.mark.parametrize("family", SAMPLES)
def test_the_family_that_made_the_values_is_named(family: str) -> None:
    found = closest_family(np.sort(SAMPLES[family]), whole=False)
    assert found.family == family
    assert found.statistic is not None
    assert found.statistic < 0.03
    assert found.text.startswith(f"Close to {family}: cumulative shares differ by at most ")
    assert found.p is not None
    assert found.p > 0.01
    for pair in found.quantiles:
        reference = np.quantile(SAMPLES[family], pair.share)
        assert pair.observed == pytest.approx(reference, rel=1e-12)
        assert pair.expected == pytest.approx(reference, abs=float(0.25 * np.std(SAMPLES[family])))


@pytest.mark.parametrize("family", COUNTS)
def test_the_family_that_made_the_counts_is_named(family: str) -> None:
    found = closest_family(np.sort(COUNTS[family].astype(float)), whole=True)
    assert found.family == family
    assert found.p is not None
    assert found.p > 0.01


def test_no_family_fits_is_an_answer() -> None:
    two_hills = np.sort(np.concatenate([RNG.normal(0, 1, 1_000), RNG.normal(20, 1, 1_000)]))
    found = closest_family(two_hills, whole=False)
    assert found.family is None
    assert found.parameters == {}
    assert found.p == pytest.approx(0.001)
    assert found.text.startswith("No simple family fits; the nearest, ")
    assert found.modality is not None
    assert found.modality.p == pytest.approx(0.001)


def test_too_few_or_equal_values_have_no_family() -> None:
    assert "Too few values (5)" in closest_family(np.arange(5.0), whole=True).text
    assert closest_family(np.full(50, 3.0), whole=True).family is None


SCIPY: dict[str, Callable[[dict[str, float]], Any]] = {
    "normal": lambda p: stats.norm(p["mean"], p["std"]),
    "Laplace": lambda p: stats.laplace(p["location"], p["scale"]),
    "logistic": lambda p: stats.logistic(p["location"], p["scale"]),
    "Student t": lambda p: stats.t(p["df"], p["location"], p["scale"]),
    "uniform": lambda p: stats.uniform(p["low"], p["high"] - p["low"]),
    "exponential": lambda p: stats.expon(0, p["mean"]),
    "log-normal": lambda p: stats.lognorm(p["sigma"], 0, np.exp(p["mu"])),
    "gamma": lambda p: stats.gamma(p["shape"], 0, p["scale"]),
    "Weibull": lambda p: stats.weibull_min(p["shape"], 0, p["scale"]),
    "beta": lambda p: stats.beta(p["a"], p["b"]),
    "Pareto": lambda p: stats.pareto(p["exponent"], 0, p["low"]),
    "Poisson": lambda p: stats.poisson(p["mean"]),
    "geometric": lambda p: stats.geom(p["probability"], -1),
    "negative binomial": lambda p: stats.nbinom(p["size"], p["probability"]),
    "binomial": lambda p: stats.binom(p["trials"], p["probability"]),
    "uniform over whole numbers": lambda p: stats.randint(p["low"], p["high"] + 1),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_likelihoods_shares_and_quantiles_are_scipys(name: str) -> None:
    values = np.sort(SAMPLES[name][:500])
    made = fit(FAMILIES[name], values)
    assert made is not None
    reference = SCIPY[name](made.parameters)
    assert made.log_likelihood == pytest.approx(reference.logpdf(values).sum(), rel=1e-9)
    shares, levels = FAMILIES[name].cdf(values[None, :], *made.fitted), np.array([0.01, 0.3, 0.5, 0.99])
    assert shares[0] == pytest.approx(reference.cdf(values), abs=1e-12)
    quantiles = FAMILIES[name].quantile(levels[None, :], *made.fitted)
    assert quantiles[0] == pytest.approx(reference.ppf(levels), rel=1e-9)


@pytest.mark.parametrize("name", COUNTS)
def test_counts_have_scipys_likelihoods(name: str) -> None:
    made = fit_counts(COUNT_FAMILIES[name], np.bincount(COUNTS[name]))
    assert made is not None
    reference = SCIPY[name](made.parameters)
    assert made.log_likelihood == pytest.approx(reference.logpmf(COUNTS[name]).sum(), rel=1e-9)


@pytest.mark.parametrize(
    ("name", "distribution", "fixed", "order"),
    [
        ("gamma", stats.gamma, {"floc": 0}, [0, 2]),
        ("Weibull", stats.weibull_min, {"floc": 0}, [0, 2]),
        ("logistic", stats.logistic, {}, [0, 1]),
        ("Student t", stats.t, {}, [0, 1, 2]),
        ("beta", stats.beta, {"floc": 0, "fscale": 1}, [0, 1]),
    ],
)
def test_estimates_are_the_likeliest_as_scipy_finds_them(
    name: str, distribution: Any, fixed: dict[str, float], order: list[int]
) -> None:
    values = np.sort(SAMPLES[name][:1_000])
    made = fit(FAMILIES[name], values)
    assert made is not None
    start = [2.5] if name == "Student t" else []
    theirs = distribution.fit(values, *start, **fixed)
    assert list(made.parameters.values()) == pytest.approx([theirs[place] for place in order], rel=2e-3)
    assert made.log_likelihood >= distribution(*theirs).logpdf(values).sum() - 1e-6


@pytest.mark.parametrize("name", ["negative binomial", "binomial"])
def test_no_neighbouring_size_is_likelier(name: str) -> None:
    made = fit_counts(COUNT_FAMILIES[name], np.bincount(COUNTS[name]))
    assert made is not None
    first, mean = next(iter(made.parameters.values())), COUNTS[name].mean()
    for near in (first - 1, first + 1) if name == "binomial" else (0.999 * first, 1.001 * first):
        other = stats.binom(near, mean / near) if name == "binomial" else stats.nbinom(near, near / (near + mean))
        assert other.logpmf(COUNTS[name]).sum() < made.log_likelihood


def test_families_refuse_values_that_they_cannot_have() -> None:
    for name in ("exponential", "log-normal", "gamma", "Weibull", "Pareto", "beta"):
        assert fit(FAMILIES[name], np.array([-1.0, 2.0, 3.0])) is None
    for family in families.CONTINUOUS:
        assert fit(family, np.ones(5)) is None
    for family_of_counts in (count_families.NEGATIVE_BINOMIAL, count_families.BINOMIAL):
        assert fit_counts(family_of_counts, np.array([9])) is None


@pytest.mark.parametrize(("size", "share", "published"), [(30, 0.05, 0.161), (30, 0.01, 0.187)])
def test_the_normals_critical_distances_are_those_that_lilliefors_published(
    size: int, share: float, published: float
) -> None:
    # Lilliefors (1967), table 1, N = 30; later simulations with more samples: 0.159 and 0.184 (Dallal and
    # Wilkinson 1986). 999 samples give the 1 % point to about 0.005.
    null = goodness.pivotal_null("normal", size)
    assert np.quantile(null, 1 - share) == pytest.approx(published, abs=0.008)


@pytest.mark.parametrize("name", ["normal", "exponential", "Weibull", "gamma", "beta"])
def test_the_p_of_a_true_family_is_uniform(name: str) -> None:
    rng = np.random.default_rng(5)
    family = FAMILIES[name]
    parameters = {"exponential": (3.0,), "Weibull": (1.7, 4.0), "gamma": (2.5, 3.0), "beta": (2.0, 3.0)}
    drawn = np.sort(family.draw(rng, (120, 73), *parameters.get(name, (7.0, 3.0))), axis=1)
    found = [goodness.p_value(family, goodness.tested(row, pivotal=family.pivotal)) for row in drawn]
    assert stats.kstest(np.array(found, dtype=float), "uniform").pvalue > 0.01


def test_the_p_of_true_counts_is_uniform() -> None:
    rng = np.random.default_rng(6)
    found = [closest_family(np.sort(rng.poisson(6, 400).astype(float)), whole=True) for _ in range(80)]
    poisson = [each.p for each in found if each.nearest == "Poisson"]
    assert len(poisson) > 40
    # The steps of counts make p a little too large at times, never too small.
    assert np.mean(np.array(poisson, dtype=float) <= 0.1) <= 0.2


def test_the_plain_tables_p_would_have_been_wrong() -> None:
    values = np.sort(np.random.default_rng(1).normal(4, 2, 280))
    plain = stats.kstest(values, stats.norm(values.mean(), values.std()).cdf).pvalue
    honest = goodness.normal_p(values)
    assert honest is not None
    assert honest < plain


def test_trigammas_are_scipys_and_quick_for_huge_numbers() -> None:
    x = np.geomspace(0.01, 1e6, 200)
    assert trigamma(x) == pytest.approx(special.polygamma(1, x), rel=1e-13)
    assert trigamma(np.array([1e14])) == pytest.approx(1e-14, rel=1e-13)


@pytest.mark.parametrize(
    "values",
    [
        1e7 + np.tile([0.1, 0.2, 0.3], 40),
        np.geomspace(1e-300, 1e300, 60),
        np.concatenate([np.zeros(50), [1e-300] * 50]),
        np.concatenate([[1.0] * 99, [1.0 + 2e-16]]),
        np.concatenate([np.full(60, 0.5), [1e12]]),
    ],
    ids=["narrow", "wide", "nearly zero", "nearly equal", "one far out"],
)
def test_odd_columns_get_an_answer(values: Numbers) -> None:
    assert closest_family(np.sort(values), whole=False).text.endswith(".")
