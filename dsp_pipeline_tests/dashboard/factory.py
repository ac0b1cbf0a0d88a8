"""Artifacts of small tables to build pages from: the profile is computed, what models say is written by hand."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from typing import TYPE_CHECKING, TypeVar, cast

import numpy as np
import polars as pl

from dsp_pipeline.core.artifacts.explanations import (
    ColumnScores,
    Contribution,
    Dependence,
    ExplainedRow,
    Explanations,
    Fidelity,
    GlobalImportance,
    PartScore,
    Segment,
)
from dsp_pipeline.core.artifacts.insights import ChartHint, Insight, Insights
from dsp_pipeline.core.artifacts.model import (
    Candidate,
    ColumnWorth,
    Confusion,
    Curve,
    Evaluation,
    Feature,
    LeaderboardEntry,
    Leak,
    Metric,
    ModelReport,
    Split,
    Threshold,
)
from dsp_pipeline.core.artifacts.reading import Alternative, ColumnReading, Decision, Dtype, Reading, Source
from dsp_pipeline.core.artifacts.summary import BuiltFrom
from dsp_pipeline.core.artifacts.validation import CheckResult, Contract, Quality, Validation
from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.core.numbers import plain
from dsp_pipeline.core.sidecar import Sidecar
from dsp_pipeline.dashboard.generator import build
from dsp_pipeline.dashboard.page import ALONE
from dsp_pipeline.dashboard.sections.material import Material
from dsp_pipeline.etl.quarantine import QUARANTINE_SCHEMA, reason_counts
from dsp_pipeline.etl.tables import StoredTable, ValidatedTable
from dsp_pipeline.ml.statistics.profile import build_profile
from dsp_pipeline_tests.sharing import made_once

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from dsp_pipeline.core.artifacts.profile import Profile
    from dsp_pipeline.dashboard.page import Dashboard, Surroundings

BUILT_FROM = BuiltFrom(
    dataset="shop-orders", version="0123456789ab", key="shop-orders.csv", run="6f1c", code_version="0.1.0"
)


V = TypeVar("V")


def plainly(value: V) -> V:
    """A view, or a part of one, with its numbers as a page in English has them."""
    if isinstance(value, str):
        return cast("V", plain(value))
    if isinstance(value, tuple | list):
        return cast("V", type(value)(map(plainly, value)))
    if isinstance(value, dict):
        return cast("V", {name: plainly(item) for name, item in value.items()})
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: plainly(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return dataclasses.replace(value, **fields)
    return value


@dataclasses.dataclass(frozen=True)
class Case:
    """What `build` takes."""

    validated: ValidatedTable
    profiled: Callable[[], Profile]
    model: ModelReport
    explanations: Explanations
    insights: Insights
    built_from: BuiltFrom = BUILT_FROM
    title: str | None = None

    @property
    def profile(self) -> Profile:
        """The table's profile, made when it is asked for: collecting the tests makes none."""
        return self.profiled()

    def build(self, *, surroundings: Surroundings = ALONE) -> Dashboard:
        """The dashboard of this case."""
        return build(
            self.validated,
            self.profile,
            self.model,
            self.explanations,
            self.insights,
            built_from=self.built_from,
            title=self.title,
            surroundings=surroundings,
        )

    def material(self) -> Material:
        """What the sections are made from."""
        return Material(
            self.validated,
            self.profile,
            self.model,
            self.explanations,
            self.insights,
            self.built_from,
            self.title or "Orders",
        )


def orders(rows: int = 600, *, seed: int = 3) -> pl.DataFrame:
    """A shop's orders: every kind of column, gaps, a long tail, a weekly wave."""
    generator = np.random.default_rng(seed)
    days = np.sort(generator.integers(0, 400, rows))
    region = generator.choice(["north", "south", "east", "west"], rows, p=[0.4, 0.3, 0.2, 0.1])
    items = generator.poisson(3, rows) + 1
    amount = np.round(items * generator.lognormal(2.5, 0.6, rows) * np.where(region == "south", 1.6, 1.0), 2)
    returned = generator.random(rows) < np.where(amount > 60, 0.4, 0.15)
    gaps, discount = generator.random(rows) < 0.22, np.round(generator.beta(2, 6, rows), 3)
    start = dt.datetime(2024, 1, 1, tzinfo=None)  # noqa: DTZ001 - tables hold times without a zone
    notes = ["call before delivery", "gift", "leave with the neighbour", "fragile, handle with care"]
    return pl.DataFrame(
        {
            "order_id": [f"A-{place:05d}" for place in range(rows)],
            "ordered_at": [start + dt.timedelta(days=int(day), hours=int(day * 7 % 24)) for day in days],
            "region": region,
            "items": items,
            "amount": amount,
            "discount": pl.Series(
                [None if gap else value for gap, value in zip(gaps, discount.tolist(), strict=True)]
            ),
            "returned": returned,
            "note": [notes[int(pick)] if pick < len(notes) else None for pick in generator.integers(0, 7, rows)],
            "currency": ["EUR"] * rows,
        }
    )


