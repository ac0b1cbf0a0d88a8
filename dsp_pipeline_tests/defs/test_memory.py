"""What is freed goes back to the system."""

from __future__ import annotations

import sys

import psutil  # type: ignore[import-untyped]

from dsp_pipeline.defs.memory import give_back


def test_freed_pieces_between_used_ones_are_given_back() -> None:
    pieces = [bytes(50_000) for _ in range(4_000)]
    pinned = pieces[::100]
    before = psutil.Process().memory_info().rss
    del pieces
    give_back()
    assert sum(map(len, pinned)) == 2_000_000
    if sys.platform == "linux":
        assert psutil.Process().memory_info().rss < before - 100_000_000
