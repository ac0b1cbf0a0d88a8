"""What the Dagster UI is shown of a profile."""

from __future__ import annotations

import base64
import functools
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import numpy as np
import polars as pl

from dsp_pipeline.defs.analysis.checks import of_alerts
from dsp_pipeline.defs.metadata import of_profile
from dsp_pipeline.defs.plots import bars
from dsp_pipeline.ml.statistics.profile import build_profile
from dsp_pipeline_tests.ml.tables import validated

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.profile import Profile

RNG = np.random.default_rng(0)
BASE = RNG.normal(size=200)
FRAME = pl.DataFrame(
    {
        "id": [f"k{i}" for i in range(200)],
        "x": BASE,
        "y": BASE + RNG.normal(size=200) / 2,
        "name": ["MÃ¼ller"] * 3 + ["Meier", "Huber"] * 98 + ["Frei"],
    }
)


@functools.cache
def profile() -> Profile:
    return build_profile(validated(FRAME))


def picture(markdown: str) -> ET.Element:
    data = markdown.split("base64,")[1].removesuffix(")")
    return ET.fromstring(base64.b64decode(data))  # noqa: S314 - drawn by the code under test


def test_the_key_figures_of_a_profile_are_metadata() -> None:
    shown = of_profile(profile())
    assert (shown["columns"], shown["duplicate_rows"], shown["missing_share"]) == (4, 0, 0)
    assert (shown["associated_pairs"], shown["errors"]) == (1, 1)


def test_each_column_is_a_row_of_a_table() -> None:
    table = of_profile(profile())["column_profiles"]
    records = [record.data for record in table.records]  # type: ignore[union-attr]
    assert [record["column"] for record in records] == ["id", "x", "y", "name"]
    assert records[1]["kind"] == "continuous"
    assert len(str(records[1]["distribution"])) >= 5
    assert records[3]["alerts"] == 1


def test_the_strongest_associations_are_a_small_picture() -> None:
    shown = str(of_profile(profile())["strongest_associations"].value)  # type: ignore[union-attr]
    texts = [element.text for element in picture(shown).iter() if element.text]
    assert texts[0] == "x & y"
    assert len(shown) < 3_000


def test_names_from_the_file_are_text_in_the_picture() -> None:
    root = picture(str(bars("t", [("<script>alert(1)</script>&\x00", 0.5)]).value))
    assert [element.tag.split("}")[1] for element in root] == ["text", "rect", "text"]
    assert str(bars("t", []).value) == "none"


def test_a_severe_alert_fails_the_check_without_blocking_and_says_what_to_do() -> None:
    result = of_alerts(profile())
    assert not result.passed
    assert result.severity.value == "WARN"
    shown = str(result.metadata["alerts"].value)
    assert "encoding" in shown
    assert "Export the file again as UTF-8" in shown
    assert of_alerts(build_profile(validated(FRAME.drop("name")))).passed
