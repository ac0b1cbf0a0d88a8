"""How well models predict on real tables: ours beside plain XGBoost and scikit-learn's histogram boosting.

Run it as ``python -m dsp_pipeline_tests.performance.bench_model [--budget SECONDS] [--peers PYTHON] [TABLE ...]``,
PYTHON being that of an environment with AutoGluon and FLAML: they then compete too, with 60 seconds or the budget.
A table with a J is one that no constant of ours was chosen by. Each table is divided three times (seeds 0-2) into
75 % to learn from and 25 % to judge by, within classes where there are any. Every contestant sees the same rows;
ours keeps a quarter of them (a fifth from 2,000 on) to judge itself, and then learns from these too. Log loss for
classes, RMSE for quantities: lower is better. The bars are those that were measured for plain boosters.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import xgboost as xgb
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from dsp_pipeline.ml.automl.metrics import losses, score
from dsp_pipeline.ml.automl.options import ModelOptions
from dsp_pipeline.ml.automl.predictor import Predictor
from dsp_pipeline.ml.automl.trainer import train
from dsp_pipeline_tests.ml.automl.tables import profile, validated
from dsp_pipeline_tests.performance.model_tables import RealTable, real_tables

if TYPE_CHECKING:
    from dsp_pipeline.ml.automl.arrays import Floats, Ints

_SEEDS = range(3)
_MOST_LEVELS = 250
_OTHERS = ("autogluon", "flaml")
_PEER_SECONDS = 60.0
_BARS = {"breast_cancer": 0.126, "digits": 0.065, "diabetes": 58.1, "fair": 0.543}


def main() -> None:
    """Print a line per table: each contestant's mean score, ours with CPU-seconds and what won."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--budget", type=float, default=None, help="CPU-seconds for each model of ours")
    parser.add_argument(
        "--peers", default=None, metavar="PYTHON", help="of an environment with AutoGluon and FLAML"
    )
    parser.add_argument("names", nargs="*", metavar="TABLE")
    asked = parser.parse_args()
    absent = set(asked.names) - {table.name for table in real_tables()}
    if absent:
        parser.error(f"not among the tables of the installed packages: {', '.join(sorted(absent))}")
    others = _OTHERS if asked.peers else ()
    names = "".join(f"{each:>10}" for each in ("ours", "XGBoost", "HistGB", *others))
    print(f"{'table':36}{'rows':>7}{'columns':>8}{names}{'bar':>8}  CPU-s  best")  # noqa: T201 - a report for people
    ratios: list[list[float]] = []
    for table in real_tables():
        if asked.names and table.name not in asked.names:
            continue
        start = time.process_time()
        ours, best = zip(*(_ours(table, seed, asked.budget) for seed in _SEEDS), strict=True)
        seconds = (time.process_time() - start) / len(_SEEDS)
        peers = [_xgboost, _histogram]
        peers += [partial(_elsewhere, other, asked.peers, asked.budget or _PEER_SECONDS) for other in others]
        scores = [
            float(np.mean(ours)),
            *(float(np.mean([each(table, seed) for seed in _SEEDS])) for each in peers),
        ]
        ratios.append([scores[0] / each for each in scores[1:]])
        figures = "".join(f"{value:10.5g}" for value in scores)
        bar = f"{_BARS[table.name]:8.3f}" if table.name in _BARS else " " * 8
        print(  # noqa: T201 - as above
            f"{table.name + ' J' * table.is_judging:36}{table.table.height:7,}{table.table.width - 1:8}{figures}"
            f"{bar}{seconds:7.2f}  {', '.join(sorted(set(best)))}",
            flush=True,
        )
    means = "".join(f"{value:10.3f}" for value in np.exp(np.mean(np.log(ratios), axis=0)))
    print(f"{'ours to theirs, geometric mean':51}{'':10}{means}")  # noqa: T201 - as above


def _elsewhere(peer: str, python: str, seconds: float, table: RealTable, seed: int) -> float:
    """What a peer in another environment scores; classes are handed over as numbers."""
    learnt, judged = table.divided(seed)
    coded = table.table.with_columns(pl.Series(table.target, table.codes()))
    if table.has_classes:
        coded = coded.with_columns(pl.col(table.target).cast(pl.Int64))
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        said = {"task": table.task, "target": table.target, "classes": int(table.codes().max()) + 1}
        (folder / "task.json").write_text(json.dumps(said | {"folder": str(folder / "model")}))
        coded[learnt].write_csv(folder / "learn.csv")
        coded[judged].drop(table.target).write_csv(folder / "judge.csv")
        script = Path(__file__).with_name("bench_model_peers.py")
        subprocess.run([python, str(script), peer, made, str(seconds)], check=True, capture_output=True)
        response = np.array(json.loads((folder / "answers.json").read_text()), np.float64)
    return _scored(table, judged, response)


def _scored(table: RealTable, judged: Ints, response: Floats) -> float:
    return score(table.task, losses(table.task, table.codes()[judged], response))


def _ours(table: RealTable, seed: int, budget: float | None) -> tuple[float, str]:
    learnt, judged = table.divided(seed)
    source = validated(table.table[learnt])
    options = ModelOptions(target=table.target, task=table.task, seed=seed, budget_seconds=budget)
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
    learnt, judged = table.divided(seed)
    texts = pl.col(pl.String).rank("dense") - 1
    inputs = table.table.drop(table.target).with_columns(texts)
    values = inputs.select(pl.all().cast(pl.Float64)).to_numpy()
    fitted = model.fit(values[learnt], table.codes()[learnt])
    if table.has_classes:
        return _scored(table, judged, np.asarray(fitted.predict_proba(values[judged]), np.float64))
    return _scored(table, judged, np.asarray(fitted.predict(values[judged]), np.float64)[:, None])


if __name__ == "__main__":
    main()
