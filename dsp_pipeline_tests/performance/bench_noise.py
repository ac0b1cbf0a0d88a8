"""In how many tables of pure noise the profile finds an association: none of those is true.

Run it as ``python -m dsp_pipeline_tests.performance.bench_noise [FIRST_SEED [RUNS]]``. Seeds default to the
clock's, so that no choice in the code can have been fitted to them.
"""

from __future__ import annotations

import sys
import time

from dsp_pipeline_tests.performance.noise import FOUND, finds_something, noise

_RUNS = 100


def main(first: int, runs: int) -> None:
    """Count and print."""
    started = time.process_time()
    found = [seed for seed in range(first, first + runs) if finds_something(noise(seed))]
    spent = time.process_time() - started
    print(  # noqa: T201 - a report for people
        f"{len(found)} of {runs} tables of noise (10,000 x 20, seeds {first}..{first + runs - 1}) "
        f"have an association with q <= {FOUND}; {spent / runs:.2f} CPU-s a table; seeds: {found}"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else time.time_ns() % 10**9, int(sys.argv[2]) if sys.argv[2:] else _RUNS)
