"""Words that every part shares: errors, settings, the sidecar, column kinds and the published artifacts.

What belongs here: values and their rules, with pydantic and the standard library only.
What does not: frames, files, the network, Dagster, the environment, the clock.
"""
