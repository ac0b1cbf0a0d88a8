"""What the page carries of a model, and what it says where it carries none."""

from __future__ import annotations

import dataclasses
import json

import pytest

from dsp_pipeline.core.artifacts.what_if import PortableModel, WhatIf, WhatIfColumn, WhatIfRow
from dsp_pipeline.dashboard.sections import what_if
from dsp_pipeline_tests.dashboard import factory

_ADDRESS = "jane.roe@example.com"


def _found(*, data: str = "eJwDAAAAAAE=", labels: tuple[str, ...] = ("north", "south")) -> WhatIf:
    encoding = {"column": "region", "encoding": "category", "parts": [""], "levels": list(labels), "shares": []}
    model = PortableModel(
        task="binary",
        target="returned",
        classes=["false", "true"],
        outputs=1,
        half_width=None,
        encodings=[encoding],
        members=[],
        data=data,
    )
    row = WhatIfRow(row=4, why_shown="a typical row", actual="true", cells=[labels[0]], margin=[0.5])
    return WhatIf(model=model, columns=[WhatIfColumn(name="region", control="category")], rows=[row])


def _case(found: WhatIf | None) -> factory.Case:
    case = factory.case()
    return dataclasses.replace(case, explanations=case.explanations.model_copy(update={"what_if": found}))


def test_a_model_that_is_too_large_for_the_page_is_left_out_with_the_reason() -> None:
    view = what_if.what_if(_case(_found(data="A" * (what_if.MOST_BYTES + 1))).material())
    assert view is not None
    assert view.packed == ""
    assert view.reason == "What-if is left out: the model takes 801 kB of a page that has 800 kB for it."


def test_why_a_model_cannot_be_carried_stands_in_the_page() -> None:
    html = (
        _case(WhatIf(model=None, reason="a page cannot compute the inputs made from 'words' (topics)"))
        .build()
        .html
    )
    assert b"What-if is left out: a page cannot compute the inputs made from &#39;words&#39; (topics)." in html
    assert b'id="what-if-data"' not in html


def test_explanations_from_before_have_no_such_section() -> None:
    assert what_if.what_if(_case(None).material()) is None
    assert b'href="#what-if"' not in _case(None).build().html


@pytest.mark.parametrize("labels", [(_ADDRESS, "north"), ("north", _ADDRESS, "john.roe@example.com")])
def test_no_address_among_the_labels_reaches_the_page(labels: tuple[str, ...]) -> None:
    case = _case(_found(labels=labels))
    view = what_if.what_if(case.material())
    assert view is not None
    assert "example.com" not in json.dumps(view.data)
    [encoding] = json.loads(json.dumps(view.data))["description"]["encodings"]
    assert len(set(encoding["levels"])) == len(labels)


def test_rows_are_numbered_as_the_data_table_numbers_them() -> None:
    view = what_if.what_if(_case(_found()).material())
    assert view is not None
    assert json.loads(json.dumps(view.data))["rows"][0]["name"] == "Row 5"
