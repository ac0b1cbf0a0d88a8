"""Average ranks by counting, so that re-ranking on a subset of rows costs no further sort."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from dsp_pipeline.ml.statistics.arrays import Booleans, Floats, Integers


SINGLE_THREAD_PRODUCTS = 250_000
"""Products a matrix multiplication may have for BLAS to stay in one thread: others spin longer than they work."""

_A_FEW = 100
_SAFE_LOW, _SAFE_HIGH = 1e-120, 1e120


def dense_codes(values: Floats) -> Integers:
    """Each value's position among the distinct ones in ascending order, from 0; -1 where NaN."""
    valid = ~np.isnan(values)
    if len(values) and valid.all():
        return _dense(values)
    codes = np.full(len(values), -1, dtype=np.int64)
    kept = values[valid]
    if len(kept):
        codes[valid] = _dense(kept)
    return codes


def _dense(values: Floats) -> Integers:
    """`dense_codes` of one value at least, none missing."""
    low = values.min()
    with np.errstate(invalid="ignore", over="ignore"):
        span = values.max() - low
    if span < len(values) and are_whole(values):
        places = (values - low).astype(np.int64)
        seen = np.bincount(places) > 0
        return np.asarray((np.cumsum(seen) - 1)[places])
    order = np.argsort(values)
    ordered = values[order]
    steps = np.empty(len(ordered), dtype=np.int64)
    steps[0] = 0
    np.cumsum(ordered[1:] != ordered[:-1], out=steps[1:])
    codes = np.empty_like(steps)
    codes[order] = steps
    return codes


def are_whole(values: Floats) -> bool:
    """Whether all are whole numbers: those in a narrow range are counted, sorting costs twice as much."""
    return all(bool((part == np.floor(part)).all()) for part in (values[:_A_FEW], values))


def average_ranks(codes: Integers, rows: Booleans | None = None) -> Floats:
    """Ranks from 1, ties sharing their mean, of the chosen rows.

    Args:
        codes: What `dense_codes` returned; no -1 among the chosen rows.
        rows: Which rows to rank; all if None.
    """
    chosen = codes if rows is None else codes[rows]
    counts = np.bincount(chosen)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[chosen])


def standardised(values: Floats) -> Floats | None:
    """The values shifted to mean 0 and scaled to mean square 1; None if they do not vary."""
    if not len(values):
        return None
    low, high = float(values.min()), float(values.max())
    if low == high:
        return None
    largest = max(-low, high)
    # Squares of such values would overflow or vanish.
    scale = largest if not _SAFE_LOW < largest < _SAFE_HIGH else 1.0
    centred = values / scale if scale != 1 else values
    centred = centred - centred.mean()
    centred -= centred.mean()
    spread = np.sqrt(dot(centred, centred) / len(centred))
    if not spread > 0:
        return None
    centred /= spread
    return np.asarray(centred)


def dot(a: Floats, b: Floats) -> float:
    """The sum of products, in one thread: BLAS would start others, which then spin for 20 ms after each call."""
    return float(np.einsum("i,i->", a, b))
