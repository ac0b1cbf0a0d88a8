"""What may be shown of a validated table that has no profile yet: its columns are judged by some of their rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.profile import ColumnProfile
from dsp_pipeline.ml.privacy.publication import Publication
from dsp_pipeline.ml.statistics.arrays import columns_of
from dsp_pipeline.ml.statistics.meanings.meaning import meaning_of

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.profile import Meaning
    from dsp_pipeline.etl.tables import ValidatedTable
    from dsp_pipeline.ml.statistics.arrays import Column

MOST_ROWS = 20_000


def publication_of(validated: ValidatedTable) -> Publication:
    """What may be shown, judged as the profile will, by at most 20,000 evenly spaced rows."""
    if validated.sidecar.personal_data == "allow":
        return Publication.of_meanings(validated.sidecar, {})
    step = max(1, -(-validated.stored.height // MOST_ROWS))
    few = validated.stored.scan().gather_every(step).collect()
    return Publication.of_meanings(
        validated.sidecar, {column.name: _meaning(column) for column in columns_of(validated, few)}
    )


def _meaning(column: Column) -> Meaning:
    ordered = None
    if column.has_numbers:
        ordered = np.sort(column.finite[~np.isnan(column.finite)])
    missing = int(column.missing.sum())
    counted = ColumnProfile(
        kind=column.kind,
        dtype=column.dtype,
        count=len(column.series) - missing,
        missing=missing,
        distinct=column.series.drop_nulls().n_unique(),
        statistics={},
    )
    return meaning_of(column, counted, ordered, masks=True)
