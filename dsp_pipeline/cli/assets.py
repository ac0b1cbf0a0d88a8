"""The assets by name, written out: the modules that define them load Dagster. A test compares."""

from __future__ import annotations

ASSETS = ("raw_dataset", "validated_table", "profile", "model", "explanations", "insights", "dashboard")
"""In the order in which a run makes them; `dsp run --to` takes these."""

CATALOGUE = "catalogue"
PREDICTIONS = "predictions"
