"""Which columns are missing together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.profile import MissingPattern

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.ml.statistics.arrays import Column

MOST_PATTERNS = 20
_KEYS_SEED = 20_240_229


def missing_patterns(columns: Sequence[Column]) -> list[MissingPattern]:
    """The sets of columns that are missing together, commonest first, at most `MOST_PATTERNS`.

    Each row gets the exclusive or of random 64-bit keys of its missing columns, so that memory does not grow with
    the columns; two different sets share a key with a chance of about 1 in 10^19.
    """
    gappy = [column for column in columns if column.missing.any()]
    if not gappy:
        return []
    keys = np.random.default_rng(_KEYS_SEED).integers(1, 2**63, size=len(gappy), dtype=np.uint64)
    marks = np.zeros(len(gappy[0].missing), dtype=np.uint64)
    for column, key in zip(gappy, keys, strict=True):
        marks ^= np.where(column.missing, key, np.uint64(0))
    found, first, counts = np.unique(marks, return_index=True, return_counts=True)
    patterns = [
        MissingPattern(columns=[column.name for column in gappy if column.missing[row]], rows=int(count))
        for mark, row, count in sorted(
            zip(found, first, counts, strict=True), key=lambda item: (-item[2], item[1])
        )[: MOST_PATTERNS + 1]
        if mark
    ]
    return patterns[:MOST_PATTERNS]
