"""Which column the trainer proposes, and what task it asks for."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.ml.automl.names import outcome_weight, tokens
from dsp_pipeline.ml.automl.target import Proposal, propose
from dsp_pipeline.ml.automl.task import infer_task
from dsp_pipeline_tests.ml.automl.tables import bundled, kind_of, profile, sampler, validated


def _proposed(table: pl.DataFrame) -> Proposal:
    source = validated(table)
    return propose(table, profile(source), {name: kind_of(table[name]) for name in table.columns}, 0)


@pytest.mark.parametrize("name", ["breast_cancer", "diabetes", "iris", "wine", "digits"])
def test_a_column_called_target_is_proposed(name: str) -> None:
    proposal = _proposed(bundled(name))
    assert proposal.target == "target"
    assert proposal.candidates[0].column == "target"
    assert "outcome" in proposal.reason


def _passengers(rows: int = 400) -> pl.DataFrame:
    rng = sampler(0)
    sex = rng.choice(["male", "female"], rows)
    return pl.DataFrame(
        {
            "id": np.arange(rows),
            "survived": (rng.random(rows) < np.where(sex == "female", 0.7, 0.2)).astype(np.int64),
            "sex": sex,
            "age": rng.integers(1, 80, rows),
            "fare": rng.exponential(30, rows),
        }
    )


def test_an_outcome_by_name_beats_the_last_column() -> None:
    assert _proposed(_passengers()).target == "survived"


def test_candidates_come_with_reasons_and_leave_out_what_cannot_be_predicted() -> None:
    candidates = _proposed(_passengers()).candidates
    assert "id" not in {candidate.column for candidate in candidates}
    assert all(candidate.reason for candidate in candidates)
    assert [each.score for each in candidates] == sorted((each.score for each in candidates), reverse=True)


def test_noise_without_a_name_has_no_sensible_target() -> None:
    rng = sampler(1)
    proposal = _proposed(pl.DataFrame({f"x{index}": rng.normal(size=800) for index in range(8)}))
    assert proposal.target is None
    assert proposal.reason.startswith("no column looks like an outcome")


def test_a_table_of_identifiers_and_dates_has_no_target() -> None:
    table = pl.DataFrame({"id": range(50), "key": [f"k{index}" for index in range(50)]})
    assert _proposed(table) == Proposal((), None, "no column is a class or a quantity that could be predicted")


def _numbered(**columns: str) -> pl.DataFrame:
    """A table with columns of numbers, or of so many labels or flags, that say nothing of each other."""
    rng = sampler(2)

    def made(kind: str) -> np.ndarray:
        if kind == "number":
            return rng.normal(size=300)
        return rng.integers(0, 2, 300) if kind == "flag" else rng.choice(["a", "b", "c"], 300)

    return pl.DataFrame({name: made(kind) for name, kind in columns.items()})


def test_a_choice_is_proposed_and_none_of_the_prices_of_its_alternatives() -> None:
    many = _numbered(
        week="number", price_a="number", price_b="number", price_c="number", choice="labels", x="number"
    )
    assert _proposed(many).target == "choice"
    two = _numbered(price1="number", comfort1="number", price2="number", comfort2="number", decision="flag")
    assert _proposed(two).target == "decision"
    assert (
        _proposed(_numbered(rooms="number", price_total="number", area="number", x="number")).target
        == "price_total"
    )


def test_a_quantity_is_proposed_and_not_its_logarithm() -> None:
    table = _numbered(x="number", wage="number", z="number")
    table = table.with_columns(pl.col("wage").exp()).with_columns(pl.col("wage").log().alias("lwage"))
    assert _proposed(table).target == "wage"


def test_a_first_column_that_others_explain_is_proposed_without_a_telling_name() -> None:
    table = _numbered(a="number", b="number", c="number", d="number")
    assert _proposed(table).target is None
    assert _proposed(table.with_columns(a=pl.col("b") + pl.col("a"))).target == "a"


def test_who_people_are_is_no_outcome_even_as_a_status() -> None:
    assert outcome_weight("partner_status", is_number=False)[0] < 0 < outcome_weight("status", is_number=False)[0]


def test_a_direction_up_or_down_is_an_outcome_and_one_of_a_compass_is_not() -> None:
    assert outcome_weight("direction", is_number=False, has_two=True)[0] == 1
    assert outcome_weight("direction", is_number=False, has_few=False)[0] == 0


def test_what_is_planned_is_no_outcome() -> None:
    assert outcome_weight("sched_arr_delay")[0] < 0 < outcome_weight("arr_delay")[0]


def test_names_are_split_into_words() -> None:
    assert tokens("arrDelay_min2") == ["arr", "delay", "min", "2"]
    assert tokens("§") == []


@pytest.mark.parametrize(
    ("name", "values", "task"),
    [
        ("flag", [True, False, True], "binary"),
        ("answer", ["yes", "no", "no"], "binary"),
        ("level", [0, 1, 0, 1], "binary"),
        ("species", ["a", "b", "c"], "multiclass"),
        ("class", [0, 1, 2, 2], "multiclass"),
        ("class", [0, 1, 7, 7], "regression"),
        ("price", [1.5, 2.25, 9.75], "regression"),
        ("year_built", [1900, 1950, 2000], "regression"),
        ("num_claims", [0, 1, 0, 5], "count"),
        ("arrivals", [0, 0, 1, 2, 0, 1, 0, 7], "count"),
    ],
)
def test_the_task_follows_from_the_values_and_the_name(name: str, values: list[object], task: str) -> None:
    column = pl.Series(name, values)
    kind = ColumnKind.BOOLEAN if column.dtype == pl.Boolean else ColumnKind.INTEGER
    found, reason = infer_task(column, kind)
    assert found == task
    assert reason


def test_of_two_ends_that_look_alike_the_last_is_proposed() -> None:
    base = sampler(3).normal(size=300)
    table = pl.DataFrame({f"c{place}": base * (1 + place) + sampler(place).normal(size=300) for place in range(5)})
    assert _proposed(table).target == "c4"