def kind_of(series: pl.Series) -> ColumnKind:
    """A column's kind by rules of thumb that suffice for these tables."""
    distinct = series.drop_nulls().n_unique()
    if distinct <= 1:
        return ColumnKind.CONSTANT if distinct else ColumnKind.EMPTY
    by_type = {"int64": ColumnKind.INTEGER, "float64": ColumnKind.CONTINUOUS, "boolean": ColumnKind.BOOLEAN}
    by_type |= {"date": ColumnKind.DATE, "datetime": ColumnKind.TIMESTAMP}
    dtype = _dtype_of(series)
    if dtype in by_type:
        return by_type[dtype]
    if distinct == len(series):
        return ColumnKind.IDENTIFIER
    return ColumnKind.CATEGORY if distinct <= max(20, len(series) // 20) else ColumnKind.TEXT


def _dtype_of(series: pl.Series) -> Dtype:
    if series.dtype.is_integer():
        return "int64"
    if series.dtype.is_float():
        return "float64"
    if series.dtype == pl.Boolean:
        return "boolean"
    if series.dtype == pl.Date:
        return "date"
    return "datetime" if series.dtype.is_temporal() else "string"


def validated(
    frame: pl.DataFrame, *, sidecar: Sidecar | None = None, quarantined: int = 4, key: str = BUILT_FROM.key
) -> ValidatedTable:
    """The table with reports that fit it."""
    columns = [
        ColumnReading(
            name=name,
            original_name=name,
            kind=kind_of(frame[name]),
            dtype=_dtype_of(frame[name]),
            confidence=0.99,
            reason="every value fits",
        )
        for name in frame.columns
    ]
    source = Source(
        dataset="shop-orders",
        version="0123456789ab",
        key=key,
        etag="e1",
        bytes=48_211,
        sha256="0123456789ab" + "c" * 52,
        dropped_at=dt.datetime(2026, 3, 1, 9, 30, tzinfo=dt.UTC),
    )
    rows = frame.height + quarantined
    reading = Reading(
        source=source,
        compression=None,
        encoding="utf-8",
        delimiter=",",
        quote='"',
        line_ending="\n",
        has_header=True,
        header_row=1,
        rows_in=rows,
        rows_read=rows - quarantined // 2,
        rows_rejected=quarantined // 2,
        columns=columns,
        decisions=[
            Decision(
                what="delimiter",
                choice=",",
                why="every sampled record has the same width with it",
                confidence=0.98,
                alternatives=[Alternative(choice=";", score=0.1, why_not="one column only")],
            ),
            Decision(what="encoding", choice="utf-8", why="the whole file decodes", confidence=1.0),
        ],
    )
    return ValidatedTable(
        stored=StoredTable.of(frame),
        quarantined=StoredTable.of(_quarantine(quarantined)),
        validation=_validation(rows, frame.height, quarantined, columns),
        reading=reading,
        sidecar=sidecar or Sidecar(),
    )


def _quarantine(rows: int) -> pl.DataFrame:
    reason = {
        "code": "type",
        "column": "amount",
        "value": "abc",
        "expected": "a decimal",
        "message": "'abc' is no decimal",
    }
    width = {
        "code": "width",
        "column": None,
        "value": None,
        "expected": "9 cells",
        "message": "12 cells where 9 belong",
    }
    return pl.DataFrame(
        {
            "line": [17 + 3 * place for place in range(rows)],
            "raw": [f"A-{place},north,abc" for place in range(rows)],
            "reasons": [[reason] if place % 2 else [width, reason] for place in range(rows)],
        },
        schema=QUARANTINE_SCHEMA,
    )


def _validation(rows: int, valid: int, quarantined: int, columns: list[ColumnReading]) -> Validation:
    checks = [
        CheckResult(name="type", column=column.name, passed=True, failed_rows=0, severity="error")
        for column in columns[:60]
    ]
    failed = CheckResult(
        name="min",
        column="amount",
        passed=False,
        failed_rows=2,
        severity="warning",
        message="refunds",
        examples=["-3"],
        lines=[7, 12],
        remedy="Look at the rows",
    )
    return Validation(
        rows_in=rows,
        rows_valid=valid,
        rows_quarantined=quarantined,
        checks=[*checks, failed],
        quality=Quality(score=0.94, completeness=0.91, uniqueness=1.0, validity=0.985, consistency=0.97),
        contract=Contract(columns=[], inferred_from="0123456789ab"),
        reasons=reason_counts(_quarantine(quarantined).lazy()),
    )


def no_model(reason: str = "No column looks like an outcome to predict.") -> ModelReport:
    """The report of a table without a sensible target."""
    return ModelReport(
        task=None,
        target=None,
        target_reason=reason,
        candidates=[Candidate(column="amount", score=0.31, reason="continuous, but nothing predicts it")],
        metric=None,
        leaderboard=[],
        baseline=None,
        verdict="No model was fitted: " + reason,
        leakage=[],
        split=None,
        features=[],
    )


def binary_model(target: str = "returned") -> ModelReport:
    """The report of a model of two classes."""
    baseline = LeaderboardEntry(name="guessing", cv=0.6, holdout=0.61, ci_low=0.58, ci_high=0.64)
    best = LeaderboardEntry(name="xgboost", cv=0.49, holdout=0.5, ci_low=0.45, ci_high=0.55, fit_seconds=0.123456)
    linear = LeaderboardEntry(name="logistic_regression", cv=0.51, holdout=0.53, ci_low=0.49, ci_high=0.57)
    steps = [place / 20 for place in range(21)]
    return ModelReport(
        task="binary",
        target=target,
        target_reason="its name and its two values look like an outcome",
        candidates=[Candidate(column=target, score=0.9, reason="boolean, last but two")],
        metric=Metric(name="log_loss", greater_is_better=False),
        leaderboard=[best, linear, baseline],
        baseline=baseline,
        best="xgboost",
        verdict=f"The model predicts {target} better than guessing: log loss 0.50 against 0.61",
        better_than_baseline=True,
        leakage=[Leak(column="refund", evidence="alone it tells the target in 99.8% of the rows", score=0.998)],
        split=Split(
            kind="stratified", reason="no time or group column is named", train_rows=450, holdout_rows=150, folds=5
        ),
        features=[Feature(name="amount", column="amount", encoding="number")],
        classes=["false", "true"],
        evaluation=Evaluation(
            metrics={"log_loss": 0.5, "auc": 0.81, "accuracy": 0.79},
            confusion=Confusion(labels=["false", "true"], counts=[[101, 9], [22, 18]]),
            curves=[
                Curve(name="roc", x=steps, y=[step**0.4 for step in steps]),
                Curve(name="precision_recall", x=steps, y=[1 - 0.6 * step**2 for step in steps]),
                Curve(name="calibration", x=steps, y=[min(1.0, 1.1 * step) for step in steps]),
            ],
            threshold=Threshold(value=0.37, f1=0.64, precision=0.61, recall=0.68),
        ),
        rows_used=600,
        worth=[ColumnWorth(column="amount", loss=0.1234, ci_low=0.08, ci_high=0.17)],
    )


def regression_model(target: str = "amount") -> ModelReport:
    """The report of a model of a quantity that is no better than guessing."""
    points = [float(value) for value in range(0, 100, 2)]
    entry = LeaderboardEntry(name="guessing", cv=30.0, holdout=31.0, ci_low=27.0, ci_high=35.0)
    return binary_model(target).model_copy(
        update={
            "task": "regression",
            "metric": Metric(name="rmse", greater_is_better=False),
            "leaderboard": [entry],
            "baseline": entry,
            "best": "guessing",
            "better_than_baseline": False,
            "classes": [],
            "evaluation": Evaluation(
                metrics={"rmse": 31.0, "r2": 0.01},
                curves=[
                    Curve(name="predicted_vs_actual", x=points, y=[value + 5 for value in points]),
                    Curve(name="residuals", x=points, y=[50 - abs(value - 50) for value in points]),
                ],
            ),
        }
    )


def explanations() -> Explanations:
    """What moves the predictions of `binary_model`."""
    generator = np.random.default_rng(1)
    amounts = np.round(generator.lognormal(3.5, 0.7, 300), 2)
    contributions = [
        Contribution(feature="amount", value="182.4", shap=0.9),
        Contribution(feature="region", value="south", shap=-0.2),
        Contribution(feature="items", value="5", shap=0.05),
    ]
    return Explanations(
        method="exact TreeSHAP",
        output="log odds",
        global_=[
            GlobalImportance(feature="amount", mean_abs=0.62, ci_low=0.55, ci_high=0.7),
            GlobalImportance(feature="region", mean_abs=0.21, ci_low=0.17, ci_high=0.25),
            GlobalImportance(feature="items", mean_abs=0.05, ci_low=0.03, ci_high=0.08),
        ],
        dependence=[
            Dependence(feature="amount", x=amounts.tolist(), shap=np.tanh((amounts - 60) / 40).tolist()),
            Dependence(feature="region", x=["north", "south", "east", None] * 20, shap=[0.1, -0.2, 0.0, 0.3] * 20),
        ],
        rows=[
            ExplainedRow(
                row=place,
                why_shown=why,
                prediction="true (71%)",
                unseen=unseen,
                actual="true",
                base=-1.1,
                margin=-0.35,
                contributions=contributions,
            )
            for place, why, unseen in ((4, "a typical row", None), (93, "the surest prediction", "false (55%)"))
        ],
        segments=[Segment(description="region is west", rows=14, score=0.81, overall=0.5)],
        part_scores=[
            ColumnScores(
                column="region",
                parts=[
                    PartScore(description="region is north", rows=61, score=0.47, ci_low=0.42, ci_high=0.52),
                    PartScore(description="region is west", rows=34, score=0.81, ci_low=None, ci_high=None),
                ],
                left_out=5,
            )
        ],
        fidelity=Fidelity(additivity_max_error=2.4e-6, rows=150),
    )


def nothing_explained() -> Explanations:
    """The explanations where there is no model."""
    return Explanations(method="none", global_=[], dependence=[], rows=[], segments=[], fidelity=None)


def insight(place: int, statement: str, chart: ChartHint, **more: object) -> Insight:
    """An insight with fitting evidence."""
    values: dict[str, object] = {
        "id": f"i{place}",
        "kind": "finding",
        "type": "group_difference",
        "statement": statement,
        "columns": chart.columns,
        "subspace": {},
        "n": 600,
        "effect": 0.41,
        "effect_name": "standardised difference",
        "ci": (0.3, 0.52),
        "p": 1e-9,
        "q": 3e-8,
        "score": 0.9 - place / 100,
        "action": "Look at what sets the south apart, for its orders bring in more.",
        "evidence": "SELECT region, AVG(amount) FROM table GROUP BY region",
        "chart": chart,
    }
    return Insight.model_validate(values | more)


def insights() -> Insights:
    """Insights on `orders`, with every kind of chart."""
    hints: tuple[tuple[str, str, list[str]], ...] = (
        (
            "Orders from the south are worth 61% more than the others: 77.10 against 47.90 on average.",
            "bar",
            ["region", "amount"],
        ),
        ("Returned orders are larger: half of them are above 58.", "box", ["returned", "amount"]),
        ("Orders with more items cost more.", "scatter", ["items", "amount"]),
        ("Returns differ by region.", "heatmap", ["region", "returned"]),
        ("The mean amount moves in a weekly wave.", "line", ["ordered_at", "amount"]),
        ("Half of the amounts lie below 41, but the largest is 512.", "histogram", ["amount"]),
        ("Two in five orders come from the north.", "bar", ["region"]),
        ("No order is without items.", "none", []),
        ("Discounts are missing in 22% of the orders.", "bar", ["discount"]),
        ("Notes repeat themselves.", "bar", ["note"]),
    )
    found = [
        insight(place, statement, ChartHint.model_validate({"kind": kind, "columns": columns}))
        for place, (statement, kind, columns) in enumerate(hints, start=1)
    ]
    return Insights(tests_run=84, q_threshold=0.05, insights=found)


@functools.cache
def _orders_table(key: str) -> ValidatedTable:
    return validated(orders(), key=key)


@functools.cache
def _orders_profile(key: str) -> Profile:
    return build_profile(_orders_table(key))


def case(
    frame: pl.DataFrame | None = None,
    *,
    model: ModelReport | None = None,
    sidecar: Sidecar | None = None,
    found: Insights | None = None,
    title: str | None = "Orders of the shop",
    built_from: BuiltFrom = BUILT_FROM,
) -> Case:
    """A page's inputs; of `orders` with a model unless said otherwise."""
    profiled: Callable[[], Profile]
    if frame is None and sidecar is None:
        table, profiled = _orders_table(built_from.key), functools.partial(_orders_profile, built_from.key)
    else:
        table = validated(orders() if frame is None else frame, sidecar=sidecar, key=built_from.key)
        profiled = functools.cache(functools.partial(build_profile, table))
    report = model or (binary_model() if frame is None else no_model())
    return Case(
        validated=table,
        profiled=profiled,
        model=report,
        explanations=explanations() if report.leaderboard else nothing_explained(),
        insights=found or (insights() if frame is None else Insights(tests_run=0, q_threshold=0.05, insights=[])),
        built_from=built_from,
        title=title,
    )


def widest(folders: pytest.TempPathFactory) -> Path:
    """The page of a table of 5,000 columns, made once for all tests of it."""

    def make(folder: Path) -> None:
        frame = pl.DataFrame({f"column_{place}": [float(place), place + 1.5, None] * 2 for place in range(5_000)})
        (folder / "wide.html").write_bytes(case(frame).build().html)

    return made_once(folders, "widest", make) / "wide.html"
