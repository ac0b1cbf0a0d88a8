"""Values that may stand for "missing" without being empty: proposed, never replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.profile import Alert, ColumnProfile
from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.core.numbers import written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsp_pipeline.ml.statistics.arrays import Column

WORDS = frozenset(
    {"", "-", "--", "?", ".", "n/a", "na", "none", "null", "nil", "nan", "unknown", "missing", "not available"}
    | {"undefined", "tbd", "unbekannt", "keine angabe", "k.a.", "inconnu", "#n/a", "(blank)"}
)
_SENTINELS = (-1.0, -9.0, -99.0, -999.0, -9999.0, 99.0, 999.0, 9999.0, 99999.0, 999999.0)
_EPOCHS = ("1900-01-01", "1970-01-01", "9999-12-31", "1899-12-30", "1753-01-01")
_FEWEST = 3
_APART = 0.5


def disguised_missing(column: Column, profile: ColumnProfile) -> Iterator[Alert]:
    """At most one alert: the value of this column that is likeliest to mean "no value".

    Words such as "unknown" among labels; a number such as -999 that is an extreme, occurs three times at least and
    lies further from all others than half their range; the first day of a calendar that stands far apart.
    """
    if column.is_temporal:
        yield from _epochs(column, profile)
    elif column.has_numbers and profile.kind is not ColumnKind.IDENTIFIER:
        yield from _sentinels(column)
    else:
        yield from _words(column, profile)


def _words(column: Column, profile: ColumnProfile) -> Iterator[Alert]:
    for top in profile.top_values:
        if top.value.strip().lower() in WORDS and profile.distinct > 1:
            yield _alert(column.name, top.value, top.count)
            return


def _sentinels(column: Column) -> Iterator[Alert]:
    values = column.finite[~np.isnan(column.finite)]
    for extreme, others in ((values.min, np.max), (values.max, np.min)) if len(values) else ():
        value = float(extreme())
        if value not in _SENTINELS:
            continue
        rest = values[values != value]
        count = len(values) - len(rest)
        if count >= _FEWEST and len(rest) > count:
            far = float(others(rest))
            near = float(rest.min() if value < far else rest.max())
            if abs(value - near) > _APART * abs(far - near) > 0:
                yield _alert(column.name, f"{value:g}", count)
                return


def _epochs(column: Column, profile: ColumnProfile) -> Iterator[Alert]:
    for bound in ("min", "max"):
        text = str(profile.statistics.get(bound))
        if text[:10] in _EPOCHS and profile.distinct > 1:
            seconds = column.numbers[~np.isnan(column.numbers)]
            extreme = seconds.min() if bound == "min" else seconds.max()
            yield _alert(column.name, text, int((seconds == extreme).sum()))
            return


def _alert(name: str, value: str, count: int) -> Alert:
    times = "once" if count == 1 else f"{written(count)} times"
    return Alert(
        code="disguised_missing",
        column=name,
        value=value,
        threshold=None,
        text=f"'{value}' in '{name}' ({times}) may stand for a missing value.",
        severity="warning",
    )
