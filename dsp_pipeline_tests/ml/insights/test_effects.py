"""Effects, interactions and groups of columns: equal to references, and true to what was planted."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from scipy import stats
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.inspection import partial_dependence

from dsp_pipeline.ml.automl.artifact import unpack
from dsp_pipeline.ml.automl.booster_fit import BoosterSettings, fit_booster
from dsp_pipeline.ml.automl.encoding import Matrix, encode
from dsp_pipeline.ml.automl.linear_fit import LinearShape, fit_linear
from dsp_pipeline.ml.automl.predictor import Predictor
from dsp_pipeline.ml.insights.explainer import explain
from dsp_pipeline.ml.insights.explanations.effects import accumulated_of, grid_of, lines_of
from dsp_pipeline.ml.insights.explanations.interactions import interactions_of
from dsp_pipeline.ml.insights.explanations.relations import associations, groups_of
from dsp_pipeline.ml.insights.explanations.replacing import Replaced
from dsp_pipeline.ml.insights.explanations.sums import Attribution
from dsp_pipeline.ml.insights.explanations.worth import Shuffled
from dsp_pipeline_tests.ml.automl.tables import sampler, trained

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.explanations import Explanations
    from dsp_pipeline.etl.tables import ValidatedTable
    from dsp_pipeline.ml.automl.arrays import Floats
    from dsp_pipeline.ml.automl.model import Model


def _twins(rows: int = 900) -> pl.DataFrame:
    """Two columns that say much the same and decide together with a third; a fourth is noise."""
    rng = sampler(31)
    size, bend = rng.normal(size=(2, rows))
    target = 3 * size + 2 * np.sign(bend) * np.abs(size) + 0.3 * rng.normal(size=rows)
    twin = size + 0.1 * rng.normal(size=rows)
    noise = rng.normal(size=rows)
    return pl.DataFrame({"size": size, "twin": twin, "bend": bend, "noise": noise, "target": target})


@pytest.fixture(scope="module")
def twins() -> tuple[ValidatedTable, Model, Explanations]:
    source, model = trained(_twins(), "target")
    return source, model, explain(source, model)


class _AsEstimator(RegressorMixin, BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    """A served model as scikit-learn knows models."""

    def __init__(self, predictor: Predictor, columns: list[str]) -> None:
        self.predictor = predictor
        self.columns = columns
        self.is_fitted_ = True

    def fit(self, *_: Floats) -> _AsEstimator:
        """What scikit-learn asks for; the model is fitted already."""
        return self

    def predict(self, values: Floats) -> Floats:
        return self.predictor.respond(pl.DataFrame(values, schema=self.columns, orient="row"))[:, 0]


def test_partial_dependence_is_scikit_learns(twins: tuple[ValidatedTable, Model, Explanations]) -> None:
    source, model, _ = twins
    columns = ["size", "twin", "bend", "noise"]
    few = source.table.head(60)
    artifact = unpack(model.files, threads=1)
    grid = grid_of(few["size"])
    lines = lines_of(Replaced.of(artifact, few), "size", grid)
    reference = partial_dependence(
        _AsEstimator(Predictor.load(model.files), columns),
        few.select(columns).to_numpy(),
        [0],
        custom_values={0: grid.to_numpy()},
        method="brute",
        kind="both",
    )
    assert np.allclose(lines.mean(axis=0), reference["average"][0], atol=1e-5)
    assert np.allclose(lines, reference["individual"][0], atol=1e-5)


def test_accumulated_effects_of_a_linear_model_are_its_slopes(
    twins: tuple[ValidatedTable, Model, Explanations],
) -> None:
    source, model, _ = twins
    served = unpack(model.files, threads=1)
    matrix = encode(source.table, served.encodings)
    line = fit_linear(matrix, source.table["target"].to_numpy(), "regression", 1)
    slopes = {term.input: line.coefficients[0, place] / term.scale for place, term in enumerate(line.terms)}
    rows = Replaced.of(dataclasses.replace(served, scorer=line), source.table)
    for place, name in enumerate(matrix.names):
        edges, effect = accumulated_of(rows, name, grid_of(source.table[name]))
        assert np.diff(effect) / np.diff(edges) == pytest.approx(np.full(len(edges) - 1, slopes[place]), abs=1e-4)


def test_where_columns_go_together_the_effect_names_the_other_one(
    twins: tuple[ValidatedTable, Model, Explanations],
) -> None:
    effects = twins[2].effects
    assert effects is not None
    assert effects.unit == "predicted target"
    related = {each.feature: each.related for each in effects.features}
    assert (related["size"], related["twin"]) == ("twin", "size")
    assert related["noise"] is None
    size = next(each for each in effects.features if each.feature == "size")
    assert size.accumulated[0] < 0 < size.accumulated[-1]
    assert len(size.single[0]) == len(size.x) == len(size.partial)


def test_columns_that_say_the_same_are_one_group_worth_more_than_each(
    twins: tuple[ValidatedTable, Model, Explanations],
) -> None:
    [group] = twins[2].groups
    assert set(group.features) == {"size", "twin"}
    assert group.association > 0.9
    each = {one.feature: one for one in twins[2].global_}
    assert group.worth is None or group.worth > max(each[name].worth or 0 for name in group.features)


def test_what_a_group_is_worth_is_as_uncertain_as_rows_that_tell_of_each_other_make_it() -> None:
    size = np.repeat(sampler(8).normal(size=30), 20)
    matrix = Matrix(size[:, None].astype(np.float32), ("size",), np.zeros(1, bool), ("size",))
    line = fit_linear(matrix, size, "regression", 1)
    raw = line.contributions(matrix)
    found = Attribution(
        task="regression",
        classes=(),
        columns=("size",),
        inputs=("size",),
        by_input=raw[:, :, :-1],
        by_column=raw[:, :, :-1],
        base=raw[:, :, -1],
        margin=line.margin(matrix),
        response=line.margin(matrix),
        judged_response=line.margin(matrix),
        y=size,
        rows=np.arange(size.size),
        additivity_error=0.0,
    )
    of_people = dataclasses.replace(found, clusters=np.repeat(np.arange(30), 20))
    worth, low, high = Shuffled(line, matrix, of_people, 0).cost(["size"])
    alone, alone_low, alone_high = Shuffled(line, matrix, found, 0).cost(["size"])
    assert worth == alone
    assert high - low > 2 * (alone_high - alone_low)


def test_a_column_leant_on_in_vain_is_warned_of() -> None:
    rng = sampler(33)
    noise = {f"n{place}": rng.normal(size=160) for place in range(4)}
    source, model = trained(pl.DataFrame({**noise, "target": rng.normal(size=160)}), "target")
    found = explain(source, model)
    assert any("costs nothing that chance does not explain" in each.warning for each in found.global_)


def test_interactions_find_the_pair_that_multiplies(twins: tuple[ValidatedTable, Model, Explanations]) -> None:
    found = twins[2].interactions
    assert found is not None
    values = np.array(found.values)
    assert np.allclose(values, values.T)
    places = {name: place for place, name in enumerate(found.features)}
    sizes = [places["size"], places["twin"]]
    with_bend = max(values[places["bend"], place] for place in sizes)
    assert with_bend > 10 * max(values[places["noise"], place] for place in sizes)
    partners = {each.feature: each.with_feature for each in twins[2].dependence}
    assert partners["bend"] in {"size", "twin"}


def test_interactions_add_up_to_contributions() -> None:
    rng = sampler(34)
    values = rng.normal(size=(300, 3)).astype(np.float32)
    matrix = Matrix(values, ("a", "b", "c"), np.zeros(3, bool), ("a", "b", "c"))
    settings = BoosterSettings("regression", 1, 20, 0, 1)
    booster = fit_booster(matrix, (values[:, 0] * values[:, 1]).astype(np.float64), settings, None)
    total = booster.interactions(matrix).sum(axis=3)
    assert np.allclose(total, booster.contributions(matrix)[:, :, :-1], atol=1e-4)
    found = interactions_of(booster, matrix, ["a", "b", "c"])
    assert found is not None
    assert found.values[0][1] > 5 * found.values[0][2]


def test_interactions_of_a_linear_models_products_add_up_too() -> None:
    rng = sampler(36)
    values = rng.normal(size=(400, 3)).astype(np.float32)
    matrix = Matrix(values, ("a", "b", "c"), np.zeros(3, bool), ("a", "b", "c"))
    target = (values[:, 0] * values[:, 1] + values[:, 2]).astype(np.float64)
    line = fit_linear(matrix, target, "regression", 1, shape=LinearShape(products=True))
    found = interactions_of(line, matrix, ["a", "b", "c"])
    assert found is not None
    assert found.values[0][1] == pytest.approx(np.mean(np.abs(values[:, 0] * values[:, 1])), rel=0.15)
    assert found.values[0][2] < 0.1
    assert found.values[2][2] == pytest.approx(np.mean(np.abs(values[:, 2])), rel=0.15)


def test_associations_are_the_known_measures() -> None:
    rng = sampler(35)
    number = rng.normal(size=500)
    near = number + rng.normal(size=500)
    label = np.where(number > 0.5, "high", np.where(number < -0.5, "low", "middle"))
    table = pl.DataFrame(
        {"number": number, "near": near, "label": label, "same": label, "other": rng.choice(3, 500)}
    )
    found = associations(table.with_columns(pl.col("other").cast(pl.String)))
    assert found[0, 1] == pytest.approx(abs(stats.spearmanr(number, near).statistic))
    assert found[2, 3] == pytest.approx(1)
    assert found[0, 2] > 0.85
    assert found[2, 4] < 0.15
    assert groups_of(found)[0] == [0, 2, 3]


def test_missing_values_and_constants_are_no_association() -> None:
    table = pl.DataFrame({"a": [1.0, None, 3.0, None], "b": [None, 2.0, None, 4.0], "c": [1, 1, 1, 1]})
    assert associations(table).tolist() == np.eye(3).tolist()


def test_a_swarm_knows_where_values_stand(twins: tuple[ValidatedTable, Model, Explanations]) -> None:
    swarm = next(each for each in twins[2].swarms if each.feature == "size")
    levels = np.array(swarm.level, float)
    assert (levels.min(), levels.max()) >= (0.0, 0.9)
    assert np.corrcoef(levels, swarm.shap)[0, 1] > 0.8
