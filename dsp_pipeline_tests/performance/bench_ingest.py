"""What reading, typing, validating and writing cost: CPU-seconds, wall time and peak memory.

Run it as ``python -m dsp_pipeline_tests.performance.bench_ingest [--long]``: one million rows of 15 mixed columns,
and with ``--long`` also 7.3 million (1.1 GB), of which none, one in a hundred and each one is bad. Every file is
taken by a process of its own, and what it imports counts. Beside a good file stands what Polars takes from scan
to sink, without a dialect or an encoding to find, a row to keep aside or a type to prove: a yardstick of the
machine. On the one that the limits were set for, 7.3 million rows took it 5.6 s of wall time.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dsp_pipeline_tests.performance.ingest_files import Damage

_SHORT, _LONG = 1_000_000, 7_300_000
_IN_THE_CHILD = "--take"
_YARDSTICK = """
import resource, sys
import polars as pl
pl.scan_csv(sys.argv[1]).sink_parquet(sys.argv[1] + ".parquet")
used = resource.getrusage(resource.RUSAGE_SELF)
print(used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)
"""


def main(rows: int, damage: Damage) -> None:
    """Write one file, have it taken by a fresh process, and print what that cost."""
    from dsp_pipeline_tests.performance.ingest_files import write_file  # noqa: PLC0415 - the child needs none of it

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "orders.csv"
        size = write_file(path, rows, damage)
        command = [sys.executable, "-m", "dsp_pipeline_tests.performance.bench_ingest", _IN_THE_CHILD, str(path)]
        start = time.perf_counter()
        answer = subprocess.run(command, check=True, capture_output=True, text=True)
        wall = time.perf_counter() - start
        told = json.loads(answer.stdout)
        print(  # noqa: T201 - a report for people
            f"{rows:9,} rows, {size / 1e6:7,.0f} MB, bad: {damage:4}  {told['cpu']:6.1f} CPU-s {wall:6.1f} s "
            f"{told['peak'] / 2**30:5.2f} GiB  {told['outcome']}; {told['parts']}",
            flush=True,
        )
        if damage == "none":
            _compare(path, told["cpu"], wall)


def _compare(path: Path, cpu: float, wall: float) -> None:
    """Print what Polars takes for the same file, and how many times as much ours is."""
    start = time.perf_counter()
    command = [sys.executable, "-c", _YARDSTICK, str(path)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    theirs = time.perf_counter() - start
    spent, peak = map(float, answer.split())
    print(  # noqa: T201 - as above
        f"{'Polars, scan to sink':41}{spent:6.1f} CPU-s {theirs:6.1f} s {peak / 2**30:5.2f} GiB  "
        f"ours: {cpu / spent:.2f} times the CPU-seconds, {wall / theirs:.2f} times the wall time",
        flush=True,
    )


def take(path: Path) -> None:
    """Read, type, validate and write one file as the pipeline does, and print what this process needed."""
    from dsp_pipeline.core.artifacts.reading import Source  # noqa: PLC0415 - imports are part of what is measured
    from dsp_pipeline.core.errors import ValidationError  # noqa: PLC0415 - as above
    from dsp_pipeline.core.sidecar import Sidecar  # noqa: PLC0415 - as above
    from dsp_pipeline.etl.reader import read  # noqa: PLC0415 - as above
    from dsp_pipeline.etl.validator import Outside, validate  # noqa: PLC0415 - as above

    marks = [("import", time.process_time())]
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    marks.append(("hash", time.process_time()))
    size = path.stat().st_size
    source = Source(dataset="orders", version=digest[:12], key=path.name, etag=digest, bytes=size, sha256=digest)
    raw = read(path, source=source, sidecar=Sidecar())
    marks.append(("read", time.process_time()))
    try:
        table = validate(raw, sidecar=raw.sidecar, outside=Outside(dt.datetime.now(dt.UTC)))
        outcome = f"{table.validation.rows_valid:,} valid, {table.validation.rows_quarantined:,} in quarantine"
    except ValidationError as error:
        outcome = f"refused: {str(error)[:80]}"
    marks.append(("validate", time.process_time()))
    used = resource.getrusage(resource.RUSAGE_SELF)
    before = [0.0, *(mark for _, mark in marks)]
    parts = " ".join(f"{name} {mark - last:.1f}" for (name, mark), last in zip(marks, before, strict=False))
    told = {
        "cpu": used.ru_utime + used.ru_stime,
        "peak": used.ru_maxrss * 1024,
        "outcome": outcome,
        "parts": parts,
    }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    if sys.argv[1:2] == [_IN_THE_CHILD]:
        take(Path(sys.argv[2]))
    else:
        print(f"{os.cpu_count()} cores")  # noqa: T201 - a report for people
        main(_SHORT, "none")
        if "--long" in sys.argv:
            for kind in ("none", "some", "all"):
                main(_LONG, kind)
