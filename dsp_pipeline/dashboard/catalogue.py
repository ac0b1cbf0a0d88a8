"""The index of all dashboards, as one static page."""

from __future__ import annotations

import dataclasses
import urllib.parse
from typing import TYPE_CHECKING

from markupsafe import Markup

from dsp_pipeline.core.numbers import plain
from dsp_pipeline.dashboard import packager
from dsp_pipeline.dashboard.charts.custom_charts import meter, sparkline
from dsp_pipeline.dashboard.palette import themes
from dsp_pipeline.dashboard.sections.overview import tone_of_share
from dsp_pipeline.dashboard.view import Tile
from dsp_pipeline.dashboard.wording import clipped, number, percent, plural, timestamp, whole
from dsp_pipeline.ml.privacy.patterns import scrubbed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dsp_pipeline.core.artifacts.summary import Catalogue, CatalogueEntry, Failure, Published
    from dsp_pipeline.dashboard.view import Tone

MOST_VERSIONS = 20
_SHARD = 250
_INSIGHT_LENGTH = 220
_REASON_LENGTH = 600


@dataclasses.dataclass(frozen=True)
class Links:
    """Where things are, seen from the catalogue; ``run`` turns a run's id into its address where there is one."""

    dashboard: Callable[[str], str] = lambda dataset: f"{dataset}/index.html"
    version: Callable[[str, str], str] = lambda dataset, version: f"{dataset}/{version}/index.html"
    run: Callable[[str], str] | None = None


@dataclasses.dataclass(frozen=True)
class Trend:
    """A figure of the newest version, with its line over the versions."""

    label: str
    value: str
    note: str
    svg: str
    tone: Tone = "plain"


@dataclasses.dataclass(frozen=True)
class Trouble:
    """A drop that failed, in words for whoever dropped it."""

    key: str
    what: str
    where: str
    remedy: str
    at: str
    run_link: str


@dataclasses.dataclass(frozen=True)
class Item:
    """One dataset. The ``sort_`` fields are what the page's script sorts by."""

    dataset: str
    title: str
    link: str
    insight: str
    status: str
    tone: Tone
    trends: tuple[Trend, ...]
    at: str
    versions: tuple[tuple[str, str], ...]
    trouble: Trouble | None
    sort_at: str
    sort_rows: int
    sort_quality: float


@dataclasses.dataclass(frozen=True)
class CatalogueView:
    """The whole page."""

    items: tuple[Item, ...]
    tiles: tuple[Tile, ...]
    note: str
    first: int = 60
    """How many datasets are in the page as they are; the others travel deflated, in shards."""


def render_catalogue(catalogue: Catalogue, *, links: Links | None = None, installable: bool = False) -> bytes:
    """The page as HTML, UTF-8; the same bytes for the same catalogue.

    Args:
        catalogue: All datasets with their latest dashboards, histories and failures.
        links: Where dashboards and runs are; by default dashboards lie below the page and runs have no address.
        installable: Whether `installing.app_files` are published beside the page.
    """
    page = view(catalogue, links or Links())
    styles, scripts = ("base.css", "catalogue.css"), ("page.js", "unpack.js", "catalogue.js")
    looks = packager.Looks(themes(), styles, scripts, installable=installable)
    return packager.render("catalogue.html", looks, {"page": page, "shards": _shards(page)})


def _shards(page: CatalogueView) -> list[Markup]:
    """The datasets after the first ones, some hundred together, as the page's script adds them."""
    listed = vars(packager.environment().get_template("components/entries.html").module)["items"]
    rest = page.items[page.first :]
    parts = [str(listed(rest[start : start + _SHARD])) for start in range(0, len(rest), _SHARD)]
    return [Markup(packager.packed(plain(part).encode())) for part in parts]  # noqa: S704 - base64


def view(catalogue: Catalogue, links: Links) -> CatalogueView:
    """Everything that the page shows; the newest change first."""
    items = [_item(name, entry, links) for name, entry in sorted(catalogue.entries.items())]
    items.sort(key=lambda item: item.sort_at, reverse=True)
    return CatalogueView(items=tuple(items), tiles=_tiles(catalogue), note=plural(len(items), "dataset"))


