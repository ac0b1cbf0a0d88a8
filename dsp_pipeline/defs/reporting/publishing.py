"""Putting finished pages where people open them: a version's page first, what points at it afterwards."""

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING

from dsp_pipeline.dashboard.page import Dashboard
from dsp_pipeline.storage.base import ObjectStore
from dsp_pipeline.storage.catalogue_state import read_catalogue
from dsp_pipeline.storage.layout import CATALOGUE_PAGE, beside, dashboard_page, version_page
from dsp_pipeline.storage.stores import Stores

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.summary import Catalogue

REVALIDATE = "no-cache"
"""Browsers keep pages and ask whether they changed: a re-analysis may replace any of them."""


def publish_dashboard(
    stores: Stores, page: Dashboard, *, dropped_at: dt.datetime | None, accent: str | None = None
) -> str | None:
    """Publish a version's page, and make it the dataset's page unless a newer drop has that place.

    Beside each lies what a browser needs to install it as an app, in the page's ``accent``.

    Returns:
        The address of the dataset's page; None where nothing is published (`dsp run`).
    """
    from dsp_pipeline.dashboard.installing import app_files  # noqa: PLC0415 - needs Jinja

    if stores.dashboards is None:
        return None
    made = page.summary.built_from
    app = app_files(page.summary.title, accent=accent)
    _publish(stores.dashboards, version_page(made.dataset, made.version), page.html, app)
    if not _is_superseded(stores, made.dataset, made.version, dropped_at):
        _publish(stores.dashboards, dashboard_page(made.dataset), page.html, app)
    return stores.dashboards.url(dashboard_page(made.dataset))


def _publish(store: ObjectStore, key: str, html: bytes, app: Mapping[str, bytes]) -> None:
    """Put a page, after what lies beside it."""
    for name, data in app.items():
        store.put(beside(key, name), data, cache_control=REVALIDATE)
    store.put(key, html, cache_control=REVALIDATE)


def _is_superseded(stores: Stores, dataset: str, version: str, dropped_at: dt.datetime | None) -> bool:
    entry = read_catalogue(stores.lake).entries.get(dataset)
    if entry is None or entry.latest is None or dropped_at is None or entry.latest.dropped_at is None:
        return False
    return entry.latest.summary.built_from.version != version and entry.latest.dropped_at > dropped_at


def publish_catalogue(stores: Stores) -> str | None:
    """Publish the index page of the catalogue as it is now; returns its address, None where nothing is published.

    Several runs may do this at once. Each looks again after it has published, so that the last one to publish
    always published the last state.
    """
    from dsp_pipeline.dashboard.catalogue import render_catalogue  # noqa: PLC0415 - needs Jinja
    from dsp_pipeline.dashboard.installing import app_files  # noqa: PLC0415 - as above

    if stores.dashboards is None:
        return None
    shown: Catalogue | None = None
    app = app_files("Dashboards")
    while (now := read_catalogue(stores.lake)) != shown:
        _publish(stores.dashboards, CATALOGUE_PAGE, render_catalogue(now, installable=True), app)
        shown = now
    return stores.dashboards.url(CATALOGUE_PAGE)
