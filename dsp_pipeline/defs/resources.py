"""What assets, sensors and schedules are given: the buckets, the settings, and the lake's IO manager."""

import os

import dagster as dg

from dsp_pipeline.core.settings import Settings
from dsp_pipeline.defs.io_manager import LakeIOManager
from dsp_pipeline.storage.stores import Stores, open_stores


@dg.resource(description="Addresses and limits, from DSP_* environment variables.")
def settings_from_environment(_context: dg.InitResourceContext) -> Settings:
    """The operator's settings."""
    return Settings.from_environment(os.environ)


@dg.resource(required_resource_keys={"settings"}, description="The drop, lake and dashboards buckets.")
def stores_from_settings(context: dg.InitResourceContext) -> Stores:
    """The three buckets."""
    return open_stores(context.resources.settings)


@dg.io_manager(required_resource_keys={"stores"}, description="Artifacts in the lake bucket.")
def lake_io_manager(context: dg.InitResourceContext) -> LakeIOManager:
    """The lake, with a cache for one run."""
    return LakeIOManager(context.resources.stores.lake)
