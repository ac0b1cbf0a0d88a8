"""What axe-core objects to in a page."""

from __future__ import annotations

import importlib.resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dsp_pipeline_tests.pages import Watched

_AXE = (importlib.resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
_VIOLATIONS = """async (part) => {
    const { violations } = await axe.run(part ?? document, { resultTypes: ['violations'] });
    return violations.map(({ id, nodes }) => ({ id, nodes: nodes.map((node) => node.html) }));
}"""


def violations(page: Watched, part: str | None = None) -> list[dict[str, Any]]:
    """Rules that the page breaks, or the part of it that a selector names, each with what breaks it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE)
    found: list[dict[str, Any]] = page.evaluate(_VIOLATIONS, part)
    return found
