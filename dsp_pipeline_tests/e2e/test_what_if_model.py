"""The model in the page is the model in Python: the same predictions and reasons, for every kind of model."""

from __future__ import annotations

import base64
import datetime as dt
import functools
import json
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.ml.automl.artifact import FORMAT, Artifact, Manifest
from dsp_pipeline.ml.automl.booster_fit import BoosterSettings, fit_booster
from dsp_pipeline.ml.automl.booster_shapes import EXTRA, REGULAR
from dsp_pipeline.ml.automl.encoding import Matrix, encode
from dsp_pipeline.ml.automl.ensemble import Ensemble, Member
from dsp_pipeline.ml.automl.features import choose_encodings
from dsp_pipeline.ml.automl.linear_fit import LinearShape, fit_linear
from dsp_pipeline.ml.automl.outcome import Outcome
from dsp_pipeline.ml.automl.ranges import limits
from dsp_pipeline.ml.automl.scorers import respond
from dsp_pipeline.ml.automl.task import is_classes
from dsp_pipeline.ml.automl.typical import with_typical
from dsp_pipeline.ml.insights.explanations.cells import cells_of
from dsp_pipeline.ml.insights.explanations.portable import portable
from dsp_pipeline_tests.pages import with_scripts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from dsp_pipeline.core.sidecar import Task
    from dsp_pipeline.ml.automl.arrays import Floats
    from dsp_pipeline.ml.automl.features import Encoding
    from dsp_pipeline.ml.automl.scorers import Scorer

pytestmark = pytest.mark.e2e

_LEARNT, _TRIED, _EXPLAINED, _CLASSES = 900, 10_000, 200, 4
_SCORE = """([description, data, explained]) => {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    const model = window.dspWhatIf.load(JSON.parse(description), bytes.buffer);
    const margins = window.rows.map(model.margin);
    return JSON.stringify({
        margins,
        responses: margins.map(model.respond),
        limits: margins.map((margin) => model.limits(model.respond(margin)[0])),
        contributions: window.rows.slice(0, explained)
            .map((cells) => model.contributions(cells).map((phi) => [...phi])),
    });
}"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """An empty page with the scripts that score, and the rows to score."""
    with with_scripts(browser, "what-if/inputs", "what-if/trees", "what-if/model") as opened:
        rows = cells_of(_tried(), _encodings())
        opened.evaluate("(rows) => { window.rows = JSON.parse(rows); }", json.dumps(rows))
        yield opened


@functools.cache
def _rows(count: int, *, seed: int, alien: bool) -> pl.DataFrame:
    """Rows of every kind of column, a tenth of each missing; alien ones hold what training never saw."""
    rng = np.random.default_rng([seed, 81])
    start = dt.datetime(2019, 12, 25)  # noqa: DTZ001 - tables hold times without a zone
    words = ["red", "Straße 12", "  two  words ", "東京 2020", "x", "", "tab\tand\nline", "٣ digits"]
    size = rng.normal(size=count) * np.where(alien, 1e3, 1)
    moments = [start + dt.timedelta(seconds=int(each)) for each in rng.integers(0, 10**8, count)]
    if alien:
        size[:3] = [np.inf, 1e39, -0.0]
        moments[:2] = [dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31, 23, 59)]  # noqa: DTZ001 - as above
    table = pl.DataFrame(
        {
            "size": size,
            "places": rng.integers(-(10**9), 10**9, count) if alien else rng.integers(0, 50, count),
            "promo": rng.random(count) < 0.4,
            "region": rng.choice(
                ["north", "south", "east", 'it\'s "west"'] + ["elsewhere", "north "] * alien, count
            ),
            "shop": [f"shop {number}" for number in rng.geometric(0.02, count)],
            "day": pl.Series(moments).cast(pl.Date),
            "at": moments,
            "opens": [
                dt.time(int(hour), int(minute), 59) for hour, minute in rng.integers(0, [24, 60], (count, 2))
            ],
            "note": [
                f"{words[first]} {words[second]}" for first, second in rng.integers(0, len(words), (count, 2))
            ],
        }
    )
    gaps = rng.random((count, table.width)) < 0.1
    return table.select(
        pl.when(pl.Series(~gaps[:, place])).then(pl.col(name)).alias(name)
        for place, name in enumerate(table.columns)
    )


_KINDS = {
    "size": ColumnKind.CONTINUOUS,
    "places": ColumnKind.INTEGER,
    "promo": ColumnKind.BOOLEAN,
    "region": ColumnKind.CATEGORY,
    "shop": ColumnKind.CATEGORY,
    "day": ColumnKind.DATE,
    "at": ColumnKind.TIMESTAMP,
    "opens": ColumnKind.TIME,
    "note": ColumnKind.TEXT,
}


def _outcome(task: Task, table: pl.DataFrame) -> Floats:
    rng = np.random.default_rng(82)
    size = table["size"].fill_null(0).to_numpy()
    is_north = (table["region"] == "north").fill_null(value=False).to_numpy()
    signal = np.sin(2 * size) + 1.5 * is_north + 0.02 * table["places"].fill_null(0).to_numpy()
    if task == "count":
        return np.asarray(rng.poisson(np.exp(0.7 * signal)), np.float64)
    noisy = signal + 0.3 * rng.normal(size=table.height)
    if task == "regression":
        return np.asarray(5e4 + 2e3 * noisy)
    cuts = np.quantile(noisy, [0.6] if task == "binary" else np.linspace(0, 1, _CLASSES + 1)[1:-1])
    return np.asarray(np.digitize(noisy, cuts), np.float64)


def _scorer(kind: str, task: Task, matrix: Matrix, y: Floats, *, outputs: int) -> Scorer:
    if kind == "linear":
        return fit_linear(matrix, y, task, outputs)
    if kind == "linear, with products":
        return fit_linear(matrix, y, task, outputs, shape=LinearShape(bends=True, products=True))
    if kind == "ensemble":
        parts = [("linear", 0.4), (REGULAR.name, 0.35), (EXTRA[2].name, 0.25)]
        return Ensemble(
            tuple(Member(name, weight, _scorer(name, task, matrix, y, outputs=outputs)) for name, weight in parts)
        )
    shape = next(each for each in (REGULAR, *EXTRA) if each.name == kind)
    settings = BoosterSettings(task, outputs, shape.rounds_of(25), 0, 1, shape)
    return fit_booster(matrix, y, settings, None)


def _tried() -> pl.DataFrame:
    return _rows(_TRIED, seed=2, alien=True)


@functools.cache
def _encodings() -> tuple[Encoding, ...]:
    table = _rows(_LEARNT, seed=1, alien=False)
    encodings, excluded = choose_encodings(table, _KINDS, {}, keeps_trend=True)
    assert excluded == []
    every = np.arange(_LEARNT)
    outcome = Outcome("regression", "", "outcome", (), every, _outcome("regression", table), ())
    known = with_typical(encodings, table, outcome, every)
    assert any(each.typical for each in known)
    return known


@functools.cache
def _tried_matrix() -> Matrix:
    return encode(_tried(), _encodings())


def _artifact(kind: str, task: Task) -> Artifact:
    table = _rows(_LEARNT, seed=1, alien=False)
    classes = {"binary": ("no", "yes"), "multiclass": tuple("abcd")}.get(task, ())
    manifest = Manifest(
        format=FORMAT,
        model="ensemble",
        name=kind,
        target="outcome",
        target_dtype="String",
        task=task,
        classes=classes,
        half_width=None if is_classes(task) else 1.25,
        inputs=[],
        seed=0,
        rows_limit=_LEARNT,
        table_rows=_LEARNT,
    )
    matrix = encode(table, _encodings())
    scorer = _scorer(kind, task, matrix, _outcome(task, table), outputs=manifest.outputs)
    return Artifact(manifest, _encodings(), scorer)


def _scored(page: Page, artifact: Artifact) -> dict[str, Any]:
    """What the page says of the rows; texts go through the browser's wire much faster than objects."""
    model = portable(artifact)
    data = base64.b64encode(zlib.decompress(base64.b64decode(model.data))).decode()
    found: dict[str, Any] = json.loads(
        page.evaluate(_SCORE, [model.model_dump_json(exclude={"data"}), data, _EXPLAINED])
    )
    return found


