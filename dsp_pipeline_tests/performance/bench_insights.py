"""Whether insights are true, complete and quick: on noise, on planted effects, and on a million rows.

Run it as ``python -m dsp_pipeline_tests.performance.bench_insights noise|planted|speed [FIRST_SEED [SEEDS]]``.
Seeds default to the clock's, so that no choice in the code can have been fitted to them.
"""

from __future__ import annotations

import collections
import dataclasses
import resource
import sys
import time
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dsp_pipeline.ml.insights.generator import generate
from dsp_pipeline.ml.statistics.profile import build_profile
from dsp_pipeline_tests.ml.insights.samples import NO_EXPLANATIONS, NO_MODEL, insights_of
from dsp_pipeline_tests.ml.tables import validated
from dsp_pipeline_tests.performance.noise import noise
from dsp_pipeline_tests.performance.planted import MIDDLE, PLANTS, STRENGTHS, planted

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.insights import Insight, Insights
    from dsp_pipeline_tests.performance.planted import Plant

_NOISE_SEEDS = 100
_PLANTED_SEEDS = 10


@dataclasses.dataclass(frozen=True)
class Found:
    """What one planted table gave: its subject, by the very kind, findings, and those that are not true."""

    subject: bool
    kind: bool
    findings: int
    false: list[str]


def judged(plant: Plant, insights: Insights) -> Found:
    """Whether the planted effect was told, and which findings speak of columns that nothing relates.

    A finding is true if all its columns are among those that the effect relates. One that says in how many values
    of a column a difference is there, whatever the value, is true if the others are.
    """
    named = [one for one in insights.insights if plant.columns <= set(one.columns)]
    findings = [one for one in insights.insights if one.kind == "finding"]
    return Found(
        subject=any(one.type == plant.kind or one.type in plant.same for one in named),
        kind=any(one.type == plant.kind for one in named),
        findings=len(findings),
        false=[_told(one) for one in findings if not _speaks_of(one) <= plant.related],
    )


def _speaks_of(insight: Insight) -> set[str]:
    return set(insight.columns[:2] if insight.type == "commonness" else insight.columns)


def _told(insight: Insight) -> str:
    return f"{insight.type}: {insight.statement} (q {insight.q:.2g})"


def on_noise(first: int, seeds: int) -> None:
    """Count the tables of noise with a finding."""
    started, tests, found = time.process_time(), 0, []
    for seed in range(first, first + seeds):
        made = insights_of(noise(seed))
        tests += made.tests_run
        told = [_told(one) for one in made.insights if one.kind == "finding"]
        if told:
            found.append((seed, told))
    spent = (time.process_time() - started) / seeds
    print(  # noqa: T201 - a report for people
        f"{seeds - len(found)} of {seeds} tables of noise (10,000 x 20, seeds {first}..{first + seeds - 1}) "
        "have no "
        f"finding; {tests / seeds:.0f} tests a table; {spent:.2f} CPU-s a table with its profile"
    )
    for seed, told in found:
        print(seed, *told, sep="\n  ")  # noqa: T201 - a report for people


def on_planted(first: int, seeds: int) -> None:
    """Print what share of the planted effects is told at each size, and how many findings are false."""
    results: dict[tuple[str, int], list[Found]] = collections.defaultdict(list)
    for place, plant in enumerate(PLANTS):
        for strength in range(STRENGTHS):
            for seed in range(first, first + seeds):
                # Each table has noise of its own: one accident would else be counted for every kind.
                own = (seed * len(PLANTS) + place) * STRENGTHS + strength
                found = judged(plant, insights_of(planted(plant, strength, own)))
                results[plant.kind, strength].append(found)
        _print_row(plant.kind, [results[plant.kind, strength] for strength in range(STRENGTHS)])
    everything = [found for many in results.values() for found in many]
    middle = [found for (_, strength), many in results.items() if strength == MIDDLE for found in many]
    findings, false = sum(one.findings for one in everything), [text for one in everything for text in one.false]
    recall = sum(one.subject for one in middle) / len(middle)
    exact = sum(one.kind for one in middle) / len(middle)
    print(  # noqa: T201 - a report for people
        f"{len(PLANTS)} kinds x {STRENGTHS} sizes x {seeds} seeds ({first}..): recall at the middle size "
        f"{recall:.3f} "
        f"({exact:.3f} by the very kind); {len(false)} of {findings} findings false, proportion "
        f"{len(false) / max(1, findings):.4f}"
    )
    for text in false:
        print(" ", text)  # noqa: T201 - a report for people


