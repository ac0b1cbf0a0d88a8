"""The one Dagster `Definitions`, assembled by name; every implementation is in `dsp_pipeline.defs`."""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from dsp_pipeline.defs.analysis.assets import explanations, insights, model, profile
from dsp_pipeline.defs.analysis.checks import no_severe_alert
from dsp_pipeline.defs.ingestion.assets import raw_dataset, validated_table
from dsp_pipeline.defs.ingestion.checks import contract_met, no_record_lost, no_row_lost, rules_on_the_table_met
from dsp_pipeline.defs.ingestion.schedules import reanalysis_schedule, reconcile_schedule
from dsp_pipeline.defs.ingestion.sensors import drops_sensor
from dsp_pipeline.defs.jobs import analyse, predict
from dsp_pipeline.defs.prediction.assets import predictions
from dsp_pipeline.defs.prediction.schedules import reconcile_predictions_schedule
from dsp_pipeline.defs.prediction.sensors import rows_sensor
from dsp_pipeline.defs.reporting.assets import catalogue, dashboard
from dsp_pipeline.defs.reporting.sensors import failed_runs_sensor
from dsp_pipeline.defs.resources import lake_io_manager, settings_from_environment, stores_from_settings

RESOURCES = {
    "settings": settings_from_environment,
    "stores": stores_from_settings,
    "io_manager": lake_io_manager,
}


def assemble(resources: Mapping[str, Any]) -> dg.Definitions:
    """Everything there is, over the given resources (those of `RESOURCES`, or others under the same names)."""
    return dg.Definitions(
        assets=[
            raw_dataset,
            validated_table,
            profile,
            model,
            explanations,
            insights,
            dashboard,
            catalogue,
            predictions,
        ],
        asset_checks=[no_record_lost, no_row_lost, rules_on_the_table_met, contract_met, no_severe_alert],
        jobs=[analyse, predict],
        schedules=[reconcile_schedule, reanalysis_schedule, reconcile_predictions_schedule],
        sensors=[drops_sensor, rows_sensor, failed_runs_sensor],
        resources=resources,
        executor=dg.in_process_executor,
    )


definitions = assemble(RESOURCES)
