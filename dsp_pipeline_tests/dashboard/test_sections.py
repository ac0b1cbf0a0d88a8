from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dsp_pipeline.core.artifacts.explanations import Dependence
from dsp_pipeline.core.artifacts.insights import ChartHint, Insights
from dsp_pipeline.core.artifacts.model import (
    Costs,
    Curve,
    ExcludedColumn,
    LearningCurve,
    LearningPoint,
    Threshold,
)
from dsp_pipeline.core.sidecar import Sidecar
from dsp_pipeline.dashboard.generator import view
from dsp_pipeline.dashboard.sections.columns import columns
from dsp_pipeline_tests.dashboard import factory

if TYPE_CHECKING:
    from dsp_pipeline.dashboard.view import PageView


@functools.cache
def of_orders() -> PageView:
    return factory.plainly(view(factory.case().material()))


def test_the_lead_says_how_much_then_the_best_insight_then_the_verdict() -> None:
    assert len(of_orders().lead) == 3
    assert of_orders().lead[1].startswith("Orders from the south")
    assert of_orders().lead[2].endswith("log loss 0.50 against 0.61.")


def test_the_tiles_add_up() -> None:
    values = {tile.label: tile.value for tile in of_orders().tiles}
    frame = factory.orders()
    missing = sum(frame.null_count().row(0))
    assert values["Rows"] == "600"
    assert values["Columns"] == "9"
    assert values["Quarantined"] == "4"
    assert values["Predicting returned"] == "0.5"
    assert of_orders().tiles[3].note == f"{missing} missing"


def test_without_a_model_the_page_says_why_and_shows_candidates() -> None:
    page = view(factory.case(model=factory.no_model("Nothing looks like an outcome.")).material())
    assert not page.model.fitted
    assert page.explanations is None
    assert "Nothing looks like an outcome." in page.model.verdict
    assert page.model.candidates is not None
    assert page.tiles[-1].value == "none"
    assert "explanations" not in {link.anchor for link in page.contents}


def test_the_leaderboard_has_the_best_first_and_the_baseline_marked() -> None:
    assert [row.name for row in of_orders().model.standings] == ["xgboost", "logistic regression", "guessing"]
    assert [row.is_best for row in of_orders().model.standings] == [True, False, False]
    assert [row.is_baseline for row in of_orders().model.standings] == [False, False, True]


def test_a_baseline_outside_the_leaderboard_is_shown_once() -> None:
    report = factory.binary_model()
    page = view(factory.case(model=report.model_copy(update={"leaderboard": report.leaderboard[:1]})).material())
    assert [row.name for row in page.model.standings] == ["xgboost", "guessing"]


def test_a_model_no_better_than_guessing_is_not_praised() -> None:
    page = view(factory.case(model=factory.regression_model()).material())
    assert page.model.tone == "warn"
    assert {chart.title for chart in page.model.charts} == {
        "Actual against predicted values",
        "Residuals: actual minus predicted",
    }


def test_what_the_model_does_not_see_is_listed_with_the_reason() -> None:
    report = factory.binary_model().model_copy(
        update={
            "excluded": [ExcludedColumn(column="order_id", reason="it names rows")],
            "notes": ["3 rows left out"],
        }
    )
    page = view(factory.case(model=report).material())
    assert page.model.excluded is not None
    assert page.model.excluded.rows == (("order_id", "it names rows"),)
    assert page.model.notes == ("3 rows left out.",)


def test_the_threshold_of_two_classes_and_what_columns_are_worth_are_shown() -> None:
    said = {fact.label: fact for fact in of_orders().model.metrics}["Threshold of the best F1 score"]
    assert said.value == "0.37"
    assert said.note == (
        "calling a row ‘true’ from this probability on, predictions call the more probable class:"  # noqa: RUF001 - as shown
        " F1 0.64, precision 0.61, recall 0.68"
    )
    worth = of_orders().model.worth
    assert worth is not None
    assert worth.header[1] == "Growth of the log loss per row"
    assert worth.rows == (("amount", "0.1234", "0.08 to 0.17", "–"),)  # noqa: RUF001 - a dash


