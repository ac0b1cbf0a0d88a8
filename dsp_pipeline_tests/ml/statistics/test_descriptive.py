from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.ml.statistics.profile import build_profile
from dsp_pipeline_tests.ml.statistics import references
from dsp_pipeline_tests.ml.tables import validated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.core.artifacts.profile import ColumnProfile


def profiled(
    values: pl.Series | Sequence[object] | references.Numbers, kind: ColumnKind | None = None
) -> ColumnProfile:
    series = values if isinstance(values, pl.Series) else pl.Series("x", values)
    table = validated(series.alias("x").to_frame(), kinds={"x": kind} if kind else None)
    return build_profile(table).columns["x"]


def figure(profile: ColumnProfile, name: str) -> float:
    value = profile.statistics[name]
    assert isinstance(value, int | float)
    return value


@pytest.mark.parametrize(
    ("values", "mean", "std", "digits"),
    [
        (references.MICHELSO, references.MICHELSO_MEAN, references.MICHELSO_STD, 13),
        (references.NUM_ACC_1, references.NUM_ACC_1_MEAN, references.NUM_ACC_1_STD, 15),
        (references.alternating(1.2), 1.2, references.NUM_ACC_STD, 13),
        # From here on the values themselves are not exact in double precision.
        (references.alternating(1_000_000.2), 1_000_000.2, references.NUM_ACC_STD, 9),
        (references.alternating(10_000_000.2), 10_000_000.2, references.NUM_ACC_STD, 8),
        (references.LOTTERY, references.LOTTERY_MEAN, references.LOTTERY_STD, 14),
        (references.LEW, references.LEW_MEAN, references.LEW_STD, 14),
        (references.MAVRO, references.MAVRO_MEAN, references.MAVRO_STD, 11),
        (references.pi_digits(), references.PI_DIGITS_MEAN, references.PI_DIGITS_STD, 14),
    ],
    ids=["Michelso", "NumAcc1", "NumAcc2", "NumAcc3", "NumAcc4", "Lottery", "Lew", "Mavro", "PiDigits"],
)
def test_mean_and_deviation_have_the_digits_that_nist_certifies(
    values: references.Numbers, mean: float, std: float, digits: int
) -> None:
    profile = profiled(values)
    assert figure(profile, "mean") == pytest.approx(mean, rel=1e-14)
    assert figure(profile, "std") == pytest.approx(std, rel=10.0**-digits)


@pytest.mark.parametrize("seed", range(3))
def test_shape_and_quantiles_agree_with_scipy_and_numpy(seed: int) -> None:
    values = np.random.default_rng(seed).gamma(2.0, 3.0, 1_001)
    profile = profiled(values)
    assert figure(profile, "skewness") == pytest.approx(stats.skew(values), rel=1e-12)
    assert figure(profile, "kurtosis") == pytest.approx(stats.kurtosis(values), rel=1e-12)
    assert figure(profile, "mad") == pytest.approx(stats.median_abs_deviation(values), rel=1e-12)
    assert figure(profile, "cv") == pytest.approx(stats.variation(values, ddof=1), rel=1e-12)
    assert figure(profile, "iqr") == pytest.approx(stats.iqr(values), rel=1e-12)
    for name, share in {"q01": 0.01, "q05": 0.05, "median": 0.5, "q95": 0.95, "q99": 0.99}.items():
        assert figure(profile, name) == pytest.approx(np.quantile(values, share), rel=1e-12)


def test_entropy_is_shannons_in_bits() -> None:
    labels = ["a"] * 50 + ["b"] * 30 + ["c"] * 20
    assert figure(profiled(labels), "entropy") == pytest.approx(stats.entropy([50, 30, 20], base=2), rel=1e-12)
    assert figure(profiled([1, 1, 2, 2, 3, 3, 4, 4]), "entropy") == pytest.approx(2.0)


def test_sums_of_integers_are_exact_beyond_what_a_double_holds() -> None:
    values = [2**53 + 1, 2**53 + 3, 1]
    assert profiled(values).statistics["sum"] == sum(values)


@pytest.mark.parametrize(
    "numbers",
    [[2**62 + i for i in range(99)], [Decimal(f"{10**20 + i}.25") for i in range(99)]],
    ids=["whole", "decimal"],
)
def test_numbers_that_doubles_cannot_tell_apart_are_not_counted_as_one(numbers: list[int] | list[Decimal]) -> None:
    profile = build_profile(validated(pl.DataFrame({"n": numbers})))
    column = profile.columns["n"]
    assert (column.distinct, column.top_values) == (99, [])
    assert column.statistics["mode_share"] == pytest.approx(1 / 99)
    assert column.statistics["entropy"] == pytest.approx(math.log2(99))
    assert "imbalance" not in {alert.code for alert in profile.alerts}


def test_a_column_of_whole_documents_does_not_fill_the_profile() -> None:
    documents = ["lorem ipsum " * 20_000, "x" * 500_000, "short"] * 20
    profile = build_profile(validated(pl.DataFrame({"t": documents}), kinds={"t": ColumnKind.TEXT}))
    assert {top.value for top in profile.columns["t"].top_values} >= {"short", "x" * 199 + "…"}
    assert len(profile.to_json()) < 40_000