def _print_row(kind: str, by_strength: list[list[Found]]) -> None:
    shares = "  ".join(f"{np.mean([one.subject for one in many]):4.2f}" for many in by_strength)
    exact = np.mean([one.kind for one in by_strength[MIDDLE]])
    findings = sum(one.findings for many in by_strength for one in many)
    false = sum(len(one.false) for many in by_strength for one in many)
    print(f"{kind:24s} {shares}   this kind {exact:4.2f}   false {false}/{findings}", flush=True)  # noqa: T201


def million(seed: int, rows: int = 1_000_000) -> pl.DataFrame:
    """Fifteen columns of all kinds with a few effects."""
    rng = np.random.default_rng(seed)
    region = rng.choice(["North", "South", "East", "West"], rows, p=[0.4, 0.3, 0.2, 0.1])
    channel = rng.choice(["web", "shop", "phone"], rows)
    price = rng.gamma(4, 5, rows) + 5 * (region == "West")
    start = np.datetime64("2022-01-01", "us")
    return pl.DataFrame(
        {
            "ordered_at": start + rng.integers(0, 730 * 86_400, rows).astype("timedelta64[s]"),
            "region": region,
            "channel": channel,
            "product": rng.choice([f"P{i:03}" for i in range(150)], rows),
            "price_eur": price,
            "pieces": rng.poisson(3, rows),
            "revenue": rng.pareto(1.5, rows) * price,
            "discount": rng.uniform(0, 1, rows),
            "rating": rng.integers(1, 6, rows),
            "returned": rng.random(rows) < np.where(channel == "web", 0.3, 0.1),
            "weight_kg": rng.lognormal(0, 1, rows),
            "delay": pl.Series(rng.exponential(3, rows)).set(pl.Series(rng.random(rows) < 0.1), None),
            "age": rng.integers(18, 90, rows),
            "score": rng.normal(size=rows) + price / 20,
            "month": rng.integers(1, 13, rows),
        }
    )


def speed(seed: int) -> None:
    """Print CPU-seconds and memory of insights on a million rows, the profile not counted."""
    table = validated(million(seed))
    profile = build_profile(table)
    frame_bytes = table.table.estimated_size()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    made = generate(table, profile, NO_MODEL, NO_EXPLANATIONS)
    spent = time.process_time() - started
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(  # noqa: T201 - a report for people
        f"1,000,000 x 15: {spent:.1f} CPU-s, peak {after / 2**20:.2f} GB ({frame_bytes / 2**30:.2f} GB of it "
        "the table; "
        f"{before / 2**20:.2f} GB before insights); {made.tests_run} tests, {len(made.insights)} insights"
    )


def main() -> None:
    """Run one of the three."""
    what = sys.argv[1]
    first = int(sys.argv[2]) if sys.argv[2:] else time.time_ns() % 10**9
    seeds = int(sys.argv[3]) if sys.argv[3:] else None
    if what == "noise":
        on_noise(first, seeds or _NOISE_SEEDS)
    elif what == "planted":
        on_planted(first, seeds or _PLANTED_SEEDS)
    elif what == "speed":
        speed(first)
    else:
        sys.exit(f"'{what}' is none of noise, planted, speed")


if __name__ == "__main__":
    main()