def test_metrics_costs_times_and_the_learning_curve_are_shown_where_they_were_measured() -> None:
    report = factory.binary_model()
    assert report.evaluation is not None
    costs = Costs(false_positive=1, false_negative=5, per_row=0.4, per_row_at_half=0.6, per_row_all_alike=0.75)
    threshold = Threshold(
        value=0.2, f1=0.6, precision=0.5, recall=0.75, chosen_for="costs", used=True, costs=costs
    )
    evaluation = report.evaluation.model_copy(
        update={
            "threshold": threshold,
            "intervals": {"auc": (0.75, 0.87)},
            "curves": [Curve(name="gains", x=[0, 0.5, 1], y=[0, 0.9, 1])],
        }
    )
    points = [LearningPoint(rows=rows, score=0.5, ci_low=0.4, ci_high=0.6) for rows in (225, 450)]
    learning = LearningCurve(
        points=points, more_rows_help=False, next_gain=0.0, text="more rows would hardly help"
    )
    board = [report.leaderboard[0].model_copy(update={"predict_seconds": 0.0021}), *report.leaderboard[1:]]
    page = view(
        factory.case(
            model=report.model_copy(update={"evaluation": evaluation, "learning": learning, "leaderboard": board})
        ).material()
    )
    told = {fact.label: factory.plainly(fact) for fact in page.model.metrics}
    assert told["AUC"].note == "95% interval 0.75 to 0.87"
    assert told["Threshold of the least cost"].value == "0.2"
    assert "as predictions do" in told["Threshold of the least cost"].note
    assert told["Cost per row"].value == "0.4"
    assert "calling all rows alike 0.75" in told["Cost per row"].note
    best = factory.plainly(page.model.standings[0])
    assert (best.fit, best.predict) == ("0.12 s", "2.1 ms")
    assert [chart.title for chart in page.model.charts[1:]] == [
        "Found among the likeliest rows (gains)",
        "What more rows bring (learning curve)",
    ]
    assert page.model.charts[-1].summary == "More rows would hardly help."


def test_the_confusion_matrix_counts_what_was_right() -> None:
    assert "119 of 150 held-out rows (79.3%)" in of_orders().model.charts[0].summary


def test_quarantine_reasons_are_counted_and_the_rows_shown_as_they_stand() -> None:
    reasons, rows = of_orders().quality.reasons, of_orders().quality.quarantined
    assert reasons is not None
    assert rows is not None
    assert [row[:2] + row[3:4] for row in reasons.rows] == [("type", "amount", "4"), ("width", "–", "2")]  # noqa: RUF001
    assert rows.rows[0][1] == "A-0,north,abc"
    assert "'abc' is no decimal" in rows.rows[0][2]


def test_a_clean_file_has_no_quarantine_to_show() -> None:
    table = factory.validated(factory.orders(), quarantined=0)
    case = factory.case()
    page = view(dataclasses.replace(case, validated=table).material())
    assert page.quality.reasons is None
    assert page.tiles[4].note == "every row kept"


def test_failed_checks_come_first() -> None:
    assert of_orders().quality.checks.rows[0][:2] == ("warning", "min")
    assert of_orders().quality.checks_summary == "9 of 10 checks passed."


def test_what_is_wrong_is_told_with_the_place_and_what_to_do() -> None:
    problems = of_orders().quality.problems
    assert problems is not None
    assert problems.rows == (("warning", "min", "amount", "2", "7, 12", "refunds", "-3", "Look at the rows"),)
    reasons = of_orders().quality.reasons
    assert reasons is not None
    assert reasons.rows[0][4].startswith("Mend the rows in quarantine.csv and drop it with 'dsp drop --fixes'")


def test_missing_values_are_charted_by_column_and_together() -> None:
    assert [chart.key for chart in of_orders().quality.charts] == ["missing-columns", "missing-patterns"]
    full = view(factory.case(pl.DataFrame({"n": [1, 2, 3]})).material())
    assert full.quality.charts == ()


def test_each_column_is_drawn_as_its_kind_asks() -> None:
    cards = {card.name: card for card in of_orders().columns.cards}
    assert cards["amount"].chart is not None
    assert cards["region"].chart is None
    assert cards["region"].shares[0].label == "north"
    assert cards["order_id"].shares == ()
    assert cards["returned"].role == "target"
    assert cards["discount"].missing_svg
    assert cards["amount"].chart_ends == ("4.86", "740.1")


