"""Linear models as plain coefficients; `linear_fit` fits them.

Inputs are expanded first: numbers standardised with the mean in place of missing values, how far they lie above
a few of their quantiles (so that a line may bend there), a flag where an input was missing in training, and one
flag per common level of a category. All expanded inputs have mean 0 and standard deviation 1 in training, so a
coefficient times its input is that input's exact interventional SHAP value. Products of two of them may be added
(`products`), which are explained as exactly.
"""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Literal

import numpy as np

from dsp_pipeline.ml.automl.products import Products

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dsp_pipeline.ml.automl.arrays import Floats
    from dsp_pipeline.ml.automl.encoding import Matrix

FILE = "linear.json"
CLIP = 8.0
"""Standard deviations beyond which an input counts as that far: one wild value must not swing a prediction."""


@dataclasses.dataclass(frozen=True)
class Term:
    """One expanded input: an input's value, how far it lies above a knot, whether it is missing, or one level."""

    input: int
    kind: Literal["value", "above", "missing", "level"]
    level: int
    fill: float
    mean: float
    scale: float
    knot: float = 0.0


@dataclasses.dataclass(frozen=True)
class Linear:
    """A linear margin: coefficients of shape (outputs, terms), intercepts of shape (outputs,), maybe products."""

    terms: tuple[Term, ...]
    coefficients: Floats
    intercepts: Floats
    products: Products | None = None

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
        return 1e-8 * (self.coefficients.size + (0 if self.products is None else self.products.weights.size))

    @property
    def interact_seconds(self) -> float:
        """About how many CPU-seconds all interactions take per row."""
        return 2 * len({term.input for term in self.terms}) * self.explain_seconds

    def margin(self, matrix: Matrix) -> Floats:
        """Intercepts plus coefficients times inputs, shape (rows, outputs)."""
        expanded = expand(matrix, self.terms)
        sums = expanded @ self.coefficients.T + self.intercepts
        return np.asarray(sums if self.products is None else sums + self.products.parts(expanded).sum(axis=2))

    def contributions(self, matrix: Matrix) -> Floats:
        """Each input's part of the margin, shape (rows, outputs, inputs + 1); the intercept comes last."""
        expanded = expand(matrix, self.terms)
        parts = expanded[:, None, :] * self.coefficients[None, :, :]
        if self.products is not None:
            parts += self.products.parts(expanded)
        rows, inputs = matrix.values.shape
        result = np.zeros((rows, self.intercepts.size, inputs + 1))
        for position, term in enumerate(self.terms):
            result[:, :, term.input] += parts[:, :, position]
        result[:, :, -1] = self.intercepts
        return result

    def to_files(self) -> dict[str, bytes]:
        """The coefficients as JSON."""
        said: dict[str, object] = {
            "terms": [dataclasses.asdict(term) for term in self.terms],
            "coefficients": self.coefficients.tolist(),
            "intercepts": self.intercepts.tolist(),
        }
        if self.products is not None:
            said["products"] = self.products.said()
        return {FILE: json.dumps(said).encode() + b"\n"}

    @classmethod
    def from_files(cls, files: Mapping[str, bytes]) -> Linear:
        """The model in an artifact's files."""
        said = json.loads(files[FILE])
        terms = tuple(Term(**term) for term in said["terms"])
        products = Products.of(said["products"]) if "products" in said else None
        coefficients = np.array(said["coefficients"], np.float64).reshape(len(said["intercepts"]), len(terms))
        return cls(terms, coefficients, np.array(said["intercepts"], np.float64), products)


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
            if term.kind == "above":
                column = np.maximum(column - term.knot, 0.0)
        result[:, position] = np.clip((column - term.mean) / term.scale, -CLIP, CLIP)
    return result
