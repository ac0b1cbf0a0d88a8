"""What lies beside a published page so that it can be installed: read back by independent means."""

from __future__ import annotations

import json
import struct
import zlib
from typing import TYPE_CHECKING

from dsp_pipeline.core.artifacts.summary import Catalogue
from dsp_pipeline.dashboard.catalogue import render_catalogue
from dsp_pipeline.dashboard.installing import app_files
from dsp_pipeline.dashboard.page import Surroundings
from dsp_pipeline.defs.reporting.publishing import publish_catalogue, publish_dashboard
from dsp_pipeline.storage.catalogue_state import change_entry, version_before
from dsp_pipeline.storage.folder import FolderStore
from dsp_pipeline.storage.stores import Stores
from dsp_pipeline_tests.dashboard import factory, hostile
from dsp_pipeline_tests.dashboard.elements import Elements
from dsp_pipeline_tests.dashboard.test_catalogue import entry, published

if TYPE_CHECKING:
    from pathlib import Path

_APP = {"manifest.webmanifest", "service-worker.js", "icon.svg", "icon-192.png", "icon-512.png"}


def policy(page: bytes) -> str:
    return next(tag["content"] or "" for _, tag in Elements(page).tags if tag.get("http-equiv"))


def test_the_manifest_names_the_page_and_icons_that_are_there() -> None:
    for title in ("Sales, monthly", *hostile.SCRIPTS[:5]):
        files = app_files(title, accent="#0a6b4d")
        manifest = json.loads(files["manifest.webmanifest"])
        assert set(files) == _APP
        assert (manifest["name"], manifest["theme_color"]) == (title, "#0a6b4d")
        assert {icon["src"] for icon in manifest["icons"]} <= set(files)
        assert not {"http", "//"} & set(manifest["start_url"])


def test_icons_are_pictures_of_their_size_with_bars_on_the_accent() -> None:
    for size in (192, 512):
        data = app_files("x", accent="#0a6b4d")[f"icon-{size}.png"]
        assert data[:8] == b"\x89PNG\r\n\x1a\n"
        assert struct.unpack(">II", data[16:24]) == (size, size)
        at = data.index(b"IDAT")
        length = struct.unpack(">I", data[at - 4 : at])[0]
        lines = zlib.decompress(data[at + 4 : at + 4 + length])
        assert len(lines) == size * (size + 1)
        assert 0.1 < lines.count(1) / len(lines) < 0.3
        assert data[data.index(b"PLTE") + 4 :][:6] == bytes.fromhex("0a6b4dffffff")


def test_only_published_pages_may_ask_their_own_folder_and_only_for_the_app() -> None:
    alone = factory.case().build().html
    assert "self" not in policy(alone)
    assert b"manifest.webmanifest" not in alone
    kept = factory.case().build(surroundings=Surroundings(installable=True)).html
    assert "img-src data: blob: 'self'; worker-src blob: 'self'; manifest-src 'self';" in policy(kept)
    assert "connect-src" not in policy(kept)
    assert "manifest-src 'self'" in policy(render_catalogue(Catalogue(), installable=True))


def test_what_an_app_needs_is_published_beside_each_page(tmp_path: Path) -> None:
    stores = Stores(*(FolderStore(tmp_path / name) for name in ("drop", "lake", "dashboards")))
    page = factory.case().build(surroundings=Surroundings(installable=True))
    publish_dashboard(stores, page, dropped_at=None, accent="#0a6b4d")
    change_entry(stores.lake, "shop-orders", lambda _: entry("shop-orders", 2))
    publish_catalogue(stores)
    for folder in ("", "shop-orders", "shop-orders/0123456789ab"):
        beside = {path.name for path in (tmp_path / "dashboards" / folder).iterdir() if path.is_file()}
        assert beside >= {"index.html", *_APP}


def test_a_version_is_compared_with_the_newest_one_dropped_before_it() -> None:
    held = entry("sales", 4)
    third, second = held.history[2], held.history[1]
    assert version_before(held, "f" * 12, None) == held.history[-1].summary
    assert version_before(held, third.summary.built_from.version, third.at) == second.summary
    assert version_before(held, held.history[0].summary.built_from.version, held.history[0].at) is None
    assert version_before(None, "f" * 12, published("x").at) is None
