import numpy as np
import plotly.graph_objects as go
import polars as pl
import pytest
from scipy.stats import gaussian_kde

from dsp_pipeline.dashboard.charts import violins
from dsp_pipeline.dashboard.charts.base import PlotlyChart
from dsp_pipeline.dashboard.charts.frame import BASE_LAYOUT
from dsp_pipeline.dashboard.charts.groups import by_group

RNG = np.random.default_rng(3)
ONE = RNG.normal(20, 4, 600)
TWO = np.concatenate([RNG.normal(10, 2, 300), RNG.normal(30, 2, 300)])


def chart(groups: dict[str, np.ndarray], *, most: int = 12) -> PlotlyChart:
    parts = [pl.DataFrame({"g": [name] * len(values), "v": values}) for name, values in groups.items()]
    made = by_group(pl.concat(parts), "g", "v", key="k", most=most, title=lambda _: "v by g")
    assert made is not None
    return made


def test_a_density_is_scipys_with_the_same_bandwidth() -> None:
    found = violins.density(np.sort(TWO))
    assert found is not None
    quartiles = np.quantile(TWO, (0.25, 0.75))
    bandwidth = 0.9 * min(TWO.std(), (quartiles[1] - quartiles[0]) / 1.34) * 600**-0.2
    expected = gaussian_kde(TWO, bandwidth / TWO.std(ddof=1))(found.at)
    expected /= np.trapezoid(expected, found.at)
    inside = slice(6, -6)  # At the ends ours is mirrored, as values end there.
    assert found.shares[inside] == pytest.approx(expected[inside], abs=0.03 * expected.max())


def test_a_density_does_not_fall_where_values_end() -> None:
    found = violins.density(np.sort(RNG.uniform(0, 1, 5_000)))
    assert found is not None
    assert found.shares.min() > 0.85


def test_groups_with_several_peaks_are_shapes_that_say_where_the_peaks_are() -> None:
    made = chart({"one": ONE, "two": TWO})
    shapes = made.layout["shapes"]
    assert isinstance(shapes, list)
    assert len(shapes) == 2
    go.Figure({"data": made.traces, "layout": {**BASE_LAYOUT, **made.layout}})
    assert "two has two peaks, near 10 and 30." in made.summary
    assert "one has" not in made.summary
    assert "all have the same area" in made.summary


@pytest.mark.parametrize(
    "groups",
    [
        {"a": ONE, "b": ONE + 5},
        {"a": ONE[:49], "b": TWO},
        {f"g{place}": TWO + place for place in range(9)},
        {"a": np.round(ONE) * 0 + 1, "b": TWO},
        {"a": ONE, "b": RNG.exponential(3, 600)},
        {"a": ONE / 100, "b": TWO},
    ],
    ids=["one peak each", "few values", "many groups", "all equal", "skewed", "far narrower"],
)
def test_where_shapes_say_no_more_or_cannot_be_read_there_are_boxes(groups: dict[str, np.ndarray]) -> None:
    made = chart(groups)
    assert "shapes" not in made.layout
    assert "peaks" not in made.summary


def test_boxes_state_the_means_that_statements_quote_beside_the_medians() -> None:
    made = chart({"a": np.array([0.0, 0.0, 90.0]), "b": np.array([10.0, 10.0, 10.0])})
    assert made.summary.startswith("Mean highest for a (30), lowest for b (10); median highest for b (10), lowest")
    same = chart({"a": np.array([1.0, 2.0, 6.0]), "b": np.array([0.0, 0.0, 3.0])})
    assert same.summary.startswith("Highest for a (mean 3, median 2), lowest for b (mean 1, median 0); boxes hold")
