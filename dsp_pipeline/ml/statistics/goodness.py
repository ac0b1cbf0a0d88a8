"""How far values lie from a fitted family, and how surprising that is: Kolmogorov-Smirnov with an honest p.

Parameters that were estimated from the values bring the family nearer to them, so that the plain table's p is
far too large (Lilliefors 1967, JASA 62:399-402). Here samples of the fitted family are drawn, fitted again, and
their distances taken for comparison (the parametric bootstrap; Stute, Gonzales Manteiga and Presedo Quindimil
1993, Metrika 40:243-256).
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.ml.statistics.families import CONTINUOUS, NORMAL
from dsp_pipeline.ml.statistics.samples import sample_rows

if TYPE_CHECKING:
    from dsp_pipeline.ml.statistics.arrays import Floats, Integers
    from dsp_pipeline.ml.statistics.count_families import CountFamily
    from dsp_pipeline.ml.statistics.families import Family, Parameters

MOST_TESTED = 500
"""Values at most that a test looks at: more only find ever smaller departures, which the distance says better."""

_MOST_BOOTSTRAPPED = 250
_PIVOTAL_SAMPLES, _SAMPLES = 999, 199
_SIZES = tuple(sorted({round(30 * 1.25**step) for step in range(13)} | {_MOST_BOOTSTRAPPED, MOST_TESTED}))
_MOST_CELLS = 400
_TAIL = 1e-9


def distances(shares: Floats) -> Floats:
    """The largest gap between steps of cumulative shares and the family's, for each row of ascending shares."""
    count = shares.shape[1]
    after = np.arange(1, count + 1) / count
    return np.asarray(np.maximum((after - shares).max(axis=1), (shares - after + 1 / count).max(axis=1)))


def distance(positions: Integers, count: int, shares: Floats) -> float:
    """The same for values that stand at some positions of a longer column of so many values."""
    return float(max(((positions + 1) / count - shares).max(), (shares - positions / count).max()))


def tested(ordered: Floats, *, pivotal: bool) -> Floats:
    """The values that are tested: a random sample whose size is one of a few, in ascending order.

    A distance's distribution depends on how many values there are. With few sizes it is drawn once for many
    columns.
    """
    most = min(len(ordered), MOST_TESTED if pivotal else _MOST_BOOTSTRAPPED)
    size = max(size for size in _SIZES if size <= most)
    return np.asarray(ordered[sample_rows(len(ordered), size, [len(ordered), size])])


def p_value(family: Family, values: Floats) -> float | None:
    """The share of samples of the fitted family that lie as far from their own fit as these values do from theirs.

    Args:
        family: What the values may come from.
        values: What `tested` chose.

    Returns:
        None where the values cannot be fitted.
    """
    fitted = family.estimate(values[None, :])
    found = _found(family, values[None, :], fitted)[0]
    if not np.isfinite(found):
        return None
    if family.pivotal:
        null = pivotal_null(family.name, len(values))
    else:
        rng = np.random.default_rng([len(values), 5])
        null = _null(family, fitted, len(values), _SAMPLES, rng)
    if len(null) < _SAMPLES // 2:
        return None
    return float((1 + np.count_nonzero(null >= found)) / (1 + len(null)))


def _found(family: Family, rows: Floats, fitted: Parameters) -> Floats:
    return distances(family.cdf(rows, *fitted))


def _null(family: Family, fitted: Parameters, size: int, samples: int, rng: np.random.Generator) -> Floats:
    rows = np.sort(family.draw(rng, (samples, size), *fitted), axis=1)
    found = _found(family, rows, family.estimate(rows))
    return found[np.isfinite(found)]


_STANDARD: dict[str, tuple[float, ...]] = {"exponential": (1.0,), "Weibull": (1.0, 1.0), "Pareto": (1.0, 1.0)}


@functools.lru_cache(maxsize=256)
def pivotal_null(name: str, size: int) -> Floats:
    """Distances of samples of a family, whatever its parameters are; the logs of log-normal values are normal."""
    family = NORMAL if name == "log-normal" else next(each for each in CONTINUOUS if each.name == name)
    fitted = tuple(np.array([[value]]) for value in _STANDARD.get(name, (0.0, 1.0)))
    return _null(family, fitted, size, _PIVOTAL_SAMPLES, np.random.default_rng([size, 3]))


def normal_p(ordered: Floats) -> float | None:
    """The p of the values being normal, with both parameters estimated: Lilliefors's test."""
    return p_value(NORMAL, tested(ordered, pivotal=True)) if NORMAL.suits(ordered) else None


def count_distance(family: CountFamily, k: Floats, counts: Floats, fitted: Parameters) -> Floats:
    """The largest gap between cumulative shares of counts and the family's, for each row."""
    shares = np.exp(family.log_share(k, *fitted))
    observed = np.cumsum(counts, axis=1) / counts.sum(axis=1, keepdims=True)
    return np.asarray(np.abs(observed - np.cumsum(shares, axis=1)).max(axis=1))


def count_p_value(family: CountFamily, k: Floats, counts: Floats, fitted: Parameters) -> float | None:
    """As `p_value`, for all the counts of a column.

    Args:
        family: What the counts may come from.
        k: The row 0, 1, 2 ... up to the largest count.
        counts: The row of how often each occurs.
        fitted: The family's parameters.
    """
    found = float(count_distance(family, k, counts, fitted)[0])
    wide = np.arange(_MOST_CELLS, dtype=np.float64)[None, :]
    shares = np.exp(family.log_share(wide, *fitted))[0]
    kept = int(np.searchsorted(np.cumsum(shares), 1 - _TAIL)) + 1
    if not np.isfinite(found) or kept >= _MOST_CELLS:
        return None
    rng = np.random.default_rng([int(counts.sum()), 7])
    drawn = rng.multinomial(int(counts.sum()), shares[:kept] / shares[:kept].sum(), size=_SAMPLES).astype(
        np.float64
    )
    seen = int(np.flatnonzero(drawn.any(axis=0))[-1]) + 1
    rows, cells = drawn[:, :seen], wide[:, :seen]
    null = count_distance(family, cells, rows, family.estimate(cells, rows))
    null = null[np.isfinite(null)]
    if len(null) < _SAMPLES // 2:
        return None
    # The same sums in another order must not count as a larger distance.
    return float((1 + np.count_nonzero(null >= found * (1 - 1e-12))) / (1 + len(null)))
