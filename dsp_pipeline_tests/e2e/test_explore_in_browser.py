"""Filters in a real browser, offline: every answer is Polars' own, links restore it, and nothing else happens."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import numpy as np
import polars as pl
import pytest

from dsp_pipeline.dashboard.explore.table import embedded
from dsp_pipeline_tests.dashboard import factory, hostile
from dsp_pipeline_tests.e2e.random_filters import ask, combined, ready
from dsp_pipeline_tests.pages import Watched, watched

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Locator

    from dsp_pipeline.dashboard.explore.table import Embedded

pytestmark = pytest.mark.e2e

ROWS = 5_200
_COMBINATIONS = 40


@pytest.fixture(scope="module")
def case() -> factory.Case:
    """More orders than the data table holds, with an insight on those from the south."""
    found = factory.insights()
    south = found.insights[0].model_copy(update={"subspace": {"region": "south"}})
    return factory.case(
        factory.orders(ROWS), found=found.model_copy(update={"insights": [*found.insights[:2], south]})
    )


@pytest.fixture(scope="module")
def address(case: factory.Case, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page's file."""
    path = tmp_path_factory.mktemp("explore") / "orders.html"
    path.write_bytes(case.build().html)
    return path.as_uri()


@pytest.fixture(scope="module")
def opened(browser: Browser, address: str) -> Iterator[Watched]:
    """The page, open and ready."""
    with watched(browser) as seen:
        ready(seen, address)
        yield seen


@pytest.fixture
def page(opened: Watched, address: str) -> Iterator[Watched]:
    """The page without filters; whatever a test does, it neither complains nor asks the network for anything."""
    reset = opened.page.get_by_role("button", name="Reset")
    if reset.is_enabled():
        reset.click()
    everything(opened)
    yield opened
    assert opened.console == []
    assert opened.dialogs == []
    assert set(opened.requests) <= {address}


def count(page: Watched, rows: int, total: int = ROWS) -> None:
    """Wait until so many rows are said to pass."""
    text = f"{rows:,} of {total:,} rows"
    page.wait("(text) => document.getElementById('explore-count').textContent.startsWith(text)", text)


def everything(page: Watched) -> None:
    """Wait until all rows pass."""
    page.wait("(text) => document.getElementById('explore-count').textContent === text", f"All {ROWS:,} rows")


def test_random_filters_let_through_just_the_rows_that_polars_does(page: Watched, case: factory.Case) -> None:
    table, frame = embedded(case.material()), case.validated.table
    assert table is not None
    choice = random.Random(7)  # noqa: S311 - a sample of filters
    for _ in range(_COMBINATIONS):
        link, test = combined(table.columns, choice)
        expected = frame.select(test).to_series()
        assert ask(page, link) == "".join(str(int(row)) for row in expected.to_list()), link
        shown = page.evaluate("document.getElementById('explore-count').textContent")
        if expected.sum() < ROWS:
            assert shown.startswith(f"{expected.sum():,} of {ROWS:,} rows")


def figures(page: Watched, column: str) -> dict[str, int]:
    """The counts that a column of labels shows."""
    lines: list[list[str]] = page.evaluate(
        """(name) => [...document.querySelectorAll('.facet')]
            .find((card) => card.querySelector('h3').textContent === name).querySelectorAll('.line').values()
            .map((line) => [line.querySelector('.label').textContent, line.querySelector('.figure').textContent])
            .toArray()""",
        column,
    )
    return {label: int(text.replace(",", "")) for label, text in lines}


def test_each_column_counts_the_rows_that_all_other_filters_let_through(page: Watched, case: factory.Case) -> None:
    frame = case.validated.table
    ask(page, "region=south,east&items=2..4")
    others = frame.filter(pl.col("items").is_between(2, 4))
    both = others.filter(pl.col("region").is_in(["south", "east"]))
    assert figures(page, "region") == dict(others["region"].value_counts().iter_rows())
    returned = {str(value).lower(): rows for value, rows in both["returned"].value_counts().iter_rows()}
    assert figures(page, "returned") == returned
    ask(page, "region=south")
    page.page.get_by_role("button", name="Undo").click()
    count(page, both.height)
    page.page.get_by_role("button", name="Remove the filter on items: 2 to 4").click()
    count(page, frame.filter(pl.col("region").is_in(["south", "east"])).height)
    page.page.get_by_role("button", name="Reset").click()
    everything(page)
    assert figures(page, "region") == dict(frame["region"].value_counts().iter_rows())
    assert "~" not in page.evaluate("window.location.hash")


