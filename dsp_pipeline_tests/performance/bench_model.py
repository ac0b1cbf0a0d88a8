"""How well models predict on real tables: ours beside plain XGBoost and scikit-learn's histogram boosting.

Run it as ``python -m dsp_pipeline_tests.performance.bench_model [--budget SECONDS] [TABLE ...]``. Each table is
divided three times (seeds 0-2) into 75 % to learn from and 25 % to judge by, within classes where there are any.
Every contestant sees the same rows; ours keeps a quarter of them (a fifth from 2,000 on) to judge itself. Log loss
for classes, RMSE for quantities: lower is better. The bars are those that were measured for plain boosters.
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import xgboost as xgb
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.model_selection import train_test_split

from dsp_pipeline.ml.automl.metrics import losses, score
from dsp_pipeline.ml.automl.options import ModelOptions
from dsp_pipeline.ml.automl.predictor import Predictor
from dsp_pipeline.ml.automl.trainer import train
from dsp_pipeline_tests.ml.automl.tables import profile, validated
from dsp_pipeline_tests.performance.model_tables import RealTable, real_tables

if TYPE_CHECKING:
    from dsp_pipeline.core.sidecar import Task
    from dsp_pipeline.ml.automl.arrays import Floats, Ints

_SEEDS = range(3)
_MOST_LEVELS = 250
_BARS = {"breast_cancer": 0.126, "digits": 0.065, "diabetes": 58.1, "fair": 0.543}


def main() -> None:
    """Print a line per table: each contestant's mean score, ours with CPU-seconds and what won."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--budget", type=float, default=None, help="CPU-seconds for each model of ours")
    parser.add_argument("names", nargs="*", metavar="TABLE")
    asked = parser.parse_args()
    print(f"{'table':24}{'rows':>7}{'columns':>8}{'ours':>10}{'XGBoost':>10}{'HistGB':>10}{'bar':>8}  CPU-s  best")  # noqa: T201 - a report for people
    for table in real_tables():
        if asked.names and table.name not in asked.names:
            continue
        start = time.process_time()
        ours, best = zip(*(_ours(table, seed, asked.budget) for seed in _SEEDS), strict=True)
        seconds = (time.process_time() - start) / len(_SEEDS)
        peers = [float(np.mean([each(table, seed) for seed in _SEEDS])) for each in (_xgboost, _histogram)]
        figures = "".join(f"{value:10.5g}" for value in (float(np.mean(ours)), *peers))
        bar = f"{_BARS[table.name]:8.3f}" if table.name in _BARS else " " * 8
        print(  # noqa: T201 - as above
            f"{table.name:24}{table.table.height:7,}{table.table.width - 1:8}{figures}{bar}{seconds:7.2f}"
            f"  {', '.join(sorted(set(best)))}",
            flush=True,
        )


def _codes(table: RealTable) -> Floats:
    """The truth: class numbers or quantities."""
    column = table.table[table.target]
    return (column.rank("dense") - 1 if table.has_classes else column).cast(pl.Float64).to_numpy()


def _divided(table: RealTable, seed: int) -> tuple[Ints, Ints]:
    rows = np.arange(table.table.height)
    classes = _codes(table) if table.has_classes else None
    learnt, judged = train_test_split(rows, test_size=0.25, random_state=seed, stratify=classes)
    return learnt, judged


def _task(table: RealTable) -> Task:
    if not table.has_classes:
        return "regression"
    return "binary" if _codes(table).max() == 1 else "multiclass"


def _scored(table: RealTable, judged: Ints, response: Floats) -> float:
    return score(_task(table), losses(_task(table), _codes(table)[judged], response))


def _ours(table: RealTable, seed: int, budget: float | None) -> tuple[float, str]:
    learnt, judged = _divided(table, seed)
    source = validated(table.table[learnt])
    options = ModelOptions(target=table.target, task=_task(table), seed=seed, budget_seconds=budget)
    model = train(source, profile(source), options=options)
    response = Predictor.load(model.files).respond(table.table[judged])
    return _scored(table, judged, response), model.report.best or "none"


def _xgboost(table: RealTable, seed: int) -> float:
    made = xgb.XGBClassifier if table.has_classes else xgb.XGBRegressor
    types = ["c" if is_label else "q" for is_label in _labels(table)]
    return _peer(table, seed, made(enable_categorical=True, feature_types=types, n_jobs=1, random_state=seed))


def _histogram(table: RealTable, seed: int) -> float:
    made = HistGradientBoostingClassifier if table.has_classes else HistGradientBoostingRegressor
    return _peer(table, seed, made(categorical_features=_labels(table), random_state=seed))


def _labels(table: RealTable) -> list[bool]:
    """Which inputs hold labels; as levels of a category where scikit-learn can take so many, else as numbers."""
    inputs = table.table.drop(table.target)
    return [each.dtype == pl.String and each.n_unique() < _MOST_LEVELS for each in inputs.get_columns()]


def _peer(table: RealTable, seed: int, model: Any) -> float:
    """What a peer scores with its defaults; labels are level numbers, missing values stay missing."""
    learnt, judged = _divided(table, seed)
    texts = pl.col(pl.String).rank("dense") - 1
    inputs = table.table.drop(table.target).with_columns(texts)
    values = inputs.select(pl.all().cast(pl.Float64)).to_numpy()
    fitted = model.fit(values[learnt], _codes(table)[learnt])
    if table.has_classes:
        return _scored(table, judged, np.asarray(fitted.predict_proba(values[judged]), np.float64))
    return _scored(table, judged, np.asarray(fitted.predict(values[judged]), np.float64)[:, None])


if __name__ == "__main__":
    main()
