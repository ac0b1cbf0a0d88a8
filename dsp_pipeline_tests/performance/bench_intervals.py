"""Whether ranges and probabilities hold what they say, on rows that no fit has seen.

Run it as ``python -m dsp_pipeline_tests.performance.bench_intervals [--seeds N] [--budget SECONDS] [TABLE ...]``.
Each real table with a quantity to predict is divided N times into 75 % to learn from and 25 % to judge by: the
share of truths within the 90 % ranges, on average over the seeds, has to be 87 to 93 %. And of two classes, 10,000
rows to learn from and 20,000 to judge by: the expected calibration error has to be below .03 (Naeini et al. 2015,
ten bins of equal width, computed here anew).
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dsp_pipeline.ml.automl.options import ModelOptions
from dsp_pipeline.ml.automl.predictor import Predictor
from dsp_pipeline.ml.automl.trainer import train
from dsp_pipeline_tests.ml.automl.tables import profile, validated
from dsp_pipeline_tests.performance.customers import customers
from dsp_pipeline_tests.performance.model_tables import RealTable, real_tables

if TYPE_CHECKING:
    from dsp_pipeline.ml.automl.arrays import Bools, Floats

_LEARNT, _JUDGED = 10_000, 20_000
_BINS = 10


def main() -> None:
    """Print a line per table, and one for probabilities."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--budget", type=float, default=None, help="CPU-seconds for each model")
    parser.add_argument("names", nargs="*", metavar="TABLE")
    asked = parser.parse_args()
    for table in real_tables():
        if not table.has_classes and (not asked.names or table.name in asked.names):
            _report(
                f"{table.name + ' J' * table.is_judging:36}{table.table.height:7,} rows, in the 90 % range",
                [_covered(table, seed, asked.budget) for seed in range(asked.seeds)],
            )
    if not asked.names:
        _report(
            f"{'customers':36}{_LEARNT:7,} rows, calibration error",
            [_miscalibrated(seed, asked.budget) for seed in range(asked.seeds)],
        )


def _report(what: str, values: list[float]) -> None:
    print(  # noqa: T201 - a report for people
        f"{what} {np.mean(values):6.3f} on average, {min(values):.3f} to {max(values):.3f}", flush=True
    )


def _trained(table: pl.DataFrame, target: str, seed: int, budget: float | None) -> Predictor:
    source = validated(table)
    options = ModelOptions(target=target, seed=seed, budget_seconds=budget)
    return Predictor.load(train(source, profile(source), options=options).files)


def _covered(table: RealTable, seed: int, budget: float | None) -> float:
    learnt, judged = table.divided(seed)
    told = _trained(table.table[learnt], table.target, seed, budget).predict(table.table[judged])
    truth = pl.Series(table.codes()[judged])
    return float(truth.is_between(told["lower"], told["upper"]).mean())  # type: ignore[arg-type] # there are rows


def _miscalibrated(seed: int, budget: float | None) -> float:
    new = customers(_JUDGED, 1_000 + seed)
    told = _trained(customers(_LEARNT, seed), "churned", seed, budget).predict(new)
    return _calibration_error((new["churned"] == "yes").to_numpy(), told["proba_yes"].to_numpy())


def _calibration_error(truth: Bools, probability: Floats) -> float:
    bins = np.minimum((probability * _BINS).astype(int), _BINS - 1)
    gaps = [abs(truth[bins == each].mean() - probability[bins == each].mean()) for each in np.unique(bins)]
    return float(np.average(gaps, weights=np.unique(bins, return_counts=True)[1]))


if __name__ == "__main__":
    main()
