from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.datasets import load_iris

from dsp_pipeline.core.sidecar import Sidecar
from dsp_pipeline.ml.statistics.associations import MOST_COLUMNS
from dsp_pipeline.ml.statistics.correlation import cramers_v, grouped
from dsp_pipeline.ml.statistics.discoveries import JUDGES
from dsp_pipeline.ml.statistics.profile import build_profile
from dsp_pipeline_tests.ml.statistics import references
from dsp_pipeline_tests.ml.tables import validated
from dsp_pipeline_tests.performance.noise import finds_something, noise

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.profile import Association, Profile


def profiled(frame: pl.DataFrame, seed: int = 0) -> Profile:
    return build_profile(validated(frame), seed=seed)


def found(profile: Profile, a: str, b: str, measure: str) -> Association:
    return next(x for x in profile.associations if {x.a, x.b} == {a, b} and x.measure == measure)


def test_iris_has_the_correlations_that_r_prints() -> None:
    data = load_iris().data
    profile = profiled(pl.DataFrame(data, schema=["sl", "sw", "pl", "pw"], orient="row"))
    assert found(profile, "pl", "pw", "pearson").value == pytest.approx(references.IRIS_PETAL_PEARSON, abs=5e-8)
    assert found(profile, "sl", "sw", "pearson").value == pytest.approx(references.IRIS_SEPAL_PEARSON, abs=5e-8)
    assert found(profile, "pl", "pw", "spearman").value == pytest.approx(references.IRIS_PETAL_SPEARMAN, abs=5e-8)


def test_hair_and_eye_colour_have_rs_chi_squared_behind_them() -> None:
    rows = [(h, e) for h, eyes in references.HAIR_EYE.items() for e, n in eyes.items() for _ in range(n)]
    association = found(
        profiled(pl.DataFrame(rows, schema=["hair", "eye"], orient="row")), "hair", "eye", "cramers_v"
    )
    n, side = 592, 4
    phi = references.HAIR_EYE_CHI_SQUARED / n - (side - 1) ** 2 / (n - 1)
    corrected = side - (side - 1) ** 2 / (n - 1)
    assert association.value == pytest.approx((phi / (corrected - 1)) ** 0.5, abs=1e-5)
    assert association.p == pytest.approx(stats.chi2.sf(references.HAIR_EYE_CHI_SQUARED, 9), rel=1e-3)


def test_plant_growth_has_rs_kruskal_wallis_p_and_rs_share_of_variance() -> None:
    rows = [(group, weight) for group, weights in references.PLANT_GROWTH.items() for weight in weights]
    profile = profiled(pl.DataFrame(rows, schema=["group", "weight"], orient="row"))
    association = found(profile, "group", "weight", "correlation_ratio")
    assert association.p == pytest.approx(references.PLANT_GROWTH_KRUSKAL_P, abs=5e-6)
    assert association.value == pytest.approx(references.PLANT_GROWTH_ETA, abs=1e-6)


def gappy(seed: int, n: int = 300) -> pl.DataFrame:
    """Four numbers and two labels, most of them with gaps of their own."""
    rng = np.random.default_rng(seed)
    base = rng.normal(size=n)
    frame = pl.DataFrame(
        {
            "a": base,
            "b": base + rng.normal(size=n),
            "c": rng.integers(0, 5, n),
            "d": np.exp(base / 3),
            "k": rng.choice(["x", "y", "z"], n),
            "m": rng.choice(["p", "q"], n),
        }
    )
    holes = {"b": 0.1, "d": 0.3, "k": 0.05}
    return frame.with_columns(
        pl.when(pl.Series(rng.random(n) < share)).then(None).otherwise(pl.col(name)).alias(name)
        for name, share in holes.items()
    )


@pytest.mark.parametrize("seed", range(3))
def test_pairs_with_gaps_are_measured_on_the_rows_that_have_both(seed: int) -> None:
    frame = gappy(seed)
    profile = profiled(frame)
    for a, b in itertools.combinations("abcd", 2):
        both = frame.select(a, b).drop_nulls()
        x, y = both[a].to_numpy(), both[b].to_numpy()
        for measure, reference in (("pearson", stats.pearsonr(x, y)), ("spearman", stats.spearmanr(x, y))):
            association = found(profile, a, b, measure)
            assert association.n == both.height
            assert association.value == pytest.approx(reference.statistic, abs=1e-12)
            assert association.p == pytest.approx(reference.pvalue, rel=1e-6)
    for label, number in itertools.product("km", "abcd"):
        both = frame.select(label, number).drop_nulls()
        groups = [part[number].to_numpy() for part in both.partition_by(label)]
        association = found(profile, label, number, "correlation_ratio")
        assert association.n == both.height
        assert association.p == pytest.approx(stats.kruskal(*groups).pvalue, rel=1e-9)


