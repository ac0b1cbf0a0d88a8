"""What goes wrong in tests, made up where it can't be produced."""

from __future__ import annotations

import datetime as dt
import shutil
from typing import TYPE_CHECKING

from dsp_pipeline.core.artifacts.summary import Failure

if TYPE_CHECKING:
    import pytest


def failure(**more: object) -> Failure:
    """Why a drop failed: a line of ``sales.csv`` unless said otherwise."""
    values: dict[str, object] = {
        "key": "sales.csv",
        "etag": "e",
        "what": "line 12 has 3 cells where 4 belong",
        "where": "sales.csv, line 12",
        "remedy": "Mend the line",
        "run": "run-1",
        "at": dt.datetime(2026, 4, 10, 9, tzinfo=dt.UTC),
        "retryable": False,
    }
    return Failure.model_validate(values | more)


def fill_disk(monkeypatch: pytest.MonkeyPatch, *, total: int, free: int) -> None:
    """Have every disk be of that many bytes, with that many left."""
    usage = shutil._ntuple_diskusage(total, total - free, free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
