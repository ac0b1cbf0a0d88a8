"""Pages in a real browser, offline: what people see, and that nothing else happens."""

from __future__ import annotations

import contextlib
import csv
import dataclasses
import datetime as dt
import functools
import http.server
import io
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import polars as pl
import pytest

from dsp_pipeline.core.artifacts.explanations import Swarm
from dsp_pipeline.core.artifacts.insights import ChartHint, Insights
from dsp_pipeline.core.artifacts.summary import Catalogue
from dsp_pipeline.core.sidecar import Sidecar
from dsp_pipeline.dashboard.catalogue import render_catalogue
from dsp_pipeline.dashboard.installing import app_files
from dsp_pipeline.dashboard.page import Surroundings
from dsp_pipeline.dashboard.palette import contrast
from dsp_pipeline_tests.browser import find_chromium, launch_flags
from dsp_pipeline_tests.dashboard import factory, hostile
from dsp_pipeline_tests.dashboard.test_catalogue import entry
from dsp_pipeline_tests.faults import failure
from dsp_pipeline_tests.pages import Watched, watched

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

pytestmark = pytest.mark.e2e

Scheme = Literal["light", "dark"]

_IS_KEPT = "async () => (await navigator.serviceWorker.getRegistration())?.active?.state === 'activated'"


def hostile_case() -> factory.Case:
    """Every payload in every place: cells, headers, title, names, insights, labels of the model."""
    payload = hostile.SCRIPTS[1]
    said = factory.insights()
    cards = [
        one.model_copy(update={"statement": text, "action": text, "evidence": text, "type": text})
        for one, text in zip(said.insights, hostile.SCRIPTS, strict=False)
    ]
    report = factory.binary_model("text").model_copy(update={"verdict": payload, "target_reason": payload})
    return factory.case(
        hostile.table(),
        model=report,
        title=hostile.SCRIPTS[6],
        sidecar=Sidecar(row_noun=payload),
        found=said.model_copy(update={"insights": cards}),
        built_from=factory.BUILT_FROM.model_copy(update={"key": payload, "run": payload}),
    )


CASES = {
    "mixed": factory.case,
    "regression": lambda: factory.case(model=factory.regression_model()),
    "no model": lambda: factory.case(model=factory.no_model()),
    "one column": lambda: factory.case(pl.DataFrame({"n": [1, 2, 3]})),
    "sample": lambda: factory.case(factory.orders(8_000), found=factory.insights()),
    "hostile": hostile_case,
}
WIDE = "wide"


class Pages(dict[str, str]):
    """The address of each case's file, and of the widest table's, made when it is first asked for."""

    def __init__(self, folders: pytest.TempPathFactory) -> None:
        super().__init__()
        self._folders = folders

    def __missing__(self, name: str) -> str:
        if name == WIDE:
            path = factory.widest(self._folders)
        else:
            path = self._folders.mktemp("page") / f"{name.replace(' ', '-')}.html"
            path.write_bytes(CASES[name]().build().html)
        return self.setdefault(name, path.as_uri())


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The address of each case's file."""
    return Pages(tmp_path_factory)


@pytest.fixture
def page(browser: Browser, pages: dict[str, str]) -> Iterator[Watched]:
    """The mixed case, open on a desk."""
    with watched(browser) as seen:
        seen.open(pages["mixed"])
        yield seen


@pytest.mark.parametrize("name", [*CASES, WIDE])
def test_the_file_draws_everything_and_asks_the_network_for_nothing(
    browser: Browser, pages: dict[str, str], name: str
) -> None:
    with watched(browser) as seen:
        seen.open(pages[name])
        seen.read_through()
        assert seen.console == []
        assert seen.dialogs == []
        assert set(seen.requests) <= {pages[name]}
        assert seen.evaluate("window.pwned") is None
        assert (
            seen.evaluate("document.querySelectorAll('.plot.drawn').length") == seen.page.locator(".plot").count()
        )
        assert seen.evaluate("[...document.querySelectorAll('.plot.drawn')].every(p => p.querySelector('svg'))")


_CUT_TEXTS = """[...document.querySelectorAll('.plot.drawn')].filter((plot) => plot.checkVisibility())
    .flatMap((plot) => [...plot.querySelectorAll('svg text')].filter((text) => text.textContent).filter((text) => {
        const [inner, outer] = [text.getBoundingClientRect(), plot.getBoundingClientRect()];
        return inner.width && (inner.right > outer.right + 1 || inner.left < outer.left - 1);
    }).map((text) => [plot.dataset.chart, text.textContent]))"""
