"""The bytes that are read are those that were looked at, or nothing is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dsp_pipeline.core.errors import InputError, PreconditionError, ReadingError
from dsp_pipeline.core.settings import Limits
from dsp_pipeline.defs.ingestion.fetch import fetched
from dsp_pipeline.storage.folder import FolderStore

if TYPE_CHECKING:
    from pathlib import Path

    from dsp_pipeline.storage.base import ObjectInfo


class _Changing(FolderStore):
    """A bucket in which a file is dropped anew as soon as somebody has looked at it."""

    def head(self, key: str) -> ObjectInfo:
        seen = super().head(key)
        self.put(key, b"a,b\n1,2\n3,4\n")
        return seen


def test_a_file_that_changes_before_it_is_fetched_is_not_read_in_its_place(tmp_path: Path) -> None:
    store = _Changing(tmp_path)
    store.put("sales.csv", b"a,b\n1,2\n")
    with (
        pytest.raises(InputError, match="changed while it was read") as caught,
        fetched(store, dataset="sales", key="sales.csv", etag=None, limits=Limits()),
    ):
        pass
    assert caught.value.remedy


def test_a_drop_that_was_asked_for_by_its_content_is_left_to_the_next_run(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    listed = store.put("sales.csv", b"a,b\n1,2\n")
    store.put("sales.csv", b"a,b\n3,4\n")
    with (
        pytest.raises(PreconditionError),
        fetched(store, dataset="sales", key="sales.csv", etag=listed.etag, limits=Limits()),
    ):
        pass


def test_a_file_beyond_the_limit_is_not_fetched(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.put("sales.csv", b"a,b\n1,2\n")
    with (
        pytest.raises(ReadingError, match="more than the 4 allowed") as caught,
        fetched(store, dataset="sales", key="sales.csv", etag=None, limits=Limits(max_file_bytes=4)),
    ):
        pass
    assert "DSP_LIMIT_MAX_FILE_BYTES" in caught.value.remedy
