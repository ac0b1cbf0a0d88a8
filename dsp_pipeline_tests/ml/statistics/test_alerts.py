from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.core.sidecar import Sidecar
from dsp_pipeline.core.thresholds import AlertThresholds
from dsp_pipeline.ml.statistics.alerts.codes import CODES
from dsp_pipeline.ml.statistics.profile import build_profile
from dsp_pipeline_tests.ml.tables import validated

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.profile import Alert

N = 200
RNG = np.random.default_rng(0)


def alerts(values: pl.Series, kind: ColumnKind | None = None) -> dict[str, Alert]:
    frame = pl.DataFrame({"x": values, "key": range(len(values))})
    made = build_profile(validated(frame, kinds={"x": kind} if kind else None)).alerts
    return {alert.code: alert for alert in made if alert.column in {"x", None}}


CASES: dict[str, tuple[pl.Series, ColumnKind | None]] = {
    "empty": (pl.Series([None] * N, dtype=pl.String), None),
    "constant": (pl.Series([3] * N), None),
    "missing": (pl.Series([None] * 20 + list(range(N - 20))), None),
    "high_missing": (pl.Series([None] * 150 + list(range(N - 150))), None),
    "all_distinct": (pl.Series([f"id-{i}" for i in range(N)]), ColumnKind.IDENTIFIER),
    "high_cardinality": (pl.Series([f"c{i % 80}" for i in range(N)]), ColumnKind.CATEGORY),
    "imbalance": (pl.Series(["a"] * 190 + ["b"] * 10), None),
    "infinite": (pl.Series([float("inf"), *RNG.normal(size=N - 1)]), None),
    "skewed": (pl.Series(RNG.lognormal(0, 1.5, N)), None),
    "zeros": (pl.Series([0] * 150 + list(range(50))), None),
    "outliers": (pl.Series([*RNG.normal(size=180), *RNG.normal(30, 1, 20)]), None),
    "duplicates": (pl.Series([1] * N), None),
    "few_rows": (pl.Series([1, 2, 3]), None),
    "no_rows": (pl.Series([], dtype=pl.Float64), None),
    "uniform": (pl.Series(["a", "b", "c", "d"] * 50), None),
    "constant_length": (pl.Series([f"A{i:05}" for i in range(N)]), ColumnKind.IDENTIFIER),
    "unsupported": (pl.Series([float("inf"), float("-inf")] * 20), None),
    "encoding_damage": (pl.Series(["MÃ¼ller", "Meier"] * 50), None),
    "dirty_category": (pl.Series(["Berlin"] * 60 + ["berlin "] * 3 + ["Bremen"] * 50), None),
    "dates_as_category": (pl.Series(["1.2.2024", "17.3.2024", "soon"] * 3 + ["5.5.2024"] * 40), None),
    "mixed_types": (pl.Series([str(i) for i in range(90)] + ["see note"] * 5), ColumnKind.TEXT),
}


@pytest.mark.parametrize("code", sorted(set(CASES) - {"duplicates"}))
def test_each_code_is_raised_for_its_case_with_its_threshold(code: str) -> None:
    values, kind = CASES[code]
    found = alerts(values, kind)
    assert code in found
    assert found[code].text.endswith(".")
    assert found[code].action.endswith(".")


def test_years_are_no_codes_for_having_four_digits() -> None:
    assert "constant_length" not in alerts(pl.Series([2007, 2008, 2009] * 100), ColumnKind.CATEGORY)


def test_an_ordinary_column_raises_nothing() -> None:
    assert alerts(pl.Series(RNG.normal(size=N)).round(2)) == {}


def of_table(frame: pl.DataFrame, sidecar: Sidecar | None = None) -> dict[str, Alert]:
    return {alert.code: alert for alert in build_profile(validated(frame, sidecar=sidecar)).alerts}


def test_personal_data_is_told_with_whether_it_is_hidden() -> None:
    mails = pl.DataFrame({"mail": [f"person{i}@example.org" for i in range(60)], "x": range(60)})
    hidden, shown = of_table(mails), of_table(mails, Sidecar(personal_data="allow"))
    assert hidden["personal_data"].columns == ["mail"]
    assert hidden["personal_data"].text.endswith("it is hidden in what is published.")
    assert shown["personal_data"].text.endswith("it is shown in what is published.")


def test_severe_is_what_makes_results_wrong() -> None:
    assert {code for code, kind in CODES.items() if kind.severity == "error"} == {"no_rows", "encoding_damage"}


@pytest.mark.parametrize("text", ["SÃO PAULO", "ÂNGELA", "Ñandú", "naïve", "Ðurđa", "10 €", "“quoted”"])
def test_letters_that_belong_there_are_no_damage(text: str) -> None:
    assert "encoding_damage" not in alerts(pl.Series([text, "b"] * 20))


@pytest.mark.parametrize("text", ["Müller", "10 €", "Привет", "“so”", "São"])
def test_text_decoded_by_the_wrong_encoding_is_damage(text: str) -> None:
    damaged = text.encode().decode("cp1252", "replace")
    alert = alerts(pl.Series([damaged, "b"] * 20))["encoding_damage"]
    assert (alert.value, alert.severity) == (20, "error")


