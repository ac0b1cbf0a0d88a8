"""From a table to rows that are learnt from and rows that judge: what the trainer and the explainer share.

All of it follows from the table, the sidecar and the seed, so that nothing of it has to be stored.
"""

from __future__ import annotations

import dataclasses
import difflib
from typing import TYPE_CHECKING

from dsp_pipeline.core.errors import SidecarError
from dsp_pipeline.ml.automl.split import bounded, divide, order_note

if TYPE_CHECKING:
    from dsp_pipeline.core.kinds import ColumnKind
    from dsp_pipeline.etl.tables import ValidatedTable
    from dsp_pipeline.ml.automl.arrays import Ints
    from dsp_pipeline.ml.automl.outcome import Outcome
    from dsp_pipeline.ml.automl.split import Division


@dataclasses.dataclass(frozen=True)
class Prepared:
    """The rows in use and their division. The division's positions index the outcome's rows."""

    outcome: Outcome
    division: Division

    @property
    def train_rows(self) -> Ints:
        """The table's rows that are learnt from."""
        return self.outcome.rows[self.division.train]

    @property
    def holdout_rows(self) -> Ints:
        """The table's rows that judge."""
        return self.outcome.rows[self.division.holdout]


def kinds_of(validated: ValidatedTable) -> dict[str, ColumnKind]:
    """The kind of each of the table's columns, as it was read."""
    kinds = {column.name: column.kind for column in validated.reading.columns}
    return {name: kinds[name] for name in validated.table.columns}


def prepare(validated: ValidatedTable, outcome: Outcome, *, rows_limit: int, seed: int) -> Prepared:
    """The outcome's rows, bounded and divided."""
    used = bounded(outcome, rows_limit, seed)
    division = divide(validated.table, used, validated.sidecar, seed)
    note = order_note(validated.table, used, division)
    if note is not None:
        used = dataclasses.replace(used, notes=(*used.notes, note))
    return Prepared(used, division)


def require_column(validated: ValidatedTable, column: str) -> None:
    """Check that a column which was asked for is there.

    Raises:
        SidecarError: It is not; the message names the nearest one.
    """
    table = validated.table
    if column in table.columns:
        return
    if column in validated.validation.ignored_columns:
        raise SidecarError(
            f"the target '{column}' is among the ignored columns",
            where="target",
            remedy="Take it out of 'ignore', or name another target",
        )
    nearest = difflib.get_close_matches(column, table.columns, n=1, cutoff=0.4)
    known = f"did you mean '{nearest[0]}'" if nearest else f"the table has {', '.join(table.columns[:10])}"
    raise SidecarError(
        f"the target '{column}' is no column of the table; {known}",
        where="target",
        remedy="Name a column of the table, or leave the target out to have one proposed",
    )