_EVERY_KIND = [
    *(("linear", task) for task in ("binary", "multiclass", "regression", "count")),
    *(("linear, with products", task) for task in ("multiclass", "regression")),
    *((REGULAR.name, task) for task in ("binary", "multiclass", "regression", "count")),
    *((shape.name, "regression") for shape in EXTRA),
    *(("ensemble", task) for task in ("binary", "multiclass", "regression", "count")),
]


@pytest.mark.parametrize(("kind", "task"), _EVERY_KIND)
def test_the_page_predicts_and_explains_as_python_does(page: Page, kind: str, task: Task) -> None:
    artifact = _artifact(kind, task)
    found = _scored(page, artifact)
    matrix = _tried_matrix()
    margin = artifact.scorer.margin(matrix)
    response = respond(task, margin)
    assert np.allclose(found["margins"], margin, rtol=1e-6, atol=1e-6)
    assert np.allclose(found["responses"], response, rtol=1e-6, atol=1e-6)
    _same_contributions(found["contributions"], artifact, matrix)
    if not is_classes(task):
        assert np.allclose(
            found["limits"], np.column_stack(limits(task, response[:, 0], 1.25)), rtol=1e-6, atol=1e-6
        )


def _same_contributions(found: list[Any], artifact: Artifact, matrix: Matrix) -> None:
    """By column, and they add up to the margin."""
    few = matrix.take(np.arange(_EXPLAINED))
    raw = artifact.scorer.contributions(few)
    by_column = np.zeros((_EXPLAINED, raw.shape[1], len(artifact.encodings) + 1))
    places = {each.column: place for place, each in enumerate(artifact.encodings)}
    for position, name in enumerate(matrix.columns):
        by_column[:, :, places[name]] += raw[:, :, position]
    by_column[:, :, -1] = raw[:, :, -1]
    size = np.abs(by_column).sum(axis=2, keepdims=True)
    assert np.max(np.abs(np.array(found) - by_column) / np.maximum(size, 1)) < 1e-4
    total = np.array(found).sum(axis=2)
    assert np.allclose(total, artifact.scorer.margin(few), rtol=1e-4, atol=1e-4)
