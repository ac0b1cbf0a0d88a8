"""A code location that takes no time to load: one asset, and a sensor that never asks for a run."""

import dagster as dg


@dg.asset
def answer() -> int:
    return 42


@dg.sensor(target=[answer], minimum_interval_seconds=5, default_status=dg.DefaultSensorStatus.RUNNING)
def quiet(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    return dg.SkipReason("nothing to do")


definitions = dg.Definitions(assets=[answer], sensors=[quiet])