def test_a_column_with_many_alerts_shows_the_first_three() -> None:
    case = factory.case()
    alert = case.profile.alerts[0].model_copy(update={"column": "items"})
    profile = case.profile.model_copy(update={"alerts": [alert] * 7})
    page = view(dataclasses.replace(case, profiled=lambda: profile).material())
    card = next(card for card in page.columns.cards if card.name == "items")
    assert (len(card.alerts), card.more_alerts) == (3, 4)


def test_a_renamed_column_says_what_the_file_calls_it() -> None:
    case = factory.case()
    reading = case.validated.reading
    renamed = [reading.columns[0].model_copy(update={"original_name": "Order #"}), *reading.columns[1:]]
    table = dataclasses.replace(case.validated, reading=reading.model_copy(update={"columns": renamed}))
    page = view(dataclasses.replace(case, validated=table).material())
    details = {fact.label: fact.value for fact in page.columns.cards[0].details}
    assert details["Name in the file"] == "Order #"


def test_the_strongest_pair_is_named() -> None:
    page = of_orders()
    assert page.associations is not None
    assert "Strongest: items and amount" in page.associations.summary
    assert page.associations_table is not None
    assert page.associations_table.rows[0][:2] == ("items", "amount")


def test_a_hump_that_correlations_miss_is_shown_by_its_information() -> None:
    x = pl.Series([i / 200 - 1 for i in range(401)])
    page = view(factory.case(frame=pl.DataFrame({"x": x, "y": x**2})).material())
    assert page.associations_table is not None
    assert page.associations_table.rows[0][:3] == ("x", "y", "mutual information")


def test_how_a_table_is_built_and_runs_over_time_is_told() -> None:
    start = dt.date(2024, 1, 1)
    towns = {"north": "Bern", "south": "Chur", "east": "Genf"}
    rows = [
        (region, start + dt.timedelta(days=day), towns[region], float(day % 7 == 5) + day / 50)
        for region in towns
        for day in range(60)
    ]
    frame = pl.DataFrame(rows, schema=["region", "day", "town", "sales"], orient="row")
    page = view(factory.case(frame=frame).material())
    assert page.structure is not None
    assert ("Key", "region, day", "together identify each row") in page.structure.rows
    assert ("Panel", "region, day", "3 over 60 points in time; no cell is empty") in page.structure.rows
    assert ("Redundant", "region, town", "each value goes with one of the others") in page.structure.rows
    assert page.over_time is not None
    assert page.over_time.caption == "Over time, by day: one point every day from 2024-01-01 to 2024-02-29"
    assert page.over_time.rows[0][3].startswith("week (")


def test_the_target_over_time_is_at_a_glance() -> None:
    titles = [chart.title for chart in of_orders().overview]
    assert titles[0] == "Rows per week, highest at 2025-01-06 (15)"
    assert titles[1] == "Mean of returned per week, highest at 2024-11-25 (0.8)"
    assert titles[3] == "returned is false in 77.3%"


def test_the_owners_time_column_is_used_if_it_is_one() -> None:
    frame = factory.orders().with_columns(delivered_at=pl.col("ordered_at").dt.offset_by("3d"))
    page = factory.case(frame, sidecar=Sidecar(time_column="delivered_at")).material()
    assert page.time_column() == "delivered_at"
    assert factory.case(frame, sidecar=Sidecar(time_column="region")).material().time_column() == "ordered_at"
    assert factory.case(pl.DataFrame({"n": [1]})).material().time_column() is None


def test_insights_carry_their_evidence_and_only_the_best_are_unfolded() -> None:
    first = of_orders().insights.cards[0]
    facts = {fact.label: fact.value for fact in first.facts}
    assert facts == {
        "rows": "600",
        "standardised difference": "0.41",
        "95% interval": "0.3 to 0.52",
        "q": "<0.001",
    }
    assert first.evidence.startswith("SELECT")
    assert of_orders().insights.shown_first == 8
    assert "84 tests were run" in of_orders().insights.note


