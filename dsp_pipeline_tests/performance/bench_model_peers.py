"""What AutoGluon or FLAML answers for a table: run by the Python of an environment that has them.

``python bench_model_peers.py PEER FOLDER SECONDS`` reads ``task.json``, ``learn.csv`` and ``judge.csv`` in the
folder and writes ``answers.json``: a list per row of the classes' probabilities in order, or of one quantity.
It imports nothing of this project, which need not be installed there.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

_PROCESSORS = 2


def main() -> None:
    """Fit the peer within the time, and write its answers."""
    peer, folder, seconds = sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])
    pandas = importlib.import_module("pandas")
    said = json.loads((folder / "task.json").read_text())
    learn, judge = (pandas.read_csv(folder / f"{name}.csv") for name in ("learn", "judge"))
    answer = {"autogluon": _autogluon, "flaml": _flaml}[peer]
    (folder / "answers.json").write_text(json.dumps(answer(said, learn, judge, seconds)))


def _autogluon(said: dict[str, Any], learn: Any, judge: Any, seconds: float) -> Any:
    tabular = importlib.import_module("autogluon.tabular")
    fitted = tabular.TabularPredictor(
        label=said["target"],
        problem_type=said["task"],
        eval_metric="root_mean_squared_error" if said["task"] == "regression" else "log_loss",
        path=said["folder"],
        verbosity=0,
    ).fit(learn, presets="medium_quality", time_limit=seconds, num_cpus=_PROCESSORS)
    if said["task"] == "regression":
        return [[float(value)] for value in fitted.predict(judge)]
    found = fitted.predict_proba(judge)
    return found[list(range(said["classes"]))].to_numpy().tolist()


def _flaml(said: dict[str, Any], learn: Any, judge: Any, seconds: float) -> Any:
    flaml = importlib.import_module("flaml")
    metric = "rmse" if said["task"] == "regression" else "log_loss"
    task = "regression" if said["task"] == "regression" else "classification"
    fitted = flaml.AutoML()
    fitted.fit(
        dataframe=learn,
        label=said["target"],
        task=task,
        metric=metric,
        time_budget=seconds,
        n_jobs=_PROCESSORS,
        verbose=0,
    )
    if task == "regression":
        return [[float(value)] for value in fitted.predict(judge)]
    return fitted.predict_proba(judge).tolist()


if __name__ == "__main__":
    main()
