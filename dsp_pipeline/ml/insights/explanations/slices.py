"""Parts of a table by one column: a label, a quarter of the numbers, the missing values."""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dsp_pipeline.core.numbers import marked, written
from dsp_pipeline.ml.automl.encoding import encode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsp_pipeline.ml.automl.arrays import Bools, Floats
    from dsp_pipeline.ml.automl.features import Encoding

_QUARTERS = 4
_MAX_LEVELS = 50
LABELS = frozenset({"category", "flag"})


@dataclasses.dataclass(frozen=True)
class Slice:
    """Rows that have something in common: what it is in words, the column, and which rows they are."""

    description: str
    column: str
    mask: Bools


def slices_of(table: pl.DataFrame, encoding: Encoding) -> Iterator[Slice]:
    """A column's labels, or the quarters of its numbers, and its missing values."""
    name = encoding.column
    column = table[name]
    yield Slice(f"{name} is missing", name, column.is_null().to_numpy())
    if encoding.encoding in LABELS:
        labels = column.cast(pl.String)
        known = encoding.levels or ("true", "false")
        for label in known[:_MAX_LEVELS]:
            said = marked(label) if column.dtype.is_numeric() else label
            yield Slice(f"{name} is {said}", name, (labels == label).fill_null(value=False).to_numpy())
    elif encoding.encoding == "number":
        yield from _quarters(name, encode(table, [encoding]).values[:, 0].astype(np.float64))


def _quarters(name: str, values: Floats) -> Iterator[Slice]:
    present = values[~np.isnan(values)]
    if present.size == 0:
        return
    edges = np.unique(np.quantile(present, np.linspace(0, 1, _QUARTERS + 1)[1:-1]))
    bounds = [-np.inf, *edges.tolist(), np.inf]
    for low, high in itertools.pairwise(bounds):
        yield Slice(_between(name, low, high), name, (values > low) & (values <= high))


def _between(name: str, low: float, high: float) -> str:
    if low == -np.inf:
        return f"{name} up to {written(high, '.4g')}"
    return (
        f"{name} above {written(low, '.4g')}"
        if high == np.inf
        else f"{name} above {written(low, '.4g')} up to {written(high, '.4g')}"
    )
