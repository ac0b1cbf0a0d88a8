"""Reading ends when its time is over, with what to do about it."""

from __future__ import annotations

import itertools
import threading
import time
from typing import TYPE_CHECKING

import pytest

from dsp_pipeline.core.artifacts.reading import Source
from dsp_pipeline.core.errors import ReadingError
from dsp_pipeline.defs.ingestion.deadline import deadline
from dsp_pipeline.etl.reader import read

if TYPE_CHECKING:
    from pathlib import Path

_SOURCE = Source(dataset="a", version="0" * 12, key="a.csv", etag="0", bytes=8, sha256="0" * 64)


def test_reading_that_takes_too_long_names_the_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    ticks = itertools.count()
    monkeypatch.setattr(time, "monotonic", lambda: next(ticks) * 10.0)
    with pytest.raises(ReadingError, match="longer than 15 seconds") as caught:
        read(tmp_path / "a.csv", source=_SOURCE, between=deadline(15, where="a.csv"))
    assert "DSP_LIMIT_MAX_SECONDS" in caught.value.remedy


def test_reading_in_time_is_not_disturbed(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    raw = read(tmp_path / "a.csv", source=_SOURCE, between=deadline(60, where="a.csv"))
    assert raw.reading.rows_read == 1


def test_keeping_the_text_beside_reading_it_ends_in_time_too(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")

    def over_beside() -> None:
        if threading.current_thread().name.startswith("ThreadPoolExecutor"):
            raise ReadingError("the time is over", where="a.csv")

    with pytest.raises(ReadingError, match="the time is over"):
        read(tmp_path / "a.csv", source=_SOURCE, between=over_beside)
