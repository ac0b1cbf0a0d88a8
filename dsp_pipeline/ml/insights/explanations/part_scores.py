"""The headline metric in each part of the hold-out by one column, whether it is worse there or not.

Nothing is searched for or tested here: with a dozen parts one looks bad by chance. Which are worse beyond chance
is `segments`' question.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.explanations import ColumnScores, PartScore
from dsp_pipeline.ml.automl.bootstrap import Resamples
from dsp_pipeline.ml.automl.metrics import score, score_of_mean
from dsp_pipeline.ml.insights.explanations.slices import LABELS, slices_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.ml.automl.arrays import Floats
    from dsp_pipeline.ml.automl.features import Encoding
    from dsp_pipeline.ml.insights.explanations.segments import Judged
    from dsp_pipeline.ml.insights.explanations.slices import Slice

_MAX_COLUMNS = 8
_MAX_PARTS = 12
_MIN_ROWS = 30
_LEAST_PARTS = 2


def part_scores(judged: Judged, encodings: Sequence[Encoding], seed: int) -> list[ColumnScores]:
    """The headline metric by the labels, the quarters or the missing values of the strongest columns.

    Parts have at least 30 rows; of labels the 12 commonest are there. A column with a single such part says
    nothing and is left out. The 95 % intervals are bootstrap percentiles: rows are drawn, or clusters where rows
    tell of each other, the same draws for all parts (Efron 1979).

    Args:
        judged: Rows of the hold-out.
        encodings: The model's inputs, the strongest first.
        seed: Of the draws.
    """
    by_column = ((each.column, _parts(judged, each)) for each in encodings)
    told = (each for each in by_column if len(each[1]) >= _LEAST_PARTS)
    shown = list(itertools.islice(told, _MAX_COLUMNS))
    if not shown:
        return []
    rows = judged.losses
    masks = np.column_stack([part.mask for _, parts in shown for part in parts]).astype(np.float64)
    draws = Resamples.of(rows.size, judged.clusters, seed)
    intervals = draws.ratio_intervals(masks * rows[:, None], masks)
    ends = iter(zip(*intervals, strict=True))
    return [
        ColumnScores(
            column=column,
            parts=[_scored(judged, part, rows, *next(ends)) for part in parts],
            left_out=rows.size - sum(int(part.mask.sum()) for part in parts),
        )
        for column, parts in shown
    ]


def _parts(judged: Judged, encoding: Encoding) -> list[Slice]:
    """A column's parts that are large enough, missing values last; labels by how common they are."""
    missing, *others = slices_of(judged.table, encoding)
    if encoding.encoding in LABELS:
        others = sorted(others, key=lambda each: -int(each.mask.sum()))[:_MAX_PARTS]
    return [each for each in (*others, missing) if each.mask.sum() >= _MIN_ROWS]


def _scored(judged: Judged, part: Slice, rows: Floats, low: float, high: float) -> PartScore:
    is_sure = not np.isnan(low)
    return PartScore(
        description=part.description,
        rows=int(part.mask.sum()),
        score=score(judged.task, rows[part.mask]),
        ci_low=score_of_mean(judged.task, float(low)) if is_sure else None,
        ci_high=score_of_mean(judged.task, float(high)) if is_sure else None,
    )
