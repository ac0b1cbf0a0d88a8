"""`dsp doctor`: is everything there that is needed, and if not, how is it mended?"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from dsp_pipeline.cli import exits
from dsp_pipeline.cli.command import Command
from dsp_pipeline.cli.output import DONE, FAILED, plain, results

if TYPE_CHECKING:
    from dsp_pipeline.cli.checkups import Finding


def _doctor() -> int:
    from dsp_pipeline.cli.checkups import all_findings  # noqa: PLC0415 - not for its help

    sick = 0
    for finding in all_findings(os.environ):
        sick += not finding.healthy
        _show(finding)
    results().print(f"\n{sick} to mend." if sick else "\nAll is well.")
    return exits.UNREACHABLE if sick else exits.OK


def _show(finding: Finding) -> None:
    console = results()
    console.print(
        f" {DONE if finding.healthy else FAILED} [bold]{plain(finding.subject)}[/]  {plain(finding.said)}"
    )
    if finding.remedy:
        console.print(f"     [yellow]{plain(finding.remedy)}[/]")


command = Command(
    "doctor",
    callback=_doctor,
    params=[],
    help="""
    Check versions, settings and connections, and say how to mend them.

    Looks at Python and the packages, the settings, free disk space, each bucket (also by writing a small
    object to the lake and removing it), the database where DSP_POSTGRES_URL is set, and Dagster:
    webserver, daemons, code location. Ends with 3 if anything has to be mended.
    """,
    short_help="Check versions, settings and connections, and say how to mend them.",
    examples=[("dsp doctor", "One line for each check")],
)
