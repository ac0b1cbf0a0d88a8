"""Stores to test: a folder, and the embedded S3 server, each with a prefix that no other test uses."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from dsp_pipeline.storage.folder import FolderStore
from dsp_pipeline.storage.s3 import S3Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dsp_pipeline.stack.object_store import S3Server
    from dsp_pipeline.storage.base import ObjectStore


@pytest.fixture(scope="session")
def s3_credentials(s3_server: S3Server) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in s3_server.environment.items():
            if name.startswith("AWS_"):
                patch.setenv(name, value)
        yield


@pytest.fixture(scope="session")
def s3_store(s3_server: S3Server, s3_credentials: None) -> S3Store:
    return S3Store(s3_server.buckets.lake, endpoint=s3_server.endpoint, addressing="path")


@pytest.fixture
def folder_store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "store", "bucket")


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.integration)])
def store(request: pytest.FixtureRequest) -> ObjectStore:
    found: ObjectStore = request.getfixturevalue(f"{request.param}_store")
    return found


@pytest.fixture
def prefix() -> str:
    return f"test-{uuid.uuid4().hex[:12]}/"