def _tiles(catalogue: Catalogue) -> tuple[Tile, ...]:
    entries = list(catalogue.entries.values())
    summaries = [entry.latest.summary for entry in entries if entry.latest is not None]
    failed = sum(entry.failure is not None for entry in entries)
    scores = [summary.quality_score for summary in summaries]
    quality = sum(scores) / len(scores) if scores else None
    return (
        Tile("Datasets", whole(len(entries)), f"{whole(len(summaries))} with a dashboard"),
        Tile("Rows", whole(sum(summary.rows for summary in summaries)), "in their latest versions"),
        Tile(
            "Mean quality",
            percent(quality),
            "over the latest versions",
            tone=tone_of_share(quality) if quality is not None else "plain",
            svg=meter(quality, label=f"Mean quality {percent(quality)}", tone=tone_of_share(quality))
            if quality is not None
            else "",
        ),
        Tile("Failed drops", whole(failed), "newer than their dashboards", tone="bad" if failed else "good"),
    )


def _item(name: str, entry: CatalogueEntry, links: Links) -> Item:
    latest, failure = entry.latest, entry.failure
    summary = latest.summary if latest is not None else None
    status, tone = _status(latest, failure)
    moments = [event.at for event in (latest, failure) if event is not None]
    return Item(
        dataset=name,
        title=summary.title if summary is not None else name,
        link=_address(links.dashboard(name)) if latest is not None else "",
        insight=clipped(summary.key_insight, _INSIGHT_LENGTH) if summary is not None else "",
        status=status,
        tone=tone,
        trends=_trends(entry),
        at=timestamp(latest.at) if latest is not None else "",
        versions=_versions(name, entry, links),
        trouble=_trouble(failure, links) if failure is not None else None,
        sort_at=max(moment.isoformat() for moment in moments) if moments else "",
        sort_rows=summary.rows if summary is not None else 0,
        sort_quality=summary.quality_score if summary is not None else 0.0,
    )


def _status(latest: Published | None, failure: Failure | None) -> tuple[str, Tone]:
    if failure is None:
        return ("ready", "good") if latest is not None else ("waiting", "plain")
    return ("failed since", "warn") if latest is not None else ("failed", "bad")


def _history(entry: CatalogueEntry) -> list[Published]:
    """The last twenty versions, oldest first, the newest one included once."""
    by_version = {published.summary.built_from.version: published for published in entry.history}
    if entry.latest is not None:
        by_version[entry.latest.summary.built_from.version] = entry.latest
    return sorted(by_version.values(), key=lambda published: published.at)[-MOST_VERSIONS:]


def _trends(entry: CatalogueEntry) -> tuple[Trend, ...]:
    if entry.latest is None:
        return ()
    summary = entry.latest.summary
    history = [published.summary for published in _history(entry)]
    quality = percent(summary.quality_score)
    bad = f"{whole(summary.rows_quarantined)} quarantined" if summary.rows_quarantined else "none quarantined"
    trends = [
        Trend(
            "Rows",
            whole(summary.rows),
            plural(summary.columns, "column"),
            _line([one.rows for one in history], "Rows"),
        ),
        Trend(
            "Quality",
            quality,
            bad,
            _line([one.quality_score for one in history], "Quality"),
            tone_of_share(summary.quality_score),
        ),
    ]
    same = [one.score for one in history if one.score is not None and one.metric == summary.metric]
    if summary.score is not None and summary.metric is not None:
        metric = summary.metric.replace("_", " ")
        note = f"{metric}, {clipped(summary.target or '', 40)}"
        trends.append(Trend("Model", number(summary.score), note, _line(same, metric)))
    else:
        trends.append(
            Trend("Model", "none", "nothing to predict" if summary.target is None else summary.target, "")
        )
    return tuple(trends)


def _line(values: Sequence[float], name: str) -> str:
    return sparkline(values, name=name) if len(values) > 1 else ""


def _versions(name: str, entry: CatalogueEntry, links: Links) -> tuple[tuple[str, str], ...]:
    """When each earlier version was published and where it is, newest first."""
    earlier = _history(entry)[:-1][::-1]
    return tuple(
        (timestamp(published.at), _address(links.version(name, published.summary.built_from.version)))
        for published in earlier
    )


def _trouble(failure: Failure, links: Links) -> Trouble:
    return Trouble(
        key=failure.key,
        what=clipped(scrubbed(failure.what) if failure.published is None else failure.published, _REASON_LENGTH),
        where=failure.where,
        remedy=scrubbed(failure.remedy),
        at=timestamp(failure.at),
        run_link=_address(links.run(failure.run)) if links.run is not None and failure.run else "",
    )


def _address(link: str) -> str:
    """The address if a link may lead there: relative, http or https; empty otherwise."""
    scheme = urllib.parse.urlsplit(link).scheme.lower()
    return link if scheme in {"", "http", "https"} else ""
