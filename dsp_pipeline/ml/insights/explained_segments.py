"""Parts of the hold-out where the model errs more than overall."""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dsp_pipeline.core.artifacts.explanations import Segment
from dsp_pipeline.ml.automl.encoding import encode
from dsp_pipeline.ml.automl.metrics import losses, score

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dsp_pipeline.core.sidecar import Task
    from dsp_pipeline.ml.automl.arrays import Bools, Floats
    from dsp_pipeline.ml.automl.features import Encoding

_MIN_ROWS = 30
_MIN_SHARE = 0.02
_MAX_SHARE = 0.5
_QUARTERS = 4
_FAMILY_ERROR = 0.05
_WORSE_BY = 1.1
_MAX_SEGMENTS = 6
_MAX_LEVELS = 50


@dataclasses.dataclass(frozen=True)
class _Slice:
    description: str
    column: str
    mask: Bools


def weak_segments(
    table: pl.DataFrame, encodings: Sequence[Encoding], task: Task, y: Floats, response: Floats
) -> list[Segment]:
    """Slices by one column in which the headline metric is at least a tenth worse, the worst first.

    A slice has at least 30 rows and 2 % of them, and its mean loss exceeds that of the other rows by more than
    chance explains: a Welch test (Welch 1947) at 5 %, Bonferroni-adjusted for all slices that were looked at.

    Args:
        table: Rows of the hold-out.
        encodings: The model's inputs.
        task: The task.
        y: Class indices or quantities of these rows.
        response: What the model answers for them.
    """
    rows = losses(task, y, response)
    floor = max(_MIN_ROWS, round(_MIN_SHARE * rows.size))
    slices = [each for encoding in encodings for each in _slices(table, encoding) if _is_sized(each.mask, floor)]
    overall = score(task, rows)
    bound = _bound(len(slices))
    worst: dict[str, tuple[float, Segment]] = {}
    for each in slices:
        inside = score(task, rows[each.mask])
        surprise = _welch(rows[each.mask], rows[~each.mask])
        if inside < _WORSE_BY * overall or surprise < bound:
            continue
        segment = Segment(description=each.description, rows=int(each.mask.sum()), score=inside, overall=overall)
        if each.column not in worst or inside > worst[each.column][0]:
            worst[each.column] = (inside, segment)
    ranked = sorted(worst.values(), key=lambda item: (-item[0], item[1].description))
    return [segment for _, segment in ranked[:_MAX_SEGMENTS]]


def _is_sized(mask: Bools, floor: int) -> bool:
    return floor <= int(mask.sum()) <= _MAX_SHARE * mask.size


def _bound(tests: int) -> float:
    """The normal quantile that one of so many one-sided tests has to pass."""
    from scipy.special import ndtri  # noqa: PLC0415 - costs nothing beside XGBoost, and much where there is no model

    return float(ndtri(1 - _FAMILY_ERROR / max(tests, 1)))


def _welch(inside: Floats, outside: Floats) -> float:
    """The difference of the means in standard errors."""
    error = inside.var(ddof=1) / inside.size + outside.var(ddof=1) / outside.size
    return float((inside.mean() - outside.mean()) / np.sqrt(error)) if error > 0 else 0.0


def _slices(table: pl.DataFrame, encoding: Encoding) -> Iterator[_Slice]:
    """A column's labels, or the quarters of its numbers, and its missing values."""
    name = encoding.column
    column = table[name]
    missing = column.is_null().to_numpy()
    yield _Slice(f"{name} is missing", name, missing)
    if encoding.encoding in {"category", "flag"}:
        labels = column.cast(pl.String)
        known = encoding.levels or ("true", "false")
        for label in known[:_MAX_LEVELS]:
            yield _Slice(f"{name} is {label}", name, (labels == label).fill_null(value=False).to_numpy())
    elif encoding.encoding == "number":
        yield from _quarters(name, encode(table, [encoding]).values[:, 0].astype(np.float64))


def _quarters(name: str, values: Floats) -> Iterator[_Slice]:
    present = values[~np.isnan(values)]
    if present.size == 0:
        return
    edges = np.unique(np.quantile(present, np.linspace(0, 1, _QUARTERS + 1)[1:-1]))
    bounds = [-np.inf, *edges.tolist(), np.inf]
    for low, high in itertools.pairwise(bounds):
        yield _Slice(_between(name, low, high), name, (values > low) & (values <= high))


def _between(name: str, low: float, high: float) -> str:
    if low == -np.inf:
        return f"{name} up to {high:.4g}"
    return f"{name} above {low:.4g}" if high == np.inf else f"{name} above {low:.4g} up to {high:.4g}"
