"""Linear models as plain coefficients; `linear_fit` fits them.

Inputs are expanded first: numbers standardised with the mean in place of missing values, a flag where an input was
missing in training, and one flag per common level of a category. All expanded inputs have mean 0 and standard
deviation 1 in training, so a coefficient times its input is that input's exact interventional SHAP value.
"""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dsp_pipeline.ml.automl.arrays import Floats
    from dsp_pipeline.ml.automl.encoding import Matrix

FILE = "linear.json"
_CLIP = 8.0
"""Standard deviations beyond which an input counts as that far: one wild value must not swing a prediction."""


@dataclasses.dataclass(frozen=True)
class Term:
    """One expanded input: an input's value, whether it is missing, or whether it is one level."""

    input: int
    kind: Literal["value", "missing", "level"]
    level: int
    fill: float
    mean: float
    scale: float


@dataclasses.dataclass(frozen=True)
class Linear:
    """A linear margin: coefficients of shape (outputs, terms), intercepts of shape (outputs,)."""

    terms: tuple[Term, ...]
    coefficients: Floats
    intercepts: Floats

    @property
    def kind(self) -> Literal["linear"]:
        """What the manifest calls it."""
        return "linear"

    @property
    def method(self) -> str:
        """How contributions are computed."""
        return "linear SHAP (exact, interventional)"

    @property
    def explain_seconds(self) -> float:
        """About how many CPU-seconds `contributions` takes per row: a few nanoseconds per coefficient."""
        return 1e-8 * self.coefficients.size

    def margin(self, matrix: Matrix) -> Floats:
        """Intercepts plus coefficients times inputs, shape (rows, outputs)."""
        return np.asarray(expand(matrix, self.terms) @ self.coefficients.T + self.intercepts)

    def contributions(self, matrix: Matrix) -> Floats:
        """Each input's part of the margin, shape (rows, outputs, inputs + 1); the intercept comes last."""
        expanded = expand(matrix, self.terms)
        rows, inputs = matrix.values.shape
        result = np.zeros((rows, self.intercepts.size, inputs + 1))
        for position, term in enumerate(self.terms):
            result[:, :, term.input] += expanded[:, position, None] * self.coefficients[None, :, position]
        result[:, :, -1] = self.intercepts
        return result

    def to_files(self) -> dict[str, bytes]:
        """The coefficients as JSON."""
        said = {
            "terms": [dataclasses.asdict(term) for term in self.terms],
            "coefficients": self.coefficients.tolist(),
            "intercepts": self.intercepts.tolist(),
        }
        return {FILE: json.dumps(said, indent=1).encode() + b"\n"}

    @classmethod
    def from_files(cls, files: Mapping[str, bytes]) -> Linear:
        """The model in an artifact's files."""
        said = json.loads(files[FILE])
        terms = tuple(Term(**term) for term in said["terms"])
        return cls(terms, np.array(said["coefficients"], np.float64), np.array(said["intercepts"], np.float64))


def expand(matrix: Matrix, terms: tuple[Term, ...]) -> Floats:
    """The expanded inputs of any rows, shape (rows, terms)."""
    result = np.empty((matrix.values.shape[0], len(terms)), order="F")
    for position, term in enumerate(terms):
        column = matrix.values[:, term.input].astype(np.float64)
        missing = np.isnan(column)
        if term.kind == "missing":
            column = missing.astype(np.float64)
        elif term.kind == "level":
            column = (column == term.level).astype(np.float64)
        else:
            column = np.where(missing, term.fill, column)
        result[:, position] = np.clip((column - term.mean) / term.scale, -_CLIP, _CLIP)
    return result
