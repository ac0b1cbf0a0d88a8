"""What a page needs to let its reader change a row: the model, the columns, and rows to start from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from dsp_pipeline.core.artifacts.what_if import WhatIf, WhatIfColumn, WhatIfRow
from dsp_pipeline.ml.automl.encoding import encode
from dsp_pipeline.ml.insights.explanations.cells import cells_of
from dsp_pipeline.ml.insights.explanations.counterfactuals import positions_of
from dsp_pipeline.ml.insights.explanations.portable import NotPortableError, portable
from dsp_pipeline.ml.insights.explanations.words import outcomes_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.core.artifacts.explanations import ExplainedRow
    from dsp_pipeline.ml.automl.artifact import Artifact
    from dsp_pipeline.ml.automl.features import Encoding
    from dsp_pipeline.ml.insights.explanations.counterfactuals import Neighbours

_TEXT_LENGTH = 2_000


def what_if(
    table: pl.DataFrame, artifact: Artifact, neighbours: Neighbours, shown: Sequence[ExplainedRow]
) -> WhatIf:
    """The model as a page can carry it, with the rows that are explained and their counterfactual ones.

    Where the model cannot be carried, the reason is there instead.
    """
    try:
        model = portable(artifact)
    except NotPortableError as error:
        return WhatIf(model=None, reason=str(error))
    return WhatIf(
        model=model,
        columns=[_column(table[each.column], each) for each in artifact.encodings],
        rows=_rows(table, artifact, neighbours, shown),
    )


def _column(values: pl.Series, each: Encoding) -> WhatIfColumn:
    """A column's control; what its values span is taken as cells are."""
    if each.encoding in {"flag", "category", "text"}:
        return WhatIfColumn(name=each.column, control=each.encoding)
    ends = pl.DataFrame([values]).select(
        pl.col(each.column).min().alias("low"), pl.col(each.column).max().alias("high")
    )
    if values.dtype.is_float():
        finite = values.filter(values.is_finite())
        ends = pl.DataFrame({"low": [finite.min()], "high": [finite.max()]})
    low, high = (cells_of(ends.select(pl.col(end).alias(each.column)), [each])[0][0] for end in ("low", "high"))
    return WhatIfColumn(
        name=each.column,
        control=each.encoding,
        low=low,
        high=high,
        whole=values.dtype.is_integer(),
    )


def _rows(
    table: pl.DataFrame, artifact: Artifact, neighbours: Neighbours, shown: Sequence[ExplainedRow]
) -> list[WhatIfRow]:
    """The explained rows, then those that stand against them. Long texts are cut, for the margin too."""
    found = neighbours.found
    starts = positions_of(found, [each.row for each in shown])
    against = {start: [at for at, _ in neighbours.nearest(start)] for start in starts}
    others = [at for at in dict.fromkeys(at for each in against.values() for at in each) if at not in starts]
    positions = [*starts, *others]
    places = {at: place for place, at in enumerate(positions)}
    reasons = {start: each.worded("why_shown") for start, each in zip(starts, shown, strict=True)}
    cut = table[[int(found.rows[at]) for at in positions]].with_columns(
        pl.col(pl.String).str.slice(0, _TEXT_LENGTH)
    )
    margins = artifact.scorer.margin(encode(cut, artifact.encodings))
    return [
        WhatIfRow(
            row=int(found.rows[at]),
            why_shown=reasons.get(at, ""),
            actual=outcomes_of(found, at)[1],
            nearest=[places[other] for other in against.get(at, [])],
            cells=cells,
            margin=[float(value) for value in margin],
        )
        for at, cells, margin in zip(positions, cells_of(cut, artifact.encodings), margins, strict=True)
    ]
