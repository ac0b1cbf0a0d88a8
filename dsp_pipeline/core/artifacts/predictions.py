"""`predictions.json`: which model predicted which rows, and what was unexpected about these. It holds no cell."""

from __future__ import annotations

from dsp_pipeline.core.artifacts import ArtifactModel
from dsp_pipeline.core.sidecar import Task


class Retyped(ArtifactModel):
    """An input whose cells are not written as in the table that the model learnt from.

    ``expected`` is how the model's table had it, ``found`` how it was read here. ``unread`` cells could not be
    read either way and count as missing; ``lines`` are the first few of theirs.
    """

    column: str
    expected: str
    found: str
    unread: int
    lines: list[int]
    text: str


class UnreadRows(ArtifactModel):
    """Rows without a prediction, since they do not fit the table; they are passed on with the reason."""

    reason: str
    rows: int
    lines: list[int]


class Predictions(ArtifactModel):
    """What became of a file of rows. ``rows = rows_predicted + rows_unread``.

    ``columns`` are the ones that were added, in their order. ``threshold`` is the probability from which on the
    second of two classes is called; None where the most probable class is. ``reasons`` says what the reasons'
    figures measure, or why there are none. ``new_labels`` counts, by column, the cells whose label the model
    never saw.
    """

    dataset: str = ""
    version: str = ""
    key: str = ""
    etag: str = ""
    sha256: str = ""
    model: str
    task: Task
    target: str
    threshold: float | None = None
    rows: int
    rows_predicted: int
    rows_unread: int
    columns: list[str]
    reasons: str
    extra: list[str] = []
    retyped: list[Retyped] = []
    new_labels: dict[str, int] = {}
    unread: list[UnreadRows] = []
    code_version: str = ""

    def remarks(self) -> list[str]:
        """What a person should know, in sentences without a full stop."""
        told = [each.text for each in self.retyped]
        told += [f"{each.rows:,} {_rows(each.rows)} not predicted: {each.reason}" for each in self.unread]
        told += [
            f"'{column}' has {cells:,} {'label' if cells == 1 else 'labels'} that the model never saw; they count"
            " as missing"
            for column, cells in self.new_labels.items()
        ]
        if self.extra:
            told.append(f"the model does not use these columns, they are passed on: {', '.join(self.extra)}")
        return told


def _rows(count: int) -> str:
    return "row is" if count == 1 else "rows are"
