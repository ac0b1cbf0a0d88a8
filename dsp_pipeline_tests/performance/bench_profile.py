"""What a profile costs: CPU-seconds, wall time and peak memory, for a long, a middling and a wide table.

Run it as ``python -m dsp_pipeline_tests.performance.bench_profile [--peers PYTHON]``. Each table is profiled by
a process of its own, imports included, from the Parquet file that the pipeline would have written. With the
Python of an environment that has fg-data-profiling or Sweetviz (``pip install fg-data-profiling sweetviz``),
these profile the same CSV files in the same run, and their cost is told as a multiple of ours.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_MODULE = "dsp_pipeline_tests.performance.bench_profile"
_PATIENCE_SECONDS = 900
_FG = """
import sys, pandas as pd
from data_profiling import ProfileReport
ProfileReport(pd.read_csv(sys.argv[1]), progress_bar=False).to_file(sys.argv[2])
"""
_SWEETVIZ = """
import sys, pandas as pd, sweetviz
report = sweetviz.analyze(pd.read_csv(sys.argv[1]), pairwise_analysis="on")
report.show_html(sys.argv[2], open_browser=False)
"""
_PEERS = {"fg-data-profiling": ("data_profiling", _FG), "Sweetviz": ("sweetviz", _SWEETVIZ)}
_MEASURED = """
import json, resource, subprocess, sys, time
start = time.perf_counter()
done = subprocess.run(sys.argv[2:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=float(sys.argv[1]))
used = resource.getrusage(resource.RUSAGE_CHILDREN)
cost = {"ok": done.returncode == 0, "wall": time.perf_counter() - start, "cpu": used.ru_utime + used.ru_stime}
print(json.dumps(cost | {"peak": used.ru_maxrss * 1024, "why": done.stderr.decode(errors="replace")[-300:]}))
"""


def long_table(path: Path) -> None:
    """1,000,000 rows of 15 mixed columns, the orders of the ingestion benchmark."""
    from dsp_pipeline_tests.performance.ingest_files import write_file  # noqa: PLC0415 - only the parent writes

    write_file(path, 1_000_000, "none")


def numbers(rows: int, columns: int) -> Callable[[Path], None]:
    """A writer of numbers in groups of ten that go together, the more so the lower they stand in their group."""

    def write(path: Path) -> None:
        import numpy as np  # noqa: PLC0415 - only the parent writes
        import polars as pl  # noqa: PLC0415 - as above

        rng = np.random.default_rng(0)
        bases = [rng.normal(size=rows) for _ in range(-(-columns // 10))]
        values = {f"c{i}": bases[i // 10] + (1 + i % 10) * rng.normal(size=rows) for i in range(columns)}
        pl.DataFrame(values).with_columns(pl.all().round(4)).write_csv(path)

    return write


_TABLES: dict[str, tuple[Callable[[Path], None], bool]] = {
    "1,000,000 x 15 mixed": (long_table, True),
    "20,000 x 40 numbers": (numbers(20_000, 40), True),
    "5,000 x 1,700 numbers": (numbers(5_000, 1_700), False),
}
"""A writer for each table, and whether the peers are asked as well: on the wide one they take hours."""


def main(peers: str | None) -> None:
    """Write each table, have it profiled, and print what that cost."""
    for name, (write, with_peers) in _TABLES.items():
        with tempfile.TemporaryDirectory() as folder:
            csv = Path(folder) / "table.csv"
            write(csv)
            _say(f"{name}, {csv.stat().st_size / 1e6:,.0f} MB as CSV")
            own = [sys.executable, "-m", _MODULE]
            subprocess.run([*own, "--prepare", str(csv)], check=True)
            ours = _measure([*own, "--profile", str(csv)])
            _report("dsp", ours, ours)
            size = csv.with_suffix(".json").stat().st_size
            _say(f"  profile.json: {size / 1e6:.2f} MB; {csv.with_suffix('.txt').read_text()}")
            for peer, (module, script) in _PEERS.items() if peers and with_peers else ():
                if subprocess.run(
                    [str(peers), "-c", f"import {module}"], check=False, capture_output=True
                ).returncode:
                    _say(f"  {peer:18} is not installed there")
                else:
                    _report(
                        peer, _measure([str(peers), "-c", script, str(csv), str(csv.with_suffix(".html"))]), ours
                    )


def _measure(command: Sequence[str]) -> dict[str, float]:
    """What a command costs, by a process that has no other children."""
    asked = [sys.executable, "-c", _MEASURED, str(_PATIENCE_SECONDS), *command]
    done = subprocess.run(asked, check=False, capture_output=True, text=True)
    if done.returncode:
        return {"ok": False, "why": f"stopped after {_PATIENCE_SECONDS} s"}  # type: ignore[dict-item]
    told: dict[str, float] = json.loads(done.stdout)
    return told


def _report(name: str, cost: dict[str, float], ours: dict[str, float]) -> None:
    if not cost["ok"]:
        _say(f"  {name:18} failed: {str(cost['why']).strip().splitlines()[-1:]}")
        return
    times = (
        ""
        if cost is ours
        else f"  = {cost['cpu'] / ours['cpu']:.1f} x the CPU, {cost['peak'] / ours['peak']:.1f} x the memory"
    )
    _say(f"  {name:18} {cost['cpu']:7.1f} CPU-s {cost['wall']:7.1f} s {cost['peak'] / 2**30:6.2f} GiB{times}")


def prepare(csv: Path) -> None:
    """Read a CSV as the pipeline does, and keep the table and what its columns are."""
    import datetime as dt  # noqa: PLC0415 - the processes that are measured need none of it

    from dsp_pipeline.core.artifacts.reading import Source  # noqa: PLC0415 - as above
    from dsp_pipeline.core.sidecar import Sidecar  # noqa: PLC0415 - as above
    from dsp_pipeline.etl.reader import read  # noqa: PLC0415 - as above
    from dsp_pipeline.etl.validator import Outside, validate  # noqa: PLC0415 - as above

    source = Source(
        dataset="table", version="0" * 12, key=csv.name, etag="e", bytes=csv.stat().st_size, sha256="0" * 64
    )
    table = validate(
        read(csv, source=source, sidecar=Sidecar()), sidecar=Sidecar(), outside=Outside(dt.datetime.now(dt.UTC))
    )
    table.table.write_parquet(csv.with_suffix(".parquet"))
    for value, suffix in ((table.reading, ".reading"), (table.validation, ".validation")):
        csv.with_suffix(suffix).write_bytes(value.to_json())


def profile(csv: Path) -> None:
    """Profile what `prepare` kept, as the pipeline's run does.

    Tells the CPU-seconds without imports and reading.
    """
    import polars as pl  # noqa: PLC0415 - imports are part of what is measured

    from dsp_pipeline.core.artifacts.reading import Reading  # noqa: PLC0415 - as above
    from dsp_pipeline.core.artifacts.validation import Validation  # noqa: PLC0415 - as above
    from dsp_pipeline.core.sidecar import Sidecar  # noqa: PLC0415 - as above
    from dsp_pipeline.etl.tables import StoredTable, ValidatedTable  # noqa: PLC0415 - as above
    from dsp_pipeline.ml.statistics.profile import build_profile  # noqa: PLC0415 - as above

    table = ValidatedTable(
        stored=StoredTable(csv.with_suffix(".parquet")),
        quarantined=StoredTable.of(pl.DataFrame({"line": []})),
        validation=Validation.model_validate_json(csv.with_suffix(".validation").read_bytes()),
        reading=Reading.model_validate_json(csv.with_suffix(".reading").read_bytes()),
        sidecar=Sidecar(),
    )
    start = time.process_time()
    made = build_profile(table).to_json()
    spent = time.process_time() - start
    csv.with_suffix(".json").write_bytes(made)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    csv.with_suffix(".txt").write_text(f"{spent:.1f} CPU-s without imports, {peak:.2f} GiB")


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a report for people


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--peers", help="the Python of an environment with fg-data-profiling or Sweetviz")
    parser.add_argument("--prepare", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--profile", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.prepare:
        prepare(arguments.prepare)
    elif arguments.profile:
        profile(arguments.profile)
    else:
        main(arguments.peers)
