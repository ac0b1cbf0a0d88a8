"""Alerts on texts: damaged letters, labels that mean the same, and numbers or dates that are kept as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from dsp_pipeline.core.numbers import written
from dsp_pipeline.ml.statistics.alerts.facts import raised

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsp_pipeline.core.artifacts.profile import Alert
    from dsp_pipeline.ml.statistics.alerts.facts import Facts
    from dsp_pipeline.ml.statistics.arrays import Column

_FEWEST = 20
_MOST_LOOKED_AT = 20_000
_HINTS = ["\ufffd", "Ã", "Â", "â", "Ð", "Ñ"]
# UTF-8 read as Windows-1252 or Latin-1: a lead byte's letter, and then what a trailing byte, 0x80 to 0xBF, became.
_TRAIL = "[" + "".join(bytes([byte]).decode("cp1252", "ignore") for byte in range(0x80, 0xA0)) + "\u0080-\u00bf]"
_DAMAGE = f"\ufffd|[ÃÂ]{_TRAIL}|â{_TRAIL}{_TRAIL}|(?:[ÐÑ]{_TRAIL}){{2}}"
_NUMBER = r"^\s*[+-]?(?:\d+|\d{1,3}(?:[ ,.']\d{3})+)(?:[.,]\d+)?\s*%?\s*$"
_DAY = r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2}))"
_DATE = rf"^\s*{_DAY}(?:[ T]\d{{1,2}}:\d{{2}}.*)?\s*$"


def on_texts(facts: Facts, column: Column) -> Iterator[Alert]:
    """All alerts on a column of texts."""
    if column.series.dtype != pl.String:
        return
    yield from _on_damage(facts, column)
    yield from _on_spellings(facts, column.name)
    yield from _on_types(facts, column)


def _on_damage(facts: Facts, column: Column) -> Iterator[Alert]:
    texts = column.series.drop_nulls()
    suspects = texts.filter(texts.str.contains_any(_HINTS))
    damaged = suspects.filter(suspects.str.contains(_DAMAGE))
    if len(damaged):
        values = "One value" if len(damaged) == 1 else f"{written(len(damaged))} values"
        text = (
            f"{values} of '{column.name}' with damaged letters, such as {facts.example(column.name, damaged[0])}: "
            "text was decoded by the wrong encoding before it came here."
        )
        yield raised("encoding_damage", text, column=column.name, value=len(damaged), threshold=0)


def _on_spellings(facts: Facts, name: str) -> Iterator[Alert]:
    found = [spelling for spelling in facts.structure.spellings if spelling.column == name]
    if found:
        first, rows = found[0], sum(spelling.rows for spelling in found)
        others = ", ".join(f"'{variant[:40]}'" for variant in first.variants[:3])
        more = "" if len(found) == 1 else f" {len(found)} labels have such variants."
        text = f"'{first.label[:40]}' and {others} in '{name}' seem to mean the same.{more}"
        yield raised("dirty_category", text, column=name, value=rows, threshold=0)


def _on_types(facts: Facts, column: Column) -> Iterator[Alert]:
    texts = column.series.drop_nulls().head(_MOST_LOOKED_AT)
    if len(texts) < _FEWEST:
        return
    limit = facts.limits.mixed_types
    dates = texts.str.contains(_DATE)
    if (share := int(dates.sum()) / len(texts)) >= limit:
        example = facts.example(column.name, texts.filter(dates)[0])
        text = f"{written(share, '.1%')} of the texts in '{column.name}' are dates, such as {example}."
        yield raised("dates_as_category", text, column=column.name, value=share, threshold=limit)
        return
    numbers = texts.str.contains(_NUMBER)
    if limit <= (share := int(numbers.sum()) / len(texts)) < 1:
        other = facts.example(column.name, texts.filter(~numbers)[0])
        text = (
            f"{written(share, '.1%')} of the values of '{column.name}' are numbers, others are not, such as "
            f"{other}."
        )
        yield raised("mixed_types", text, column=column.name, value=share, threshold=limit)
