"""Tables of pure noise have no findings; `make bench-insights-noise` counts them among a hundred of each kind."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from dsp_pipeline_tests.ml.insights import samples


def noise(seed: int, n: int) -> pl.DataFrame:
    """Twelve columns of every kind that have nothing to do with each other."""
    rng = np.random.default_rng(seed)
    weights = 1 / np.arange(1, 31)
    start = dt.datetime(2022, 1, 1)  # noqa: DTZ001 - a CSV without time zones gives just such values
    return pl.DataFrame(
        {
            "normal": rng.normal(size=n),
            "shifted": rng.normal(10, 3, n),
            "lognormal": rng.lognormal(0, 1.5, n),
            "cauchy": rng.standard_cauchy(n),
            "exponential": rng.exponential(5, n),
            "pareto": rng.pareto(1.5, n),
            "count": rng.poisson(3, n),
            "flag": rng.integers(0, 2, n),
            "colour": rng.choice(["red", "green", "blue", "grey"], n, p=[0.5, 0.3, 0.15, 0.05]),
            "city": rng.choice([f"c{i}" for i in range(30)], n, p=weights / weights.sum()),
            "ordered_at": [start + dt.timedelta(minutes=int(m)) for m in rng.integers(0, 700 * 1440, n)],
            "gappy": pl.Series(rng.normal(size=n)).set(pl.Series(rng.random(n) < 0.1), None),
        }
    )


@pytest.mark.no_cover
def test_pure_noise_has_facts_only() -> None:
    runs = [samples.insights_of(noise(seed, 2_000)) for seed in range(8)]
    with_findings = sum(any(insight.kind == "finding" for insight in run.insights) for run in runs)
    assert with_findings <= 1
    assert all(len(run.insights) >= 5 for run in runs)
    assert all(run.tests_run > 100 for run in runs)


@pytest.mark.no_cover
def test_small_noise_where_no_effect_floor_helps_has_few_findings() -> None:
    runs = [samples.insights_of(noise(seed, 150)) for seed in range(20)]
    with_findings = sum(any(insight.kind == "finding" for insight in run.insights) for run in runs)
    # At most 5 % are expected; 4 of 20 or more would happen by chance in 1.6 % of such tests.
    assert with_findings < 4
