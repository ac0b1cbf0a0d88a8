import base64
import hashlib
import itertools
import json
import re
import subprocess
import sys
import zlib

import polars as pl
import pytest

from dsp_pipeline.core.sidecar import Sidecar
from dsp_pipeline.dashboard.generator import view
from dsp_pipeline.dashboard.packager import plotly_source
from dsp_pipeline_tests.dashboard import factory, hostile
from dsp_pipeline_tests.dashboard.elements import Elements

CASES = {
    "binary": factory.case(),
    "regression": factory.case(model=factory.regression_model()),
    "no model": factory.case(model=factory.no_model()),
    "one column": factory.case(pl.DataFrame({"n": [1, 2, 3]})),
    "one row": factory.case(pl.DataFrame({"n": [1], "t": ["x"]})),
    "no rows": factory.case(pl.DataFrame({"n": pl.Series([], dtype=pl.Int64)})),
    "all missing": factory.case(pl.DataFrame({"n": pl.Series([None, None], dtype=pl.String)})),
    "hostile": factory.case(hostile.table()),
}


def _packed(elements: Elements, name: str) -> bytes:
    return next(
        zlib.decompress(base64.b64decode(text)) for kind, text in elements.scripts if kind.get("id") == name
    )


@pytest.mark.parametrize("name", CASES)
def test_the_same_inputs_give_the_same_bytes(name: str) -> None:
    assert CASES[name].build() == CASES[name].build()


@pytest.mark.parametrize("name", CASES)
def test_only_the_pages_own_scripts_are_allowed_and_nothing_may_be_fetched(name: str) -> None:
    elements = Elements(CASES[name].build().html)
    policy = next(tag["content"] or "" for _, tag in elements.tags if tag.get("http-equiv"))
    run = [text for kind, text in elements.scripts if "type" not in kind]
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in run]
    allowed = re.findall(r"'sha256-([^']+)'", policy)
    assert set(hashes) <= set(allowed)
    assert len(set(allowed) - set(hashes)) <= 1  # Plotly's, which the page adds itself
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "script-src 'unsafe" not in policy
    assert "eval" not in policy
    assert "http" not in policy


def test_plotly_travels_with_the_page_and_its_hash_is_allowed() -> None:
    page = CASES["binary"].build().html
    elements = Elements(page)
    source = _packed(elements, "plotly-data")
    assert source == plotly_source()
    assert base64.b64encode(hashlib.sha256(source).digest()) in page


@pytest.mark.parametrize("name", CASES)
def test_no_attribute_runs_or_loads_anything(name: str) -> None:
    for tag, attributes in Elements(CASES[name].build().html).tags:
        assert tag not in {"iframe", "object", "embed", "img", "base", "form", "math"}
        for attribute, value in attributes.items():
            assert not attribute.startswith("on"), (tag, attribute)
            if attribute in {"href", "src", "action", "srcdoc"}:
                assert (value or "").startswith(("#", "data:image/svg+xml,%3Csvg")), value


@pytest.mark.parametrize("name", CASES)
def test_every_id_is_there_once_and_every_link_leads_to_one(name: str) -> None:
    tags = Elements(CASES[name].build().html).tags
    ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = {(attributes.get("href") or "")[1:] for tag, attributes in tags if tag == "a"}
    assert {link.split("~")[0] for link in links} <= set(ids)
    labels = {attributes["for"] for tag, attributes in tags if tag == "label"}
    assert labels <= set(ids)


