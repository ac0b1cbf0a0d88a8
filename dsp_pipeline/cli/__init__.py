"""The `dsp` command: one module per sub-command, each loaded only when it is called.

What belongs here: what is asked, shown and printed, and the exit codes. What does not: any work; that is in the
packages below. Nothing here imports Dagster or boto3 itself.
"""

from __future__ import annotations

from dsp_pipeline.cli.program import main

__all__ = ["main"]