def test_a_pairs_q_is_benjamini_and_yekutielis_of_its_judges() -> None:
    associations = profiled(gappy(0)).associations
    judged: dict[tuple[str, str], list[Association]] = {}
    for association in associations:
        if association.measure in JUDGES and association.p is not None:
            judged.setdefault((association.a, association.b), []).append(association)
    pair_p = [min(1.0, len(these) * min(x.p or 0.0 for x in these)) for these in judged.values()]
    expected = stats.false_discovery_control(pair_p, method="by")
    assert [min(x.q or 0.0 for x in these) for these in judged.values()] == pytest.approx(expected.tolist())


def test_no_measure_is_found_where_its_pair_is_not() -> None:
    associations = profiled(gappy(0)).associations
    of_pair: dict[frozenset[str], float] = {}
    for x in associations:
        if x.q is not None and x.measure in JUDGES:
            key = frozenset((x.a, x.b))
            of_pair[key] = min(x.q, of_pair.get(key, 1.0))
    for x in associations:
        assert x.q is None or x.q >= of_pair[frozenset((x.a, x.b))]


def test_chi_squared_of_dense_tables_is_scipys() -> None:
    table = np.array([[20, 30, 25], [40, 15, 30]])
    measured = cramers_v(table)
    assert measured is not None
    assert measured.p == pytest.approx(stats.chi2_contingency(table, correction=False).pvalue, rel=1e-9)


def test_rare_labels_are_taken_together_until_cells_expect_five() -> None:
    table = np.array([[50, 40], [30, 45], [1, 0], [0, 2], [1, 1]])
    dense = grouped(table)
    assert dense.sum() == table.sum()
    expected = np.outer(dense.sum(axis=1), dense.sum(axis=0)) / dense.sum()
    assert expected.min() >= 5 or dense.shape == (2, 2)


@pytest.mark.parametrize("table", [[[5, 1], [1, 4]], [[9_000, 300], [690, 10]], [[40, 2], [0, 30]]])
def test_a_thin_two_by_two_table_is_tested_exactly(table: list[list[int]]) -> None:
    measured = cramers_v(np.array(table))
    assert measured is not None
    assert measured.p == pytest.approx(stats.fisher_exact(table).pvalue, rel=1e-9)
    assert cramers_v(np.array([[5, 1], [0, 0]])) is None


def test_pearson_has_no_p_where_single_values_decide() -> None:
    rng = np.random.default_rng(1)
    frame = pl.DataFrame({"x": rng.standard_cauchy(500), "y": rng.standard_cauchy(500)})
    profile = profiled(frame)
    assert found(profile, "x", "y", "pearson").p is None
    assert found(profile, "x", "y", "spearman").p is not None


def test_constants_texts_identifiers_and_empty_columns_are_left_out() -> None:
    n = 80
    frame = pl.DataFrame(
        {
            "constant": [1] * n,
            "name": [f"n{i}" for i in range(n)],
            "empty": pl.Series([None] * n, dtype=pl.Float64),
            "number": list(range(n)),
            "flag": [i % 3 == 0 for i in range(n)],
        }
    )
    named = {name for x in profiled(frame).associations for name in (x.a, x.b)}
    assert named == {"number", "flag"}


def wide(rng: np.random.Generator, rows: int, **columns: object) -> pl.DataFrame:
    """A table of so much noise that only its most variable columns are measured with each other."""
    noise = {f"c{i}": rng.normal(size=rows) for i in range(MOST_COLUMNS + 20)}
    return pl.DataFrame(noise | columns)


