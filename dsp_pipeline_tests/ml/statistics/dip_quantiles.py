"""Print the quantiles of the dip that `dsp_pipeline.ml.statistics.modality` holds."""

from __future__ import annotations

import sys

import numpy as np

from dsp_pipeline.ml.statistics.modality import SHARES, dip

SIZES = (50, 100, 200, 500)
SAMPLES = 20_000


def quantiles(size: int, samples: int = SAMPLES, seed: int = 0) -> list[float]:
    """Quantiles of sqrt(size) * dip of uniform values."""
    rng = np.random.default_rng([seed, size])
    dips = [dip(np.sort(rng.random(size))) for _ in range(samples)]
    return [float(round(value, 4)) for value in np.quantile(dips, SHARES) * np.sqrt(size)]


def main() -> None:
    """Print them as Python."""
    for size in SIZES:
        sys.stdout.write(f"    {size}: {tuple(quantiles(size))},\n")


if __name__ == "__main__":
    main()
