"""The guide to data quality says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from dsp_pipeline.core.rules import Rule
from dsp_pipeline.etl.quality import WEIGHTS
from dsp_pipeline.etl.text_reasons import MAX_EXCEPTIONS

_GUIDE = (Path(__file__).parents[2] / "docs" / "user-guide" / "quality.md").read_text(encoding="utf-8")


def test_the_score_s_weights_are_the_documented_ones() -> None:
    told = {name: int(weight) for name, weight in re.findall(r"\| `(\w+)` \| (\d) \|", _GUIDE)}
    assert told == WEIGHTS
    assert all(f"{weight} x {name}" in _GUIDE for name, weight in WEIGHTS.items())
    assert f"/ {sum(WEIGHTS.values())}`" in _GUIDE


def test_every_code_of_a_reason_is_explained() -> None:
    source = "".join(
        path.read_text(encoding="utf-8")
        for path in (Path(__file__).parents[2] / "dsp_pipeline" / "etl").glob("*.py")
    )
    codes = set(re.findall(r"(?:Reason|Fault)\(\s*\"(\w+)\"", source)) | {
        "too_few_cells",
        "too_many_cells",
        "type",
    }
    codes |= set(Rule.model_fields) - {"column", "by", "when", "severity", "message"}
    assert {code for code in codes if f"`{code}`" not in _GUIDE} == set()


def test_the_share_of_exceptions_is_the_documented_one() -> None:
    assert f"at most {MAX_EXCEPTIONS:.0%}".replace("%", " %") in _GUIDE
