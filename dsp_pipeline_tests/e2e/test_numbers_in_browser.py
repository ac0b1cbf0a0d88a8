"""Pages whose sidecar asks for other numbers than English ones: what is shown has them, what is saved has not."""

from __future__ import annotations

import dataclasses
import functools
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from dsp_pipeline.core.artifacts.explanations import Explanations
from dsp_pipeline.core.artifacts.insights import Insights
from dsp_pipeline.core.artifacts.model import ModelReport
from dsp_pipeline.core.artifacts.profile import Profile
from dsp_pipeline.core.numbers import GROUP, POINT
from dsp_pipeline.dashboard.generator import build
from dsp_pipeline.ml.automl.options import ModelOptions
from dsp_pipeline.ml.automl.trainer import train
from dsp_pipeline.ml.insights.explainer import explain
from dsp_pipeline.ml.insights.generator import generate
from dsp_pipeline.ml.statistics.profile import build_profile
from dsp_pipeline_tests.dashboard import factory
from dsp_pipeline_tests.etl.drops import Dropper
from dsp_pipeline_tests.ml.insights import samples
from dsp_pipeline_tests.pages import Watched, watched

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from dsp_pipeline.core.artifacts import ArtifactModel
    from dsp_pipeline.core.numbers import NumberFormatName
    from dsp_pipeline.etl.tables import ValidatedTable

_SIDECAR = """
target: returned
time_column: ordered_at
row_noun: orders
sensitive: [rate]
rules:
  - {column: unit_price_eur, max: 60.5}
  - {column: gross_price_eur, max_missing: 0.05%, severity: warning}
  - {column: discount, min: 0.001, severity: warning}
  - {rows: {min: 12345}, severity: warning}
"""
_SEPARATOR = re.compile(r"(?<=\d)[.,](?=[\d…])")
_TEXTS = """() => {
    const texts = [];
    const names = ['aria-label', 'aria-valuetext', 'title', 'placeholder', 'alt'];
    const note = (element, text) => {
        if (text && text.trim() && !element.closest('script, style')) texts.push(text);
    };
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const { parentElement, data } = walk.currentNode;
        if (!parentElement.closest('pre, code')) note(parentElement, data);
    }
    for (const element of document.body.querySelectorAll('*'))
        for (const name of names) note(element, element.getAttribute(name));
    for (const field of document.body.querySelectorAll('input:not([type=range])')) note(field, field.value);
    return texts;
}"""
_HOVERS = """() => [...document.querySelectorAll('.plot.drawn')].flatMap((place) => {
    try { window.Plotly.Fx.hover(place, [{ curveNumber: 0, pointNumber: 0 }]); } catch { return []; }
    return [...place.querySelectorAll('.hoverlayer text')].map((text) => text.textContent);
})"""


@dataclasses.dataclass(frozen=True)
class _Made:
    """Everything made of a table in which every kind of pattern is planted, with a model."""

    validated: ValidatedTable
    profile: Profile
    model: ModelReport
    explanations: Explanations
    insights: Insights
    file: str

    def page(self, form: NumberFormatName) -> bytes:
        """The page whose sidecar asks for a format."""
        looks = self.validated.sidecar.dashboard.model_copy(update={"number_format": form})
        sidecar = self.validated.sidecar.model_copy(update={"dashboard": looks})
        table = dataclasses.replace(self.validated, sidecar=sidecar)
        parts = self.profile, self.model, self.explanations, self.insights
        return build(table, *parts, built_from=factory.BUILT_FROM).html

    @property
    def artifacts(self) -> list[ArtifactModel]:
        """All that is written as JSON."""
        reports = [self.validated.reading, self.validated.validation]
        return [*reports, self.profile, self.model, self.explanations, self.insights]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> _Made:
    frame = samples.orders(n=3_000)
    rng = np.random.default_rng(1)
    frame = frame.with_columns(
        rate=pl.Series(rng.choice([0.5, 1.5, 2.25, 1250.5], frame.height)),
        contact=pl.Series([f"person{place}@example.com" for place in range(frame.height)]),
        latitude=pl.Series(rng.normal(48.1, 0.2, frame.height)),
        longitude=pl.Series(rng.normal(11.5, 0.3, frame.height)),
        gross_price_eur=pl.when(pl.Series(rng.random(frame.height)) > 0.01).then("gross_price_eur"),
    )
    file = frame.write_csv().replace("\n10005,", "\n10005,,,,\n10005,", 1)
    validated = Dropper(tmp_path_factory.mktemp("drop")).validate(file, sidecar=_SIDECAR)
    profile = build_profile(validated)
    model = train(validated, profile, options=ModelOptions(target="returned", budget_seconds=2))
    explanations = explain(validated, model)
    insights = generate(validated, profile, model.report, explanations)
    return _Made(validated, profile, model.report, explanations, insights, file)


