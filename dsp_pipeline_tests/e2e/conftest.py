"""A real browser for tests that look at pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

from dsp_pipeline_tests import pages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium for the module's tests.

    Not for the session: Playwright's loop stays on the thread while it runs, and other tests start loops.
    """
    with sync_playwright() as playwright:
        chromium = pages.launch(playwright)
        yield chromium
        chromium.close()
