"""`summary.json` beside the dashboard, and the catalogue's entries made from it."""

from __future__ import annotations

import datetime as dt

from dsp_pipeline.core.artifacts import ArtifactModel


class BuiltFrom(ArtifactModel):
    """What a dashboard was made from."""

    dataset: str
    version: str
    key: str
    run: str
    code_version: str


class Summary(ArtifactModel):
    """The figures that the catalogue shows of one dashboard."""

    bytes: int
    rows_embedded: int
    built_from: BuiltFrom
    title: str
    rows: int
    columns: int
    rows_quarantined: int
    quality_score: float
    target: str | None
    metric: str | None
    score: float | None
    verdict: str
    key_insight: str
    alerts: int


class Failure(ArtifactModel):
    """A drop that could not be made into a dashboard, in words for the person who dropped it.

    ``what`` may quote cells; ``published`` is what the catalogue's page says instead, where that is another text.
    """

    key: str
    etag: str
    what: str
    where: str
    remedy: str
    run: str
    at: dt.datetime
    retryable: bool
    published: str | None = None


class Published(ArtifactModel):
    """One version's dashboard in the dashboards bucket."""

    summary: Summary
    at: dt.datetime
    dropped_at: dt.datetime | None


class CatalogueEntry(ArtifactModel):
    """One dataset in the catalogue: the latest good dashboard, and the failure since then if there is one.

    ``schedule`` is the sidecar's: a cron expression in UTC, ``never``, or None for the operator's default.
    """

    dataset: str
    latest: Published | None
    history: list[Published] = []
    failure: Failure | None = None
    schedule: str | None = None


class Catalogue(ArtifactModel):
    """The catalogue's state, kept as JSON beside the page."""

    entries: dict[str, CatalogueEntry] = {}
