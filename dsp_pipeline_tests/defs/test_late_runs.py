"""A run of an older drop that ends after that of a newer one, such as a retry, takes nothing back."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from dsp_pipeline.storage.folder import FolderStore
from dsp_pipeline.storage.versions import Latest, mark_latest, read_latest

if TYPE_CHECKING:
    from pathlib import Path

    from dsp_pipeline.storage.base import ObjectInfo

JANUARY, FEBRUARY = dt.datetime(2026, 1, 31, tzinfo=dt.UTC), dt.datetime(2026, 2, 28, tzinfo=dt.UTC)


def pointer(lake: FolderStore) -> str:
    found = read_latest(lake, dataset="sales", asset="model")
    assert found is not None
    return found.version


@pytest.mark.parametrize(
    ("made", "shown"),
    [
        ([("feb", FEBRUARY), ("jan", JANUARY)], "feb"),
        ([("jan", JANUARY), ("feb", FEBRUARY)], "feb"),
        ([("feb", FEBRUARY), ("jan", JANUARY), ("jan", FEBRUARY + dt.timedelta(days=1))], "jan"),
        ([("feb", None), ("jan", JANUARY)], "jan"),
    ],
)
def test_the_latest_version_is_the_one_dropped_last_whichever_was_made_last(
    tmp_path: Path, made: list[tuple[str, dt.datetime | None]], shown: str
) -> None:
    lake = FolderStore(tmp_path)

    for version, dropped_at in made:
        latest = Latest(version=version, run="r", dropped_at=dropped_at)
        mark_latest(lake, dataset="sales", asset="model", latest=latest)

    assert pointer(lake) == shown


def test_a_pointer_that_another_run_moves_meanwhile_is_looked_at_again(tmp_path: Path) -> None:
    class Overtaken(FolderStore):
        """A lake in which another run ends between each look at the pointer and its move."""

        def put(self, key: str, data: bytes, **more: Any) -> ObjectInfo:
            FolderStore(tmp_path).put(key, february.model_dump_json().encode())
            return super().put(key, data, **more)

    february = Latest(version="feb", run="r", dropped_at=FEBRUARY)

    january = Latest(version="jan", run="r", dropped_at=JANUARY)
    mark_latest(Overtaken(tmp_path), dataset="sales", asset="model", latest=january)

    assert pointer(FolderStore(tmp_path)) == "feb"
