"""Real browsers for tests that look at pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

from dsp_pipeline_tests import firefox, pages
from dsp_pipeline_tests.browser import find_firefox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests run in Chromium and, where the system has it, in Firefox too."""
    if "browser" in metafunc.fixturenames:
        both = find_firefox() is not None and metafunc.definition.get_closest_marker("chromium_only") is None
        names = ["chromium", "firefox"] if both else ["chromium"]
        metafunc.parametrize("browser", names, indirect=True, scope="module")


@pytest.fixture(scope="module")
def browser(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A headless browser for the module's tests.

    Not for the session: Playwright's loop stays on the thread while it runs, and other tests start loops.
    """
    with sync_playwright() as playwright:
        binary = find_firefox() if request.param == "firefox" else None
        launched = (
            firefox.launch(playwright, binary, tmp_path_factory.mktemp("firefox"))
            if binary is not None
            else pages.launch(playwright)
        )
        yield launched
        launched.close()
