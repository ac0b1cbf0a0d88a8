from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsp_pipeline.ml.statistics.outliers import find_outliers, medcouple
from dsp_pipeline.ml.statistics.profile import build_profile
from dsp_pipeline_tests.ml.tables import validated

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.profile import Outliers
    from dsp_pipeline_tests.ml.statistics.references import Numbers


def outliers(values: Numbers) -> Outliers | None:
    return find_outliers(np.sort(values[~np.isnan(values)]), values)


def test_outliers_are_the_values_beyond_tukeys_fences() -> None:
    # R: boxplot.stats(c(1:9, 50), coef = 1.5)$out is 50; quantile(type = 7) gives 3.25 and 7.75.
    found = outliers(np.array([*range(1, 10), 50.0]))
    assert found is not None
    assert (found.low_fence, found.high_fence) == (3.25 - 1.5 * 4.5, 7.75 + 1.5 * 4.5)
    assert (found.count, found.examples) == (1, [50.0])


def test_examples_come_from_both_ends_and_are_few() -> None:
    found = outliers(np.concatenate([np.linspace(0, 1, 100), np.arange(50, 70), -np.arange(50, 70)]))
    assert found is not None
    assert found.count == 40
    assert found.examples == [-69.0, -68.0, -67.0, -66.0, -65.0, 65.0, 66.0, 67.0, 68.0, 69.0]


def test_fences_need_spread_and_enough_values() -> None:
    assert outliers(np.array([1.0] * 20 + [9.0])) is None
    assert outliers(np.array([1.0, 2.0, 100.0])) is None


def test_an_outlier_is_named_with_its_row_and_why() -> None:
    values = np.array([np.nan, *np.tile(np.arange(1.0, 9.0), 5), 90.0, -40.0])
    found = outliers(values)
    assert found is not None
    assert [(row.row, row.value) for row in found.rows] == [(42, 90.0), (43, -40.0)]
    assert found.rows[0].why.endswith("IQR above the upper quartile")
    assert found.rows[1].why.endswith("IQR below the lower quartile")


def medcouple_by_definition(values: Numbers) -> float:
    """Brys, Hubert and Struyf (2004), equation 2.1, for values without ties at the median."""
    middle = float(np.median(values))
    below, above = values[values <= middle], values[values >= middle]
    return float(np.median([((b - middle) - (middle - a)) / (b - a) for a in below for b in above if a != b]))


@pytest.mark.parametrize(
    ("values", "published"),
    [
        # R, robustbase: the examples of ?mc.
        ([1.0, 2.0, 3.0, 4.0, 5.0], 0.0),
        ([1.0, 2.0, 7.0, 9.0, 10.0], -1 / 3),
    ],
)
def test_the_medcouple_is_rs(values: list[float], published: float) -> None:
    assert medcouple(np.array(values)) == pytest.approx(published, abs=1e-12)


@given(st.lists(st.floats(-1e3, 1e3).map(lambda value: round(value, 2)), min_size=4, max_size=40, unique=True))
def test_the_medcouple_is_what_its_definition_says(values: list[float]) -> None:
    if len(values) % 2:
        values = values[1:]
    x = np.sort(np.array(values))
    assert medcouple(x) == pytest.approx(medcouple_by_definition(x), abs=1e-9)
    assert medcouple(np.sort(-x)) == pytest.approx(-medcouple(x), abs=1e-9)


def test_a_long_tail_is_not_a_heap_of_outliers() -> None:
    values = np.random.default_rng(0).lognormal(0, 1, 5_000)
    found = outliers(values)
    assert found is not None
    assert found.method.startswith("adjusted box plot")
    assert found.medcouple is not None
    assert found.medcouple > 0.2
    tukey, robust = found.others
    assert tukey.method == "IQR fences (1.5)"
    assert robust.method == "median and MAD (3.5)"
    assert found.count < 0.03 * len(values) < tukey.count


def frame(rows: int = 400) -> pl.DataFrame:
    rng = np.random.default_rng(2)
    weight = rng.normal(70, 10, rows)
    height = 100 + weight + rng.normal(0, 3, rows)
    pulse = rng.normal(60, 5, rows)
    weight[122], height[122], pulse[122] = 130.0, 110.0, 110.0
    phones = range(79_000_000, 79_000_000 + rows)
    return pl.DataFrame({"weight": weight, "height": height, "pulse": pulse, "mobile_phone": phones})


def test_rows_that_are_unusual_over_several_columns_are_named_with_the_columns() -> None:
    profile = build_profile(validated(frame()))
    first = profile.unusual_rows[0]
    assert first.row == 123
    assert 0.65 <= first.score <= 1
    assert {cell.column for cell in first.cells} == {"weight", "height", "pulse"}
    shares = {cell.column: cell.share_below for cell in first.cells}
    assert shares["weight"] > 0.99
    assert shares["height"] < 0.01
    assert build_profile(validated(frame())).unusual_rows == profile.unusual_rows


def test_a_missing_number_is_not_told_as_if_it_were_there() -> None:
    table = frame().with_columns(weight=pl.when(pl.int_range(pl.len()) != 122).then("weight"))
    first = build_profile(validated(table)).unusual_rows[0]
    assert first.row == 123
    assert {cell.column for cell in first.cells} == {"height", "pulse"}


def test_ordinary_rows_are_not_called_unusual() -> None:
    rng = np.random.default_rng(3)
    table = pl.DataFrame({name: rng.normal(size=500) for name in "abcdef"})
    assert build_profile(validated(table)).unusual_rows == []
