"""More than 300 payloads in cells, headers, names and sidecars: shown as they are, and nothing of them runs."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import polars as pl
import pytest

from dsp_pipeline.core.artifacts.summary import Catalogue, CatalogueEntry
from dsp_pipeline.core.artifacts.validation import CheckResult
from dsp_pipeline.core.sidecar import Sidecar
from dsp_pipeline.dashboard.catalogue import render_catalogue
from dsp_pipeline.dashboard.wording import visible
from dsp_pipeline_tests.dashboard import corpus, factory
from dsp_pipeline_tests.dashboard.test_catalogue import published
from dsp_pipeline_tests.faults import failure
from dsp_pipeline_tests.pages import Watched, watched

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = pytest.mark.e2e

_MEGABYTE = 1_000_000
_ROWS = len(corpus.ALL)


def shown(text: str) -> str:
    """A text as a page's text content has it: parsers of HTML make one line break of both kinds."""
    return visible(text).replace("\r\n", "\n").replace("\r", "\n")


def unharmed(seen: Watched, address: str) -> None:
    """The page is whole, and nothing ran, complained, asked or left."""
    seen.read_through()
    assert (seen.console, seen.dialogs) == ([], [])
    assert set(seen.requests) <= {address}
    assert seen.evaluate("window.pwned") is None
    assert seen.evaluate("document.querySelectorAll('main, footer, header').length") == 3
    seen.fits()


def test_the_corpus_has_more_than_three_hundred_payloads() -> None:
    assert _ROWS > 300


def cells() -> factory.Case:
    """Every payload as a cell, a label, a value of an insight and a check; all together as title and as noun."""
    huge = [f"{payload}{'x' * _MEGABYTE}" for payload in corpus.TAGS[:3]]
    frame = pl.DataFrame(
        {
            "text": corpus.ALL,
            "label": [corpus.ALL[row % 97] for row in range(_ROWS)],
            "huge": [*huge, *corpus.ALL[3:]],
            "number": [float(row % 17) for row in range(_ROWS)],
        }
    )
    said = factory.insights()
    cards = [
        said.insights[0].model_copy(
            update={
                "id": f"p{place}",
                "statement": payload,
                "action": payload,
                "evidence": payload,
                "type": payload,
                "subspace": {"label": payload, payload: "x"},
            }
        )
        for place, payload in enumerate(corpus.ALL)
    ]
    case = factory.case(
        frame,
        title=" ".join(corpus.ALL),
        sidecar=Sidecar(row_noun=" ".join(corpus.CLOSERS)),
        found=said.model_copy(update={"insights": cards}),
    )
    checks = [
        CheckResult(name="expect", column=payload, passed=False, failed_rows=1, severity="error", message=payload)
        for payload in corpus.ALL
    ]
    validation = case.validated.validation.model_copy(update={"checks": checks})
    return dataclasses.replace(case, validated=dataclasses.replace(case.validated, validation=validation))


def test_payloads_in_cells_insights_rules_and_titles_are_shown_as_they_are(
    browser: Browser, tmp_path: Path
) -> None:
    path = tmp_path / "cells.html"
    path.write_bytes(cells().build().html)
    with watched(browser) as seen:
        seen.open(path.as_uri())
        assert seen.evaluate("document.querySelector('h1').textContent") == shown(" ".join(corpus.ALL))
        seen.page.get_by_label("Rows per page").select_option("100")
        texts: list[str] = []
        while len(texts) < _ROWS:
            texts += seen.evaluate(
                "[...document.querySelectorAll('#row-table tbody tr')].map((row) => row.cells[1].textContent)"
            )
            seen.page.get_by_role("button", name="Next").evaluate("(button) => button.click()")
        assert texts == [visible(payload) for payload in corpus.ALL]
        statements = seen.evaluate("[...document.querySelectorAll('.insight h3')].map((head) => head.textContent)")
        assert sorted(statements) == sorted(shown(payload) for payload in corpus.ALL[: len(statements)])
        unharmed(seen, path.as_uri())


def test_payloads_as_names_of_columns_are_shown_as_they_are(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "headers.html"
    payloads = [name for name in corpus.ALL if name != "*"]  # which no column is called: etl.names
    frame = pl.DataFrame({name: [place % 3, 1, 2, 2] for place, name in enumerate(payloads)})
    path.write_bytes(factory.case(frame).build().html)
    with watched(browser, width=390, height=844) as seen:
        seen.open(path.as_uri())
        names = seen.evaluate(
            "[...document.querySelectorAll('.column h3, #column-list td:first-child')].map((e) => e.textContent)"
        )
        assert names == [shown(name) for name in payloads]
        heads = seen.evaluate("[...document.querySelectorAll('#row-table thead bdi')].map((e) => e.textContent)")
        assert heads == [visible(name) for name in payloads[: len(heads)]]
        unharmed(seen, path.as_uri())


def test_payloads_in_the_catalogue_are_shown_as_they_are(browser: Browser, tmp_path: Path) -> None:
    entries = {
        f"d{place:03}": CatalogueEntry(
            dataset=f"d{place:03}",
            latest=published(f"d{place:03}", title=payload, key_insight=payload, target=payload),
            failure=failure(key=payload, what=payload, where=payload, remedy=payload),
        )
        for place, payload in enumerate(corpus.ALL)
    }
    path = tmp_path / "index.html"
    path.write_bytes(render_catalogue(Catalogue(entries=entries)))
    with watched(browser) as seen:
        seen.open(path.as_uri())
        seen.wait("document.getElementById('datasets').dataset.ready")
        titles = seen.evaluate("[...document.querySelectorAll('.dataset h2')].map((head) => head.textContent)")
        assert sorted(titles) == sorted(shown(payload) for payload in corpus.ALL)
        unharmed(seen, path.as_uri())
