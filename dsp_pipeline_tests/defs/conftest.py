"""The pipeline over folders, without servers: what it decides and says is the same as over buckets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg
import pytest

from dsp_pipeline.core.settings import Settings
from dsp_pipeline.storage.folder import FolderStore
from dsp_pipeline.storage.stores import Stores
from dsp_pipeline_tests.integration.conftest import Pipeline

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Pipeline]:
    """The sensors and jobs on three empty folders and a Dagster instance in memory."""
    root = tmp_path / "buckets"
    stores = Stores(FolderStore(root, "drop"), FolderStore(root, "lake"), FolderStore(root, "pages"))
    with dg.DagsterInstance.ephemeral() as instance:
        yield Pipeline(Settings(), stores, instance)
