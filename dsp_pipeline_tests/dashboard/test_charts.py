import functools

import plotly.graph_objects as go
import pytest

from dsp_pipeline.core.artifacts.insights import ChartHint, ChartPoint
from dsp_pipeline.dashboard.charts import custom_charts
from dsp_pipeline.dashboard.charts.base import PlotlyChart
from dsp_pipeline.dashboard.charts.frame import BASE_LAYOUT, Words
from dsp_pipeline.dashboard.charts.hints import HintedCharts
from dsp_pipeline.dashboard.charts.model_charts import waterfall
from dsp_pipeline.dashboard.charts.plotly_charts import bars
from dsp_pipeline.dashboard.generator import view
from dsp_pipeline.dashboard.wording import MINUS
from dsp_pipeline_tests.dashboard import factory, hostile

ORDERS = factory.case()
WORDS = Words("k", "Title", "Summary.")


@functools.cache
def drawing() -> HintedCharts:
    return HintedCharts(ORDERS.material())


def hinted(kind: str, columns: list[str], **more: object) -> PlotlyChart | None:
    hint = ChartHint.model_validate({"kind": kind, "columns": columns})
    return drawing().chart(factory.insight(1, "Says something.", hint, **more), "k")


@pytest.mark.parametrize(
    "case",
    [
        ORDERS,
        factory.case(model=factory.regression_model()),
        factory.case(model=factory.no_model()),
        factory.case(hostile.table()),
    ],
    ids=["binary", "regression", "no model", "hostile"],
)
def test_plotly_accepts_every_figure_and_each_says_what_it_shows(case: factory.Case) -> None:
    charts = view(case.material()).plotly_charts()
    for chart in charts.values():
        figure = chart.figure
        assert isinstance(figure["layout"], dict)
        go.Figure({"data": figure["data"], "layout": {**BASE_LAYOUT, **figure["layout"]}})
        assert chart.title
        assert chart.summary.endswith((".", "shown."))


@pytest.mark.parametrize(
    ("kind", "columns", "trace"),
    [
        ("bar", ["region", "amount"], "bar"),
        ("bar", ["amount", "region"], "bar"),
        ("bar", ["region"], "bar"),
        ("bar", ["region", "returned"], "bar"),
        ("bar", ["ordered_at", "amount"], "scatter"),
        ("box", ["amount", "region"], "box"),
        ("box", ["region", "note"], "heatmap"),
        ("scatter", ["items", "amount"], "scatter"),
        ("scatter", ["region", "amount"], "bar"),
        ("scatter", ["ordered_at", "amount"], "scatter"),
        ("heatmap", ["region", "returned"], "heatmap"),
        ("heatmap", ["amount", "discount"], "scatter"),
        ("heatmap", ["region"], "bar"),
        ("line", ["ordered_at", "amount"], "scatter"),
        ("line", ["ordered_at"], "scatter"),
        ("line", ["region", "amount"], "bar"),
        ("histogram", ["amount"], "bar"),
        ("histogram", ["amount", "region"], "box"),
        ("histogram", ["region"], "bar"),
    ],
)
def test_a_hint_becomes_the_chart_that_its_columns_allow(kind: str, columns: list[str], trace: str) -> None:
    chart = hinted(kind, columns)
    assert chart is not None
    assert chart.traces[0]["type"] == trace


@pytest.mark.parametrize(
    ("kind", "columns"),
    [("none", ["amount"]), ("bar", ["gone"]), ("heatmap", ["amount", "ordered_at"]), ("scatter", ["amount"])],
)
def test_what_cannot_be_drawn_is_left_out(kind: str, columns: list[str]) -> None:
    assert hinted(kind, columns) is None


def test_a_chart_shows_only_the_rows_that_its_insight_is_about() -> None:
    south = ORDERS.validated.table.filter(region="south").height
    chart = hinted("histogram", ["amount"], subspace={"region": "south"})
    assert chart is not None
    counts = chart.traces[0]["y"]
    assert isinstance(counts, list)
    assert sum(count for count in counts if isinstance(count, int)) == south
    assert hinted("histogram", ["amount"], subspace={"region": "nowhere"}) is None