"""Texts of charts that end beyond their frame."""


@pytest.mark.parametrize("name", ["mixed", "hostile", "wide", "regression"])
@pytest.mark.parametrize("width", [390, 768])
def test_nothing_is_wider_than_a_phone(browser: Browser, pages: dict[str, str], name: str, width: int) -> None:
    with watched(browser, width=width, height=844, scheme="dark") as seen:
        seen.open(pages[name])
        seen.read_through()
        seen.fits()
        seen.wait(f"({_CUT_TEXTS}).length === 0")
        assert seen.console == []


def test_hostile_cells_are_shown_just_as_they_are(browser: Browser, pages: dict[str, str]) -> None:
    with watched(browser) as seen:
        seen.open(pages["hostile"])
        texts = seen.evaluate(
            "[...document.querySelectorAll('#row-table tbody tr td:nth-child(3)')].map(c => c.textContent)"
        )
        assert texts[:20] == list(hostile.SCRIPTS[:20])
        heads = seen.evaluate("[...document.querySelectorAll('#row-table thead bdi')].map(h => h.textContent)")
        assert "__proto__" in heads
        assert "<script>alert(1)</script>" in heads
        assert "⟨U+202E⟩evil⟨U+202C⟩" in heads


def test_plotly_shows_hostile_labels_as_text(browser: Browser, tmp_path: Path) -> None:
    labels = ["<b>bold</b>", "<a href='javascript:alert(1)'>x</a>", "%{x} $y$ &lt;", "__proto__"]
    frame = pl.DataFrame({"label": labels * 30, "value": range(120)})
    card = factory.insight(1, "Labels.", ChartHint(kind="bar", columns=["label"]))
    path = tmp_path / "labels.html"
    path.write_bytes(
        factory.case(frame, found=Insights(tests_run=1, q_threshold=0.05, insights=[card])).build().html
    )
    with watched(browser) as seen:
        seen.open(path.as_uri())
        seen.read_through()
        shown = seen.evaluate(
            "[...document.querySelectorAll('[data-chart=insight-1-chart] .ytick text')].map(t => t.textContent)"
        )
        assert set(shown) == {"<b>bold</b>", "<a href='javascript:alert(1…", "%{x} $y$ &lt;", "__proto__"}
        assert seen.console == []


@pytest.mark.chromium_only
def test_the_theme_follows_the_system_until_one_is_chosen_and_remembered(
    browser: Browser, pages: dict[str, str]
) -> None:
    with watched(browser, scheme="dark") as seen:
        seen.open(pages["mixed"])
        dark = seen.evaluate("getComputedStyle(document.body).backgroundColor")
        toggle = seen.page.get_by_role("button", name="Dark theme")
        assert toggle.get_attribute("aria-pressed") == "true"
        toggle.click()
        seen.wait("(dark) => getComputedStyle(document.body).backgroundColor !== dark", dark)
        light = seen.evaluate("getComputedStyle(document.body).backgroundColor")
        assert toggle.get_attribute("aria-pressed") == "false"
        # Chromium's pages hand what they store to its main process a moment later; a reload may be quicker.
        for _ in range(20):
            seen.page.wait_for_timeout(250)
            seen.page.reload()
            after = seen.evaluate("getComputedStyle(document.body).backgroundColor")
            if after == light:
                break
        assert after == light
        assert seen.console == []


def test_charts_change_with_the_theme(page: Watched) -> None:
    page.read_through()
    colour = "getComputedStyle(document.querySelector('[data-chart=insight-1-chart] .bars path')).fill"
    before = page.evaluate(colour)
    page.page.get_by_role("button", name="Dark theme").click()
    page.wait(f"{colour} !== '{before}'")
    assert page.console == []


def cells(page: Watched, column: int) -> list[str]:
    """The shown cells of a column of the data table; the row's number is column 0."""
    texts: list[str] = page.evaluate(
        "n => [...document.querySelectorAll('#row-table tbody tr')].map(r => r.cells[n].textContent)", column
    )
    return texts


