"""The three buckets that the settings name."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from dsp_pipeline.storage.folder import FolderStore
from dsp_pipeline.storage.s3 import S3Store

if TYPE_CHECKING:
    from dsp_pipeline.core.settings import Settings
    from dsp_pipeline.storage.base import ObjectStore


@dataclasses.dataclass(frozen=True)
class Stores:
    """Where drops arrive, where artifacts lie, and where pages are published (None: nowhere)."""

    drop: ObjectStore
    lake: ObjectStore
    dashboards: ObjectStore | None


def open_stores(settings: Settings) -> Stores:
    """The stores of an installation: folders if ``store_folder`` is set, else buckets on S3.

    Nothing is asked of the server yet, and boto3 is not imported yet.
    """
    if settings.store_folder:
        root = Path(settings.store_folder)
        return Stores(
            drop=FolderStore(root, settings.drop_bucket),
            lake=FolderStore(root, settings.lake_bucket),
            dashboards=FolderStore(root, settings.dashboards_bucket, public_url=settings.dashboards_url),
        )
    drop = S3Store(
        settings.drop_bucket,
        endpoint=settings.s3_endpoint,
        region=settings.s3_region,
        addressing=settings.s3_addressing,
        verify=settings.s3_verify,
        timeout_seconds=settings.s3_timeout_seconds,
    )
    return Stores(
        drop=drop,
        lake=drop.sibling(settings.lake_bucket),
        dashboards=drop.sibling(settings.dashboards_bucket, public_url=settings.dashboards_url),
    )