def test_an_insight_on_gaps_shows_how_much_is_missing() -> None:
    chart = hinted("bar", ["region", "discount"], type="missing_depends")
    assert chart is not None
    assert chart.title == "Share of discount missing by region"
    alone = hinted("bar", ["discount", "note"], type="missing_values")
    assert alone is not None
    share = ORDERS.validated.table["discount"].null_count() / 6
    shown = alone.traces[0]["x"]
    assert isinstance(shown, list)
    assert shown[0] == pytest.approx(share, rel=1e-5)


def test_an_insight_on_seasons_shows_the_part_of_the_calendar_that_it_names() -> None:
    evidence = "SELECT EXTRACT(ISODOW FROM ordered_at) = 6"
    chart = hinted("bar", ["ordered_at", "amount"], type="seasonality", evidence=evidence)
    assert chart is not None
    assert chart.title == "Mean of amount by weekday"
    rows = hinted("bar", ["ordered_at"], type="seasonality", evidence="EXTRACT(HOUR FROM ordered_at)")
    assert rows is not None
    assert rows.title == "Rows per day by hour"


@pytest.mark.parametrize(
    ("told", "summary"), [((1,), "3 figures; told above: b (2)."), ((), "3 figures.")], ids=["some", "none"]
)
def test_a_chart_of_an_insights_own_figures_says_which_its_statement_tells(
    told: tuple[int, ...], summary: str
) -> None:
    points = [ChartPoint(label=label, value=place + 1, told=place in told) for place, label in enumerate("abc")]
    hint = ChartHint(kind="line", columns=["region"], title="Course", value_title="orders", points=points)
    chart = drawing().chart(factory.insight(1, "Says something.", hint), "k")
    assert chart is not None
    assert chart.summary == summary


def test_labels_that_look_alike_stay_two_bars() -> None:
    long = "x" * 60
    chart = bars(WORDS, [long + "a", long + "b"], [1, 2], value_title="n")
    assert chart.traces[0]["y"] == [0, 1]


def test_a_waterfall_ends_at_the_sum() -> None:
    chart = waterfall(WORDS, ["a = 1", "b = 2"], [0.5, -0.2], -1.0)
    steps, ends = chart.traces
    assert steps["base"] == [-1.0, -0.5]
    assert ends["x"] == [-1.0, -0.7]
    assert factory.plainly(steps["text"]) == ["+0.5", f"{MINUS}0.2"]


def test_a_waterfall_of_large_numbers_writes_them_out() -> None:
    steps, ends = waterfall(WORDS, ["a = 1", "b = 2"], [12_345.6, -321.98], 168_897.4).traces
    assert factory.plainly(steps["text"]) == ["+12,346", f"{MINUS}322"]
    assert factory.plainly(ends["text"]) == ["168,897", "180,921"]


def test_a_waterfalls_numbers_stand_inside_its_frame() -> None:
    steps, ends = waterfall(WORDS, ["a = 1", "b = 2"], [12_345.6, -321.98], 168_897.4).traces
    assert steps["textposition"] == "auto"
    assert ends["textposition"] == ["middle right", "middle left"]


def test_a_waterfall_without_a_step_stays_where_it_begins() -> None:
    steps, ends = waterfall(WORDS, [], [], 2.5).traces
    assert steps["text"] == []
    assert ends["x"] == [2.5, 2.5]


def test_small_charts_are_drawn_without_a_script_and_say_what_they_show() -> None:
    chart = custom_charts.mini_histogram("k", [1, 5, 2], ["0", "1", "2", "3<"])
    assert chart.markup.count("<rect") == 3
    assert "3&lt;" in chart.markup
    assert "1 to 2" in chart.summary


def test_a_long_histogram_is_drawn_with_fewer_bars() -> None:
    chart = custom_charts.mini_histogram("k", list(range(200)), [str(edge) for edge in range(201)])
    assert chart.markup.count("<rect") <= 60


def test_sparklines_and_whiskers_stay_inside_their_frames() -> None:
    assert custom_charts.sparkline([], name="Rows") == ""
    assert 'points="96,12"' in custom_charts.sparkline([3.0], name="Rows")
    assert "from 1 to 4" in custom_charts.sparkline([1, 9, 4], name="Rows")
    line = custom_charts.whisker(0.2, 0.5, 9.9, bounds=(0.2, 0.8), label="x")
    assert 'x2="156"' in line
    assert 'width="100"' in custom_charts.meter(7.0, label="x")
