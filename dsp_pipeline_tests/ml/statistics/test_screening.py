from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dsp_pipeline.ml.statistics import screening
from dsp_pipeline.ml.statistics.arrays import columns_of
from dsp_pipeline_tests.ml.tables import validated

if TYPE_CHECKING:
    import pytest

COLUMNS = 560
ROWS = 501


def test_values_in_the_middle_are_no_missing_ones_where_ranks_are_all_that_is_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ranks in the middle are 0; pairs of columns that are mostly there seemed stronger than they are."""
    monkeypatch.setattr(screening, "_MOST_FEATURES", COLUMNS)
    rng = np.random.default_rng(0)
    values = np.repeat([-1.5, 0.0, 1.5], [100, 301, 100])
    table = {f"c{place}": rng.permutation(values) for place in range(COLUMNS)}
    table["c550"] = np.where(rng.random(ROWS) < 0.1, table["c550"], table["c3"])
    found = screening.screen(columns_of(validated(pl.DataFrame(table))), [], target=None, seed=0)
    assert found.pairs == COLUMNS * (COLUMNS - 1) // 2
    assert found.strong == 1
    assert {one.pair for one in found.found} == {(3, 550)}
