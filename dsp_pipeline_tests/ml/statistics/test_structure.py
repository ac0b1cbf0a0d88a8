"""How a table is built: keys, dependencies, repeats, spellings, gaps, entities over time, redundant columns."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.core.sidecar import Sidecar
from dsp_pipeline.ml.statistics.profile import build_profile
from dsp_pipeline.ml.statistics.structure.missing import little
from dsp_pipeline.ml.statistics.structure.spellings import key_of, one_edit_apart
from dsp_pipeline_tests.ml.statistics import references
from dsp_pipeline_tests.ml.tables import validated

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.structure import Structure

RNG = np.random.default_rng(0)


def structure(frame: pl.DataFrame, sidecar: Sidecar | None = None, **kinds: ColumnKind) -> Structure:
    return build_profile(validated(frame, kinds=kinds, sidecar=sidecar)).structure


def shops(days: int = 20) -> pl.DataFrame:
    """Ten shops in four cities, each with a row a day."""
    names = [f"shop {letter}" for letter in "abcdefghij"]
    cities = dict(zip(names, itertools.cycle(["Bern", "Basel", "Genf", "Chur"]), strict=False))
    rows = [
        (shop, dt.date(2024, 1, 1) + dt.timedelta(days=day), cities[shop], float(RNG.normal()))
        for shop in names
        for day in range(days)
    ]
    return pl.DataFrame(rows, schema=["shop", "day", "city", "sales"], orient="row")


def test_a_pair_that_identifies_rows_is_a_key_and_a_panel() -> None:
    found = structure(shops())
    assert found.keys == [["shop", "day"]]
    assert found.panel is not None
    assert (found.panel.entity, found.panel.time) == ("shop", "day")
    assert (found.panel.entities, found.panel.periods, found.panel.balanced) == (10, 20, True)
    partly = structure(shops()[1:])
    assert partly.panel is not None
    assert (partly.panel.balanced, partly.panel.filled) == (False, 199 / 200)


def test_an_entity_that_the_owner_names_has_to_be_seen_once_a_time() -> None:
    said = Sidecar(group_column="city", time_column="day")
    assert structure(shops(), said).panel is None


def test_an_identifier_alone_is_a_key_and_measurements_are_none() -> None:
    frame = pl.DataFrame({"id": [f"k{i}" for i in range(80)], "x": RNG.normal(size=80), "g": ["a", "b"] * 40})
    assert structure(frame).keys == [["id"]]


def test_what_follows_from_what_is_found_with_its_exceptions() -> None:
    frame = shops()
    found = {(one.determinant, one.dependent): one for one in structure(frame).dependencies}
    assert found.keys() == {("shop", "city")}
    assert found["shop", "city"].exceptions == 0
    city = frame["city"].to_list()
    city[7] = city[33] = "Olten"
    broken = {
        (one.determinant, one.dependent): one
        for one in structure(frame.with_columns(city=pl.Series(city))).dependencies
    }
    assert broken["shop", "city"].exceptions == 2
    assert broken["shop", "city"].share == pytest.approx(198 / 200)


def test_a_dependency_of_many_values_is_found_in_whole_groups() -> None:
    customer = RNG.integers(0, 4_000, 30_000)
    frame = pl.DataFrame({"customer": customer, "town": customer % 37, "x": RNG.normal(size=30_000)})
    assert [(one.determinant, one.dependent) for one in structure(frame).dependencies] == [("customer", "town")]


def test_nothing_follows_from_anything_in_noise() -> None:
    frame = pl.DataFrame(
        {f"c{i}": RNG.integers(0, 4, 600) for i in range(5)} | {"rare": RNG.random(600).round(4) < 0.004}
    )
    assert structure(frame.with_columns(pl.col("rare").cast(pl.Boolean))).dependencies == []


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(60)))
def test_the_order_of_rows_changes_no_dependency(order: list[int]) -> None:
    frame = shops(6)
    assert structure(frame[order]).dependencies == structure(frame).dependencies


def test_rows_that_differ_in_one_column_only_are_found_with_their_numbers() -> None:
    frame = pl.DataFrame({"id": range(300), "x": RNG.normal(size=300), "y": RNG.normal(size=300)})
    again = pl.DataFrame({"id": [900, 901], "x": frame["x"][[3, 7]], "y": frame["y"][[3, 7]]})
    found = structure(pl.concat([frame, again])).near_duplicates
    assert found is not None
    assert (found.rows, found.columns, found.searched) == (2, {"id": 2}, 1.0)
    assert [(one.row, one.earlier, one.column) for one in found.examples] == [(301, 4, "id"), (302, 8, "id")]


def test_exact_repeats_are_no_near_duplicates_and_few_labels_say_nothing() -> None:
    frame = pl.DataFrame({"id": range(300), "x": RNG.normal(size=300), "y": RNG.normal(size=300)})
    found = structure(pl.concat([frame, frame[:5]])).near_duplicates
    assert found is not None
    assert found.rows == 0
    assert structure(pl.DataFrame({name: ["a", "b", "c"] * 50 for name in "xyz"})).near_duplicates is None


def test_spellings_of_one_label_are_brought_together() -> None:
    labels = ["Berlin"] * 90 + ["berlin ", "BERLIN", "Berlín", "Belrin"] + ["Bremen"] * 60 + ["Bremenn"]
    found = {(one.label, one.why): one.variants for one in structure(pl.DataFrame({"c": labels})).spellings}
    assert found["Berlin", "case, accents or spaces"] == ["BERLIN", "Berlín", "berlin "]
    assert found["Berlin", "one character"] == ["Belrin"]
    assert found["Bremen", "one character"] == ["Bremenn"]


def test_labels_with_other_numbers_and_labels_both_common_are_different() -> None:
    labels = ["room 101"] * 90 + ["room 102"] + ["Marion"] * 50 + ["Marian"] * 40
    assert structure(pl.DataFrame({"c": labels})).spellings == []


def test_long_and_many_labels_take_little_memory() -> None:
    texts = [f"{i} " + "lorem ipsum dolor " * 400 for i in range(300)]
    assert structure(pl.DataFrame({"c": texts}), c=ColumnKind.TEXT).spellings == []


@given(st.text("abcé", max_size=6), st.text("abcé", max_size=6))
def test_one_edit_apart_is_a_distance_of_one(a: str, b: str) -> None:
    assert one_edit_apart(a, b) == (distance(a, b) == 1)
    assert one_edit_apart(a, b) == one_edit_apart(b, a)


def distance(a: str, b: str) -> int:
    """Optimal string alignment by the textbook's table (Damerau 1964; Wagner & Fischer 1974)."""
    table = {(i, j): i + j for i in range(len(a) + 1) for j in range(len(b) + 1) if not i or not j}
    for i, j in itertools.product(range(1, len(a) + 1), range(1, len(b) + 1)):
        cost = a[i - 1] != b[j - 1]
        table[i, j] = min(table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + cost)
        if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
            table[i, j] = min(table[i, j], table[i - 2, j - 2] + 1)
    return table[len(a), len(b)]


