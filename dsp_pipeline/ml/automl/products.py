"""Products of pairs of a linear model's terms, as a quadratic form that is explained exactly.

With terms z whose expected values are 0, a product's interventional Shapley values have a closed form: of
q (z_i z_j - E[z_i z_j]) each of the two gets half, since z_i alone, the other one averaged over, adds
z_i E[z_j] = 0, and both together add all of it (Lundberg and Lee 2017, with the background's joint distribution).
Summed up over all products with a symmetric Q, term i has z_i (Qz)_i - sum_j Q_ij E[z_i z_j].
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from dsp_pipeline.ml.automl.arrays import Floats

REACH = 3.0
"""Standard deviations beyond which a factor counts as that far: products of far ones would swing predictions."""

_DIGITS = 9
_ROUNDING = 1e-6
_LEAST_SCALE = 1.0
"""Products are divided by no less. One that hardly ever differs from its mean would otherwise count as much as the
others, and swing the few predictions where it does (on scikit-learn's digits: log loss .08 instead of .05)."""


@dataclasses.dataclass(frozen=True)
class Products:
    """A quadratic form over terms.

    Attributes:
        centres: Each term's mean after it was cut off at the reach, shape (terms,).
        weights: Symmetric, shape (outputs, terms, terms).
        expected: What each term's part is on average in training, shape (outputs, terms).
    """

    centres: Floats
    weights: Floats
    expected: Floats

    def factors(self, expanded: Floats) -> Floats:
        """What is multiplied: the terms, cut off and centred; shape (rows, terms)."""
        return factors_of(expanded, self.centres)

    def parts(self, expanded: Floats) -> Floats:
        """Each term's part of the margin, shape (rows, outputs, terms); 0 on average in training."""
        factors = self.factors(expanded)
        return np.stack([factors * (factors @ each) for each in self.weights], axis=1) - self.expected

    def said(self) -> dict[str, object]:
        """The form as data: the upper triangles, row by row."""
        upper = np.triu_indices(self.centres.size)
        return {
            "reach": REACH,
            "centres": self.centres.tolist(),
            "weights": [each[upper].tolist() for each in self.weights],
            "expected": self.expected.tolist(),
        }

    @classmethod
    def of(cls, said: dict[str, Any]) -> Products:
        """The form in an artifact's data."""
        centres = np.array(said["centres"], np.float64)
        weights = np.zeros((len(said["weights"]), centres.size, centres.size))
        first, second = np.triu_indices(centres.size)
        for output, values in enumerate(said["weights"]):
            weights[output, first, second] = weights[output, second, first] = values
        return cls(centres, weights, np.array(said["expected"], np.float64))


def factors_of(expanded: Floats, centres: Floats) -> Floats:
    """Terms cut off at the reach, less their means after that."""
    return np.asarray(np.clip(expanded, -REACH, REACH) - centres)


@dataclasses.dataclass(frozen=True)
class ProductInputs:
    """All products of pairs of terms as inputs of a linear fit, and the way back from its coefficients.

    Attributes:
        values: Less the mean and divided by the scale, shape (rows, pairs); squares included, constants left out.
        centres: As in `Products`.
        first: Which term each pair's one factor is; ``second`` the other one.
        second: See there.
        means: Each product's mean in training.
        scales: Its standard deviation, or 1 if that is less.
    """

    values: Floats
    centres: Floats
    first: Floats
    second: Floats
    means: Floats
    scales: Floats

    @classmethod
    def of(cls, expanded: Floats) -> ProductInputs:
        """The products of training rows' terms."""
        centres = np.clip(expanded, -REACH, REACH).mean(axis=0)
        factors = factors_of(expanded, centres)
        first, second = np.triu_indices(centres.size)
        values = factors[:, first] * factors[:, second]
        means, spreads = values.mean(axis=0), values.std(axis=0)
        varied = spreads > _ROUNDING
        scales = np.maximum(spreads[varied], _LEAST_SCALE)
        values = (values[:, varied] - means[varied]) / scales
        return cls(values, centres, first[varied], second[varied], means[varied], scales)

    def form(self, coefficients: Floats) -> Products:
        """The quadratic form of coefficients, shape (outputs, pairs)."""
        terms = self.centres.size
        weights = np.zeros((coefficients.shape[0], terms, terms))
        means = np.zeros((terms, terms))
        # A product of two different terms stands twice in a symmetric form, once on each side of the diagonal.
        halves = coefficients / self.scales / np.where(self.first == self.second, 1.0, 2.0)
        rounded = np.array([[float(f"{value:.{_DIGITS}g}") for value in row] for row in halves])
        means[self.first, self.second] = means[self.second, self.first] = self.means
        weights[:, self.first, self.second] = weights[:, self.second, self.first] = rounded
        return Products(self.centres, weights, (weights * means).sum(axis=2))