def test_a_filter_is_never_shown_beside_a_count_that_is_not_its_own(page: Watched, case: factory.Case) -> None:
    page.evaluate("""() => {
        window.beside = [];
        const note = () => window.beside.push(document.getElementById('explore-count').textContent);
        new MutationObserver(note).observe(document.getElementById('explore-chips'), { childList: true });
    }""")
    ask(page, "region=west")
    west = case.validated.table.filter(pl.col("region") == "west").height
    assert {text.split(" (")[0] for text in page.evaluate("window.beside")} == {f"{west:,} of {ROWS:,} rows"}


def drag(page: Watched, start: Locator, end: Locator, *, steps: int) -> None:
    """Press the mouse on one bar and move it to another, without letting it go."""
    start.hover(position={"x": 2, "y": 20})  # once it lies still: charts above may still be drawn
    page.page.mouse.down()
    last = end.bounding_box()
    assert last is not None
    page.page.mouse.move(last["x"] + 2, last["y"] + 20, steps=steps)


def test_brushing_a_chart_filters_by_a_range_and_the_link_restores_it(
    page: Watched, browser: Browser, address: str, case: factory.Case
) -> None:
    box = page.page.get_by_role("listbox", name="amount: choose values to filter by")
    box.scroll_into_view_if_needed()
    bars = box.get_by_role("option").all()
    low, high = ((bars[place].get_attribute("aria-label") or "").split(" to ") for place in (2, 5))
    passed = case.validated.table.filter(pl.col("amount").is_between(float(low[0]), float(high[1]), closed="left"))
    drag(page, bars[2], bars[5], steps=5)
    page.page.mouse.up()
    count(page, passed.height)
    assert page.page.get_by_role("button", name=f"Remove the filter on amount: {low[0]} to {high[1]}").is_visible()
    link: str = page.evaluate("window.location.href")
    with watched(browser, width=390, height=844, scheme="dark") as other:
        ready(other, link)
        count(other, passed.height)
        other.fits()
        assert other.console == []
    page.page.get_by_role("button", name="Undo").click()
    everything(page)


def told(page: Watched, text: str) -> None:
    """Wait until this was the last that readers heard."""
    page.wait("(text) => window.told.at(-1) === text", text)


_LISTEN = """() => {
    window.told = [];
    window.addresses = 0;
    const replace = History.prototype.replaceState;
    window.history.replaceState = (...said) => { window.addresses += 1; replace.apply(window.history, said); };
    for (const place of document.querySelectorAll('[aria-live], [role=status]')) {
        const note = () => window.told.push(place.textContent);
        new MutationObserver(note).observe(place, { childList: true, characterData: true, subtree: true });
    }
}"""
"""Counts the addresses that a page takes, and notes what readers of it hear."""


def test_a_drag_changes_the_address_once_and_readers_hear_only_what_changed(
    browser: Browser, address: str
) -> None:
    with watched(browser) as page:
        ready(page, address)
        page.evaluate(_LISTEN)
        box = page.page.get_by_role("listbox", name="amount: choose values to filter by")
        box.scroll_into_view_if_needed()
        bars = box.get_by_role("option").all()
        drag(page, bars[2], bars[8], steps=12)
        assert page.evaluate("window.addresses") == 0
        page.page.mouse.up()
        page.wait("window.addresses")
        assert page.evaluate("window.addresses") == 1
        assert page.evaluate("window.location.hash").startswith("#explore~amount=")
        page.wait("document.querySelector('#explore-chips button')")
        chosen = page.page.get_by_role("button", name="Remove the filter on amount: ")
        span = (chosen.get_attribute("aria-label") or "").removeprefix("Remove the filter on ")
        page.wait("document.getElementById('explore-count').textContent.includes(' of ')")
        said = (
            "(span) => window.told.at(-1) === `${span}. ${document.getElementById('explore-count').textContent}`"
        )
        page.wait(said, span)
        chosen.click()
        told(page, f"amount: no filter. All {ROWS:,} rows")
        assert [text for text in page.evaluate("window.told") if not text.startswith("amount: ")] == []
        assert page.console == []