def test_the_table_sorts_by_numbers_and_keeps_missing_values_last(page: Watched) -> None:
    frame = factory.orders()
    discount = frame.columns.index("discount") + 1
    head = page.page.locator("#row-table thead th").nth(discount)
    head.get_by_role("button").click()
    page.wait("document.querySelector('#row-table [aria-sort=ascending]')")
    assert head.get_attribute("aria-sort") == "ascending"
    known = sorted(value for value in frame["discount"].to_list() if value is not None)
    assert [float(text) for text in cells(page, discount)] == known[:25]
    head.get_by_role("button").click()
    page.wait("document.querySelector('#row-table [aria-sort=descending]')")
    assert head.get_attribute("aria-sort") == "descending"
    assert [float(text) for text in cells(page, discount)] == known[::-1][:25]
    for _ in range(23):
        page.page.get_by_role("button", name="Next").click()
    page.wait("document.getElementById('row-page').textContent === 'Page 24 of 24'")
    assert cells(page, discount)[-1] == "missing"


@pytest.mark.parametrize(
    ("column", "asked", "rows"),
    [
        ("amount", "> 100", lambda t: t.filter(pl.col("amount") > 100)),
        ("amount", "50..60", lambda t: t.filter(pl.col("amount").is_between(50, 60))),
        ("items", "= 5", lambda t: t.filter(pl.col("items") == 5)),
        ("discount", "missing", lambda t: t.filter(pl.col("discount").is_null())),
        ("region", "SOUTH", lambda t: t.filter(pl.col("region") == "south")),
        ("note", "handle", lambda t: t.filter(pl.col("note").str.contains("handle"))),
    ],
)
def test_column_filters_find_the_rows_that_polars_finds(
    page: Watched, column: str, asked: str, rows: object
) -> None:
    assert callable(rows)
    expected = rows(factory.orders()).height
    # Not clicked: where charts above are still being drawn, the button may move under the mouse.
    page.page.get_by_role("button", name="Filter columns").press("Enter")
    page.page.get_by_label(f"Filter {column}", exact=True).fill(asked)
    page.wait("n => document.getElementById('row-count').textContent === `${n} of 600 rows`", expected)
    assert page.console == []


def test_a_filter_counts_although_the_next_one_is_filled_at_once(page: Watched) -> None:
    page.page.get_by_role("button", name="Filter columns").press("Enter")
    page.page.evaluate("""() => {
        for (const [name, asked] of [["items", "= 5"], ["region", "south"]]) {
            const input = document.querySelector(`[aria-label="Filter ${name}"]`);
            input.value = asked;
            input.dispatchEvent(new Event("input"));
        }
    }""")
    expected = factory.orders().filter(pl.col("items") == 5, pl.col("region") == "south").height
    page.wait("n => document.getElementById('row-count').textContent === `${n} of 600 rows`", expected)


def test_search_paging_and_the_empty_table(page: Watched) -> None:
    search = page.page.get_by_label("Search all cells")
    search.fill("A-0001")
    page.wait("document.getElementById('row-count').textContent === '10 of 600 rows'")
    search.fill("no such thing")
    page.wait("document.querySelector('#row-table tbody').textContent === 'No row matches.'")
    search.fill("")
    page.wait("document.getElementById('row-count').textContent === ''")
    page.page.get_by_label("Rows per page").select_option("100")
    assert len(cells(page, 0)) == 100
    page.page.get_by_role("button", name="Next").click()
    page.wait("document.getElementById('row-page').textContent === 'Page 2 of 6'")
    assert cells(page, 0)[0] == "101"


