"""How Dagster names the end of a run by a signal; here without Dagster, which takes two seconds to load."""

INTERRUPTED = "DagsterExecutionInterruptedError"
"""What it makes of Ctrl-C and SIGTERM while an asset is being made; it is no failure of the file."""
