"""Weak parts are found where they were planted and nowhere else; gaps between groups are those that are there."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
import scipy.stats

from dsp_pipeline.core.sidecar import Sidecar
from dsp_pipeline.ml.automl.features import choose_encodings
from dsp_pipeline.ml.insights.explainer import explain
from dsp_pipeline.ml.insights.explanations.fairness import fairness_of
from dsp_pipeline.ml.insights.explanations.part_scores import part_scores
from dsp_pipeline.ml.insights.explanations.segments import Judged, weak_segments
from dsp_pipeline_tests.ml.automl.tables import kind_of, sampler, trained

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.explanations import ColumnScores
    from dsp_pipeline.ml.automl.arrays import Floats

_ROWS = 2_000


def _table(seed: int) -> pl.DataFrame:
    rng = sampler(seed)
    return pl.DataFrame(
        {
            "shop": rng.choice(["old", "new", "web"], _ROWS),
            "size": rng.normal(size=_ROWS),
            "promo": rng.random(_ROWS) < 0.3,
            "region": rng.choice(["north", "south", "east", "west"], _ROWS),
        }
    )


def _judged(table: pl.DataFrame, spread: Floats, seed: int, *, tail: float = 1e6) -> Judged:
    """A model that answers 0, and truths that lie around it; the smaller the tail, the heavier."""
    errors = spread * sampler(seed).standard_t(tail, size=table.height)
    return Judged(table, "regression", errors, np.zeros((table.height, 1)))


def _found(judged: Judged) -> list[str]:
    table = judged.table
    encodings, _ = choose_encodings(
        table, {name: kind_of(table[name]) for name in table.columns}, {}, keeps_trend=True
    )
    return [each.description for each in weak_segments(judged, encodings, seed=0)]


def test_a_part_by_two_columns_is_found_that_neither_shows_alone() -> None:
    table = _table(1)
    corner = ((table["shop"] == "old") & table["promo"]).to_numpy()
    assert _found(_judged(table, np.where(corner, 3.0, 1.0), 1))[0] in {
        "shop is old and promo is true",
        "promo is true and shop is old",
    }


def test_a_part_by_one_column_is_not_dressed_up_with_a_second_one() -> None:
    table = _table(2)
    [found] = _found(_judged(table, np.where(table["size"].to_numpy() > 0.7, 2.5, 1.0), 2))
    assert found.startswith("size above 0.")
    assert " and " not in found


def test_among_forty_models_without_weak_parts_hardly_one_seems_to_have_one() -> None:
    even = [_found(_judged(_table(seed), np.ones(_ROWS), seed, tail=5)) for seed in range(100, 140)]
    assert sum(bool(each) for each in even) <= 4


def _of_customers(seed: int, customers: int = 100, rows: int = 10) -> Judged:
    """Rows of customers who each have a plan and a city; how far a model errs differs from one to the next."""
    rng = sampler(seed)
    of_each = np.repeat(np.arange(customers), rows)
    table = pl.DataFrame(
        {
            "plan": rng.choice(["basic", "plus", "pro"], customers)[of_each],
            "city": rng.choice([f"city {number}" for number in range(8)], customers)[of_each],
            "age": rng.normal(size=customers)[of_each],
        }
    )
    spread = np.exp(rng.normal(scale=0.8, size=customers))[of_each]
    return dataclasses.replace(_judged(table, spread, seed), clusters=of_each)


def test_customers_who_are_hard_to_predict_make_no_weak_part_of_the_plan_they_happen_to_have() -> None:
    found = [_found(_of_customers(seed)) for seed in range(200, 240)]
    assert sum(bool(each) for each in found) <= 3


def test_a_weak_part_is_found_among_customers_too() -> None:
    judged = _of_customers(5, customers=300)
    worse = np.where((judged.table["plan"] == "pro").to_numpy(), 3.0, 1.0)
    assert _found(dataclasses.replace(judged, y=judged.y * worse))[0] == "plan is pro"


def test_scores_are_of_rows_that_did_not_choose_the_part() -> None:
    table = _table(3)
    judged = _judged(table, np.where((table["region"] == "west").to_numpy(), 2.0, 1.0), 3)
    encodings, _ = choose_encodings(
        table, {name: kind_of(table[name]) for name in table.columns}, {}, keeps_trend=True
    )
    [found] = weak_segments(judged, encodings, seed=0)
    assert found.columns == ["region"]
    assert found.rows == int((table["region"] == "west").sum())
    assert found.ci_low is not None
    assert found.ci_high is not None
    assert found.ci_low < found.score < found.ci_high
    assert found.q is not None
    assert found.q < 0.05
    assert found.score == pytest.approx(2.0, rel=0.2)


def _scored(judged: Judged) -> list[ColumnScores]:
    table = judged.table
    encodings, _ = choose_encodings(
        table, {name: kind_of(table[name]) for name in table.columns}, {}, keeps_trend=True
    )
    return part_scores(judged, encodings, seed=0)


def test_each_part_has_the_score_of_its_rows_and_an_interval_that_holds() -> None:
    table = _table(4).with_columns(size=pl.when(pl.int_range(_ROWS) % 10 > 0).then("size"))
    judged = _judged(table, np.where((table["shop"] == "web").to_numpy(), 2.0, 1.0), 4)
    found = {each.column: each for each in _scored(judged)}
    assert set(found) == set(table.columns)
    shops = {each.description: each for each in found["shop"].parts}
    errors = pl.Series(judged.y)
    for shop in ("old", "new", "web"):
        theirs = errors.filter(table["shop"] == shop)
        part = shops[f"shop is {shop}"]
        assert part.rows == theirs.len()
        assert part.score == pytest.approx(float((theirs**2).mean()) ** 0.5)  # type: ignore[arg-type]
        drawn = scipy.stats.bootstrap(
            (theirs.to_numpy(),), lambda x, axis: np.sqrt((x**2).mean(axis)), method="percentile", rng=sampler(1)
        ).confidence_interval
        assert (part.ci_low, part.ci_high) == pytest.approx((drawn.low, drawn.high), rel=0.03)
    assert [each.description for each in found["size"].parts][-1] == "size is missing"
    assert sum(each.rows for each in found["size"].parts) == _ROWS
    assert found["size"].left_out == 0


def test_parts_that_are_too_small_are_counted_and_a_column_of_one_part_is_left_out() -> None:
    rng = sampler(5)
    table = pl.DataFrame(
        {
            "city": rng.choice(["a", "b", "c"], 400, p=[0.49, 0.49, 0.02]),
            "kind": np.where(np.arange(400) < 10, "rare", "usual"),
        }
    )
    [found] = _scored(_judged(table, np.ones(400), 5))
    assert found.column == "city"
    assert [each.rows for each in found.parts] == sorted([each.rows for each in found.parts], reverse=True)
    assert found.left_out == int((table["city"] == "c").sum()) > 0


def test_the_rows_of_one_customer_give_no_interval() -> None:
    table = pl.DataFrame({"plan": ["basic"] * 60 + ["plus"] * 60})
    clusters = np.repeat([0, 1, 2, 3], 30)
    judged = dataclasses.replace(_judged(table, np.ones(120), 6), clusters=np.where(clusters < 2, 0, clusters))
    [found] = _scored(judged)
    assert {each.ci_low for each in found.parts} == {None}


def _groups(selected: dict[str, float], rows: int = 400) -> Judged:
    """Two groups that are called positive at these rates, whoever is."""
    names = [name for name in selected for _ in range(rows)]
    called = np.concatenate([np.arange(rows) < rate * rows for rate in selected.values()])
    truth = np.tile(np.arange(rows) % 2, len(selected)).astype(np.float64)
    response = np.where(called[:, None], [0.2, 0.8], [0.8, 0.2])
    return Judged(pl.DataFrame({"gender": names}), "binary", truth, response)


def test_gaps_between_groups_are_the_differences_of_their_rates() -> None:
    [found] = fairness_of(_groups({"f": 0.3, "m": 0.6}), ["gender"], ("no", "yes"))
    parity, opportunity = found.gaps
    assert found.positive == "yes"
    assert [(each.group, each.rates["demographic parity"]) for each in found.groups] == [("f", 0.3), ("m", 0.6)]
    assert (parity.lowest, parity.highest) == ("f", "m")
    assert parity.difference == pytest.approx(0.3)
    assert parity.ratio == pytest.approx(0.5)
    assert parity.below_four_fifths
    # Agresti and Caffo: .3 +- 1.96 sqrt(p1 q1 / 402 + p2 q2 / 402) with p = 121/402 and 241/402.
    assert (parity.ci_low, parity.ci_high) == pytest.approx((0.2330, 0.3641), abs=5e-4)
    assert opportunity.measure == "equal opportunity"


def test_a_gap_between_people_with_many_rows_each_is_as_unsure_as_the_people_are_few() -> None:
    rng = sampler(8)
    people, rows = 24, 40
    gender, own = np.tile(["f", "m"], people // 2), rng.normal(size=people)
    person = np.repeat(np.arange(people), rows)
    response = own[person][:, None] + 0.1 * rng.normal(size=(people * rows, 1))
    judged = Judged(pl.DataFrame({"gender": gender[person]}), "regression", own[person], response, clusters=person)
    means = response.reshape(people, rows).mean(axis=1)
    by_gender = sorted([means[::2], means[1::2]], key=np.mean)

    [found] = fairness_of(judged, ["gender"], ())

    # Equally many rows each: Welch's interval of the means of people.
    expected = scipy.stats.ttest_ind(by_gender[1], by_gender[0], equal_var=False).confidence_interval()
    assert (found.gaps[0].ci_low, found.gaps[0].ci_high) == pytest.approx((expected.low, expected.high))


def test_equal_rates_have_no_gap() -> None:
    [found] = fairness_of(_groups({"f": 0.5, "m": 0.5}), ["gender"], ("no", "yes"))
    assert [each.difference for each in found.gaps] == [0, 0]
    assert not any(each.below_four_fifths for each in found.gaps)
    assert all(each.ci_low < 0 < each.ci_high for each in found.gaps)


def test_groups_too_small_to_compare_are_counted_only() -> None:
    judged = _groups({"f": 0.3, "m": 0.6}, rows=40)
    names = judged.table["gender"].to_list()
    table = pl.DataFrame({"gender": ["x" if place < 5 else name for place, name in enumerate(names)]})
    [found] = fairness_of(Judged(table, "binary", judged.y, judged.response), ["gender"], ("no", "yes"))
    assert [each.group for each in found.groups] == ["f", "m"]
    assert found.left_out == 5


def test_the_sidecars_sensitive_columns_and_the_card_come_with_the_explanations() -> None:
    rng = sampler(7)
    gender, skill = rng.choice(["f", "m"], 1_500), rng.normal(size=1_500)
    hired = skill + 1.2 * (gender == "m") + 0.5 * rng.normal(size=1_500) > 0.6
    table = pl.DataFrame({"gender": gender, "skill": skill, "hired": hired})
    source, model = trained(table, "hired", sidecar=Sidecar(sensitive=["gender", "age"]))
    found = explain(source, model)
    [by_gender] = found.fairness
    assert by_gender.gaps[0].lowest == "f"
    assert by_gender.gaps[0].below_four_fifths
    card = {part.title: " ".join(part.lines) for part in found.card}
    assert "predicts hired (which of two classes a row is in) from 2 columns" in card["What it does"]
    assert "1,500 rows" in card["What it was made from"]
    assert "By gender, demographic parity is" in card["Where it is weak"]
    assert "without looking into the gaps by gender" in card["When not to use it"]
