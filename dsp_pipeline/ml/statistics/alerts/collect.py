"""All alerts of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.ml.statistics.alerts.codes import CODES
from dsp_pipeline.ml.statistics.alerts.facts import raised
from dsp_pipeline.ml.statistics.alerts.on_gaps import on_gaps
from dsp_pipeline.ml.statistics.alerts.on_meaning import on_meaning
from dsp_pipeline.ml.statistics.alerts.on_pairs import on_pairs
from dsp_pipeline.ml.statistics.alerts.on_table import on_table
from dsp_pipeline.ml.statistics.alerts.on_texts import on_texts
from dsp_pipeline.ml.statistics.alerts.on_time import on_time
from dsp_pipeline.ml.statistics.alerts.on_values import on_identity, on_labels, on_numbers
from dsp_pipeline.ml.statistics.disguises import disguised_missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsp_pipeline.core.artifacts.profile import Alert
    from dsp_pipeline.ml.statistics.alerts.facts import Facts
    from dsp_pipeline.ml.statistics.arrays import Column

MOST_BRIEF = 3
_DETAILED_COLUMNS = 100


def alerts_of(facts: Facts) -> list[Alert]:
    """Those on the whole table first, then by column in the table's order, then on pairs of columns and on time.

    Columns after the first hundred have at most three each, the most severe ones.
    """
    alerts = list(on_table(facts))
    for place, column in enumerate(facts.columns):
        found = list(_on_column(facts, column))
        if place >= _DETAILED_COLUMNS:
            found = sorted(found, key=lambda alert: alert.severity == "info")[:MOST_BRIEF]
        alerts += found
    return [*alerts, *on_pairs(facts), *on_time(facts)]


def _on_column(facts: Facts, column: Column) -> Iterator[Alert]:
    name, profile, limits = column.name, facts.profiles[column.name], facts.limits
    if not facts.rows:
        return
    if not profile.count:
        yield raised("empty", f"'{name}' has no value in any row.", column=name, value=0)
        return
    yield from on_gaps(facts, name)
    yield from on_meaning(name, profile)
    if profile.distinct == 1:
        text = f"'{name}' has one and the same value in every row that has any."
        yield raised("constant", text, column=name, value=1, threshold=1)
        return
    yield from on_identity(column, profile, limits)
    yield from on_labels(name, profile, limits)
    if column.has_numbers and profile.kind is not ColumnKind.IDENTIFIER:
        yield from on_numbers(name, profile, limits)
    yield from on_texts(facts, column)
    for alert in disguised_missing(column, profile):
        yield alert.model_copy(update={"action": CODES[alert.code].action, "columns": [name]})
