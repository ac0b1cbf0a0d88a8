"""Reading ends when its time is over, with what to do about it."""

from __future__ import annotations

import gzip
import itertools
import threading
import time
import traceback
from typing import TYPE_CHECKING

import pytest

from dsp_pipeline.core.artifacts.reading import Source
from dsp_pipeline.core.errors import ReadingError
from dsp_pipeline.defs.ingestion.deadline import deadline
from dsp_pipeline.etl.reader import read

if TYPE_CHECKING:
    from collections.abc import Callable
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


def _in_legacy(text: str) -> bytes:
    return text.encode("cp1252")


@pytest.mark.parametrize(
    ("make", "step"),
    [
        (gzip.compress, "unpack"),
        (bytes, "_look_over"),
        (lambda data: _in_legacy(data.decode() + "Größe,3\n"), "transcode"),
        (lambda data: data.replace(b",", b""), "spare"),
        (bytes, "frames"),
        (bytes, "stretches"),
    ],
    ids=["unpacking", "looking for other encodings", "decoding", "one column", "reading", "typing"],
)
def test_each_step_that_takes_long_is_ended(tmp_path: Path, make: Callable[[bytes], bytes], step: str) -> None:
    (tmp_path / "a.csv").write_bytes(make(b"a,b\n" + b"x1,2\n" * 9))

    def over_in_step() -> None:
        if step in {frame.name for frame in traceback.extract_stack()}:
            raise ReadingError("the time is over", where="a.csv")

    with pytest.raises(ReadingError, match="the time is over"):
        read(tmp_path / "a.csv", source=_SOURCE, between=over_in_step)


def test_a_prediction_that_takes_too_long_is_not_said_to_be_reading() -> None:
    with pytest.raises(ReadingError, match=r"^new\.csv: reading and predicting takes longer than -1 seconds"):
        deadline(-1, where="new.csv", doing="reading and predicting")()