def test_everything_can_be_chosen_by_keyboard(page: Watched, case: factory.Case) -> None:
    frame = case.validated.table
    labels = page.page.get_by_role("listbox", name="region: choose values to filter by")
    labels.focus()
    for key in ("ArrowDown", "Enter", "ArrowDown", "Enter"):
        labels.press(key)
    commonest = frame["region"].value_counts().sort("count", descending=True)["region"].head(2).to_list()
    count(page, frame.filter(pl.col("region").is_in(commonest)).height)
    labels.press("Escape")
    everything(page)
    items = page.page.get_by_role("listbox", name="items: choose values to filter by")
    items.focus()
    for key in ("Home", "ArrowRight", "Enter", "Shift+ArrowRight"):
        items.press(key)
    count(page, frame.filter(pl.col("items").is_between(2, 3)).height)
    assert items.get_by_role("option", selected=True).count() == 2


def test_form_fields_set_ranges_and_missing_values(page: Watched, case: factory.Case) -> None:
    card = page.page.locator(".facet").filter(has=page.page.get_by_role("heading", name="discount", exact=True))
    card.get_by_text("Filter and save").click()
    low = card.get_by_label("From").locator("option").nth(3).text_content() or ""
    card.get_by_label("From").select_option(index=3)
    test = pl.col("discount") >= float(low)
    count(page, case.validated.table.filter(test | pl.col("discount").is_null()).height)
    card.get_by_role("checkbox", name="Missing").uncheck()
    count(page, case.validated.table.filter(test).height)


def test_the_data_table_and_the_comparison_follow(page: Watched, case: factory.Case) -> None:
    frame = case.validated.table
    ask(page, "region=west")
    page.page.get_by_label("Rows per page").select_option("100")
    place = frame.columns.index("region") + 1
    cells = "(n) => [...document.querySelectorAll('#row-table tbody tr')].map((row) => row.cells[n].textContent)"
    said = f"{frame.filter(pl.col('region') == 'west').height:,} of all {ROWS:,} pass the filter"
    page.wait("(text) => document.getElementById('row-count').textContent.endsWith(text)", said)
    assert set(page.evaluate(cells, place)) == {"west"}
    ask(page, "amount=0..20")
    apart = page.page.locator("#explore-contrast-list").text_content() or ""
    low = frame.filter(pl.col("amount").is_between(0, 20, closed="left"))
    share = 100 * low.filter(pl.col("region") == "south").height / low.height
    rest = frame.filter(pl.col("amount") >= 20)
    other = 100 * rest.filter(pl.col("region") == "south").height / rest.height
    assert f"south: {share:.1f}% of these rows, {other:.1f}% of the rest" in apart