def test_more_insights_than_fit_are_left_out_aloud() -> None:
    hint = ChartHint(kind="none", columns=[])
    many = [factory.insight(place, f"Number {place}.", hint) for place in range(70)]
    found = Insights(tests_run=0, q_threshold=0.05, insights=many)
    page = view(factory.case(found=found).material())
    assert len(page.insights.cards) == 60
    assert page.insights.left_out == "The 10 lowest ranked are in insights.json."
    assert "No test was run" in page.insights.note


def test_explanations_name_the_features_and_add_up() -> None:
    shown = of_orders().explanations
    assert shown is not None
    assert shown.importance is not None
    assert "Led by amount, region, items" in shown.importance.summary
    assert "within 2.40e" in shown.note
    assert [chart.traces[0]["type"] for chart in shown.dependence] == ["scatter", "box"]
    assert shown.rows[0].chart.summary.startswith("Predicted true (71%), actual true.")
    assert shown.rows[1].chart.summary.startswith(
        "Predicted true (71%), actual true. Before this row was learnt from: false (55%). From"
    )


def test_a_time_feature_in_days_is_drawn_over_dates() -> None:
    days = Dependence(feature="ordered_at (days)", x=[19_723.0, 19_724.5, None], shap=[0.1, 0.2, 0.3])
    case = factory.case()
    explained = factory.explanations().model_copy(update={"dependence": [days]})
    page = view(dataclasses.replace(case, explanations=explained).material())
    assert page.explanations is not None
    chart = page.explanations.dependence[0]
    assert chart.title == "Contribution of ordered_at"
    assert chart.traces[0]["x"] == [1_704_067_200_000.0, 1_704_196_800_000.0]
    assert "1 rows without a value" in chart.summary


def test_how_it_was_made_is_told() -> None:
    made = {fact.label: fact.value for fact in of_orders().made}
    assert made["File"] == "shop-orders.csv"
    assert made["SHA-256 of the file"].startswith("0123456789ab")
    assert made["Dropped at"] == "2026-03-01 09:30 UTC"
    assert made["Seed"] == "0"


def test_a_card_says_what_values_look_like_why_and_whether_they_are_hidden() -> None:
    frame = factory.orders(300).with_columns(
        pl.Series("contact", [f"user{place}@example.org" for place in range(300)]),
        pl.Series("size", ["S", "M", "L"] * 100),
    )
    view = columns(factory.case(frame).material())
    cards = {card.name: card for card in view.cards}
    said = {fact.label: fact for fact in (*cards["contact"].facts, *cards["contact"].details)}
    assert said["Looks like"].value == "e-mail address"
    assert "100% of the values" in said["Looks like"].note
    assert said["Personal data"].value == "hidden"
    assert "@example.org" not in str(cards["contact"])
    assert {fact.label: fact.value for fact in cards["size"].details}["Order"] == "S, M, L"


def test_unusual_rows_are_listed_with_what_is_unusual() -> None:
    rng = np.random.default_rng(0)
    frame = pl.DataFrame({name: rng.normal(50, 5, 300) for name in ("weight", "height", "pulse")})
    odd = pl.DataFrame({"weight": [90.0], "height": [5.0], "pulse": [99.0]})
    view = factory.plainly(columns(factory.case(pl.concat([frame, odd])).material()))
    assert view.unusual is not None
    row, score, cells = view.unusual.rows[0]
    assert (row, float(score) > 0.65) == ("301", True)
    assert "weight 90 (above" in cells
    assert "height 5 (above 0% of the rows)" in cells


def test_cards_of_texts_and_dates_say_what_is_in_them() -> None:
    frame = factory.orders(300).with_columns(
        pl.Series("remark", [f"please leave parcel {place % 250} with the neighbour" for place in range(300)])
    )
    cards = {card.name: card for card in columns(factory.case(frame).material()).cards}
    remark = {fact.label: fact.value for fact in cards["remark"].details}
    assert remark["Commonest words"] == "leave, neighbour, parcel, please, the, with"
    assert remark["Scripts"] == "Latin 100%"
    dates = {fact.label: fact.value for fact in cards["ordered_at"].details}
    assert dates["By weekday"].startswith("Mon ")
