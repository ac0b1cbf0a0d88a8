"""`profile`, `model`, `explanations` and `insights`: what is in a table, and what can be said about it."""

import enum
import os
import time

import dagster as dg
import pydantic

from dsp_pipeline import __version__
from dsp_pipeline.core.artifacts.explanations import Explanations
from dsp_pipeline.core.artifacts.insights import Insights
from dsp_pipeline.core.artifacts.profile import Profile
from dsp_pipeline.core.settings import Settings
from dsp_pipeline.defs import metadata
from dsp_pipeline.defs.failures import explained
from dsp_pipeline.defs.partitions import datasets
from dsp_pipeline.etl.tables import ValidatedTable
from dsp_pipeline.ml.automl.model import Model
from dsp_pipeline.ml.automl.options import CallOptions, ModelOptions

GROUP = "analysis"
OWNERS = ["team:data"]


def _threads(settings: Settings) -> int:
    return settings.threads or os.cpu_count() or 1


def _data_version(validated: ValidatedTable) -> dg.DataVersion:
    return dg.DataVersion(validated.reading.source.version)


@dg.asset(
    partitions_def=datasets,
    group_name=GROUP,
    owners=OWNERS,
    kinds={"polars"},
    code_version=__version__,
)
def profile(
    context: dg.AssetExecutionContext, validated_table: ValidatedTable, settings: dg.ResourceParam[Settings]
) -> dg.MaterializeResult[Profile]:
    """What is in the table: each column's figures, what goes together, how the table is built, alerts."""
    from dsp_pipeline.ml.statistics.profile import build_profile  # noqa: PLC0415 - needs Polars

    with explained(context.retry_number, context.log):
        made = build_profile(validated_table, seed=validated_table.sidecar.seed, thresholds=settings.alerts)
    return dg.MaterializeResult(
        value=made, metadata=metadata.of_profile(made), data_version=_data_version(validated_table)
    )


class TaskName(enum.Enum):
    """The kinds of prediction, as the launchpad lists them (Dagster has no literal types)."""

    binary = "binary"
    multiclass = "multiclass"
    regression = "regression"
    count = "count"
    ordinal = "ordinal"


class ModelConfig(dg.Config):
    """What to model. Empty means: as the sidecar says, and what it does not say is inferred."""

    target: str | None = pydantic.Field(
        None, description="The column to predict; guessed, with the reason, if empty."
    )
    task: TaskName | None = pydantic.Field(
        None, description="The kind of prediction; inferred from the target if empty."
    )
    budget_seconds: float | None = pydantic.Field(
        None, gt=0, description="Seconds for fitting; by the table's size if empty."
    )
    seed: int | None = pydantic.Field(
        None, ge=0, description="The seed of every random choice; the sidecar's if empty."
    )


@dg.asset(
    partitions_def=datasets,
    group_name=GROUP,
    owners=OWNERS,
    kinds={"xgboost", "scikitlearn"},
    code_version=__version__,
)
def model(
    context: dg.AssetExecutionContext,
    config: ModelConfig,
    validated_table: ValidatedTable,
    profile: Profile,
    settings: dg.ResourceParam[Settings],
) -> dg.MaterializeResult[Model]:
    """What predicts the target and how well: leaks left out, cross-validated, held against a baseline."""
    from dsp_pipeline.ml.automl.trainer import train  # noqa: PLC0415 - needs XGBoost

    said = validated_table.sidecar
    budget = None if said.budget_seconds == "auto" else said.budget_seconds
    options = ModelOptions(
        target=config.target or said.target,
        task=config.task.value if config.task else said.task,
        wants_no_model=config.target is None and said.wants_no_model,
        budget_seconds=config.budget_seconds or budget,
        seed=said.seed if config.seed is None else config.seed,
        threads=_threads(settings),
        clock=time.perf_counter,
        call=CallOptions(threshold=said.threshold, costs=said.costs),
    )
    with explained(context.retry_number, context.log):
        made = train(validated_table, profile, options=options)
    return dg.MaterializeResult(
        value=made, metadata=metadata.of_model(made), data_version=_data_version(validated_table)
    )


@dg.asset(
    partitions_def=datasets,
    group_name=GROUP,
    owners=OWNERS,
    kinds={"xgboost", "shap"},
    code_version=__version__,
)
def explanations(
    context: dg.AssetExecutionContext,
    validated_table: ValidatedTable,
    profile: Profile,
    model: Model,
    settings: dg.ResourceParam[Settings],
) -> dg.MaterializeResult[Explanations]:
    """Why the model predicts what it predicts: SHAP values overall, per feature and for telling rows."""
    from dsp_pipeline.ml.insights.explainer import explain  # noqa: PLC0415 - needs XGBoost
    from dsp_pipeline.ml.privacy.columns import hidden_columns  # noqa: PLC0415 - needs Polars

    with explained(context.retry_number, context.log):
        made = explain(
            validated_table,
            model,
            hidden=hidden_columns(profile),
            seed=model.report.seed,
            threads=_threads(settings),
        )
    return dg.MaterializeResult(
        value=made, metadata=metadata.of_explanations(made), data_version=_data_version(validated_table)
    )


@dg.asset(
    partitions_def=datasets,
    group_name=GROUP,
    owners=OWNERS,
    kinds={"polars"},
    code_version=__version__,
)
def insights(
    context: dg.AssetExecutionContext,
    validated_table: ValidatedTable,
    profile: Profile,
    model: Model,
    explanations: Explanations,
) -> dg.MaterializeResult[Insights]:
    """Ranked statements about the data with their evidence; chance findings are controlled for."""
    from dsp_pipeline.ml.insights.generator import generate  # noqa: PLC0415 - needs Polars

    with explained(context.retry_number, context.log):
        made = generate(validated_table, profile, model.report, explanations, seed=validated_table.sidecar.seed)
    return dg.MaterializeResult(
        value=made, metadata=metadata.of_insights(made), data_version=_data_version(validated_table)
    )