@pytest.mark.parametrize("name", CASES)
def test_headings_never_skip_a_level(name: str) -> None:
    levels = [int(tag[1]) for tag, _ in Elements(CASES[name].build().html).tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_hostile_text_is_on_the_page_as_text_only() -> None:
    page = CASES["hostile"].build().html.decode()
    outside = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert "&lt;img src=x onerror=alert(1)&gt;" in outside
    assert "<img" not in outside
    assert "⟨U+202E⟩" in outside
    assert not set(outside) & set("\u202e\u2066\x00\x1b")


def test_hostile_titles_names_and_insights_are_text_too() -> None:
    payload = "</title><script>alert(1)</script>"
    said = factory.insights()
    cards = [one.model_copy(update={"statement": payload, "action": payload}) for one in said.insights]
    built_from = factory.BUILT_FROM.model_copy(update={"key": payload, "run": payload, "code_version": payload})
    case = factory.case(
        title=payload,
        sidecar=Sidecar(row_noun=payload),
        found=said.model_copy(update={"insights": cards}),
        built_from=built_from,
        model=factory.binary_model().model_copy(update={"verdict": payload, "target_reason": payload}),
    )
    page = case.build().html
    assert payload.encode() not in page
    assert page.split(b"</head>")[0].count(b"</title>") == 1
    assert all(payload not in text for _, text in Elements(page).scripts)


def test_without_charts_the_page_carries_no_plotly() -> None:
    page = CASES["one row"].build()
    if not view(CASES["one row"].material()).plotly_charts():
        assert b'id="plotly-data"' not in page.html
        assert len(page.html) < 200_000


def test_an_ordinary_page_is_at_most_three_megabytes() -> None:
    for rows in (600, 20_000):
        page = factory.case(factory.orders(rows), model=factory.binary_model(), found=factory.insights()).build()
        assert page.summary.bytes == len(page.html) <= 3_000_000


@pytest.mark.no_cover
def test_five_thousand_columns_give_a_page_that_opens(tmp_path_factory: pytest.TempPathFactory) -> None:
    html = factory.widest(tmp_path_factory).read_bytes()
    assert len(html) < 10_000_000
    assert b"the first 150 as cards, the other 4,850 in the list below them" in html
    assert b"column_4999" in html


def test_the_page_says_nothing_of_how_long_it_took() -> None:
    page = CASES["binary"].build().html.decode()
    assert "0.123456" not in page
    assert "fit_seconds" not in page


def test_the_summary_says_what_the_catalogue_needs() -> None:
    summary = CASES["binary"].build().summary
    assert (summary.rows, summary.columns, summary.rows_embedded) == (600, 9, 600)
    assert (summary.target, summary.metric, summary.score) == ("returned", "log_loss", 0.5)
    assert summary.key_insight.startswith("Orders from the south")
    assert summary.rows_quarantined == 4
    assert summary.title == "Orders of the shop"
    nothing = CASES["one column"].build().summary
    assert (nothing.target, nothing.metric, nothing.score, nothing.key_insight) == (None, None, None, "")


def test_the_title_is_the_callers_then_the_sidecars_then_the_datasets() -> None:
    assert factory.case(title="Asked for").build().summary.title == "Asked for"
    assert factory.case(title=None, sidecar=Sidecar(title="Owner's")).build().summary.title == "Owner's"
    assert factory.case(title=None).build().summary.title == "Shop orders"


def test_the_owners_accent_colours_the_page_and_its_charts() -> None:
    sidecar = Sidecar.model_validate({"dashboard": {"accent": "#0a6b4d"}})
    page = factory.case(sidecar=sidecar).build().html.decode()
    assert "--accent:#0a6b4d" in page
    data = json.loads(
        next(text for kind, text in Elements(page.encode()).scripts if kind.get("id") == "charts-data")
    )
    assert data["swaps"]["#2563c9"][0] == "#0a6b4d"


def test_the_owners_logo_stands_in_the_head_as_a_picture_only() -> None:
    drawing = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script></svg>"
    logo = f"data:image/svg+xml;base64,{base64.b64encode(drawing).decode()}"
    page = factory.case(sidecar=Sidecar.model_validate({"dashboard": {"logo": logo}})).build().html
    assert [tag for name, tag in Elements(page).tags if name == "img"] == [
        {"class": "logo", "src": logo, "alt": ""}
    ]
    assert drawing not in page


@pytest.mark.parametrize(
    "logo",
    [
        "https://example.invalid/logo.png",
        "data:text/html;base64,PHNjcmlwdD4=",
        "data:image/png,x",
        'data:image/png;base64,AA" onerror="x',
        "data:image/png;base64," + "A" * 140_001,
    ],
)
def test_a_logo_is_a_small_picture_in_the_sidecar_and_nothing_else(logo: str) -> None:
    with pytest.raises(ValueError, match=r"dashboard\.logo"):
        Sidecar.model_validate({"dashboard": {"logo": logo}})


def test_rows_are_called_what_the_owner_calls_them() -> None:
    page = view(factory.case(sidecar=Sidecar(row_noun="orders")).material())
    assert page.tiles[0].label == "Orders"
    assert page.table.note == "All 600 orders."
    assert page.lead[0].startswith("600 orders in 9 columns")


def test_building_a_page_imports_neither_plotly_nor_pandas() -> None:
    code = (
        "import sys; import dsp_pipeline.dashboard.generator, dsp_pipeline.dashboard.catalogue; "
        "print(sorted({'plotly', 'pandas', 'scipy', 'sklearn', 'xgboost', 'dagster', 'boto3'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
