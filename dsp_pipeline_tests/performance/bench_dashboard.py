"""What a page of 1,000,000 rows and 15 columns costs: its size, its building, and its answers in a browser.

Run it as ``python -m dsp_pipeline_tests.performance.bench_dashboard [--rows ROWS]``. The table is that of
`bench_ingest`, typed. A process of its own builds the page from the stored table and profile; headless Chromium
opens the file, filters as soon as it can, and then changes filters by keyboard, with the charts in view. A change
lasts from the key to the frame in which all charts show the new counts.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

_ROWS, _CHANGES = 1_000_000, 120
_MODULE = "dsp_pipeline_tests.performance.bench_dashboard"
_TABLE, _PROFILE, _PAGE = "table.parquet", "profile.json", "dashboard.html"

_FIRST_FILTER = """async () => {
    const section = document.getElementById('explore');
    const until = async (condition) => { while (!condition()) await new Promise((go) => setTimeout(go, 5)); };
    const painted = () => new Promise((go) => requestAnimationFrame(() => setTimeout(go)));
    const press = (box, key, shiftKey) => box.dispatchEvent(
        new KeyboardEvent('keydown', { key, shiftKey, bubbles: true, cancelable: true }));
    await until(() => section.dataset.ready);
    const ready = performance.now();
    const box = document.querySelector('[role=listbox]');
    press(box, 'Home');
    press(box, 'Enter');
    await until(() => section.dataset.answered);
    await painted();
    const [paint] = performance.getEntriesByName('first-contentful-paint');
    return { paint: paint.startTime, ready, first: performance.now() };
}"""
_CHANGE = """async (changes) => {
    const section = document.getElementById('explore');
    const boxes = [...document.querySelectorAll('[role=listbox]')];
    const painted = () => new Promise((go) => requestAnimationFrame(() => setTimeout(go)));
    const press = (box, key, shiftKey) => box.dispatchEvent(
        new KeyboardEvent('keydown', { key, shiftKey, bubbles: true, cancelable: true }));
    let seed = 1;
    const random = (below) => { seed = (seed * 48271) % 2147483647; return seed % below; };
    const took = [];
    section.scrollIntoView();
    for (let turn = 0; turn < changes; turn += 1) {
        if (turn % 8 === 0) document.getElementById('explore-reset').click();
        await new Promise((go) => setTimeout(go, 150));
        const box = boxes[random(boxes.length)];
        press(box, 'Home');
        for (let step = random(12); step > 0; step -= 1) press(box, 'ArrowRight');
        const start = performance.now();
        const before = section.dataset.answered;
        press(box, 'Enter');
        while (section.dataset.answered === before) await new Promise((go) => setTimeout(go));
        await painted();
        took.push(performance.now() - start);
    }
    return took;
}"""


def table(rows: int) -> pl.DataFrame:
    """The benchmark's rows as the pipeline types them."""
    import polars as pl  # noqa: PLC0415 - imports are part of what is measured

    from dsp_pipeline_tests.performance.ingest_files import batches  # noqa: PLC0415 - as above

    return pl.concat(batches(rows)).with_columns(
        pl.col("ordered_at").str.to_datetime("%Y-%m-%d %H:%M:%S"),
        pl.col("ship_date").str.to_date(),
        pl.col("returned") == "true",
        pl.when(pl.col("note") != "").then("note").alias("note"),
    )


def prepare(folder: Path, rows: int) -> None:
    """Store the table and its profile."""
    from dsp_pipeline.ml.statistics.profile import build_profile  # noqa: PLC0415 - as above
    from dsp_pipeline_tests.dashboard import factory  # noqa: PLC0415 - as above

    frame = table(rows)
    frame.write_parquet(folder / _TABLE)
    (folder / _PROFILE).write_text(build_profile(factory.validated(frame)).model_dump_json(), encoding="utf-8")


def build(folder: Path) -> None:
    """Build the page from what is stored, and print what this process needed."""
    import polars as pl  # noqa: PLC0415 - as above

    from dsp_pipeline.core.artifacts.insights import Insights  # noqa: PLC0415 - as above
    from dsp_pipeline.core.artifacts.profile import Profile  # noqa: PLC0415 - as above
    from dsp_pipeline_tests.dashboard import factory  # noqa: PLC0415 - as above

    frame = pl.read_parquet(folder / _TABLE)
    profile = Profile.model_validate_json((folder / _PROFILE).read_text(encoding="utf-8"))
    case = factory.Case(
        validated=factory.validated(frame),
        profiled=lambda: profile,
        model=factory.no_model(),
        explanations=factory.nothing_explained(),
        insights=Insights(tests_run=0, q_threshold=0.05, insights=[]),
    )
    before, start = time.process_time(), time.perf_counter()
    page = case.build()
    used, wall = time.process_time() - before, time.perf_counter() - start
    (folder / _PAGE).write_bytes(page.html)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    embedded = page.html.count(b'<script type="text/plain" id="explore-') - 1
    told = {
        "cpu": used,
        "wall": wall,
        "peak": peak,
        "bytes": len(page.html),
        "width": frame.width,
        "embedded": embedded,
    }
    sys.stdout.write(json.dumps(told))


def browse(path: Path) -> tuple[dict[str, float], list[float]]:
    """When the page was painted, ready and filtered, in milliseconds since it was opened; and each change's."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - as above

    from dsp_pipeline_tests.pages import launch, watched  # noqa: PLC0415 - as above

    with sync_playwright() as playwright:
        browser = launch(playwright)
        with watched(browser) as seen:
            seen.page.goto(path.as_uri(), wait_until="commit")
            first: dict[str, float] = seen.evaluate(_FIRST_FILTER)
            took: list[float] = seen.evaluate(_CHANGE, _CHANGES)
            if seen.console:
                raise RuntimeError(f"the page complains: {seen.console}")
        browser.close()
    return first, took


def main(rows: int) -> None:
    """Prepare, build, browse, and print the figures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _child("--prepare", folder, rows)
        built: dict[str, Any] = json.loads(_child("--build", folder, rows))
        first, took = browse(folder / _PAGE)
    ordered = sorted(took)
    print(  # noqa: T201 - a report for people
        f"{os.cpu_count()} cores; {rows:,} rows x {built['width']} columns, {built['embedded']} to filter by\n"
        f"page           {built['bytes'] / 1e6:8.2f} MB\n"
        f"building       {built['cpu']:8.2f} CPU-s ({built['wall']:.2f} s)\n"
        f"peak memory    {built['peak'] / 2**30:8.2f} GiB, the table included\n"
        f"first paint    {first['paint'] / 1e3:8.2f} s\n"
        f"interactive    {first['ready'] / 1e3:8.2f} s\n"
        f"first filter   {first['first'] / 1e3:8.2f} s after opening\n"
        f"a change       {ordered[len(ordered) // 2]:8.0f} ms at the median, "
        f"{ordered[int(0.95 * len(ordered))]:.0f} ms at p95 ({len(ordered)} changes)"
    )


def _child(step: str, folder: Path, rows: int) -> str:
    command = [sys.executable, "-m", _MODULE, step, str(folder), "--rows", str(rows)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=_ROWS)
    parser.add_argument("--prepare", type=Path)
    parser.add_argument("--build", type=Path)
    asked = parser.parse_args()
    if asked.prepare:
        prepare(asked.prepare, asked.rows)
    elif asked.build:
        build(asked.build)
    else:
        main(asked.rows)