def test_keys_of_labels_ignore_what_people_overlook() -> None:
    assert key_of(" São-Paulo ") == key_of("sao  paulo") == "sao paulo"


def test_littles_test_of_the_air_quality_data_is_rs() -> None:
    test = little(references.air_quality())
    assert test is not None
    assert (test.degrees, test.patterns) == (references.AIR_QUALITY_DEGREES, references.AIR_QUALITY_PATTERNS)
    assert test.statistic == pytest.approx(references.AIR_QUALITY_LITTLE, rel=1e-5)


def test_littles_p_is_uniform_where_gaps_are_random() -> None:
    rng = np.random.default_rng(5)
    ps = []
    for _ in range(120):
        values = rng.multivariate_normal([0, 5, 9], [[1, 0.5, 0], [0.5, 1, 0.3], [0, 0.3, 1]], 150)
        values[rng.random(150) < 0.2, 1] = np.nan
        values[rng.random(150) < 0.2, 2] = np.nan
        test = little(values)
        assert test is not None
        ps.append(stats.chi2.sf(test.statistic, test.degrees))
    assert stats.kstest(ps, "uniform").pvalue > 0.01


def test_a_column_that_gaps_depend_on_is_named() -> None:
    x, other = RNG.normal(size=800), RNG.normal(size=800)
    income = pl.Series([None if a > 1 else float(b) for a, b in zip(x, RNG.normal(size=800), strict=True)])
    found = structure(pl.DataFrame({"age": x, "other": other, "income": income}))
    assert [(one.column, one.on) for one in found.missing_dependence] == [("income", "age")]
    assert found.missing_at_random is not None
    assert found.missing_at_random.p < 1e-6
    anywhere = income.is_null().sample(fraction=1, shuffle=True, seed=1)
    shuffled = pl.DataFrame(
        {"age": x, "other": other, "y": pl.select(pl.when(~anywhere).then(pl.Series(x))).to_series()}
    )
    assert structure(shuffled).missing_dependence == []


def test_gaps_that_depend_on_the_target_are_told_beside_the_strongest_reason() -> None:
    x = RNG.normal(size=900)
    paid = (x + RNG.normal(size=900) > 0).tolist()
    income = pl.Series([None if a > 0.5 else float(b) for a, b in zip(x, RNG.normal(size=900), strict=True)])
    frame = pl.DataFrame({"x": x, "paid": paid, "income": income})
    found = structure(frame, Sidecar(target="paid")).missing_dependence
    assert [(one.column, one.on) for one in found] == [("income", "x"), ("income", "paid")]
    assert len(structure(frame).missing_dependence) == 1


def test_columns_of_one_information_are_grouped_by_the_strictest_reason() -> None:
    x, code = RNG.normal(size=200), RNG.choice(["a", "b", "c"], 200)
    frame = pl.DataFrame(
        {
            "x": x,
            "x2": x,
            "scaled": 3 * x + 1,
            "code": code,
            "long": [f"the {c}" for c in code],
            "free": RNG.normal(size=200),
        }
    )
    groups = {tuple(group.columns): group.why for group in structure(frame).redundant}
    assert groups == {("x", "x2", "scaled"): "correlated", ("code", "long"): "one to one"}
    assert structure(frame.drop("scaled", "long")).redundant[0].why == "equal"


def test_copies_among_hundreds_of_columns_are_found_although_pairs_are_not_measured() -> None:
    base = RNG.normal(size=(120, 130))
    frame = pl.DataFrame({f"c{i}": base[:, i] for i in range(130)} | {"z": np.exp(base[:, 129])})
    found = structure(frame)
    assert [group.columns for group in found.redundant] == [["c129", "z"]]


def test_columns_the_file_is_sorted_by_are_named() -> None:
    frame = pl.DataFrame({"up": range(50), "down": range(50, 0, -1), "any": RNG.normal(size=50)})
    assert structure(frame).sorted_by == ["up", "down"]
