"""What the profile says about the data's health, where people look for it in the UI."""

import dagster as dg

from dsp_pipeline.core.artifacts.profile import Profile
from dsp_pipeline.defs.partitions import partitioned_check


@partitioned_check(asset="profile")
def no_severe_alert(profile: Profile) -> dg.AssetCheckResult:
    """No alert of severity error; it informs and blocks nothing."""
    severe = [alert for alert in profile.alerts if alert.severity == "error"]
    return dg.AssetCheckResult(
        passed=not severe,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"alerts": dg.MetadataValue.md("\n".join(f"- {alert.text}" for alert in severe))}
        if severe
        else {},
        description=f"{len(severe)} of {len(profile.alerts)} alerts are severe.",
    )
