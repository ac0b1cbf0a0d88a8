"""Tables with known stories, and the models that others would have made of them."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from sklearn import datasets

from dsp_pipeline.core.artifacts.explanations import Explanations, Fidelity, GlobalImportance, Segment
from dsp_pipeline.core.artifacts.model import Feature, LeaderboardEntry, Leak, Metric, ModelReport, Split
from dsp_pipeline.core.numbers import plain
from dsp_pipeline.ml.insights.generator import generate
from dsp_pipeline.ml.insights.view import View
from dsp_pipeline.ml.statistics.profile import build_profile
from dsp_pipeline_tests.ml.tables import validated

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.insights import Insight, Insights
    from dsp_pipeline.core.sidecar import Sidecar
    from dsp_pipeline.ml.insights.pattern import Pattern, Wording

NO_MODEL = ModelReport(
    task=None,
    target=None,
    target_reason="",
    candidates=[],
    metric=None,
    leaderboard=[],
    baseline=None,
    verdict="No column is a sensible target.",
    leakage=[],
    split=None,
    features=[],
)
NO_EXPLANATIONS = Explanations(method="none", global_=[], dependence=[], rows=[], segments=[], fidelity=None)


def insights_of(
    frame: pl.DataFrame,
    *,
    model: ModelReport = NO_MODEL,
    explanations: Explanations = NO_EXPLANATIONS,
    sidecar: Sidecar | None = None,
    quarantined: int = 0,
    kinds: dict[str, Any] | None = None,
) -> Insights:
    """The insights of a frame, with its real profile."""
    table = validated(frame, sidecar=sidecar, quarantined=quarantined, kinds=kinds)
    return generate(table, build_profile(table), model, explanations)


def told_by(pattern: Pattern[Any], frame: pl.DataFrame, *, sidecar: Sidecar | None = None) -> list[Wording]:
    """What one pattern has to say of a frame with p at most 0.05, whatever others say of the same columns."""
    table = validated(frame, sidecar=sidecar)
    view = View(table, build_profile(table), NO_MODEL, NO_EXPLANATIONS)
    held = [one for one in pattern.measure(view) if one.p is None or one.p <= 0.05]
    found = [wording for one in held if (wording := pattern.word(view, one)) is not None]
    return [dataclasses.replace(one, statement=plain(one.statement), action=plain(one.action)) for one in found]


def of_type(insights: Insights, kind: str) -> list[Insight]:
    """Those of one type."""
    return [insight for insight in insights.insights if insight.type == kind]


def bundled(name: str) -> pl.DataFrame:
    """One of scikit-learn's bundled tables: breast_cancer, wine, diabetes, iris."""
    frame = getattr(datasets, f"load_{name}")(as_frame=True).frame
    return pl.DataFrame({column: frame[column].to_numpy() for column in frame.columns})


def orders(seed: int = 0, n: int = 6_000) -> pl.DataFrame:
    """Two and a half years of orders in which every kind of pattern is planted."""
    rng = np.random.default_rng(seed)
    days = rng.integers(0, 912, n * 2)
    keep = rng.random(n * 2) < np.where((days + 5) % 7 == 6, 0.15, 0.6) * (0.5 + days / 912)
    day = np.sort(days[keep][:n])
    n = len(day)
    region = rng.choice(["North", "South", "East", "West"], n, p=[0.55, 0.2, 0.15, 0.1])
    channel = np.where(rng.random(n) < np.where(region == "South", 0.8, 0.3), "web", "shop")
    price = rng.gamma(4, 5, n) + np.where(region == "West", 20, 0)
    discount = rng.uniform(0, 1, n)
    rating = rng.normal(0, 0.3, n) - 8 * (discount - 0.5) ** 2
    delivery = np.where(rng.random(n) < np.where(region == "East", 0.4, 0.05), np.nan, rng.normal(5, 1, n))
    start = dt.datetime(2022, 1, 3, 8)  # noqa: DTZ001 - a CSV without time zones gives just such values
    return pl.DataFrame(
        {
            "order_no": np.arange(n) + 10_000,
            "ordered_at": [
                start + dt.timedelta(days=int(d), minutes=int(m))
                for d, m in zip(day, rng.integers(0, 700, n), strict=True)
            ],
            "region": region,
            "channel": channel,
            "product": rng.choice([f"P{i:02}" for i in range(40)], n, p=(w := 1 / np.arange(1, 41)) / w.sum()),
            "unit_price_eur": price,
            "gross_price_eur": price * 1.19,
            "pieces": rng.poisson(3 + price / 10),
            "discount": discount,
            "rating": rating,
            "delivery_days": pl.Series(delivery).fill_nan(None),
            "revenue": rng.pareto(1.3, n) * 10,
            "returned": (rng.random(n) < np.where(channel == "web", 0.3, 0.1)).astype(int),
            "score": np.where(rng.random(n) < 0.02, -999, rng.integers(40, 60, n)),
        }
    )


def modelled(frame: pl.DataFrame, target: str, driver: str, leak: str) -> tuple[ModelReport, Explanations]:
    """A report in which one column drives the target, and another gave it away."""
    entry = LeaderboardEntry(name="XGBoost", cv=0.5, holdout=0.55, ci_low=0.5, ci_high=0.6, fit_seconds=1.0)
    report = NO_MODEL.model_copy(
        update={
            "task": "binary",
            "target": target,
            "metric": Metric(name="log loss", greater_is_better=False),
            "leaderboard": [entry],
            "baseline": entry,
            "best": "XGBoost",
            "verdict": f"Clearly better than guessing '{target}'.",
            "better_than_baseline": True,
            "leakage": [Leak(column=leak, evidence=f"alone it explains 99% of '{target}'", score=0.99)],
            "split": Split(kind="random", reason="", train_rows=10, holdout_rows=5, folds=5),
            "features": [Feature(name=driver, column=driver, encoding="number")],
        }
    )
    explanations = Explanations(
        method="tree",
        global_=[GlobalImportance(feature=driver, mean_abs=0.6, ci_low=0.5, ci_high=0.7)]
        + [
            GlobalImportance(feature=other, mean_abs=0.2, ci_low=0.1, ci_high=0.3)
            for other in ("region", "pieces")
        ],
        dependence=[],
        rows=[],
        segments=[
            Segment(description="region is West", rows=300, score=0.8, overall=0.5),
            Segment(description="pieces above 9", rows=200, score=0.7, overall=0.5),
        ],
        fidelity=Fidelity(additivity_max_error=1e-6, rows=frame.height),
    )
    return report, explanations
