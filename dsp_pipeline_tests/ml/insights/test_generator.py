from __future__ import annotations

import datetime as dt
import decimal
import math
import re
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from dsp_pipeline.core.artifacts.insights import ChartHint, Insights
from dsp_pipeline.ml.insights import generator
from dsp_pipeline.ml.insights.pattern import Measured, Pattern, Wording
from dsp_pipeline_tests.ml.insights.samples import bundled, insights_of, modelled, orders

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsp_pipeline.ml.insights.view import View

CAUSAL = re.compile(r"\b(because|causes?|caused|leads? to|due to|drives|results? in|makes)\b", re.IGNORECASE)


def test_the_same_table_gives_the_same_bytes_and_survives_json() -> None:
    one, other = insights_of(orders()), insights_of(orders())
    assert one.to_json() == other.to_json()
    assert Insights.model_validate_json(one.to_json()) == one


class _Tested(Pattern[None]):
    """Tests with given p, said or not."""

    type = "made_up"
    may_lack_words = True

    def __init__(self, ps: list[float], *, said: bool) -> None:
        self._ps, self._said = ps, said

    def measure(self, view: View) -> Iterator[Measured[None]]:
        for place, p in enumerate(self._ps):
            yield Measured((f"{p:g}{place}",), view.rows, 1.0, "effect", 1.0, 1.0, None, p=p)

    def word(self, view: View, found: Measured[None]) -> Wording | None:
        chart = ChartHint(kind="bar", columns=list(found.columns))
        return Wording(f"So it is in {view.rows} rows.", "Watch it.", "SELECT 1", chart) if self._said else None


def test_what_can_not_be_said_makes_nothing_else_certain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of Benjamini and Hochberg's procedure over 11 tests, one of p = 0.04 has q = 0.44 alone, 0.04 among ten."""
    lone = _Tested([0.04], said=True)
    for certain, told in ((_Tested([1e-6] * 10, said=True), 11), (_Tested([1e-6] * 10, said=False), 0)):
        monkeypatch.setattr(generator, "PATTERNS", (certain, lone))
        assert len([one for one in insights_of(bundled("iris")).insights if one.type == "made_up"]) == told


def test_identities_are_unique_and_stay_when_the_data_changes() -> None:
    first, second = insights_of(orders(0)), insights_of(orders(1))
    ids = [insight.id for insight in first.insights]
    assert len(set(ids)) == len(ids)
    by_subject = {(i.type, *i.columns, *i.subspace.values()): i.id for i in first.insights}
    shared = [i for i in second.insights if (i.type, *i.columns, *i.subspace.values()) in by_subject]
    assert len(shared) > 5
    assert all(by_subject[(i.type, *i.columns, *i.subspace.values())] == i.id for i in shared)


@pytest.mark.parametrize("name", ["breast_cancer", "wine", "diabetes", "iris", "orders"])
def test_every_insight_is_ranked_tested_and_worded(name: str) -> None:
    frame = orders() if name == "orders" else bundled(name)
    made = insights_of(frame)
    scores = [insight.score for insight in made.insights]
    assert 5 <= len(scores) <= 30
    assert scores == sorted(scores, reverse=True)
    for insight in made.insights:
        assert insight.statement[-1] == "."
        assert not CAUSAL.search(insight.statement)
        assert insight.action
        assert set(insight.columns) <= set(frame.columns)
        if insight.kind == "finding":
            assert insight.p is not None
            assert insight.q is not None
            assert insight.p <= insight.q <= made.q_threshold
        else:
            assert insight.p is insight.q is None
    assert made.tests_run >= sum(insight.kind == "finding" for insight in made.insights)


def test_the_top_is_not_about_one_column() -> None:
    for frame in (orders(), bundled("breast_cancer")):
        top = insights_of(frame).insights[:10]
        mentions = [name for insight in top for name in insight.columns]
        assert max(mentions.count(name) for name in mentions) <= 4
        kinds = [insight.type for insight in top]
        assert len(set(kinds)) >= 4


def test_one_subject_is_said_once() -> None:
    relations = {"group_difference", "correlation", "nonlinear_association", "labels_together"}
    made = insights_of(orders()).insights
    related = [frozenset(insight.columns) for insight in made if insight.type in relations]
    assert len(set(related)) == len(related)
    all_told = [(insight.type, *insight.columns, *insight.subspace) for insight in made]
    assert len(set(all_told)) == len(all_told)


def test_findings_on_the_target_come_before_others() -> None:
    model, explanations = modelled(orders(), "returned", "discount", "score")
    made = insights_of(orders(), model=model, explanations=explanations).insights
    plain = insights_of(orders()).insights
    place = next(n for n, i in enumerate(made) if i.type == "group_difference" and "returned" in i.columns)
    before = next(n for n, i in enumerate(plain) if i.type == "group_difference" and "returned" in i.columns)
    others = [i for i in made[:place] if i.kind == "finding" and "returned" not in i.columns]
    assert len(others) < len([i for i in plain[:before] if i.kind == "finding"])


N = 60
ODD: dict[str, pl.DataFrame] = {
    "nothing": pl.DataFrame(),
    "no rows": pl.DataFrame({"a": pl.Series([], dtype=pl.Int64), "t": pl.Series([], dtype=pl.Date)}),
    "one row": pl.DataFrame({"a": [1], "b": ["x"], "t": [dt.date(2024, 1, 1)], "e": [None]}),
    "no values": pl.DataFrame(
        {"a": pl.Series([None] * N, dtype=pl.Float64), "t": pl.Series([None] * N, dtype=pl.Date)}
    ),
    "not finite": pl.DataFrame({"a": [math.nan, math.inf, -math.inf, 1.0, 2.0, 3.0] * 10, "b": [math.inf] * N}),
    "huge": pl.DataFrame({"a": [1e308, -1e308] * 30, "b": list(range(N)), "c": [5e-324 * i for i in range(N)]}),
    "decimals": pl.DataFrame({"a": [decimal.Decimal("1.1") * i for i in range(N)], "b": ["x", "y"] * 30}),
    "times": pl.DataFrame({"t": [dt.time(i % 24) for i in range(N)], "v": list(range(N))}),
    "ages": pl.DataFrame({"t": pl.date_range(dt.date(1, 1, 1), dt.date(9999, 1, 1), "100y", eager=True)}),
    "odd names": pl.DataFrame({"": ["", " "] * 30, "_": list(range(N)), "count": [1.5] * 59 + [2.5]}),
    "long text": pl.DataFrame({"s": ["x" * 10_000, "y\n\x00z\u202e"] * 30, "v": list(range(N))}),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_tables_have_insights_without_a_crash(name: str) -> None:
    frame = ODD[name]
    made = insights_of(frame)
    Insights.model_validate_json(made.to_json())
    context = pl.SQLContext(table=frame)
    for insight in made.insights:
        context.execute(insight.evidence, eager=True)
        assert "\u202e" not in insight.statement
        assert "\n" not in insight.statement
    assert made.insights or not frame.height


def test_a_pair_among_hundreds_of_columns_is_found() -> None:
    rng = np.random.default_rng(0)
    values = {f"c{i}": rng.integers(0, 3, 300).astype(float) for i in range(300)}
    values["length"] = rng.normal(size=300)
    values["load"] = values["length"] + rng.normal(size=300)
    correlations = [i for i in insights_of(pl.DataFrame(values)).insights if i.type == "correlation"]
    assert [set(insight.columns) for insight in correlations] == [{"length", "load"}]