@pytest.fixture(scope="module")
def address(made: _Made, tmp_path_factory: pytest.TempPathFactory) -> functools.partial[str]:
    folder = tmp_path_factory.mktemp("numbers")

    @functools.cache
    def written(form: NumberFormatName) -> str:
        path: Path = folder / f"{len(list(folder.iterdir()))}.html"
        path.write_bytes(made.page(form))
        return path.as_uri()

    return functools.partial(written)


@pytest.fixture
def page(browser: Browser) -> Iterator[Watched]:
    with watched(browser) as seen:
        yield seen
        assert seen.console == []


def texts_of(page: Watched, address: str) -> list[str]:
    """All that a page says, in words, axes and hovers, without queries."""
    page.open(address)
    page.read_through()
    page.page.locator("#what-if").scroll_into_view_if_needed()
    page.wait("document.getElementById('what-if').dataset.ready === 'true'")
    page.page.locator("#row-filters").click()
    page.page.locator("summary").evaluate_all("(all) => { for (const one of all) one.parentElement.open = true; }")
    page.wait(
        "document.querySelectorAll('.chart-table table').length === document.querySelectorAll('.plot').length"
    )
    texts: list[str] = page.evaluate(_TEXTS)
    hovers: list[str] = page.evaluate(_HOVERS)
    assert len(hovers) > 10
    return [*texts, *hovers]


def is_quoted(text: str, file: str) -> bool:
    """Whether a text is the file's own: a record, or some cells."""
    known = re.sub(r"person\d+@example\.com", "[e-mail address]", file)
    bare = text.rstrip("…")
    return bare in known or all(part in known for part in bare.split(", "))


def test_all_numbers_of_a_page_are_in_its_format_and_nothing_else_differs(
    page: Watched, made: _Made, address: functools.partial[str]
) -> None:
    english, german = (texts_of(page, address(form)) for form in ("1,234.5", "1.234,5"))
    assert len(english) == len(german) > 10_000
    swapped = str.maketrans(",.", ".,")
    in_both = []
    for one, other in zip(english, german, strict=True):
        separators = {found.start() for found in _SEPARATOR.finditer(one)}
        differing = {place for place, pair in enumerate(zip(one, other, strict=True)) if len(set(pair)) > 1}
        assert all(other[place] == one[place].translate(swapped) for place in differing & separators), (one, other)
        assert differing <= separators, (one, other)
        if differing < separators:
            in_both.append(other.replace(factory.BUILT_FROM.code_version, ""))
    assert [text for text in in_both if _SEPARATOR.search(text) and not is_quoted(text, made.file)] == []
    assert not [text for text in german if re.search(f"[{GROUP}{POINT}]|FDD[01]", text)]


def saved(page: Watched, address: str) -> dict[str, bytes]:
    """What a page saves as CSV: the rows, a chart's numbers with labels, a column's counts by ranges."""
    page.open(f"{address}#explore~unit_price_eur=0..20.5")
    page.wait("document.querySelector('#explore .facet.filtered')")
    found = {"address": page.page.url.partition("#")[2].encode()}
    facet = page.page.locator(".facet.filtered")
    facet.locator("summary").click()
    page.page.locator(".plot").first.scroll_into_view_if_needed()
    page.wait("document.querySelector('figure .save-chart')")
    charts = page.page.locator("figure").filter(has=page.page.locator(".save-chart"))
    charts.first.locator(".save-chart summary").click()
    for name, place in (("rows", page.page.locator("#row-export")), ("facet", facet), ("chart", charts.first)):
        button = place if name == "rows" else place.get_by_role("button", name="CSV")
        with page.page.expect_download() as downloading:
            button.click()
        found[name] = Path(downloading.value.path()).read_bytes()
    return found


