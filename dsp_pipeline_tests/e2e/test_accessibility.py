"""Pages for everyone: axe-core objects to nothing, and whatever can be pressed can be pressed by keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import pytest

from dsp_pipeline.core.artifacts.summary import Catalogue
from dsp_pipeline.dashboard.catalogue import render_catalogue
from dsp_pipeline_tests.dashboard import factory
from dsp_pipeline_tests.dashboard.test_catalogue import entry
from dsp_pipeline_tests.e2e.axe import violations
from dsp_pipeline_tests.faults import failure
from dsp_pipeline_tests.pages import Watched, watched

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = pytest.mark.e2e

_LESS_ALIKE = """() => {
    for (const table of [...document.querySelectorAll('.chart-table')].slice(2)) table.open = false;
    const rows = [...document.querySelectorAll('tbody')].flatMap((body) => [...body.rows].slice(6));
    for (const row of rows) row.hidden = true;
}"""
"""Two of the charts' tables, and six rows of each table, are enough: they have thousands of cells, all alike."""

_SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def the_catalogue() -> bytes:
    entries = {f"d{place}": entry(f"d{place}", 1 + place % 4) for place in range(5)}
    return render_catalogue(Catalogue(entries=entries | {"sales": entry("sales", 2, failed=failure())}))


PAGES: dict[str, Callable[[], bytes]] = {
    "dashboard": lambda: factory.case().build().html,
    "catalogue": the_catalogue,
}


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Where each page lies."""
    folder: Path = tmp_path_factory.mktemp("accessible")
    for name, make in PAGES.items():
        (folder / f"{name}.html").write_bytes(make())
    return {name: (folder / f"{name}.html").as_uri() for name in PAGES}


@pytest.mark.parametrize("scheme", _SCHEMES)
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_no_violation_on_phone_tablet_and_desk(
    browser: Browser, addresses: dict[str, str], name: str, scheme: Literal["light", "dark"]
) -> None:
    with watched(browser, scheme=scheme) as seen:
        seen.open(addresses[name])
        seen.read_through()
        seen.evaluate(_LESS_ALIKE)
        for width in (390, 768, 1440):
            seen.page.set_viewport_size({"width": width, "height": 900})
            seen.fits()
            assert violations(seen) == [], width


def controls(seen: Watched) -> dict[str, Any]:
    """Numbers each control that can be seen and used; returns what it is by its number.

    Clicks are noted and go no further, so that pressing everything changes nothing.
    """
    found: dict[str, Any] = seen.evaluate("""() => {
        const which = 'button, a[href], input, select, summary, [tabindex="0"]';
        window.pressed = [];
        document.addEventListener('click', (event) => {
            event.preventDefault();
            event.stopImmediatePropagation();
            const control = event.target.closest(which);
            if (control) window.pressed.push(control.dataset.control ?? null);
        }, true);
        const usable = [...document.querySelectorAll(which)].filter((e) => !e.disabled && e.checkVisibility());
        usable.forEach((control, place) => { control.dataset.control = String(place); });
        return Object.fromEntries(usable.map((control, place) => [place, control.outerHTML.slice(0, 160)]));
    }""")
    return found


@pytest.mark.parametrize("name", PAGES)
def test_every_control_is_reached_and_every_button_pressed_by_keyboard(
    browser: Browser, addresses: dict[str, str], name: str
) -> None:
    with watched(browser) as seen:
        seen.open(addresses[name])
        seen.read_through()
        wanted = controls(seen)
        reached, buttons = [], set()
        for _ in range(len(wanted) + 3):
            seen.tab()
            number, tag = seen.evaluate("[document.activeElement.dataset.control, document.activeElement.tagName]")
            reached.append(number)
            if tag in {"BUTTON", "A", "SUMMARY"}:
                buttons.add(number)
                seen.page.keyboard.press("Enter")
        assert {wanted[number] for number in set(wanted) - set(reached)} == set()
        seen.wait("(buttons) => buttons.every((number) => window.pressed.includes(number))", list(buttons))
        assert len(wanted) > 10
