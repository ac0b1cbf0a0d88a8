"""What-if in a real browser, offline: values change, and the prediction is the one that Python makes of them."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from dsp_pipeline.core.sidecar import Sidecar
from dsp_pipeline.dashboard.sections import rows
from dsp_pipeline.ml.automl.options import CallOptions, ModelOptions
from dsp_pipeline.ml.automl.predictor import Predictor
from dsp_pipeline.ml.automl.trainer import train
from dsp_pipeline.ml.insights.explainer import explain
from dsp_pipeline.ml.statistics.profile import build_profile
from dsp_pipeline_tests.dashboard import factory
from dsp_pipeline_tests.e2e.axe import violations
from dsp_pipeline_tests.pages import Watched, watched

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = pytest.mark.e2e

_TARGET = "returned"
_LONG = 20
"""The order whose note is longer than the data table shows."""

_THRESHOLD = 0.3
"""From which probability on an order is called returned."""

_OPTIONS = ModelOptions(target=_TARGET, budget_seconds=1, call=CallOptions(threshold=_THRESHOLD))


@dataclasses.dataclass(frozen=True)
class _Orders:
    """Orders with a model of which ones come back."""

    table: pl.DataFrame
    predictor: Predictor
    case: factory.Case

    def said(self, place: int, **changes: object) -> str:
        """What the model answers for a row of the data table (from 1) with some of its values changed."""
        row = self.table[[place - 1]].with_columns(**{name: pl.lit(value) for name, value in changes.items()})
        share = float(self.predictor.respond(row)[0, 1])
        is_called = share >= _THRESHOLD
        text = f"{share if is_called else 1 - share:.1%}".replace(".0%", "%")
        return f"{'true' if is_called else 'false'}, {text}"


@pytest.fixture(scope="module")
def orders() -> _Orders:
    frame = factory.orders(700, seed=21).drop("order_id")
    surprises = pl.Series(np.random.default_rng(21).random(700) < 0.15)
    frame = frame.with_columns(
        ((pl.col("amount") > 45) ^ surprises).alias(_TARGET),
        pl.when(pl.int_range(pl.len()) == _LONG - 1).then(pl.lit("gift " * 100)).otherwise("note").alias("note"),
    )
    table = factory.validated(frame, sidecar=Sidecar(target=_TARGET))
    profile = build_profile(table)
    model = train(table, profile, options=_OPTIONS)
    case = dataclasses.replace(
        factory.case(frame),
        validated=table,
        profiled=lambda: profile,
        model=model.report,
        explanations=explain(table, model),
    )
    return _Orders(frame, Predictor.load(model.files), case)


@pytest.fixture(scope="module")
def address(orders: _Orders, tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("what-if") / "orders.html"
    path.write_bytes(orders.case.build().html)
    return path.as_uri()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Watched]:
    """The page at its what-if section; whatever a test does, it neither complains nor asks for anything."""
    with watched(browser) as seen:
        seen.open(address)
        seen.page.locator("#what-if").scroll_into_view_if_needed()
        seen.wait("document.getElementById('what-if').dataset.ready === 'true'")
        yield seen
        assert seen.console == []
        assert set(seen.requests) <= {address}


def says(page: Watched, text: str) -> None:
    """Wait for a prediction."""
    page.wait("(text) => document.getElementById('what-if-said').textContent === text", text)


def write(page: Watched, label: str, text: str) -> None:
    """Write into the field of this label."""
    page.write(page.page.get_by_label(label, exact=True), text)


def take(page: Watched, place: int) -> None:
    """Start from a row of the data table."""
    write(page, "or row", str(place))
    page.page.keyboard.press("Enter")


def test_a_row_of_the_data_table_is_predicted_as_python_predicts_it(page: Watched, orders: _Orders) -> None:
    for place in (1, 350, 700):
        take(page, place)
        says(page, orders.said(place))


def test_changed_values_change_the_prediction_as_in_python_and_can_be_undone(
    page: Watched, orders: _Orders
) -> None:
    take(page, 12)
    says(page, orders.said(12))
    write(page, "amount", "412.5")
    says(page, orders.said(12, amount=412.5))
    page.page.get_by_label("region", exact=True).select_option(label="missing")
    says(page, orders.said(12, amount=412.5, region=None))
    write(page, "discount", "")
    says(page, orders.said(12, amount=412.5, region=None, discount=None))
    assert page.page.locator(".control.changed").count() >= 2
    page.page.get_by_role("button", name="Undo changes").click()
    says(page, orders.said(12))
    assert page.page.locator(".control.changed").count() == 0


def test_the_slider_moves_by_keyboard_and_its_reasons_with_it(page: Watched) -> None:
    reason = page.page.locator("#what-if-reasons li").filter(has_text="amount =")
    before = reason.inner_text()
    page.page.get_by_label("amount, slider").press("End")
    page.wait(
        "(text) => [...document.querySelectorAll('#what-if-reasons li')].some("
        "(line) => line.textContent.startsWith('amount =') && line.innerText !== text)",
        before,
    )
    amount = page.page.get_by_label("amount", exact=True).input_value()
    assert float(amount) == pytest.approx(float(page.page.get_by_label("amount, slider").input_value()), rel=1e-4)


def test_a_value_beyond_the_data_is_taken_and_said_to_be(page: Watched) -> None:
    write(page, "amount", "1000000")
    page.page.locator(".control.number .hint").filter(has_text="beyond the data").wait_for()


def test_a_row_that_is_not_there_is_said_not_to_be(page: Watched) -> None:
    take(page, 701)
    page.wait("document.getElementById('what-if-none').textContent.startsWith('Row 701 is not among')")


def refuses(page: Watched, place: int, columns: str) -> None:
    """A row is not answered for, because of these columns; the prediction stays as it was."""
    before = page.page.locator("#what-if-said").inner_text()
    take(page, place)
    said = f"Row {place} cannot be predicted here: the model reads more of it than this page holds ({columns})."
    page.wait("(text) => document.getElementById('what-if-none').textContent === text", said)
    assert page.page.locator("#what-if-said").inner_text() == before


def test_a_row_with_a_text_that_is_cut_is_not_answered_for(page: Watched, orders: _Orders) -> None:
    refuses(page, _LONG, "note")
    take(page, _LONG + 1)
    says(page, orders.said(_LONG + 1))
    assert page.page.locator("#what-if-none").inner_text() == ""


def test_rows_with_columns_beyond_those_in_the_page_are_not_answered_for(
    browser: Browser, orders: _Orders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "MOST_COLUMNS", orders.table.columns.index("note"))
    path = tmp_path / "orders.html"
    path.write_bytes(orders.case.build().html)
    with watched(browser) as seen:
        seen.open(path.as_uri())
        seen.page.locator("#what-if").scroll_into_view_if_needed()
        seen.wait("document.getElementById('what-if').dataset.ready === 'true'")
        refuses(seen, 1, "note")


def test_nearest_rows_with_another_prediction_can_be_started_from(page: Watched, orders: _Orders) -> None:
    explained = orders.case.explanations.rows
    place, shown = next((place, row) for place, row in enumerate(explained) if row.counterfactuals)
    page.page.locator("#what-if-start").select_option(str(place))
    near = page.page.locator("#what-if-nearest button").first
    near.click()
    says(page, orders.said(shown.counterfactuals[0].row + 1))


def test_the_section_is_accessible_in_both_themes_on_phone_and_desk(page: Watched) -> None:
    write(page, "amount", "1000000")
    for scheme in ("light", "dark"):
        page.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        for width in (390, 1440):
            page.page.set_viewport_size({"width": width, "height": 900})
            page.fits()
            assert violations(page, "#what-if") == [], (scheme, width)
