"""The lists in docs/examples/insights are what the samples give."""

from __future__ import annotations

import pytest

from dsp_pipeline_tests.docs.insight_lists import FOLDER, found_in, page, samples
from dsp_pipeline_tests.ml.insights.test_evidence import check

SAMPLES = samples()


@pytest.mark.parametrize("name", SAMPLES)
def test_a_list_is_current(name: str) -> None:
    assert (FOLDER / f"{name}.md").read_text(encoding="utf-8") == page(SAMPLES[name])


@pytest.mark.parametrize("name", SAMPLES)
def test_the_numbers_of_every_insight_come_back_from_its_query(name: str) -> None:
    table, made = found_in(SAMPLES[name])
    check(made, table.table)
