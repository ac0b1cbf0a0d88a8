"""`dsp run`: the same assets in this process over a local folder, with no server."""

from __future__ import annotations

import json
import os
import time
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dsp_pipeline.cli import exits
from dsp_pipeline.cli.assets import ASSETS
from dsp_pipeline.cli.command import Command, wants_debug
from dsp_pipeline.cli.fixing import fixed_file
from dsp_pipeline.cli.output import FAILED, StepLines, plain, remarks, results
from dsp_pipeline.core.errors import DspError
from dsp_pipeline.core.settings import Settings
from dsp_pipeline.defs.interruption import INTERRUPTED
from dsp_pipeline.stack.resources import thread_bounds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dsp_pipeline.defs.local import LocalResult


def _run(
    file: tuple[Path, ...],
    out: Path,
    target: str | None,
    config: Path | None,
    to: str,
    fixes: bool,
    as_json: bool,
) -> int:
    os.environ.update(thread_bounds() | dict(os.environ))
    settings = Settings.from_environment(os.environ)
    failed = 0
    for path in file:
        try:
            with (
                _with_fixes(path, out, config, settings) if fixes else nullcontext((path, config)) as (made, said)
            ):
                result = _run_one(made, out=out, settings=settings, target=target, config=said, to=to)
        except DspError as error:
            if INTERRUPTED in error.what:
                raise KeyboardInterrupt from error
            failed += 1
            _report_failure(path, error, as_json=as_json)
        else:
            _report(path, result, as_json=as_json)
    if failed and len(file) > 1:
        remarks().print(f"{failed} of {len(file)} files failed")
    return exits.FAILED if failed else exits.OK


@contextmanager
def _with_fixes(
    path: Path, out: Path, config: Path | None, settings: Settings
) -> Iterator[tuple[Path, Path | None]]:
    """A mended quarantine joined with its version, and the sidecar that the version had."""
    from dsp_pipeline.storage.folder import FolderStore  # noqa: PLC0415 - not every call needs it

    with fixed_file(FolderStore(out), path, limits=settings.limits) as fixed:
        said = fixed.path.with_name("said.yaml")
        # JSON is YAML too.
        said.write_text(fixed.sidecar.model_dump_json(exclude_unset=True), encoding="utf-8")
        yield fixed.path, config or said


def _run_one(
    path: Path, *, out: Path, settings: Settings, target: str | None, config: Path | None, to: str
) -> LocalResult:
    console = remarks()
    console.print(f"[bold]{plain(str(path))}[/]")
    with StepLines(console) as lines:
        lines.doing("loading")
        from dsp_pipeline.defs.local import run_file  # noqa: PLC0415 - loads Dagster: two seconds

        return run_file(
            path, out=out, settings=settings, sidecar=config, target=target, to=to, on_step=_printer(lines)
        )


def _printer(lines: StepLines) -> Callable[[str, str], None]:
    """What prints each step as it ends, with the time it took."""
    began: dict[str, float] = {}

    def on_step(asset: str, state: str) -> None:
        if state == "started":
            began[asset] = time.monotonic()
            lines.doing(asset)
        elif state == "done":
            lines.ended(asset, seconds=time.monotonic() - began.get(asset, time.monotonic()))
        else:
            lines.ended(asset, mark=FAILED)

    return on_step


def _report(path: Path, result: LocalResult, *, as_json: bool) -> None:
    if as_json:
        _print_json(
            file=str(path),
            ok=True,
            dataset=result.dataset,
            version=result.version,
            folder=str(result.folder),
            dashboard=str(result.dashboard) if result.dashboard else None,
            seconds=round(result.seconds, 3),
        )
        return
    remarks().print(f" [dim]{result.dataset}, version {result.version}, in {result.seconds:.1f} s[/]")
    results().print(plain(str(result.dashboard or result.folder)))


def _report_failure(path: Path, error: DspError, *, as_json: bool) -> None:
    exits.show(error, debug=wants_debug())
    if as_json:
        told = {"what": error.what, "where": error.where, "remedy": error.remedy}
        _print_json(file=str(path), ok=False, error=told)


def _print_json(**fields: Any) -> None:
    click.echo(json.dumps(fields, ensure_ascii=False))


command = Command(
    "run",
    callback=_run,
    params=[
        click.Argument(["file"], nargs=-1, required=True, type=click.Path(path_type=Path)),
        click.Option(
            ["--out"],
            type=click.Path(file_okay=False, path_type=Path),
            default=Path("dsp-out"),
            show_default=True,
            metavar="DIR",
            help="Where the artifacts go, as DIR/<dataset>/<version>/.",
        ),
        click.Option(
            ["--target"], metavar="COLUMN", help="What to predict. [default: as the sidecar says, else guessed]"
        ),
        click.Option(
            ["--config"],
            type=click.Path(dir_okay=False, path_type=Path),
            metavar="SIDECAR",
            help="The sidecar to use. [default: NAME.dsp.yaml beside the file]",
        ),
        click.Option(
            ["--to"],
            type=click.Choice(ASSETS),
            default=ASSETS[-1],
            show_default=True,
            help="Stop after this asset.",
        ),
        click.Option(
            ["--fixes"],
            is_flag=True,
            help="FILE is a mended quarantine.csv from DIR: run its version again with the mended rows in it.",
        ),
        click.Option(["--json", "as_json"], is_flag=True, help="One JSON object per file on stdout."),
    ],
    help="""
    Analyse files right here, with no server.

    Makes the same assets as a drop does, in this process, into a folder. Several files are done one
    after the other; one that fails is reported and the next one done. The dashboard is one HTML file
    that needs no network. Its path is printed on stdout, everything else on stderr.
    """,
    short_help="Analyse files right here, with no server.",
    examples=[
        ("dsp run sales.csv", "Make ./dsp-out/sales/<version>/dashboard.html"),
        ("dsp run sales.csv --target churned", "Say which column to predict"),
        ("dsp run *.csv --out reports --json", "Many files, for a script"),
        ("dsp run quarantine.csv --fixes", "Its mended rows go back into the file they came from"),
        ("dsp run sales.csv --to validated_table", "Only read and check it"),
    ],
)
