"""What waits for its turn on the disk comes back as it was, in order."""

from __future__ import annotations

import polars as pl

from dsp_pipeline.etl.spool import Spool


def test_many_frames_come_back_in_order() -> None:
    spool = Spool()
    for start in range(0, 200_000, 20_000):
        spool.add(pl.DataFrame({"n": range(start, start + 20_000)}))
    assert pl.concat(spool.frames())["n"].to_list() == list(range(200_000))


def test_nothing_comes_out_of_nothing() -> None:
    assert list(Spool().frames()) == []
