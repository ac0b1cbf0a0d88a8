"""`dsp status`: what the catalogue holds, and what Dagster is doing."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import click
from rich.table import Table

from dsp_pipeline.cli.command import Command
from dsp_pipeline.cli.output import plain, remarks, results
from dsp_pipeline.cli.surroundings import find_surroundings
from dsp_pipeline.core.errors import InputError, StackError
from dsp_pipeline.stack.dagster_api import UNFINISHED, DagsterApi
from dsp_pipeline.storage.catalogue_state import read_catalogue
from dsp_pipeline.storage.layout import CATALOGUE_PAGE, dashboard_page, version_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.core.artifacts.summary import Catalogue, CatalogueEntry, Published, Summary
    from dsp_pipeline.stack.dagster_api import Run
    from dsp_pipeline.storage.stores import Stores

_DATASET_TAG = "dsp/dataset"
_KEY_TAG = "dsp/key"


def _status(dataset: str | None, as_json: bool) -> int:
    surroundings = find_surroundings(os.environ)
    stores = surroundings.stores()
    catalogue = read_catalogue(stores.lake)
    runs = _unfinished(surroundings.settings.dagster_url, dataset)
    if dataset is not None and dataset not in catalogue.entries and not runs:
        raise InputError(
            "there is no such dataset",
            where=dataset,
            remedy=f"Known are {', '.join(catalogue.entries)}"
            if catalogue.entries
            else "Make one with 'dsp drop'",
        )
    if as_json:
        click.echo(json.dumps(_as_json(catalogue, runs, stores, dataset), ensure_ascii=False, indent=1))
    elif dataset is None:
        _show_all(catalogue, runs, stores)
    else:
        _show_one(dataset, catalogue.entries.get(dataset), runs, stores)
    return 0


def _unfinished(url: str | None, dataset: str | None) -> list[Run]:
    """The runs that are queued or under way; none, with a remark, where Dagster cannot be asked."""
    if not url:
        remarks().print("[yellow]DSP_DAGSTER_URL is not set: runs are not shown.[/]")
        return []
    try:
        return DagsterApi(url).runs(tags={_DATASET_TAG: dataset} if dataset else None, statuses=UNFINISHED)
    except StackError as error:
        remarks().print(f"[yellow]Runs are not shown. {plain(str(error))}[/]")
        return []


def _address(stores: Stores, page: str) -> str | None:
    return stores.dashboards.url(page) if stores.dashboards else None


def _as_json(catalogue: Catalogue, runs: Sequence[Run], stores: Stores, dataset: str | None) -> dict[str, Any]:
    entries = [entry for name, entry in catalogue.entries.items() if dataset in {None, name}]
    return {
        "datasets": [
            entry.model_dump(mode="json")
            | {"dashboard": _address(stores, dashboard_page(entry.dataset)) if entry.latest else None}
            for entry in entries
        ],
        "runs": [
            {
                "run": run.id,
                "status": run.status,
                "dataset": run.tags.get(_DATASET_TAG),
                "key": run.tags.get(_KEY_TAG),
                "steps": {step.key: step.status for step in run.steps},
            }
            for run in runs
        ],
    }


def _show_all(catalogue: Catalogue, runs: Sequence[Run], stores: Stores) -> None:
    console = results()
    if not catalogue.entries:
        console.print("Nothing was analysed yet. Drop a file with 'dsp drop FILE --wait'.")
    else:
        table = _table("dataset", "state", "rows", "quality", "target", "score", "analysed (UTC)")
        for entry in catalogue.entries.values():
            table.add_row(*_row(entry))
        console.print(table)
        console.print(f"Catalogue  {plain(_address(stores, CATALOGUE_PAGE) or '')}")
    _show_runs(runs)


def _row(entry: CatalogueEntry) -> list[str]:
    state = "[red]failed[/]" if entry.failure else "[green]good[/]"
    if entry.latest is None:
        return [plain(entry.dataset), state, *[""] * 5]
    if entry.failure:
        state = "[yellow]newest drop failed[/]"
    return [plain(entry.dataset), state, *_figures(entry.latest)]


def _figures(published: Published) -> list[str]:
    summary = published.summary
    return [
        f"{summary.rows:,}",
        f"{summary.quality_score:.0%}",
        plain(summary.target or "-"),
        _score(summary),
        f"{published.at:%Y-%m-%d %H:%M}",
    ]


def _score(summary: Summary) -> str:
    return "-" if summary.score is None else plain(f"{summary.metric} {summary.score:.3g}")


def _show_one(dataset: str, entry: CatalogueEntry | None, runs: Sequence[Run], stores: Stores) -> None:
    console = results()
    console.print(f"[bold]{plain(dataset)}[/]")
    if entry is not None and entry.latest is not None:
        summary = entry.latest.summary
        console.print(f"Dashboard  {plain(_address(stores, dashboard_page(dataset)) or '')}")
        console.print(f"Verdict    {plain(summary.verdict)}")
        console.print(f"Insight    {plain(summary.key_insight)}")
        table = _table("version", "rows", "quality", "target", "score", "analysed (UTC)")
        versions = [published.summary.built_from.version for published in reversed(entry.history)]
        for version, published in zip(versions, reversed(entry.history), strict=True):
            table.add_row(version, *_figures(published))
        console.print(table)
        for version in versions:  # on lines of their own: a table would cut or fold them
            console.print(f"{version}  {plain(_address(stores, version_page(dataset, version)) or '')}")
    if entry is not None and entry.failure is not None:
        failure = entry.failure
        console.print(f"[red]Failed[/]     {plain(failure.key)} at {failure.at:%Y-%m-%d %H:%M} UTC")
        console.print(f"           {plain(failure.what)} ({plain(failure.where)})")
        console.print(f"           {plain(failure.remedy)}")
    _show_runs(runs)


def _show_runs(runs: Sequence[Run]) -> None:
    if not runs:
        return
    table = _table("run", "dataset", "drop", "status", "doing")
    for run in reversed(runs):
        doing = ", ".join(step.key for step in run.steps if step.status == "IN_PROGRESS")
        names = [plain(run.tags.get(tag, "")) for tag in (_DATASET_TAG, _KEY_TAG)]
        table.add_row(run.id[:8], *names, run.status.lower(), plain(doing))
    results().print(table)


def _table(*columns: str) -> Table:
    table = Table(box=None, header_style="dim", pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in {"rows", "quality"} else "left", no_wrap=True)
    return table


command = Command(
    "status",
    callback=_status,
    params=[
        click.Argument(["dataset"], required=False),
        click.Option(["--json", "as_json"], is_flag=True, help="Everything that is known, as one JSON object."),
    ],
    help="""
    Show datasets, their dashboards and failures, and what is running.

    Without DATASET: one line for each. With DATASET: its versions with their addresses, its last failure
    and its runs.
    """,
    short_help="Show datasets, their dashboards and failures, and what is running.",
    examples=[
        ("dsp status", "All datasets, and the queue"),
        ("dsp status sales", "One dataset's history"),
        ("dsp status --json | jq '.datasets[].dataset'", "For a script"),
    ],
)
