"""What a column's values are in the world, how sure that is and why, and whether they say who somebody is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from dsp_pipeline.core.artifacts.profile import Meaning
from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.core.numbers import written
from dsp_pipeline.ml.privacy import patterns
from dsp_pipeline.ml.statistics.meanings.header import header_words
from dsp_pipeline.ml.statistics.meanings.numbers import judged_numbers
from dsp_pipeline.ml.statistics.meanings.scales import order_of
from dsp_pipeline.ml.statistics.meanings.texts import Judged, judged_texts

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.profile import ColumnProfile
    from dsp_pipeline.ml.statistics.arrays import Column, Floats

_LOOKED_AT = 500
_SEARCHED = 20_000
_MOST_STEPS = 60
_PLAIN = {
    ColumnKind.EMPTY: Judged("empty", 1.0, "no row has a value"),
    ColumnKind.BOOLEAN: Judged("flag", 1.0, "two values, yes and no"),
    ColumnKind.DATE: Judged("date", 1.0, "read as days"),
    ColumnKind.TIMESTAMP: Judged("timestamp", 1.0, "read as points in time"),
    ColumnKind.TIME: Judged("time of day", 1.0, "read as times of day"),
}


def meaning_of(column: Column, profile: ColumnProfile, ordered: Floats | None, *, masks: bool) -> Meaning:
    """What a column's values are.

    At most 500 distinct values are looked at, evenly spaced over the column; texts that are not personal as a
    whole are searched for personal data in up to 20,000 rows.

    Args:
        column: The column.
        profile: What was counted of it.
        ordered: Its finite values in ascending order, if it holds numbers.
        masks: Whether personal data is hidden in what is published.
    """
    words = header_words(column.name)
    if ordered is not None and len(ordered):
        return _made(_of_numbers(column, profile, ordered, words), masks=masks)
    if column.series.dtype == pl.String and profile.count:
        return _of_texts(column, profile, words, masks=masks)
    return _made(_PLAIN.get(column.kind) or _rest(column, profile), masks=masks)


def _made(
    judged: Judged, *, masks: bool, order: list[str] | None = None, within: list[str] | None = None
) -> Meaning:
    return Meaning(
        name=judged.name,
        confidence=round(judged.confidence, 3),
        reason=judged.reason,
        personal=judged.personal,
        within=within or [],
        masked=masks and (judged.personal or bool(within)),
        order=order or [],
    )


def _rest(column: Column, profile: ColumnProfile) -> Judged:
    """What the counts alone say."""
    if not profile.count:
        return _PLAIN[ColumnKind.EMPTY]
    if profile.distinct == 1:
        return Judged("constant", 1.0, "one and the same value")
    if column.kind is ColumnKind.IDENTIFIER:
        if profile.distinct == profile.count and not profile.missing:
            return Judged("key", 1.0, "different in every row, and never missing")
        return Judged("identifier", 0.9, "it names things that occur in several rows")
    if column.kind is ColumnKind.TEXT:
        return Judged("free text", 0.9, f"{written(profile.distinct)} different texts")
    return Judged("category", 0.9, f"{written(profile.distinct)} different labels")


def _of_numbers(column: Column, profile: ColumnProfile, ordered: Floats, words: frozenset[str]) -> Judged:
    whole = column.series.dtype.is_integer() or column.kind is ColumnKind.INTEGER
    judged = judged_numbers(ordered, words, whole=whole, distinct=profile.distinct)
    if judged.personal or not (profile.distinct == 1 or column.kind is ColumnKind.IDENTIFIER):
        return judged
    return _rest(column, profile)


def _of_texts(column: Column, profile: ColumnProfile, words: frozenset[str], *, masks: bool) -> Meaning:
    values = _sample(column)
    judged = judged_texts(values, words) if values else None
    within = [] if judged is not None and judged.personal else _within(column)
    if judged is not None and (judged.personal or profile.distinct > 1):
        return _made(judged, masks=masks, within=within)
    if column.kind is ColumnKind.CATEGORY and profile.distinct <= _MOST_STEPS:
        found = order_of(column.levels.names)
        if found is not None:
            scale = Judged("ordered category", 0.9, f"all labels are {found[0]}")
            return _made(scale, masks=masks, within=within, order=found[1])
    return _made(_rest(column, profile), masks=masks, within=within)


def _sample(column: Column) -> list[str]:
    """Some of the distinct values that are not blank."""
    if column.kind is ColumnKind.CATEGORY:
        values = column.levels.names
        step = max(1, len(values) // _LOOKED_AT)
        return [value for value in values[::step] if value.strip()][:_LOOKED_AT]
    present = column.series.drop_nulls()
    spread = _spread(present, _LOOKED_AT)
    return [value for value in spread.unique(maintain_order=True).to_list() if value.strip()]


def _within(column: Column) -> list[str]:
    """What personal data stands somewhere within texts."""
    if column.kind is ColumnKind.CATEGORY:
        texts = pl.Series(column.levels.names, dtype=pl.String)
    else:
        texts = column.series.drop_nulls()
    looked_at = _spread(texts, _SEARCHED)
    suspects = looked_at.filter(looked_at.str.contains(patterns.SUSPICION))
    return [
        form.meaning
        for form in patterns.FORMS
        if any(form.holds(found.group()) for text in suspects for found in form.looks.finditer(text))
    ]


def _spread(values: pl.Series, most: int) -> pl.Series:
    """At most so many of the values, evenly spaced over all of them."""
    return values.gather_every(max(1, -(-len(values) // most)))
