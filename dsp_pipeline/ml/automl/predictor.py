"""Predictions for new rows from a model's files."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import polars as pl

from dsp_pipeline.core.errors import PredictionError
from dsp_pipeline.ml.automl.artifact import Artifact, Manifest, unpack
from dsp_pipeline.ml.automl.encoding import encode
from dsp_pipeline.ml.automl.ranges import limits
from dsp_pipeline.ml.automl.scorers import respond
from dsp_pipeline.ml.automl.task import is_classes
from dsp_pipeline.ml.automl.threshold import called

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dsp_pipeline.core.artifacts.reading import ColumnReading, Dtype
    from dsp_pipeline.ml.automl.arrays import Floats, Ints
    from dsp_pipeline.ml.automl.encoding import Matrix

_DTYPES: dict[Dtype, tuple[type[pl.DataType], ...]] = {
    "string": (pl.String, pl.Categorical, pl.Enum),
    "int64": (pl.Int64, pl.Int32, pl.Int16, pl.Int8, pl.UInt64, pl.UInt32, pl.UInt16, pl.UInt8),
    "float64": (pl.Float64, pl.Float32, pl.Int64, pl.Int32, pl.Decimal),
    "decimal": (pl.Decimal, pl.Float64, pl.Int64),
    "boolean": (pl.Boolean,),
    "date": (pl.Date,),
    "datetime": (pl.Datetime,),
    "time": (pl.Time,),
}


@dataclasses.dataclass(frozen=True)
class Mismatches:
    """How a table differs from what the model learnt from.

    Attributes:
        missing: Inputs that the table does not have; without these there is no prediction.
        extra: Columns that are no inputs; they are ignored.
        retyped: Inputs with another type, as (column, expected, found); their values are converted, and what
            cannot be converted counts as missing.
    """

    missing: tuple[str, ...]
    extra: tuple[str, ...]
    retyped: tuple[tuple[str, str, str], ...]


@dataclasses.dataclass(frozen=True)
class Predictor:
    """A model that was read back. Make one with `Predictor.load`."""

    artifact: Artifact

    @classmethod
    def load(cls, files: Mapping[str, bytes], *, threads: int = 1) -> Predictor:
        """The model in files.

        Args:
            files: File name to bytes, as in `Model.files`.
            threads: That predictions may use.

        Raises:
            PredictionError: There is no model, or a file of it is missing or damaged.
        """
        return cls(unpack(files, threads=threads))

    @property
    def manifest(self) -> Manifest:
        """What the model predicts, and from what."""
        return self.artifact.manifest

    @property
    def columns(self) -> list[ColumnReading]:
        """The columns that `predict` needs, each with how its text is read from a CSV."""
        return list(self.artifact.manifest.inputs)

    def mismatches(self, table: pl.DataFrame) -> Mismatches:
        """How a table differs from what the model learnt from; the target itself is never extra."""
        needed = {column.name: column.dtype for column in self.columns}
        known = {*needed, self.manifest.target}
        schema = table.schema
        return Mismatches(
            missing=tuple(name for name in needed if name not in schema),
            extra=tuple(name for name in schema if name not in known),
            retyped=tuple(
                (name, dtype, str(schema[name]))
                for name, dtype in needed.items()
                if name in schema and schema[name].base_type() not in _DTYPES[dtype]
            ),
        )

    def predict(self, table: pl.DataFrame) -> pl.DataFrame:
        """Predictions, one row per row of the table and in its order.

        Returns:
            ``prediction`` in the target's own type; for classes ``proba_<class>`` for each; for quantities
            ``lower`` and ``upper``, the range that holds the truth in 90 % of rows.

        Raises:
            PredictionError: The table lacks columns that the model needs; all of them are named.
        """
        missing = self.mismatches(table).missing
        if missing:
            named = ", ".join(f"'{name}'" for name in missing)
            raise PredictionError(
                f"the model needs {'a column' if len(missing) == 1 else 'columns'} that the table lacks: {named}",
                where="header",
                remedy="Add what is missing (empty cells are fine), or rename the columns to these names",
            )
        return self.predictions(self.respond(table))

    def matrix(self, table: pl.DataFrame) -> Matrix:
        """The inputs of a table that has all columns which the model needs."""
        return encode(table, self.artifact.encodings)

    def respond(self, table: pl.DataFrame) -> Floats:
        """Probabilities (rows, classes) or predicted quantities (rows, 1) of a table with all inputs."""
        return self.response(self.matrix(table))

    def response(self, matrix: Matrix) -> Floats:
        """The same of inputs."""
        return respond(self.manifest.task, self.artifact.scorer.margin(matrix))

    def predictions(self, response: Floats) -> pl.DataFrame:
        """What `predict` returns, from probabilities or predicted quantities."""
        if is_classes(self.manifest.task):
            return self._of_classes(response)
        return self._of_quantities(response[:, 0])

    def called(self, response: Floats) -> Ints:
        """The class that each row is called: the most probable one, or that which the model's threshold says."""
        return called(response, self.manifest.threshold)

    def _of_classes(self, response: Floats) -> pl.DataFrame:
        classes = self.manifest.classes
        labels = pl.Series("prediction", list(classes), pl.String)[self.called(response)]
        if self.manifest.target_dtype == "Boolean":
            labels = labels == "true"
        elif self.manifest.target_dtype.startswith(("Int", "UInt", "Float")):
            labels = labels.cast(pl.Float64 if self.manifest.target_dtype.startswith("Float") else pl.Int64)
        probabilities = [pl.Series(f"proba_{name}", response[:, index]) for index, name in enumerate(classes)]
        return pl.DataFrame([labels.alias("prediction"), *probabilities])

    def _of_quantities(self, predicted: Floats) -> pl.DataFrame:
        result = pl.DataFrame({"prediction": predicted})
        half = self.manifest.half_width
        if half is None:
            return result.with_columns(lower=pl.lit(None, pl.Float64), upper=pl.lit(None, pl.Float64))
        low, high = limits(self.manifest.task, predicted, half)
        return result.with_columns(pl.Series("lower", low), pl.Series("upper", high))
