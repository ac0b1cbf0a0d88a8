"""A real browser's view of a page: opened, read through, and everything noted that it did or complained of."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from typing import TYPE_CHECKING, Any, Literal

from dsp_pipeline.dashboard.packager import script
from dsp_pipeline_tests.browser import find_chromium, launch_flags

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, ConsoleMessage, Dialog, Locator, Page, Playwright, Request

_SETTLED_SECONDS = 90
_BREATH_MILLISECONDS = 50
_AWAIT_TAB = """() => {
    window.tabbed = false;
    const note = ({ key }) => {
        if (key !== 'Tab') return;
        window.tabbed = true;
        window.removeEventListener('keyup', note, true);
    };
    window.addEventListener('keyup', note, true);
}"""


@dataclasses.dataclass
class Watched:
    """A page with what was seen of it: console messages, errors, requests and dialogs."""

    page: Page
    console: list[str] = dataclasses.field(default_factory=list)
    requests: list[str] = dataclasses.field(default_factory=list)
    dialogs: list[str] = dataclasses.field(default_factory=list)

    def note_console(self, message: ConsoleMessage) -> None:
        """Keep a console message."""
        self.console.append(f"{message.type}: {message.text}")

    def note_request(self, request: Request) -> None:
        """Keep a request's address; what the page made itself (data: and blob:) leaves nothing."""
        if not request.url.startswith(("data:", "blob:")):
            self.requests.append(request.url)

    def note_dialog(self, dialog: Dialog) -> None:
        """Keep a dialog's text and close it."""
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def open(self, address: str) -> None:
        """Open an address and wait until the data table is there (if the page has one)."""
        self.page.goto(address)
        self.wait("!document.getElementById('row-table') || document.getElementById('row-table').dataset.ready")

    def read_through(self) -> None:
        """Unfold everything, show every choice, and scroll until every chart is drawn."""
        self.page.evaluate("""() => {
            for (const part of document.querySelectorAll('details')) part.open = true;
            for (const part of document.querySelectorAll('[data-choice-of]')) part.hidden = false;
        }""")
        for place in self.page.locator(".plot").all():
            place.scroll_into_view_if_needed()
        self.wait("!document.querySelector('.plot.waiting')")

    def wait(self, condition: str, argument: object = None) -> None:
        """Wait until a JavaScript expression or function is true.

        Playwright's own waiting runs a string in the page, which the page's policy rightly forbids.

        Raises:
            TimeoutError: It did not become true.
        """
        end = time.monotonic() + _SETTLED_SECONDS
        while not self.page.evaluate(condition, argument):
            if time.monotonic() > end:
                raise TimeoutError(f"not true after {_SETTLED_SECONDS} s: {condition}; console: {self.console}")
            self.page.wait_for_timeout(_BREATH_MILLISECONDS)

    def write(self, field: Locator, text: str) -> None:
        """Write into a field instead of what it holds, by keyboard: Playwright's fill appends in Firefox."""
        field.press("ControlOrMeta+a")
        field.press("Delete")
        field.press_sequentially(text)

    def tab(self) -> None:
        """Go on to the next control and wait until the page is there: Firefox says so before."""
        self.evaluate(_AWAIT_TAB)
        self.page.keyboard.press("Tab")
        self.wait("window.tabbed || !document.hasFocus()")

    def fits(self) -> None:
        """Wait until the page is no wider than the window: after a change of its size charts are drawn anew.

        Raises:
            TimeoutError: It stays wider.
        """
        self.wait("document.documentElement.scrollWidth <= document.documentElement.clientWidth")

    def evaluate(self, script: str, argument: object = None) -> Any:
        """The value of a JavaScript expression or function in the page."""
        return self.page.evaluate(script, argument)


def launch(playwright: Playwright) -> Browser:
    """A headless Chromium with an empty profile.

    Raises:
        RuntimeError: There is none.
    """
    path = find_chromium()
    if path is None:
        raise RuntimeError("no Chromium found: run 'python -m dsp_pipeline_tests.browser install'")
    return playwright.chromium.launch(executable_path=path, args=launch_flags())


@contextlib.contextmanager
def with_scripts(browser: Browser, *names: str) -> Iterator[Page]:
    """An empty page with some of the product's own scripts, without ``.js``."""
    page = browser.new_page()
    for name in names:
        page.add_script_tag(content=script(f"{name}.js"))
    yield page
    page.close()


@contextlib.contextmanager
def watched(
    browser: Browser,
    *,
    width: int = 1440,
    height: int = 1000,
    scheme: Literal["light", "dark"] = "light",
) -> Iterator[Watched]:
    """A page of its own, offline, that notes everything."""
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, accept_downloads=True
    )
    if browser.browser_type.name == "firefox":  # which follows no such wish: see dsp_pipeline_tests.firefox
        context.add_init_script(f"try {{ localStorage.setItem('dsp-theme', '{scheme}'); }} catch {{}}")
    context.set_offline(offline=True)
    context.set_default_timeout(_SETTLED_SECONDS * 1_000)
    page = context.new_page()
    noting = Watched(page)
    page.on("console", noting.note_console)
    page.on("pageerror", lambda error: noting.console.append(f"uncaught: {error}"))
    page.on("request", noting.note_request)
    page.on("dialog", noting.note_dialog)
    try:
        yield noting
    finally:
        context.close()
