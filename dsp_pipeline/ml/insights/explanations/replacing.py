"""What the model would predict for rows if one of their columns were different."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.ml.automl.encoding import encode
from dsp_pipeline.ml.automl.scorers import respond
from dsp_pipeline.ml.automl.task import is_classes

if TYPE_CHECKING:
    import polars as pl

    from dsp_pipeline.ml.automl.arrays import Floats
    from dsp_pipeline.ml.automl.artifact import Artifact
    from dsp_pipeline.ml.automl.encoding import Matrix


@dataclasses.dataclass(frozen=True)
class Replaced:
    """Rows whose columns can be replaced one at a time.

    Attributes:
        artifact: The model.
        table: The rows.
        matrix: Their inputs.
        shown: Which of the probabilities is looked at; 0 for quantities.
    """

    artifact: Artifact
    table: pl.DataFrame
    matrix: Matrix
    shown: int

    @classmethod
    def of(cls, artifact: Artifact, table: pl.DataFrame) -> Replaced:
        """Rows of a table; of two classes the second one is looked at, of more the one called most often."""
        matrix = encode(table, artifact.encodings)
        shown = 0
        if is_classes(artifact.manifest.task):
            response = respond(artifact.manifest.task, artifact.scorer.margin(matrix))
            called = np.bincount(response.argmax(axis=1), minlength=response.shape[1])
            shown = 1 if response.shape[1] == 2 else int(called.argmax())  # noqa: PLR2004 - what binary means
        return cls(artifact, table, matrix, shown)

    @property
    def unit(self) -> str:
        """What predictions are in, in words."""
        manifest = self.artifact.manifest
        if is_classes(manifest.task):
            return f"probability that {manifest.target} is {manifest.classes[self.shown]}"
        return f"predicted {manifest.target}"

    def predict(self, column: str, values: pl.Series) -> Floats:
        """Predictions of the rows with ``values`` in the column, as many as there are rows or a multiple.

        Rows are repeated as often as it takes: the first ``height`` values go to the rows once, and so on.
        """
        encodings = [each for each in self.artifact.encodings if each.column == column]
        times = values.len() // self.table.height
        inputs = np.tile(self.matrix.values, (times, 1))
        places = [place for place, name in enumerate(self.matrix.columns) if name == column]
        inputs[:, places] = encode(values.alias(column).to_frame(), encodings).values
        margin = self.artifact.scorer.margin(dataclasses.replace(self.matrix, values=inputs))
        return np.asarray(respond(self.artifact.manifest.task, margin)[:, self.shown])
