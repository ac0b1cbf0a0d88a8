"""From a validated table to a model with its report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp_pipeline.core.artifacts.model import ExcludedColumn, ModelReport
from dsp_pipeline.ml.automl.effort import plan_effort
from dsp_pipeline.ml.automl.inputs import choose_inputs
from dsp_pipeline.ml.automl.model import Model
from dsp_pipeline.ml.automl.outcome import NoModelError, outcome_of
from dsp_pipeline.ml.automl.preparation import kinds_of, prepare, require_column
from dsp_pipeline.ml.automl.target import Proposal, propose
from dsp_pipeline.ml.privacy.columns import hidden_columns

if TYPE_CHECKING:
    from collections.abc import Collection

    from dsp_pipeline.core.artifacts.profile import Profile
    from dsp_pipeline.etl.tables import ValidatedTable
    from dsp_pipeline.ml.automl.options import ModelOptions


def train(validated: ValidatedTable, profile: Profile, *, options: ModelOptions) -> Model:
    """Propose a target if none is given, leave out what gives it away, and fit what predicts it best.

    A table without a sensible target, or one that cannot be learnt, yields a model without files whose verdict
    says why. Nothing heavy is imported in that case.

    Args:
        validated: The table; its sidecar says which column orders or groups the rows.
        profile: The table's profile, for the counts that the proposal of a target needs.
        options: What was asked for; launchpad and sidecar together.

    Raises:
        SidecarError: The target that was asked for is no column of the table.
    """
    if options.wants_no_model:
        return _without(Proposal((), None, "the owner wants no model (target: null)"), options)
    if options.target is None:
        proposal = propose(validated.table, profile, kinds_of(validated), options.seed)
    else:
        require_column(validated, options.target)
        proposal = Proposal((), options.target, f"'{options.target}' was given")
    if proposal.target is None:
        return _without(proposal, options)
    try:
        return _fitted(validated, proposal, proposal.target, hidden_columns(profile), options=options)
    except NoModelError as error:
        return _without(Proposal(proposal.candidates, None, str(error)), options)


def _without(proposal: Proposal, options: ModelOptions) -> Model:
    """A model that says why there is none."""
    report = ModelReport(
        task=None,
        target=None,
        target_reason=proposal.reason,
        candidates=list(proposal.candidates),
        metric=None,
        leaderboard=[],
        baseline=None,
        verdict=f"No model: {proposal.reason}.",
        leakage=[],
        split=None,
        features=[],
        seed=options.seed,
    )
    return Model(report, {})


def _fitted(
    validated: ValidatedTable, proposal: Proposal, target: str, hidden: Collection[str], *, options: ModelOptions
) -> Model:
    if target in hidden:
        raise NoModelError(f"'{target}' holds personal data, which a model would show (personal_data: allow)")
    outcome = outcome_of(validated.table[target], kinds_of(validated)[target], options.task)
    effort = plan_effort(validated.table.width - 1, outcome.outputs, options.budget_seconds)
    prepared = prepare(validated, outcome, rows_limit=effort.rows, seed=options.seed)
    inputs = choose_inputs(validated, prepared, hidden=hidden, limit=effort.inputs, seed=options.seed)
    # Imported only once there is something to fit: it brings XGBoost and scikit-learn, which cost seconds.
    from dsp_pipeline.ml.automl.fitting import fit  # noqa: PLC0415 - see above

    result = fit(validated, prepared, inputs, effort, options=options)
    report = result.report.model_copy(
        update={
            "target_reason": f"{proposal.reason}; the task is {outcome.task}: {outcome.task_reason}",
            "candidates": list(proposal.candidates),
            "excluded": [ExcludedColumn(column=each.column, reason=each.reason) for each in inputs.excluded],
        }
    )
    return Model(report, result.files)
