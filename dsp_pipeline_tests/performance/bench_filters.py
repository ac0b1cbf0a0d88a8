"""Whether filters of a table's page let through just the rows that Polars does: how many of many random ones.

Run it as ``python -m dsp_pipeline_tests.performance.bench_filters TABLE.csv [--combinations 200]``. The file is
read, typed and profiled by the product; its page is opened in headless Chromium, offline, and asked for each
combination of filters on one to three columns by its link. The rows that pass are compared one by one.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from dsp_pipeline.core.artifacts.insights import Insights
from dsp_pipeline.dashboard.explore.table import embedded
from dsp_pipeline.ml.statistics.profile import build_profile
from dsp_pipeline_tests.dashboard import factory
from dsp_pipeline_tests.e2e.random_filters import ask, combined, ready
from dsp_pipeline_tests.etl.drops import Dropper
from dsp_pipeline_tests.pages import launch, watched

_COMBINATIONS = 200


def main(path: Path, combinations: int) -> int:
    """Print how many combinations were answered as Polars answers them; returns how many were not."""
    with tempfile.TemporaryDirectory() as name:
        validated = Dropper(Path(name)).validate(path.read_bytes(), name=path.name)
        profile = build_profile(validated)
        case = factory.Case(
            validated=validated,
            profiled=lambda: profile,
            model=factory.no_model(),
            explanations=factory.nothing_explained(),
            insights=Insights(tests_run=0, q_threshold=0.05, insights=[]),
        )
        page = Path(name) / "page.html"
        page.write_bytes(case.build().html)
        table = embedded(case.material())
        if table is None:
            raise ValueError(f"the page of {path.name} embeds no rows")
        choice, wrong, passed = random.Random(7), [], 0  # noqa: S311 - a sample of filters
        with sync_playwright() as playwright:
            browser = launch(playwright)
            with watched(browser) as seen:
                ready(seen, page.as_uri())
                for _ in range(combinations):
                    link, test = combined(table.columns, choice)
                    expected = validated.table.select(test).to_series()
                    passed += int(expected.sum())
                    if ask(seen, link) != "".join(str(int(row)) for row in expected.to_list()):
                        wrong.append(link)
            browser.close()
    print(  # noqa: T201 - a report for people
        f"{path.name}: {validated.table.height:,} rows, {len(table.columns)} columns to filter by, "
        f"{combinations} combinations of filters, {passed / combinations:,.0f} rows pass on average\n"
        f"answered otherwise than by Polars: {len(wrong)}" + "".join(f"\n  {link}" for link in wrong)
    )
    return len(wrong)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("path", type=Path)
    parser.add_argument("--combinations", type=int, default=_COMBINATIONS)
    asked = parser.parse_args()
    raise SystemExit(bool(main(asked.path, asked.combinations)))
