"""What the profile says about the data's health, where people look for it in the UI."""

import dagster as dg

from dsp_pipeline.core.artifacts.profile import Profile
from dsp_pipeline.defs.metadata import alerts_table
from dsp_pipeline.defs.partitions import partitioned_check


@partitioned_check(asset="profile")
def no_severe_alert(profile: Profile) -> dg.AssetCheckResult:
    """No alert of severity error; it informs and blocks nothing."""
    return of_alerts(profile)


def of_alerts(profile: Profile) -> dg.AssetCheckResult:
    """Failed if an alert is severe, with those alerts and what to do about them."""
    severe = [alert for alert in profile.alerts if alert.severity == "error"]
    return dg.AssetCheckResult(
        passed=not severe,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"alerts": alerts_table(severe)} if severe else {},
        description=f"{len(severe)} of {len(profile.alerts)} alerts are severe.",
    )
