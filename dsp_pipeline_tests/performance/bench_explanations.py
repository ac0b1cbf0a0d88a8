"""What explaining a model of 1,000,000 rows x 15 columns costs: CPU-seconds, memory above the table, bytes.

Run it as ``python -m dsp_pipeline_tests.performance.bench_explanations [--rows ROWS]``. The table is that of
`bench_ingest`, typed, with two outcomes that depend on it; a model of each is trained and then explained, in a
process of its own. The bars are 4 CPU-seconds and 1 GiB above the table.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

_MODULE = "dsp_pipeline_tests.performance.bench_explanations"
_TARGETS = ("returned", "weight_kg")
_SECONDS, _GIB = 4.0, 1.0


def measure(target: str, rows: int) -> None:
    """Train a model of one column, explain it, and print what that took."""
    from dsp_pipeline.ml.automl.options import ModelOptions  # noqa: PLC0415 - memory is told apart by process
    from dsp_pipeline.ml.automl.trainer import train  # noqa: PLC0415 - as above
    from dsp_pipeline.ml.insights.explainer import explain  # noqa: PLC0415 - as above
    from dsp_pipeline_tests.ml.automl.tables import profile, validated  # noqa: PLC0415 - as above
    from dsp_pipeline_tests.performance.bench_dashboard import table  # noqa: PLC0415 - as above

    source = validated(_with_outcomes(table(rows)))
    threads = os.cpu_count() or 1
    model = train(source, profile(source), options=ModelOptions(target=target, threads=threads))
    if not model.files:
        raise RuntimeError(f"no model of {target}: {model.report.verdict}")
    _forget_peak()
    before, start = _status("VmRSS"), time.process_time()
    found = explain(source, model, threads=threads)
    used = time.process_time() - start
    above = (_status("VmHWM") - before) / 2**20
    size = len(found.to_json())
    carried = 0 if found.what_if is None or found.what_if.model is None else len(found.what_if.model.data)
    explained = 0 if found.fidelity is None else found.fidelity.rows
    together = 0 if found.interactions is None else found.interactions.rows
    print(  # noqa: T201 - a report for people
        f"{target}: {model.report.best}; explaining {used:.2f} CPU-s (bar {_SECONDS:g}), {above:.2f} GiB above the"
        f" table (bar {_GIB:g}); {explained:,} rows, interactions on {together}; explanations.json"
        f" {size / 1e6:.2f} MB, of which the model for what-if {carried / 1e6:.2f} MB"
    )


def _with_outcomes(frame: pl.DataFrame) -> pl.DataFrame:
    """The table with two outcomes that depend on other columns in bends and pairs, so that trees grow large."""
    import polars as pl  # noqa: PLC0415 - as above

    hour = pl.col("ordered_at").dt.hour()
    dear = (pl.col("unit_price") / pl.col("unit_price").mean()).log1p()
    kind = pl.col("category").rank("dense") % 3
    pull = dear * pl.col("discount").fill_null(0) * 4 + (hour / 24 * 6.3).sin() + kind
    noise = pl.col("order_id").hash(7) / 2.0**64
    return frame.with_columns(
        (pull + 3 * noise > pull.mean() + 2).alias("returned"), (pull * (1 + noise)).alias("weight_kg")
    )


def _forget_peak() -> None:
    """Let the kernel count this process's greatest memory from here on."""
    with open("/proc/self/clear_refs", "w", encoding="ascii") as file:  # noqa: PTH123 - no regular file
        file.write("5")


def _status(name: str) -> int:
    """A figure of this process's memory, in KiB."""
    with open("/proc/self/status", encoding="ascii") as file:  # noqa: PTH123 - no regular file
        return next(int(line.split()[1]) for line in file if line.startswith(name))


def main() -> None:
    """Measure each target in a process of its own."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--target")
    asked = parser.parse_args()
    if asked.target:
        measure(asked.target, asked.rows)
        return
    for target in _TARGETS:
        subprocess.run([sys.executable, "-m", _MODULE, "--rows", str(asked.rows), "--target", target], check=True)


if __name__ == "__main__":
    main()