def test_infinities_are_counted_and_left_out_and_nan_is_missing() -> None:
    profile = profiled([1.0, 2.0, 3.0, math.inf, -math.inf, math.nan, None])
    assert (profile.count, profile.missing, profile.distinct) == (5, 2, 5)
    assert profile.statistics["infinite"] == 2
    assert profile.statistics["mean"] == 2.0
    assert profile.statistics["max"] == 3.0


def test_zeros_negatives_mode_and_order_are_reported() -> None:
    profile = profiled([-2, -1, 0, 0, 0, 5])
    assert profile.statistics["zeros"] == 3
    assert profile.statistics["negatives"] == 2
    assert profile.statistics["mode"] == 0
    assert profile.statistics["mode_share"] == 0.5
    assert profile.statistics["monotonic"] == "increasing"
    assert profiled([3, 2, 1]).statistics["monotonic"] == "decreasing"
    assert profiled([3, 1, 2]).statistics["monotonic"] == "no"


def test_a_column_without_spread_has_no_shape() -> None:
    profile = profiled([4.0, 4.0, 4.0], ColumnKind.CONSTANT)
    assert profile.statistics["std"] == 0
    assert profile.statistics["skewness"] is None
    assert profile.statistics["kurtosis"] is None


def test_values_at_the_edge_of_doubles_give_none_instead_of_infinity() -> None:
    profile = profiled([1e308, -1e308, 1e308, -1e308, 5e-324])
    assert profile.statistics["variance"] is None
    assert profile.statistics["range"] is None
    assert profile.statistics["max"] == 1e308


def test_texts_have_lengths_in_characters_and_words() -> None:
    texts = [f"word number {i}" for i in range(60)] + ["äöü"] * 2 + ["  "] * 2
    profile = profiled(texts, ColumnKind.TEXT)
    assert profile.statistics["length_min"] == 2
    assert profile.statistics["length_max"] == len("word number 10")
    assert profile.statistics["blank"] == 2
    assert figure(profile, "words_mean") == pytest.approx((60 * 3 + 2) / 64)


def test_dates_have_a_range_gaps_and_a_granularity() -> None:
    days = pl.Series("x", ["2024-01-01", "2024-01-02", "2024-01-05", None]).str.to_date()
    profile = profiled(days)
    assert profile.statistics["min"] == "2024-01-01"
    assert profile.statistics["max"] == "2024-01-05"
    assert profile.statistics["median"] == "2024-01-02"
    assert profile.statistics["range_days"] == 4
    assert profile.statistics["gap_max_days"] == 3
    assert profile.statistics["granularity"] == "day"
    stamps = pl.Series("x", ["2024-01-01 10:00", "2024-01-01 11:30"]).str.to_datetime()
    assert profiled(stamps).statistics["granularity"] == "minute"


def test_times_of_day_have_a_first_and_a_last() -> None:
    times = pl.Series("x", ["08:00:00", "09:30:00", "17:00:00"]).str.to_time()
    profile = profiled(times)
    assert (profile.statistics["min"], profile.statistics["median"]) == ("08:00:00", "09:30:00")
    assert profile.histogram is not None


finite = st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 3))
SHIFTED = ("mean", "median", "q25", "max")
SCALED = ("std", "iqr", "mad", "range")
SHAPE = ("skewness", "kurtosis")


@given(st.lists(finite, min_size=2, max_size=60), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing_but_monotonicity(values: list[float], shuffle: st.DrawFn) -> None:
    shuffled = sorted(values, key=lambda _: shuffle.random())  # type: ignore[attr-defined]
    one, other = profiled(list(values)), profiled(list(shuffled))
    for name in {*one.statistics} - {"monotonic", "sum", "mean", "variance", "std", "cv", *SHAPE}:
        assert one.statistics[name] == other.statistics[name], name
    assert one.statistics["mean"] == pytest.approx(other.statistics["mean"], rel=1e-9, abs=1e-9)


@settings(max_examples=50)
@given(st.lists(finite, min_size=5, max_size=60, unique=True), st.floats(-1e4, 1e4), st.floats(0.01, 100))
def test_shift_and_scale_move_the_figures_as_they_should(values: list[float], shift: float, scale: float) -> None:
    before, after = profiled(np.array(values)), profiled(np.array(values) * scale + shift)
    size = scale * max(map(abs, values)) + abs(shift) + 1
    for name in SHIFTED:
        assert figure(after, name) == pytest.approx(figure(before, name) * scale + shift, abs=1e-9 * size), name
    for name in SCALED:
        assert figure(after, name) == pytest.approx(figure(before, name) * scale, abs=1e-9 * size), name


@settings(max_examples=30)
@given(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=60))
def test_renaming_labels_changes_no_figure_but_their_lengths(labels: list[str]) -> None:
    renamed = [f"{ord(label)} renamed" for label in labels]
    one, other = profiled(labels, ColumnKind.CATEGORY), profiled(renamed, ColumnKind.CATEGORY)
    assert (one.count, one.missing, one.distinct) == (other.count, other.missing, other.distinct)
    assert [top.count for top in one.top_values] == [top.count for top in other.top_values]
    for name in ("entropy", "evenness", "mode_share", "singletons"):
        assert one.statistics[name] == other.statistics[name], name
