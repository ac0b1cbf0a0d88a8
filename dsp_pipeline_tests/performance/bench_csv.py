"""Scores the product's own reader on Pollock's 2,290 polluted files, fully automatic: no file gets a sidecar.

Run it as ``python -m dsp_pipeline_tests.performance.bench_csv ARCHIVE [JOBS]``, where ARCHIVE is
``polluted_files.tar.gz`` of the benchmark (folders ``csv`` and ``clean``). What the reader sets aside in
quarantine counts as not loaded. A file that it reads as having no header is compared without one, as the clean
one is.
"""

from __future__ import annotations

import collections
import concurrent.futures
import csv
import dataclasses
import functools
import hashlib
import io
import sys
import tarfile
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from dsp_pipeline.core.artifacts.reading import Source
from dsp_pipeline.core.errors import DspError
from dsp_pipeline.etl.reader import read
from dsp_pipeline.etl.tables import LINE
from dsp_pipeline_tests.etl.accounting import unaccounted_lines
from dsp_pipeline_tests.performance import bench_csv_scores as pollock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.etl.tables import RawTable
    from dsp_pipeline_tests.performance.bench_csv_scores import Score

_WORST = 40


def main(archive: Path, jobs: int) -> None:
    """Read every file of the archive and print the table and the worst files."""
    with tempfile.TemporaryDirectory() as name:
        with tarfile.open(archive) as packed:
            packed.extractall(name, filter="data")
        folder = next(Path(name).rglob("csv")).parent
        files = sorted(path.name for path in (folder / "csv").iterdir())
        start = time.perf_counter()
        with concurrent.futures.ProcessPoolExecutor(jobs) as pool:
            scores = list(pool.map(functools.partial(_score, folder), files, chunksize=50))
        _report(scores, time.perf_counter() - start)


def _score(folder: Path, file: str) -> Score:
    with (folder / "clean" / file).open(encoding="utf-8-sig", newline="") as text:
        clean = list(csv.reader(text))
    content = (folder / "csv" / file).read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    source = Source(dataset="d", version=digest[:12], key=file, etag=digest, bytes=len(content), sha256=digest)
    try:
        raw = read(folder / "csv" / file, source=source)
    except DspError as error:
        return pollock.failed(file, str(error))
    score = pollock.scored(file, clean, _loaded(raw))
    told = "; ".join(f"{one.what}: {one.choice}" for one in raw.reading.decisions if one.what in _TELLING)
    reasons = collections.Counter(one["code"] for row in raw.rejected["reasons"] for one in row)
    lost = len(unaccounted_lines(content, raw))
    return dataclasses.replace(score, note=f"rejected {dict(reasons)}; {told}", lost=lost)


_TELLING = {"delimiter", "quote", "escape", "header", "header rows", "header width", "preamble", "footer"}


def _loaded(raw: RawTable) -> list[list[str]]:
    rows = [[cell or "" for cell in row] for row in raw.frame.drop(LINE).iter_rows()]
    names = [column.original_name for column in raw.reading.columns]
    return [names, *rows] if raw.reading.has_header else rows


def _report(scores: Sequence[Score], seconds: float) -> None:
    out = io.StringIO()
    groups = collections.defaultdict(list)
    for score in scores:
        groups["_".join(score.file.split("_")[:2]) if score.file.startswith("row") else "file"].append(score)
    print(f"{'':22}{'files':>6}{'success':>9}{'header':>8}{'records':>9}{'cells':>8}{'simple':>9}", file=out)
    for group, members in [*sorted(groups.items()), ("all", scores)]:
        means = [
            sum(one) / len(members)
            for one in zip(*((s.success, s.header[2], s.records[2], s.cells[2]) for s in members), strict=True)
        ]
        success, header, records, cells = means
        simple = pollock.simple_score(members)
        line = f"{success:9.4f}{header:8.4f}{records:9.4f}{cells:8.4f}{simple:9.4f}"
        print(f"{group:22}{len(members):6}{line}", file=out)
    print(f"\nsimple   {pollock.simple_score(scores):7.4f}   (bar: 9.95)", file=out)
    print(f"weighted {pollock.weighted_score(scores):7.4f}   (bar: 9.6)", file=out)
    print(f"not loaded {sum(1 for s in scores if not s.success)} (bar: 0); {seconds:.0f} s", file=out)
    print(f"lines that are in no record: {sum(score.lost for score in scores)} (bar: 0)", file=out)
    print(f"\nThe {_WORST} worst files, by their score (of 10) and what they cost the weighted score:", file=out)
    total = sum(pollock.weight(score.file) for score in scores)
    for score in sorted(scores, key=lambda one: one.total)[:_WORST]:
        cost = pollock.weight(score.file) * (10 - score.total) / total
        print(f"{score.total:6.2f} {cost:7.4f} {score.file:34} {score.note[:240]}", file=out)
    print(out.getvalue())  # noqa: T201 - a report for people


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if sys.argv[2:] else 1)
