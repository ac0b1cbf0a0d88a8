from __future__ import annotations

from dsp_pipeline.core.artifacts.explanations import Fairness, GroupGap, GroupRates
from dsp_pipeline.dashboard.sections import accountability
from dsp_pipeline.dashboard.wording import NONE
from dsp_pipeline_tests.dashboard import factory


def test_a_class_that_is_personal_data_is_hidden_in_what_is_said_of_gaps_too() -> None:
    gap = GroupGap(
        measure="demographic parity", lowest="North", highest="South", difference=0.1, ci_low=0.05, ci_high=0.15
    )
    found = Fairness(
        column="region",
        positive="ann.lee@example.com",
        groups=[
            GroupRates(group=name, rows=50, rates={gap.measure: 0.5}, score=0.5) for name in ("North", "South")
        ],
        gaps=[gap],
        left_out=0,
    )
    explained = factory.explanations().model_copy(update={"fairness": [found]})
    [shown] = accountability.fairness(explained, factory.case().material())
    assert shown.sentences == (
        "Called '[e-mail address]': South is 10 points above North (95% interval 5 to 15).",
    )


def test_the_score_of_each_part_is_shown_by_its_name_and_without_an_interval_where_there_is_none() -> None:
    [shown] = factory.plainly(accountability.part_scores(factory.explanations(), factory.case().material()))
    assert shown.label == "region"
    assert shown.parts.header == ("Part", "Rows", "Log loss", "95% interval")
    assert shown.parts.rows == (
        ("region is north", "61", "0.47", "0.42 to 0.52"),
        ("region is west", "34", "0.81", NONE),
    )
    assert shown.parts.left_out == "5 rows in parts that are too small, or beyond the commonest."
