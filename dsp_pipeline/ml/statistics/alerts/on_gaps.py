"""Alerts on missing values of a column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp_pipeline.core.numbers import written
from dsp_pipeline.ml.statistics.alerts.facts import raised

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsp_pipeline.core.artifacts.profile import Alert
    from dsp_pipeline.ml.statistics.alerts.facts import Facts


def on_gaps(facts: Facts, name: str) -> Iterator[Alert]:
    """A column that is missing in many rows, and one whose gaps depend on another column."""
    profile, limits = facts.profiles[name], facts.limits
    share = profile.missing / (profile.count + profile.missing)
    text = f"'{name}' is missing in {written(share, '.1%')} of the rows."
    if share >= limits.high_missing:
        yield raised("high_missing", text, column=name, value=share, threshold=limits.high_missing)
    elif share >= limits.missing:
        yield raised("missing", text, column=name, value=share, threshold=limits.missing)
    for found in facts.structure.missing_dependence:
        if found.column == name and found.value >= limits.missing_dependence:
            target = ", which is to be predicted" if found.on == facts.roles.target else ""
            yield raised(
                "missing_depends",
                f"Whether '{name}' is missing depends on '{found.on}'{target} (Cramér's V "
                f"{written(found.value, '.2f')}).",
                column=name,
                value=found.value,
                threshold=limits.missing_dependence,
                columns=[name, found.on],
            )