def test_the_exported_rows_are_those_shown_with_formulas_disarmed(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "formulas.html"
    frame = pl.DataFrame({"text": [*hostile.FORMULAS, 'quote " and , comma'], "n": [-1.5, 2, 3, 4, 5, None]})
    path.write_bytes(factory.case(frame).build().html)
    with watched(browser) as seen:
        seen.open(path.as_uri())
        with seen.page.expect_download() as downloading:
            seen.page.get_by_role("button", name="CSV").click()
        text = Path(downloading.value.path()).read_text(encoding="utf-8")
    records = list(csv.reader(io.StringIO(text)))
    assert records[0] == ["text", "n"]
    assert [record[0] for record in records[1:6]] == [f"'{formula}" for formula in hostile.FORMULAS]
    assert records[6] == ['quote " and , comma', ""]
    assert records[1][1] == "-1.5"


def test_columns_are_found_by_name_and_kind(browser: Browser, pages: dict[str, str]) -> None:
    with watched(browser) as seen:
        seen.open(pages["wide"])
        seen.page.get_by_label("Search the columns").fill("column_4999")
        seen.wait("document.getElementById('column-count').textContent === '1 of 5000'")
        assert seen.page.locator("#column-list tbody tr:visible").count() == 1
        seen.page.get_by_label("Search the columns").fill("nowhere")
        seen.page.locator("#columns").get_by_text("No column matches.").wait_for()


def test_another_prediction_can_be_taken_apart(page: Watched) -> None:
    page.page.get_by_label("One prediction taken apart").select_option("2")
    page.page.locator("[data-chart=row-2]").scroll_into_view_if_needed()
    page.page.wait_for_selector("[data-chart=row-2].drawn")
    assert not page.page.locator("[data-chart=row-1]").is_visible()


def test_a_swarm_is_saved_with_its_columns_names(browser: Browser, tmp_path: Path) -> None:
    shap = {"amount": [0.5, 0.5, 0.5, -0.25, -0.25], "region": [0.125, 0.125, 0.125, 0.125, 0.0]}
    swarms = [Swarm(feature=name, shap=values, level=[0.5] * 5) for name, values in shap.items()]
    case = factory.case()
    told = case.explanations.model_copy(update={"swarms": swarms})
    path = tmp_path / "swarm.html"
    path.write_bytes(dataclasses.replace(case, explanations=told).build().html)
    with watched(browser) as seen:
        seen.open(path.as_uri())
        seen.page.locator("[data-chart=swarm]").scroll_into_view_if_needed()
        figure = seen.page.locator("figure").filter(has=seen.page.locator("[data-chart=swarm]"))
        figure.get_by_text("Save", exact=True).click()
        with seen.page.expect_download() as downloading:
            figure.get_by_role("button", name="CSV").click()
        saved = Path(downloading.value.path()).read_text(encoding="utf-8")
    _, *records = csv.reader(io.StringIO(saved))
    assert [(float(value), name) for value, name in records] == [
        (value, name) for name, values in shap.items() for value in values
    ]


def test_everything_can_be_reached_by_keyboard(page: Watched) -> None:
    page.tab()
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.page.keyboard.press("Enter")
    reached = set()
    for _ in range(260):
        page.tab()
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.tagName"))
    wanted = {"column-search", "column-kind", "row-choice", "row-search", "row-filters", "row-export", "row-next"}
    assert wanted <= reached


def test_controls_and_charts_have_names(page: Watched) -> None:
    nameless = page.evaluate("""() => [...document.querySelectorAll('button, input, select, a, summary')]
        .concat([...document.querySelectorAll('[role=img]')])
        .filter(e => !(e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.length))
        .map(e => e.outerHTML)""")
    assert nameless == []
    labels = page.evaluate("[...document.querySelectorAll('.plot')].map(p => p.getAttribute('aria-label'))")
    assert all(len(label) > 20 for label in labels)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_all_text_can_be_read(browser: Browser, pages: dict[str, str], scheme: Scheme, width: int) -> None:
    with watched(browser, scheme=scheme, width=width) as seen:
        seen.open(pages["mixed"])
        pairs = seen.evaluate("""() => {
            const ground = (e) => {
                for (let at = e; at; at = at.parentElement) {
                    const colour = getComputedStyle(at).backgroundColor;
                    if (colour !== 'rgba(0, 0, 0, 0)') return colour;
                }
                return 'rgb(255, 255, 255)';
            };
            const found = new Map();
            for (const e of document.querySelectorAll('body *:not(script, svg, svg *)')) {
                const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
                if (!own || !e.checkVisibility() || e.matches(':disabled')) continue;
                const opacity = getComputedStyle(e).opacity;
                found.set([getComputedStyle(e).color, ground(e), opacity].join('|'), e.className || e.tagName);
            }
            return [...found];
        }""")
        assert len(pairs) > 8
        for pair, where in pairs:
            colour, ground, opacity = pair.split("|")
            assert opacity == "1" or float(opacity) >= 0.85, where
            assert contrast(_hex(colour), _hex(ground)) >= 4.5, (pair, where)


def _hex(colour: str) -> str:
    red, green, blue = (int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(","))
    return f"#{red:02x}{green:02x}{blue:02x}"


@pytest.mark.chromium_only
def test_the_page_prints_light_and_without_controls(browser: Browser, pages: dict[str, str]) -> None:
    with watched(browser, scheme="dark") as seen:
        seen.open(pages["mixed"])
        seen.page.emulate_media(media="print")
        seen.wait("getComputedStyle(document.body).backgroundColor === 'rgb(255, 255, 255)'")
        assert not seen.page.get_by_role("button", name="Print").is_visible()
        colour = "getComputedStyle(document.querySelector('[data-chart=insight-1-chart] .bars path')).fill"
        seen.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        seen.wait("!document.querySelector('.plot.waiting')")
        seen.wait(f"{colour} === 'rgb(43, 102, 198)'")
        seen.page.set_viewport_size({"width": 703, "height": 1000})  # A4 with margins of 12 mm
        seen.fits()
        cut = """[...document.querySelectorAll('.plot.drawn')].filter((plot) => plot.checkVisibility()
            && plot.querySelector('svg').getBoundingClientRect().right > plot.getBoundingClientRect().right + 1)
            .map((plot) => plot.dataset.chart)"""
        seen.wait(f"{cut}.length === 0")
        assert seen.page.pdf(format="A4").startswith(b"%PDF")
        seen.evaluate("window.dispatchEvent(new Event('afterprint'))")
        seen.wait(f"{colour} === 'rgb(91, 144, 224)'")
        assert seen.console == []


def test_the_first_paint_does_not_wait_for_the_charts(browser: Browser, pages: dict[str, str]) -> None:
    with watched(browser) as seen:
        seen.page.goto(pages["mixed"])
        seen.wait("performance.getEntriesByName('first-contentful-paint').length === 1")
        assert seen.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime") < 5_000
        below = "document.querySelector('[data-chart=row-1]').classList.contains('waiting')"
        assert seen.evaluate(below)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str, list[str]]]:
    """A folder, the address that serves it, and the paths that were asked for."""
    asked: list[str] = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            super().do_GET()

        def log_message(self, *_: object) -> None:
            """Keep the tests' output clean."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield tmp_path, f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_served_page_asks_for_nothing_but_itself(browser: Browser, served: tuple[Path, str, list[str]]) -> None:
    folder, address, asked = served
    (folder / "index.html").write_bytes(factory.case().build().html)
    with watched(browser) as seen:
        seen.page.context.set_offline(offline=False)
        seen.open(f"{address}/index.html")
        seen.read_through()
        assert seen.console == []
    assert asked == ["/index.html"]


def published(folder: Path) -> None:
    """Write a page and what is published beside it."""
    page = factory.case().build(surroundings=Surroundings(installable=True)).html
    for name, data in {"index.html": page, **app_files("Orders")}.items():
        (folder / name).write_bytes(data)


@pytest.mark.chromium_only
def test_a_published_page_can_be_installed(browser: Browser, served: tuple[Path, str, list[str]]) -> None:
    folder, address, _ = served
    published(folder)
    profile = folder / "profile"  # a context as tests else use them is private, and nothing installs from those
    context = browser.browser_type.launch_persistent_context(
        profile, executable_path=find_chromium(), args=launch_flags()
    )
    with contextlib.closing(context):
        page = context.new_page()
        page.goto(f"{address}/index.html")
        errors = context.new_cdp_session(page).send("Page.getInstallabilityErrors")
    assert errors == {"installabilityErrors": []}


def test_a_published_page_is_kept_for_when_there_is_no_network(
    browser: Browser, served: tuple[Path, str, list[str]]
) -> None:
    folder, address, asked = served
    published(folder)
    with watched(browser) as seen:
        seen.page.context.set_offline(offline=False)
        seen.open(f"{address}/index.html")
        seen.wait(_IS_KEPT)
        seen.page.context.set_offline(offline=True)
        seen.open(f"{address}/index.html")
        assert seen.page.get_by_role("heading", name="Orders of the shop").is_visible()
        assert seen.console == []
    assert set(asked) <= {f"/{name}" for name in ("index.html", *app_files("Orders"))}


def published_catalogue(folder: Path, dataset: str, *, year: int) -> None:
    """Write a catalogue of one dataset and what is published beside it: the smallest page that is an app.

    Years apart, since this server tells files of one name by the second in which they were written.
    """
    page = render_catalogue(Catalogue(entries={dataset: entry(dataset, 1)}), installable=True)
    for name, data in {"index.html": page, **app_files("Dashboards")}.items():
        (folder / name).write_bytes(data)
    written = dt.datetime(year, 1, 1, tzinfo=dt.UTC).timestamp()
    os.utime(folder / "index.html", (written, written))


def shows(seen: Watched, address: str, dataset: str) -> None:
    """Open a catalogue, which has this dataset."""
    seen.page.goto(address)
    assert seen.page.locator(".dataset").get_attribute("data-dataset") == dataset


def test_an_updated_page_is_shown_when_it_is_next_opened(
    browser: Browser, served: tuple[Path, str, list[str]]
) -> None:
    """Browsers take a file for good for a tenth of its age where the server does not say otherwise."""
    folder, address, _ = served
    with watched(browser) as seen:
        seen.page.context.set_offline(offline=False)
        for year, dataset in enumerate(("sales", "stock", "orders"), start=2020):
            published_catalogue(folder, dataset, year=year)
            shows(seen, f"{address}/index.html", dataset)
            seen.wait(_IS_KEPT)


def test_a_page_is_kept_once_whatever_stands_behind_its_address(
    browser: Browser, served: tuple[Path, str, list[str]]
) -> None:
    folder, address, _ = served
    published_catalogue(folder, "sales", year=2020)
    with watched(browser) as seen:
        seen.page.context.set_offline(offline=False)
        shows(seen, f"{address}/", "sales")
        seen.wait(_IS_KEPT)
        published_catalogue(folder, "stock", year=2021)
        for ending in ("?mail=1", "?mail=2", "index.html?mail=3", ""):
            shows(seen, f"{address}/{ending}", "stock")
        kept = seen.evaluate("""async () => {
            const names = await caches.keys();
            const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
            return requests.flat().map(({ url }) => url);
        }""")
        beside = set(app_files("Dashboards")) - {"service-worker.js"}
        assert sorted(kept) == sorted(f"{address}/{name}" for name in ("index.html", *beside))
        seen.page.context.set_offline(offline=True)
        for ending in ("", "?mail=4", "index.html"):
            shows(seen, f"{address}/{ending}", "stock")


def test_the_catalogue_leads_to_dashboards_and_shows_failures(
    browser: Browser, served: tuple[Path, str, list[str]]
) -> None:
    folder, address, asked = served
    entries = {
        "orders": entry("orders", 3),
        "sales": entry("sales", 1, failed=failure()),
        "stock": entry("stock", 2),
    }
    (folder / "index.html").write_bytes(render_catalogue(Catalogue(entries=entries)))
    (folder / "orders").mkdir()
    (folder / "orders" / "index.html").write_bytes(factory.case().build().html)
    with watched(browser) as seen:
        seen.page.context.set_offline(offline=False)
        seen.open(f"{address}/index.html")
        assert seen.page.get_by_text("Mend the line.").is_visible()
        seen.page.get_by_label("Search the datasets").fill("orders")
        seen.wait("document.getElementById('count').textContent === '1 of 3'")
        seen.page.get_by_role("link", name="Orders").click()
        seen.page.wait_for_selector("#row-table[data-ready]")
        assert seen.console == []
    assert asked == ["/index.html", "/orders/index.html"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_catalogue_sorts_filters_and_fits_a_phone(browser: Browser, tmp_path: Path, scheme: Scheme) -> None:
    entries = {
        f"d{place}": entry(f"d{place}", 1 + place % 4, failed=failure() if place == 3 else None)
        for place in range(400)
    }
    path = tmp_path / "index.html"
    path.write_bytes(render_catalogue(Catalogue(entries=entries)))
    with watched(browser, width=390, height=844, scheme=scheme) as seen:
        seen.page.goto(path.as_uri())
        seen.wait("document.getElementById('datasets').dataset.ready")
        titles = "[...document.querySelectorAll('#datasets > li:not([hidden]) h2')].map(h => h.textContent)"
        seen.page.get_by_label("Sort by").select_option("title")
        assert seen.evaluate(titles)[:3] == ["D0", "D1", "D2"]
        seen.page.get_by_label("Status").select_option("failed")
        assert seen.evaluate(titles) == ["D3"]
        seen.page.get_by_label("Search the datasets").fill("nothing like it")
        seen.page.get_by_text("No dataset matches.").wait_for()
        seen.fits()
        assert seen.console == []
        assert set(seen.requests) <= {path.as_uri()}
