"""Every statement's numbers come back when its evidence is run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl
import pytest

from dsp_pipeline.core.numbers import plain
from dsp_pipeline.core.sidecar import Sidecar
from dsp_pipeline.ml.insights import evidence
from dsp_pipeline.ml.insights.words import amount, humanise, number, printable
from dsp_pipeline_tests.ml.insights import samples

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.insights import Insight, Insights

_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?")
_DATES = re.compile(r"\d{4}-\d{2}-\d{2}|(?<=[a-z] )\d{4}\b|\b\d{1,2}:00")
_FROM_THE_MODEL = {"model_verdict", "leak_found", "weak_segment"}


def run(frame: pl.DataFrame, query: str) -> dict[str, float]:
    rows = pl.SQLContext(table=frame).execute(query, eager=True)
    assert rows.height == 1
    return {name: float(value) for name, value in rows.row(0, named=True).items() if value is not None}


def numbers_said(insight: Insight, frame: pl.DataFrame) -> list[str]:
    """The numbers in a statement, without those that are part of names and dates."""
    text = insight.statement
    if insight.type == "long_tail":
        text = text.replace(" 5% ", " ")
    text = re.sub(r"and \d+ more", "", text).replace("95% interval", "interval")
    text = re.sub(r"moves the model's.*? In the table,", "", text)
    names = [humanise(name) for name in insight.columns]
    for name in insight.columns:
        labels = frame[name].cast(pl.String).drop_nulls().unique()
        names += [f"{humanise(name)} {printable(label)}" for label in labels] if len(labels) <= 200 else []
        if frame[name].dtype.is_integer() and len(labels) <= 200:
            names += [amount(int(label), humanise(name)) for label in labels]
        if frame[name].dtype.is_float() and len(labels) <= 200:
            names += [f"{humanise(name)} {number(float(label))}" for label in labels]
        names += [f"“{label}”" for label in labels if f"“{label}”" in text]
    for name in sorted(map(plain, names), key=len, reverse=True):
        text = re.sub(re.escape(name) + r"(?!\w|\.\d)", "", text, flags=re.IGNORECASE)
    return _NUMBER.findall(_DATES.sub("", text))


def agrees(said: str, value: float) -> bool:
    """Whether a number as it was said is the value, rounded to the digits that were said."""
    digits = said.replace(",", "")
    mantissa, _, exponent = digits.partition("e")
    decimals = len(mantissa.partition(".")[2])
    unit = 10.0 ** (int(exponent or 0) - decimals)
    return abs(float(digits) - value) <= 0.5000001 * unit + 1e-9 * abs(value)


def check(insights: Insights, frame: pl.DataFrame) -> None:
    assert len(insights.insights) >= 5
    for insight in insights.insights:
        figures = run(frame, insight.evidence)
        assert figures, insight.statement
        if insight.type in _FROM_THE_MODEL:
            continue
        if insight.type == "rows_set_aside":
            assert f"the other {frame.height:,}." in insight.statement
            continue
        allowed = [*figures.values(), float(insight.n), float(frame.width), 100 * insight.effect]
        for said in numbers_said(insight, frame):
            assert any(agrees(said, value) for value in allowed), (said, insight.statement, figures)


@pytest.mark.parametrize("name", ["breast_cancer", "wine", "diabetes", "iris"])
def test_bundled_tables(name: str) -> None:
    frame = samples.bundled(name)
    check(samples.insights_of(frame), frame)


@pytest.mark.parametrize("seed", range(3))
def test_orders_with_a_time_column_and_every_pattern(seed: int) -> None:
    frame = samples.orders(seed)
    check(samples.insights_of(frame, sidecar=Sidecar(row_noun="orders"), quarantined=7), frame)


def test_orders_with_a_model() -> None:
    frame = samples.orders()
    model, explanations = samples.modelled(frame, "returned", "discount", "score")
    check(samples.insights_of(frame, model=model, explanations=explanations), frame)


def test_names_and_labels_that_need_quoting() -> None:
    n = 300
    frame = pl.DataFrame(
        {
            'a "quoted" name': [float(i % 7) + (5 if i % 2 else 0) for i in range(n)],
            "it's": ["O'Hare" if i % 2 else 'say "hi"; DROP TABLE x' for i in range(n)],
            "flag": [i % 3 == 0 for i in range(n)],
            "rate": [None if i % 2 and i % 3 else 1.5 * (i % 11) for i in range(n)],
            "when": pl.date_range(pl.date(2020, 1, 1), pl.date(2020, 1, 1) + pl.duration(days=n - 1), eager=True),
        }
    )
    check(samples.insights_of(frame), frame)


def test_infinities_and_nan_are_left_out_of_averages_in_sql_too() -> None:
    n = 400
    values = [float(i % 10) + (20 if i % 4 == 0 else 0) for i in range(n)]
    values[3], values[5], values[7] = float("inf"), float("nan"), float("-inf")
    frame = pl.DataFrame({"value": values, "group": ["a" if i % 4 == 0 else "b" for i in range(n)]})
    insights = samples.insights_of(frame)
    assert samples.of_type(insights, "group_difference")
    check(insights, frame)


def test_time_zones_give_the_days_that_sql_gives() -> None:
    frame = samples.orders().with_columns(
        pl.col("ordered_at").dt.replace_time_zone("UTC").dt.convert_time_zone("America/New_York")
    )
    insights = samples.insights_of(frame)
    assert samples.of_type(insights, "seasonality")
    check(insights, frame)


def test_literals_read_back_as_the_same_numbers() -> None:
    frame = pl.DataFrame({"x": [0.1, 17.99, 1e-7, -3.0, 1e300]})
    for value in frame["x"]:
        query = evidence.select((evidence.rows(f"x = {evidence.literal(value)}"), "rows"))
        assert run(frame, query) == {"rows": 1.0}