def test_few_rows_are_not_said_to_be_none_and_nearly_all_not_to_be_all(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "rare.html"
    frame = pl.DataFrame({"kind": ["rare", *["usual"] * 3_999], "side": ["left", "right"] * 2_000})
    path.write_bytes(factory.case(frame).build().html)
    with watched(browser) as seen:
        ready(seen, path.as_uri())
        for label, said in (("rare", "1 of 4,000 rows (<0.1%)"), ("usual", "3,999 of 4,000 rows (>99.9%)")):
            ask(seen, f"kind={label}")
            assert seen.evaluate("document.getElementById('explore-count').textContent") == said
        ask(seen, "side=left")
        assert seen.evaluate("document.getElementById('explore-count').textContent") == "2,000 of 4,000 rows (50%)"
        seen.page.get_by_label("What bars show").select_option("shares")
        assert seen.page.get_by_role("option", name="rare").text_content() == "rare<0.1%"


def test_an_insight_opens_with_its_rows(page: Watched, case: factory.Case) -> None:
    page.page.get_by_role("link", name="Show these rows").first.click()
    count(page, case.validated.table.filter(pl.col("region") == "south").height)
    page.page.locator(".toc").get_by_role("link", name="Data quality").click()
    page.wait("window.location.hash === '#quality~region=south'")


def test_a_chart_is_saved_as_counts_as_drawing_and_as_picture(page: Watched, case: factory.Case) -> None:
    ask(page, "items=1..3")
    card = page.page.locator(".facet").filter(has=page.page.get_by_role("heading", name="region", exact=True))
    card.locator("summary").click()
    saved = {}
    for kind in ("CSV", "SVG", "PNG"):
        with page.page.expect_download() as downloading:
            card.get_by_role("button", name=kind).click()
        assert downloading.value.suggested_filename == f"region.{kind.lower()}"
        saved[kind] = Path(downloading.value.path()).read_bytes()
    records = list(csv.reader(io.StringIO(saved["CSV"].decode())))
    frame = case.validated.table
    few = dict(frame.filter(pl.col("items").is_between(1, 3))["region"].value_counts().iter_rows())
    every = frame["region"].value_counts().sort("count", descending=True)
    expected = [[label, str(few[label]), str(rows)] for label, rows in every.iter_rows()]
    assert records == [["region", "rows that pass", "all rows"], *expected]
    assert saved["SVG"].startswith(b"<svg")
    assert b">south</text>" in saved["SVG"]
    assert saved["PNG"].startswith(b"\x89PNG")
    assert int.from_bytes(saved["PNG"][16:20]) == 1280


def test_labels_of_pictograms_are_saved_too(browser: Browser, tmp_path: Path) -> None:
    labels = ["\N{GRINNING FACE}" * 20, "x" + "\N{GRINNING FACE}" * 20]
    path = tmp_path / "faces.html"
    path.write_bytes(factory.case(pl.DataFrame({"mood": labels * 40, "n": range(80)})).build().html)
    with watched(browser) as seen:
        ready(seen, path.as_uri())
        card = seen.page.locator(".facet").filter(has=seen.page.get_by_role("heading", name="mood", exact=True))
        card.locator("summary").click()
        with seen.page.expect_download() as downloading:
            card.get_by_role("button", name="PNG").click()
        assert Path(downloading.value.path()).read_bytes().startswith(b"\x89PNG")
        assert seen.console == []


def test_every_drawn_chart_can_be_saved_with_its_title(page: Watched, case: factory.Case) -> None:
    page.page.locator("[data-chart=insight-1-chart]").scroll_into_view_if_needed()
    figure = page.page.locator("figure").filter(has=page.page.locator("[data-chart=insight-1-chart]"))
    figure.get_by_text("Save", exact=True).click()
    saved = {}
    for kind in ("CSV", "SVG", "PNG"):
        with page.page.expect_download() as downloading:
            figure.get_by_role("button", name=kind).click()
        assert downloading.value.suggested_filename == f"Mean-of-amount-by-region.{kind.lower()}"
        saved[kind] = Path(downloading.value.path()).read_bytes()
    header, *records = csv.reader(io.StringIO(saved["CSV"].decode()))
    means = case.validated.table.group_by("region").agg(pl.col("amount").mean()).sort("amount", descending=True)
    assert header == ["mean of amount", "label"]
    assert [label for _, label in records] == means["region"].to_list()
    assert [float(mean) for mean, _ in records] == pytest.approx(means["amount"].to_list(), rel=1e-5)
    assert b">Mean of amount by region</text>" in saved["SVG"]
    assert saved["PNG"].startswith(b"\x89PNG")


def test_every_drawn_chart_has_its_numbers_as_a_table(page: Watched, case: factory.Case) -> None:
    page.page.locator("[data-chart=insight-1-chart]").scroll_into_view_if_needed()
    figure = page.page.locator("figure").filter(has=page.page.locator("[data-chart=insight-1-chart]"))
    figure.get_by_text("Table", exact=True).click()
    means = case.validated.table.group_by("region").agg(pl.col("amount").mean()).sort("amount", descending=True)
    figure.locator("tbody tr").first.wait_for()
    lines = figure.locator("tbody tr").all_inner_texts()
    assert [line.split()[1] for line in lines] == means["region"].to_list()
    assert [float(line.split()[0]) for line in lines] == pytest.approx(means["amount"].to_list(), rel=1e-5)


def test_charts_of_all_rows_say_so_while_a_filter_is_set(page: Watched) -> None:
    said = page.page.locator("#overview .unfiltered").first
    assert not said.is_visible()
    ask(page, "region=west")
    assert said.is_visible()
    page.page.get_by_role("button", name="Reset").click()
    everything(page)
    assert not said.is_visible()


def test_a_range_that_is_zoomed_to_can_become_the_filter(page: Watched, case: factory.Case) -> None:
    figure = page.page.locator("figure").filter(has=page.page.locator("[data-chart=overview-rows]"))
    page.page.locator("[data-chart=overview-rows]").scroll_into_view_if_needed()
    page.page.wait_for_selector("[data-chart=overview-rows].drawn")
    keep = figure.get_by_role("button", name="Keep only rows in this range")
    assert not keep.is_visible()
    page.evaluate(
        """() => window.Plotly.relayout(document.querySelector('[data-chart=overview-rows]'),
            { 'xaxis.range[0]': '2024-03-05 10:00', 'xaxis.range[1]': '2024-03-20' })"""
    )
    keep.click()
    times = next(column.levels for column in _columns(case) if column.levels.name == "ordered_at")
    edges = [dt.datetime.fromisoformat(bound) for bound in times.bounds]
    low = max(edge for edge in edges if edge <= dt.datetime(2024, 3, 5, 10))  # noqa: DTZ001 - as the table has it
    high = min(edge for edge in edges if edge >= dt.datetime(2024, 3, 20))  # noqa: DTZ001 - as above
    count(page, case.validated.table.filter(pl.col("ordered_at").is_between(low, high, closed="left")).height)


def _columns(case: factory.Case) -> tuple[Embedded, ...]:
    table = embedded(case.material())
    assert table is not None
    return table.columns


def test_hostile_names_labels_and_links_are_text(browser: Browser, tmp_path: Path) -> None:
    frame = hostile.table(400)
    path = tmp_path / "hostile.html"
    path.write_bytes(factory.case(frame).build().html)
    payload = "<img src=x onerror=alert(1)>"
    with watched(browser, width=390, height=844) as seen:
        ready(seen, path.as_uri())
        for name, value in (("text", payload), ("<script>alert(1)</script>", "3..9"), ("__proto__", "x")):
            ask(seen, f"{quote(name, safe='')}={quote(value, safe='.')}&%E0%A4%A=1&{quote(payload)}")
        seen.page.goto(f"{path.as_uri()}#{quote(payload)}~text={quote(hostile.SCRIPTS[0], safe='')}")
        count(seen, frame.filter(pl.col("text") == hostile.SCRIPTS[0]).height, total=400)
        heads = seen.evaluate("[...document.querySelectorAll('.facet h3')].map((head) => head.textContent)")
        assert {"text", "__proto__", "⟨U+202E⟩evil⟨U+202C⟩"} <= set(heads)
        seen.fits()
        assert (seen.console, seen.dialogs) == ([], [])
        assert seen.evaluate("window.pwned") is None


_SHOWN_NAMES = "[...document.querySelectorAll('.facet:not([hidden]) h3')].map((head) => head.textContent).join()"


def test_many_columns_are_found_by_name(browser: Browser, tmp_path: Path) -> None:
    frame = pl.DataFrame({f"c{place}": [row % (place + 2) for row in range(60)] for place in range(30)})
    path = tmp_path / "many.html"
    path.write_bytes(factory.case(frame).build().html)
    with watched(browser) as seen:
        ready(seen, path.as_uri())
        cards = seen.page.locator(".facet:not([hidden])")
        assert cards.count() == 24
        seen.page.get_by_label("Find a column to filter by").fill("c29")
        seen.wait(f"{_SHOWN_NAMES} === 'c29'")
        ask(seen, "c29=0..0")
        seen.wait("document.querySelectorAll('.facet:not([hidden]) .bin[aria-selected=true]').length === 1")
        seen.page.get_by_label("Find a column to filter by").fill("")
        seen.page.get_by_role("button", name="Show all 30 columns").click()
        seen.wait("document.querySelectorAll('.facet:not([hidden])').length === 30")
        seen.page.get_by_label("Find a column to filter by").fill("nowhere")
        seen.page.locator("#explore-none").wait_for()
        seen.page.get_by_label("Find a column to filter by").fill("c0")
        seen.wait("document.querySelector('.facet:not([hidden]) .tip').textContent === '2 of 60 rows'")
        assert seen.console == []


def test_counts_stay_exact_whatever_order_filters_come_in(browser: Browser, tmp_path: Path) -> None:
    values = np.random.default_rng(5).integers(0, 5, (900, 3))
    frame = pl.DataFrame({name: values[:, place].astype(str) for place, name in enumerate("abc")})
    path = tmp_path / "abc.html"
    path.write_bytes(factory.case(frame).build().html)
    choice = random.Random(3)  # noqa: S311 - a sample of filters
    with watched(browser) as seen:
        ready(seen, path.as_uri())
        for _ in range(25):
            asked = {
                name: choice.sample("01234", choice.randrange(1, 5))
                for name in choice.sample("abc", choice.randrange(1, 4))
            }
            ask(seen, "&".join(f"{name}={','.join(labels)}" for name, labels in asked.items()))
            for name in "abc":
                tests = [pl.col(one).is_in(labels) for one, labels in asked.items() if one != name]
                passed = frame.filter(*tests) if tests else frame
                expected = dict.fromkeys("01234", 0) | dict(passed[name].value_counts().iter_rows())
                assert figures(seen, name) == expected
        assert seen.console == []