def test_what_is_saved_and_linked_stays_plain(page: Watched, address: functools.partial[str]) -> None:
    english, german = (saved(page, address(form)) for form in ("1,234.5", "1.234,5"))
    assert english == german
    assert b"unit_price_eur=" in german["address"]


def test_filters_of_the_data_table_read_numbers_as_they_are_shown(
    page: Watched, made: _Made, address: functools.partial[str]
) -> None:
    page.open(address("1.234,5"))
    page.page.locator("#row-filters").click()
    field = page.page.get_by_label("Filter revenue", exact=True)
    shown = pl.Series(
        page.evaluate("""async () => {
        const { names, columns } = JSON.parse(await window.dspUnpack('rows-data'));
        return columns[names.indexOf('revenue')];
    }""")
    )
    for said, expected in (
        ("> 1.000,5", shown > 1000.5),
        ("> 1000,5", shown > 1000.5),
        ("0,5..12,25", shown.is_between(0.5, 12.25)),
        ("1.000..2.000", shown.is_between(1_000, 2_000)),
    ):
        field.fill(said)
        count = f"{expected.sum():,}".replace(",", ".")
        starts = "(text) => document.getElementById('row-count').textContent.startsWith(text)"
        page.wait(starts, f"{count} of ")
    assert made.validated.table.height > 2_000


def test_the_form_reads_and_writes_numbers_as_they_are_shown(
    page: Watched, address: functools.partial[str]
) -> None:
    told = {}
    for form, typed in (("1,234.5", "1234.5"), ("1'234.5", "1'234.5"), ("1 234,5", "1 234,5")):
        page.open(address(form))
        page.page.locator("#what-if").scroll_into_view_if_needed()
        page.wait("document.getElementById('what-if').dataset.ready === 'true'")
        page.page.locator("#what-if details").evaluate_all("(all) => { for (const one of all) one.open = true; }")
        field = page.page.locator("#what-if").get_by_label("unit_price_eur", exact=True)
        page.write(field, typed)
        page.wait(
            "([id, typed]) => document.getElementById(id).value === typed", [field.get_attribute("id"), typed]
        )
        page.evaluate("new Promise(requestAnimationFrame)")  # in which the form answers
        told[form] = page.page.locator("#what-if-said").inner_text()
        hint = page.page.locator(".control.changed .hint").inner_text()
        assert hint.startswith("beyond the data (")
        field.fill("")
    assert len({re.sub(r"[.,]", "", text) for text in told.values()}) == 1
    page.write(page.page.locator("#what-if").get_by_label("unit_price_eur", exact=True), "1.5.2")
    page.wait("document.querySelector('.control.changed .hint').textContent === 'not a number'")


def test_artifacts_are_plain_and_make_the_same_page_when_they_are_read_again(made: _Made) -> None:
    for artifact in made.artifacts:
        assert not re.search(f"[{GROUP}{POINT}]", artifact.to_json().decode())
    again = dataclasses.replace(
        made,
        profile=Profile.model_validate_json(made.profile.to_json()),
        model=ModelReport.model_validate_json(made.model.to_json()),
        explanations=Explanations.model_validate_json(made.explanations.to_json()),
        insights=Insights.model_validate_json(made.insights.to_json()),
    )
    assert again.page("1.234,5") == made.page("1.234,5")
    quarantine = made.validated.quarantined.scan().collect()
    assert not re.search(f"[{GROUP}{POINT}]", quarantine.write_json())


def test_a_page_shows_no_personal_data_in_any_format(made: _Made) -> None:
    assert b"@example.com" not in made.page("1.234,5")