def test_more_than_a_hundred_columns_are_bounded_and_it_is_said() -> None:
    table = wide(np.random.default_rng(0), 60, dull=[0] * 59 + [1])
    profile = profiled(table)
    named = {name for x in profile.associations for name in (x.a, x.b)}
    assert len(named) == MOST_COLUMNS
    assert "dull" not in named
    wanted = build_profile(validated(table, sidecar=Sidecar(target="dull"))).associations
    assert "dull" in {name for x in wanted for name in (x.a, x.b)}
    alert = next(alert for alert in profile.alerts if alert.code == "associations_bounded")
    assert (alert.value, alert.severity) == (21, "info")
    # 121 * 120 / 2 pairs in all, 100 * 99 / 2 of them measured.
    assert "2,310 pairs" in alert.text
    assert "0 stand out" in alert.text


def test_strong_pairs_among_the_columns_beyond_a_hundred_are_found_whatever_their_kinds() -> None:
    rng = np.random.default_rng(0)
    rows = 600
    hidden, labels = rng.integers(0, 4, rows), np.array(["north", "south", "east", "west"])
    bent = rng.integers(-3, 4, rows)
    few = [None if gone else int(value) for gone, value in zip(rng.random(rows) < 0.5, hidden, strict=True)]
    profile = profiled(
        wide(
            rng,
            rows,
            level=hidden,
            gappy=few,
            area=labels[(hidden + (rng.random(rows) < 0.2)) % 4],
            region=labels[::-1][hidden],
            bent=bent,
            curve=bent**2 + rng.integers(0, 2, rows),
        )
    )
    beyond = {x for x in profile.columns if not x.startswith("c") or x == "curve"}
    assert len(profile.columns) - len(beyond) > MOST_COLUMNS
    assert found(profile, "level", "gappy", "pearson").value == pytest.approx(1.0)
    assert found(profile, "area", "region", "cramers_v").value > 0.6
    assert found(profile, "level", "region", "correlation_ratio").value == pytest.approx(1.0)
    curve = found(profile, "bent", "curve", "mutual_information")
    assert curve.q is not None
    assert curve.q < 1e-9
    assert abs(found(profile, "bent", "curve", "pearson").value) < 0.2
    assert ("nonlinear", "bent") in {(alert.code, alert.column) for alert in profile.alerts}


def test_a_column_beyond_a_hundred_that_gives_the_target_away_is_suspected() -> None:
    rng = np.random.default_rng(0)
    won = rng.integers(0, 2, 300)
    table = wide(rng, 300, won=won, paid=won * 2)
    profile = build_profile(validated(table, sidecar=Sidecar(target="won")))
    assert "paid" in {alert.column for alert in profile.alerts if alert.code == "leak_suspect"}


def test_many_gaps_in_many_rows_are_sampled_and_it_is_said() -> None:
    rng = np.random.default_rng(0)
    rows, columns = 60_000, 40
    frame = pl.DataFrame(
        {f"c{i}": np.where(rng.random(rows) < 0.01, np.nan, rng.normal(size=rows)) for i in range(columns)}
    )
    frame = frame.with_columns((pl.col("c0") * 2).alias("c1"))
    profile = profiled(frame)
    alert = next(alert for alert in profile.alerts if alert.code == "associations_sampled")
    assert found(profile, "c0", "c1", "pearson").value == pytest.approx(1.0)
    assert isinstance(alert.value, float)
    sampled = found(profile, "c0", "c2", "pearson")
    assert sampled.n < alert.value
    # (1 - r^2) / sqrt(n), of a 95 % interval
    assert sampled.error == pytest.approx(1.96 * (1 - sampled.value**2) / sampled.n**0.5, rel=1e-4)


def test_pure_noise_has_associations_in_few_runs() -> None:
    runs = 20
    significant = sum(finds_something(noise(seed, rows=400, columns=10)) for seed in range(7_000, 7_000 + runs))
    # Fewer than 1 in 100 are expected (make bench-noise has the proof at full size); 2 of 20 would be a bad sign.
    assert significant < 2


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1_000), st.permutations(range(60)))
def test_neither_row_order_nor_label_names_matter(seed: int, order: list[int]) -> None:
    frame = gappy(seed, 60)
    renamed = frame[order].with_columns(pl.col("k").replace({"x": "Zürich", "y": "", "z": "a"}))
    before, after = profiled(frame), profiled(renamed)
    assert len(before.associations) == len(after.associations)
    for one, other in zip(before.associations, after.associations, strict=True):
        assert one.value == pytest.approx(other.value, abs=1e-9)
        assert (one.p is None) == (other.p is None)
        assert one.p is None or one.p == pytest.approx(other.p, rel=1e-6, abs=1e-12)
