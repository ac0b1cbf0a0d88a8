"""Key figures beside those of the version before."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from dsp_pipeline.core.numbers import plain
from dsp_pipeline.dashboard.sections import overview
from dsp_pipeline_tests.dashboard import factory
from dsp_pipeline_tests.dashboard.test_catalogue import published

if TYPE_CHECKING:
    from dsp_pipeline.dashboard.view import Tile


def tiles(**before: object) -> dict[str, Tile]:
    """The tiles of 600 orders of 9 columns, quality 94%, 4 in quarantine, log loss 0.5, after such a version."""
    values: dict[str, object] = {"columns": 9, "rows_quarantined": 4, "target": "returned", "quality_score": 0.94}
    then = published("orders", **(values | before)).summary  # type: ignore[arg-type]
    material = dataclasses.replace(factory.case().material(), before=then)
    return {tile.label: tile for tile in overview.tiles(material)}


@pytest.mark.parametrize(
    ("label", "before", "change", "tone"),
    [
        ("Rows", {"rows": 500}, "+100 (+20%) on the version before", "plain"),
        ("Rows", {"rows": 800}, "\u2212200 (\u221225%) on the version before", "plain"),
        ("Rows", {"rows": 600}, "as in the version before", "plain"),
        ("Rows", {"rows": 0}, "+600 on the version before", "plain"),
        ("Columns", {"columns": 10}, "\u22121 (\u221210%) on the version before", "plain"),
        ("Quality score", {"quality_score": 0.985}, "\u22124.5 points on the version before", "bad"),
        ("Quality score", {"quality_score": 0.9}, "+4 points on the version before", "good"),
        ("Quarantined", {"rows_quarantined": 1}, "+3 (+300%) on the version before", "warn"),
        ("Quarantined", {"rows_quarantined": 8}, "\u22124 (\u221250%) on the version before", "good"),
        ("Predicting returned", {"score": 0.6}, "0.6 in the version before", "good"),
        ("Predicting returned", {"score": 0.4}, "0.4 in the version before", "warn"),
        ("Predicting returned", {"score": 0.4, "metric": "brier"}, "", "plain"),
        ("Predicting returned", {"score": 0.4, "target": "note"}, "", "plain"),
    ],
)
def test_a_key_figure_says_how_it_changed(label: str, before: dict[str, object], change: str, tone: str) -> None:
    tile = tiles(**before)[label]
    assert (plain(tile.change), tile.change_tone) == (change, tone)


def test_a_first_version_has_nothing_to_compare_with() -> None:
    assert {tile.change for tile in overview.tiles(factory.case().material())} == {""}
