"""Every key there is, in one place.

Lake bucket (and the folder that `dsp run --out` writes)::

    <dataset>/<version>/raw.parquet ...        what DESIGN calls the artifacts; versions are 12 hex digits
    <dataset>/<version>/predictions/<rows>/    rows that the version's model predicted; <rows> is the id of their
                                               drop: predictions.csv, predictions.json
    <dataset>/_latest/<asset>.json             the latest version of the dataset that asset was made for
    _registry/drops/<n>.json                   drops for which a run was asked (the sensor's cursor holds n)
    _registry/predictions/<n>.json             the same for rows to predict
    _outcomes/good/<drop id>.json              drops that became a dashboard, or rows that were predicted
    _outcomes/failed/<drop id>.json            drops that did not, with the reason and the attempts
    _catalogue/catalogue.json                  the catalogue's state

Dashboards bucket::

    index.html                                 the catalogue
    <dataset>/index.html                       the dataset's latest good dashboard
    <dataset>/<version>/index.html             one version's dashboard

and in the folder of each of these what a browser needs to install it as an app: ``manifest.webmanifest``,
``service-worker.js``, ``icon.svg``, ``icon-192.png`` and ``icon-512.png``.

A dataset's slug never starts with an underscore, so none can take one of our own folders.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.reading import Source

VERSION_LENGTH = 12
_VERSION = re.compile(rf"[0-9a-f]{{{VERSION_LENGTH}}}")


def version_of(sha256: str) -> str:
    """The version whose bytes have this SHA-256 (as 64 hex digits)."""
    return sha256[:VERSION_LENGTH]


def is_version(text: str) -> bool:
    """Whether a text has the form of a version."""
    return _VERSION.fullmatch(text) is not None


def artifact_key(dataset: str, version: str, file: str) -> str:
    """Where a file of a version lies in the lake."""
    return f"{dataset}/{version}/{file}"


def predictions_key(dataset: str, version: str, rows: str, file: str) -> str:
    """Where a file of rows lies that a version's model predicted; ``rows`` is the id of their drop."""
    return artifact_key(dataset, version, f"predictions/{rows}/{file}")


def latest_key(dataset: str, asset: str) -> str:
    """Where it says which version an asset was last made for."""
    return f"{dataset}/_latest/{asset}.json"


def drop_id(key: str, etag: str, sidecar_etag: str | None) -> str:
    """A drop's identity: its key and content, and its sidecar's content; 24 hex digits."""
    text = "\0".join((key, etag, sidecar_etag or ""))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def drop_of(source: Source) -> str:
    """The id of the drop that a version came from."""
    return drop_id(source.key, source.etag, source.sidecar_etag)


REGISTRY_PREFIX = "_registry/drops/"
PREDICTIONS_REGISTRY_PREFIX = "_registry/predictions/"


def registry_key(number: int, *, prefix: str = REGISTRY_PREFIX) -> str:
    """Where a registry's n-th state lies; the digits sort as text."""
    return f"{prefix}{number:012d}.json"


GOOD_PREFIX = "_outcomes/good/"
FAILED_PREFIX = "_outcomes/failed/"


def good_key(drop: str) -> str:
    """Where it says that a drop became a dashboard."""
    return f"{GOOD_PREFIX}{drop}.json"


def failed_key(drop: str) -> str:
    """Where it says why a drop did not become a dashboard."""
    return f"{FAILED_PREFIX}{drop}.json"


CATALOGUE_STATE = "_catalogue/catalogue.json"
CATALOGUE_PAGE = "index.html"


def beside(page: str, name: str) -> str:
    """Where a file lies that belongs to a page: in its folder."""
    return f"{page.rpartition('/')[0]}/{name}".removeprefix("/")


def dashboard_page(dataset: str) -> str:
    """Where a dataset's latest dashboard is published."""
    return f"{dataset}/index.html"


def version_page(dataset: str, version: str) -> str:
    """Where one version's dashboard is published."""
    return f"{dataset}/{version}/index.html"
