"""Links lead somewhere, and every page can be found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dsp_pipeline_tests.docs import pages

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("page", pages.PAGES, ids=pages.name_of)
def test_relative_links_lead_to_something_in_the_repository(page: Path) -> None:
    broken = [link for link in pages.links(page) if not _resolves(page, link)]
    assert not broken


def test_every_page_is_linked_from_the_front_page_or_from_the_contents() -> None:
    seen: set[Path] = set()
    to_visit = [pages.ROOT / "README.md"]
    while to_visit:
        page = to_visit.pop()
        if page not in seen:
            seen.add(page)
            to_visit += [target for link in pages.links(page) if (target := _target(page, link)) in pages.PAGES]
    assert [pages.name_of(page) for page in pages.PAGES if page not in seen] == []


def test_images_are_small() -> None:
    large = [image.name for image in (pages.ROOT / "docs" / "images").iterdir() if image.stat().st_size > 300_000]
    assert not large


def _target(page: Path, link: str) -> Path:
    return (page.parent / link.partition("#")[0]).resolve() if link.partition("#")[0] else page


def _resolves(page: Path, link: str) -> bool:
    if "://" in link:
        return True
    target, anchor = _target(page, link), link.partition("#")[2]
    if not target.exists() or not target.is_relative_to(pages.ROOT):
        return False
    return not anchor or anchor in pages.anchors(target)
