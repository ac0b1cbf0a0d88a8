"""How fast rows are predicted: a million rows x 15 columns, from file to file, with and without reasons.

Run it as ``python -m dsp_pipeline_tests.performance.bench_predict [--rows N]``. A model is trained on 100,000 rows
of the same kind; then each case is taken by a process of its own. Peak memory is that process's, imports included.
"""

from __future__ import annotations

import argparse
import json
import pickle
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_ROWS = 1_000_000
_TRAINED_ON = 100_000
_REASONED = 200_000
_THREADS = 2
_IN_THE_CHILD = "--take"
_MODULE = "dsp_pipeline_tests.performance.bench_predict"


def main() -> None:
    """Train a model, write the rows, and print what predicting them takes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=_ROWS)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _prepare(folder, asked.rows)
        for what, file, reasons in (
            ("in memory, model only", "rows.parquet", "no"),
            ("CSV to CSV", "rows.csv", "no"),
            ("CSV to CSV, with reasons", "few.csv", "yes"),
        ):
            command = [sys.executable, "-m", _MODULE, _IN_THE_CHILD, name, file, reasons]
            told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            print(  # noqa: T201 - a report for people
                f"{what:26}{told['rows']:10,} rows {told['rows'] / told['wall']:10,.0f} rows/s"
                f" {told['wall']:7.2f} s {told['cpu']:7.2f} CPU-s, peak {told['peak'] / 2**30:5.2f} GiB",
                flush=True,
            )


def _prepare(folder: Path, rows: int) -> None:
    from dsp_pipeline.ml.automl.options import ModelOptions  # noqa: PLC0415 - the child needs none of it
    from dsp_pipeline.ml.automl.trainer import train  # noqa: PLC0415 - as above
    from dsp_pipeline_tests.ml.automl.tables import profile, validated  # noqa: PLC0415 - as above
    from dsp_pipeline_tests.performance.customers import customers  # noqa: PLC0415 - as above

    learnt = validated(customers(_TRAINED_ON, 1))
    made = train(
        learnt,
        profile(validated(learnt.table.head(2_000))),
        options=ModelOptions(target="churned", threads=_THREADS),
    )
    print(f"{made.report.best}: {made.report.verdict}")  # noqa: T201 - as above
    (folder / "model.pickle").write_bytes(pickle.dumps(dict(made.files)))
    new = customers(rows, 2).drop("churned")
    new.write_parquet(folder / "rows.parquet")
    new.write_csv(folder / "rows.csv")
    new.head(_REASONED).write_csv(folder / "few.csv")


def take(folder: Path, file: str, *, with_reasons: bool) -> None:
    """Predict one file and print what that took."""
    import polars as pl  # noqa: PLC0415 - imports are part of what is measured

    from dsp_pipeline.core.artifacts.reading import Source  # noqa: PLC0415 - as above
    from dsp_pipeline.core.settings import Limits  # noqa: PLC0415 - as above
    from dsp_pipeline.core.sidecar import Sidecar  # noqa: PLC0415 - as above
    from dsp_pipeline.ml.automl.predictor import Predictor  # noqa: PLC0415 - as above
    from dsp_pipeline.ml.prediction.engine import RowsFile, predict_file  # noqa: PLC0415 - as above

    path = folder / file
    is_table = path.suffix == ".parquet"
    files = pickle.loads((folder / "model.pickle").read_bytes())  # noqa: S301 - ours
    predictor = Predictor.load(files, threads=_THREADS if is_table else 1)
    source = Source(dataset="b", version="0" * 12, key=file, etag="", bytes=0, sha256="0" * 64)
    start, cpu = time.perf_counter(), time.process_time()
    if is_table:
        table = pl.read_parquet(path)
        start, cpu = time.perf_counter(), time.process_time()
        rows = predictor.predict(table).height
    else:
        with (folder / "out.csv").open("wb") as target:
            said = RowsFile(path, source, Sidecar(), Limits())
            rows = predict_file(said, predictor, target, with_reasons=with_reasons, threads=_THREADS).rows
    told = {
        "rows": rows,
        "wall": time.perf_counter() - start,
        "cpu": time.process_time() - cpu,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    if sys.argv[1:2] == [_IN_THE_CHILD]:
        take(Path(sys.argv[2]), sys.argv[3], with_reasons=sys.argv[4] == "yes")
    else:
        main()
