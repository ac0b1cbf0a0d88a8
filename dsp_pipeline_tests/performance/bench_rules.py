"""What a sidecar's rules cost: CPU-seconds and peak memory of validating a million rows without and with them.

Run it as ``python -m dsp_pipeline_tests.performance.bench_rules``. Each case is taken by a process of its own, and
what it imports counts.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_ROWS = 1_000_000
_IN_THE_CHILD = "--take"

CASES = {
    "no rules": "",
    "9 that hold": """
        rules:
          - {column: quantity, min: 1}
          - {column: postcode, matches: "[0-9A-Z ]+"}
          - {column: note, max_length: 500}
          - {column: discount, max: 1}
          - {unique: [order_id]}
          - {expect: "ship_date >= date(ordered_at)"}
          - {expect: "quantity * unit_price >= 0", when: "returned = false"}
          - {expect: "count() >= 1", by: [customer_id]}
          - {rows: {min: 1}}
        """,
    "1 in 100 rows bad": "rules: [{expect: 'order_id % 100 != 0', message: 'Order {order_id} in line {line}'}]",
    "half of the rows bad": """
        max_bad_rows: 90%
        rules: [{column: weight_kg, max: 9.5}, {column: country, one_of: [US, DE, ES, FR, GB, IT, AT]}]
        """,
}


def main() -> None:
    """Write one file, have it validated by a fresh process for each case, and print what that cost."""
    from dsp_pipeline_tests.performance.ingest_files import write_file  # noqa: PLC0415 - the child needs none of it

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "orders.csv"
        write_file(path, _ROWS, "none")
        for name, sidecar in CASES.items():
            command = [
                sys.executable,
                "-m",
                "dsp_pipeline_tests.performance.bench_rules",
                _IN_THE_CHILD,
                str(path),
                sidecar,
            ]
            told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            print(  # noqa: T201 - a report for people
                f"{name:22} validate {told['cpu']:5.1f} CPU-s, peak {told['peak'] / 2**30:5.2f} GiB, "
                f"{told['bad']:9,} in quarantine"
            )


def take(path: Path, text: str) -> None:
    """Read and validate one file, and print what validating it needed."""
    import datetime as dt  # noqa: PLC0415 - imports are part of what is measured

    from dsp_pipeline.core.artifacts.reading import Source  # noqa: PLC0415 - as above
    from dsp_pipeline.core.sidecar import parse_sidecar  # noqa: PLC0415 - as above
    from dsp_pipeline.etl.reader import read  # noqa: PLC0415 - as above
    from dsp_pipeline.etl.validator import Outside, validate  # noqa: PLC0415 - as above

    said = parse_sidecar(text, where="bench")
    size = path.stat().st_size
    source = Source(dataset="orders", version="0" * 12, key=path.name, etag="", bytes=size, sha256="0" * 64)
    raw = read(path, source=source, sidecar=said)
    start = time.process_time()
    table = validate(raw, sidecar=said, outside=Outside(dt.datetime.now(dt.UTC)))
    told = {
        "cpu": time.process_time() - start,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "bad": table.validation.rows_quarantined,
    }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    if sys.argv[1:2] == [_IN_THE_CHILD]:
        take(Path(sys.argv[2]), sys.argv[3])
    else:
        main()
