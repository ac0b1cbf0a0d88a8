"""`explanations.json`: why the model predicts what it predicts."""

from __future__ import annotations

import pydantic

from dsp_pipeline.core.artifacts import ArtifactModel, WordedModel
from dsp_pipeline.core.artifacts.what_if import WhatIf


class GlobalImportance(WordedModel):
    """Mean absolute SHAP value of one feature, in the units of the model's margin, with a 95 % interval.

    ``worth`` is what shuffling it costs a row (its permutation importance, as in `model.json`), where that was
    measured; ``warning`` says where the two disagree, and why that may be.
    """

    feature: str
    mean_abs: float
    ci_low: float
    ci_high: float
    worth: float | None = None
    worth_low: float | None = None
    worth_high: float | None = None
    warning: str = ""


class FeatureGroup(ArtifactModel):
    """Features that say much the same: none of them can be told to matter alone, together they can.

    ``association`` is the weakest of the links that hold it together (rank correlation, Cramér's V or the
    correlation ratio). ``mean_abs`` is that of the sum of their contributions, ``worth`` what shuffling all of
    them together costs.
    """

    features: list[str]
    association: float
    mean_abs: float
    worth: float | None = None
    worth_low: float | None = None
    worth_high: float | None = None


class Swarm(ArtifactModel):
    """One feature's SHAP values in rows; ``level`` is the value's rank from 0 to 1, None without an order."""

    feature: str
    shap: list[float]
    level: list[float | None]


class Interactions(ArtifactModel):
    """Which features work together: mean absolute SHAP interaction values (Lundberg et al. 2020), symmetric.

    ``values[i][j]`` is both halves of a pair's interaction together; on the diagonal is what a feature does alone.
    ``rows`` is how many rows it was measured on.
    """

    features: list[str]
    values: list[list[float]]
    rows: int


class Effect(ArtifactModel):
    """How predictions move with one feature: ``partial`` averages over rows, ``single`` are some rows' own lines.

    ``accumulated`` (at ``edges``, Apley and Zhu 2020) is there for ordered features. Where others are correlated
    (``related`` names the strongest) it is the one to read: it only compares values that occur together.
    """

    feature: str
    x: list[float | str | None]
    partial: list[float]
    single: list[list[float]]
    edges: list[float] = []
    accumulated: list[float] = []
    related: str | None = None
    association: float = 0.0


class Effects(ArtifactModel):
    """Effects of the strongest features on the prediction in ``unit``, from ``rows`` rows of the hold-out."""

    unit: str
    rows: int
    features: list[Effect]


class Dependence(ArtifactModel):
    """SHAP values of one feature against its values. ``x`` holds numbers or labels, None for missing.

    ``with_feature`` interacts with it most, ``with_x`` are its values in the same rows.
    """

    feature: str
    x: list[float | str | None]
    shap: list[float]
    with_feature: str | None = None
    with_x: list[float | str | None] = []


class Contribution(WordedModel):
    """What one feature's value adds to one prediction."""

    feature: str
    value: str
    shap: float


class Change(WordedModel):
    """One difference between two rows."""

    feature: str
    value: str
    instead: str


class Counterfactual(WordedModel):
    """A real row much like another one that has another prediction; ``distance`` is Gower's, from 0 to 1."""

    row: int
    prediction: str
    actual: str
    distance: float
    changes: list[Change]


class ExplainedRow(WordedModel):
    """One row's prediction taken apart: ``base + sum(shap) = margin``.

    ``unseen`` is what was answered before the model was fitted on this row too, if that was something else: rows
    with large errors are chosen by it.
    """

    row: int
    why_shown: str
    prediction: str
    unseen: str | None = None
    actual: str
    base: float
    margin: float
    contributions: list[Contribution]
    counterfactuals: list[Counterfactual] = []


class Segment(WordedModel):
    """A part of the hold-out where the model is worse than overall, by one column or two.

    One half of the hold-out proposed it; ``score``, its 95 % interval, ``overall`` and ``q`` (Benjamini and
    Hochberg's, over all that were proposed) are the other half's. ``rows`` counts both.
    """

    description: str
    rows: int
    score: float
    overall: float
    columns: list[str] = []
    ci_low: float | None = None
    ci_high: float | None = None
    q: float | None = None


class PartScore(WordedModel):
    """The headline metric in a part of the hold-out; no 95 % interval where too few clusters are in it."""

    description: str
    rows: int
    score: float
    ci_low: float | None
    ci_high: float | None


class ColumnScores(ArtifactModel):
    """The headline metric in the parts by one column. ``left_out`` counts rows of parts too small or too many."""

    column: str
    parts: list[PartScore]
    left_out: int


class GroupRates(WordedModel):
    """How the model treats one group: its rate by each measure, and the headline metric there."""

    group: str
    rows: int
    rates: dict[str, float]
    score: float


class GroupGap(WordedModel):
    """The gap between the groups with the lowest and the highest rate, with a 95 % interval.

    ``ratio`` is the lowest rate as a share of the highest one; below .8 it fails the four-fifths rule.
    """

    measure: str
    lowest: str
    highest: str
    difference: float
    ci_low: float
    ci_high: float
    ratio: float | None = None
    below_four_fifths: bool | None = None


class Fairness(ArtifactModel):
    """Gaps between the groups of one sensitive column; ``left_out`` counts rows of groups that are too small.

    Of two classes the measures are demographic parity (the share called ``positive``) and equal opportunity (the
    same of those who are), of more classes the accuracy, of quantities the mean prediction and the mean error.
    """

    column: str
    positive: str | None
    groups: list[GroupRates]
    gaps: list[GroupGap]
    left_out: int


class CardPart(WordedModel):
    """One heading of the model card with its sentences."""

    title: str
    lines: list[str]


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
    groups: list[FeatureGroup] = []
    swarms: list[Swarm] = []
    interactions: Interactions | None = None
    effects: Effects | None = None
    part_scores: list[ColumnScores] = []
    fairness: list[Fairness] = []
    card: list[CardPart] = []
    what_if: WhatIf | None = None