def test_a_bend_that_correlations_miss_is_named() -> None:
    x = RNG.uniform(-1, 1, 500)
    alert = of_table(pl.DataFrame({"x": x, "y": x**2}))["nonlinear"]
    assert alert.columns == ["x", "y"]
    assert "nonlinear" not in of_table(pl.DataFrame({"x": x, "y": RNG.normal(size=500)}))


def test_a_dependency_with_exceptions_warns_and_an_exact_one_informs() -> None:
    town = ["a", "b", "c", "d"] * 50
    canton = [{"a": "one", "b": "one", "c": "two", "d": "three"}[name] for name in town]
    frame = pl.DataFrame({"town": town, "canton": canton})
    assert of_table(frame)["dependency"].text == "'canton' follows from 'town' in every row."
    assert "highly_correlated" not in of_table(frame)
    canton[0] = "two"
    broken = of_table(frame.with_columns(canton=pl.Series(canton)))["dependency_broken"]
    assert broken.text == "'canton' follows from 'town' but for one row (0.50%)."


def test_columns_that_give_the_target_away_are_suspects() -> None:
    paid = RNG.random(300) < 0.4
    frame = pl.DataFrame(
        {"paid": paid.tolist(), "status": np.where(paid, "closed", "open"), "x": RNG.normal(size=300)}
    )
    assert of_table(frame, Sidecar(target="paid"))["leak_suspect"].columns == ["status", "paid"]
    assert "leak_suspect" not in of_table(frame)


def test_gaps_that_depend_on_the_target_say_so() -> None:
    paid = RNG.random(400) < 0.5
    frame = pl.DataFrame({"paid": paid.tolist(), "x": [None if p else float(i) for i, p in enumerate(paid)]})
    alert = of_table(frame, Sidecar(target="paid"))["missing_depends"]
    assert "depends on 'paid', which is to be predicted" in alert.text


def test_labels_that_all_but_stand_for_each_other_carry_the_same_information() -> None:
    code = RNG.choice(["a", "b", "c"], N)
    name = np.where(np.arange(N) < 3, "the a", np.char.add("the ", code))
    alert = of_table(pl.DataFrame({"code": code, "name": name}))["highly_correlated"]
    assert alert.columns == ["code", "name"]


def test_numbers_of_as_many_digits_are_no_texts_of_one_length() -> None:
    assert "constant_length" not in alerts(pl.Series([2007, 2008, 2009, 2010] * 20), ColumnKind.CATEGORY)


def test_an_operator_can_move_a_threshold() -> None:
    frame = pl.DataFrame({"x": RNG.lognormal(0, 1.5, N)})
    moved = build_profile(validated(frame), thresholds=AlertThresholds(skewness=1_000))
    assert "skewed" not in {alert.code for alert in moved.alerts}


def test_repeated_rows_are_counted() -> None:
    frame = pl.DataFrame({"a": [1, 1, 2] * 20, "b": ["x", "x", "y"] * 20})
    alert = next(a for a in build_profile(validated(frame)).alerts if a.code == "duplicates")
    assert alert.value == pytest.approx(58 / 60)
    assert alert.text == "58 rows (96.7%) repeat an earlier row in every column."


def test_columns_that_carry_the_same_information_are_named() -> None:
    x = RNG.normal(size=N)
    frame = pl.DataFrame({"x": x, "y": 2 * x + 0.01 * RNG.normal(size=N)})
    alert = next(a for a in build_profile(validated(frame)).alerts if a.code == "highly_correlated")
    assert alert.text == "'x' and 'y' carry nearly the same information (pearson 1.000)."


def test_dozens_of_equal_columns_are_summed_up() -> None:
    x = RNG.normal(size=N)
    frame = pl.DataFrame({f"c{i}": x + 0.01 * RNG.normal(size=N) for i in range(15)})
    made = build_profile(validated(frame)).alerts
    assert sum(alert.code == "highly_correlated" for alert in made) == 50
    assert next(alert.value for alert in made if alert.code == "many_correlated") == 105


@pytest.mark.parametrize(
    ("values", "value", "times"),
    [
        (pl.Series([-999.0] * 5 + RNG.normal(50, 10, N).tolist()), "-999", 5),
        (pl.Series([9999] * 4 + list(range(N))), "9999", 4),
        (pl.Series(["unknown"] * 9 + ["red", "blue"] * 100), "unknown", 9),
        (pl.Series(["1900-01-01"] * 3 + ["2024-05-01", "2024-05-02"] * 50).str.to_date(), "1900-01-01", 3),
    ],
)
def test_values_that_may_mean_missing_are_proposed(values: pl.Series, value: str, times: int) -> None:
    alert = alerts(values)["disguised_missing"]
    assert alert.value == value
    assert f"({times} times)" in alert.text


def test_extremes_within_the_range_are_no_disguise() -> None:
    assert "disguised_missing" not in alerts(pl.Series([-1] * 5 + list(range(N))))
    assert "disguised_missing" not in alerts(pl.Series(RNG.integers(0, 100, N)))
