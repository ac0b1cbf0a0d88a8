"""The alert on columns that say who somebody is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp_pipeline.ml.statistics.alerts.facts import raised

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsp_pipeline.core.artifacts.profile import Alert, ColumnProfile


def on_meaning(name: str, profile: ColumnProfile) -> Iterator[Alert]:
    """Personal data.

    As all of a column, or somewhere in its texts; and whether it is hidden in what is published.
    """
    meaning = profile.meaning
    if meaning is None or not (meaning.personal or meaning.within):
        return
    said = meaning.name if meaning.personal else ", ".join(meaning.within)
    holds = "holds" if meaning.personal else "has texts with"
    state = "hidden" if meaning.masked else "shown"
    text = f"'{name}' {holds} personal data ({said}); it is {state} in what is published."
    yield raised("personal_data", text, column=name, value=said)
