"""`explanations.json`: why the model predicts what it predicts."""

from __future__ import annotations

import pydantic

from dsp_pipeline.core.artifacts import ArtifactModel


class GlobalImportance(ArtifactModel):
    """Mean absolute SHAP value of one feature, in the units of the model's margin, with a 95 % interval."""

    feature: str
    mean_abs: float
    ci_low: float
    ci_high: float


class Dependence(ArtifactModel):
    """SHAP values of one feature against its values. ``x`` holds numbers or labels, None for missing."""

    feature: str
    x: list[float | str | None]
    shap: list[float]


class Contribution(ArtifactModel):
    """What one feature's value adds to one prediction."""

    feature: str
    value: str
    shap: float


class ExplainedRow(ArtifactModel):
    """One row's prediction taken apart: ``base + sum(shap) = margin``."""

    row: int
    why_shown: str
    prediction: str
    actual: str
    base: float
    margin: float
    contributions: list[Contribution]


class Segment(ArtifactModel):
    """A part of the hold-out where the model is worse than overall."""

    description: str
    rows: int
    score: float
    overall: float


class Fidelity(ArtifactModel):
    """How well the explanation reproduces the model.

    ``additivity_max_error`` is the greatest difference between the margin and the sum of contributions, relative
    to the sum of their absolute values; ``rows`` is how many rows were explained.
    """

    additivity_max_error: float
    rows: int


class Explanations(ArtifactModel):
    """The explanations of one model; empty lists and ``method='none'`` where there is no model."""

    method: str
    output: str = ""
    global_: list[GlobalImportance] = pydantic.Field(alias="global")
    dependence: list[Dependence]
    rows: list[ExplainedRow]
    segments: list[Segment]
    fidelity: Fidelity | None
