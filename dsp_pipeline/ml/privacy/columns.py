"""A column's profile as it is published: figures that describe, without the values of people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp_pipeline.ml.privacy.patterns import placeholder, scrubbed
from dsp_pipeline.ml.statistics.disguises import WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dsp_pipeline.core.artifacts.profile import ColumnProfile, Profile, TextProfile, TopValue
    from dsp_pipeline.core.artifacts.structure import Structure

_SAFE_FIGURES = (
    *("infinite", "zeros", "negatives", "mode_share", "entropy", "evenness", "singletons", "monotonic"),
    *("length_min", "length_mean", "length_median", "length_max", "words_mean", "blank"),
)
"""Figures from which no single value can be told: the smallest and the largest phone number are values."""


LONGEST = 200
"""Characters of a value that are shown; a column of whole documents would fill the profile."""


def published_column(profile: ColumnProfile) -> ColumnProfile:
    """The profile without personal values, if its meaning says that they are masked; long values are cut.

    Counts stay: how many, how many different, how often the commonest occurs. The commonest values become
    ``[e-mail address 1]``, ``[e-mail address 2]``; words such as "unknown" stay. Values are cut to 200 characters
    once they were searched: half an address might not be known for one.
    """
    shown = _masked(profile)
    if not any(len(top.value) > LONGEST for top in (*shown.top_values, *_words(shown.text))):
        return shown
    text = shown.text and shown.text.model_copy(
        update={"words": _cut(shown.text.words), "pairs": _cut(shown.text.pairs)}
    )
    return shown.model_copy(update={"top_values": _cut(shown.top_values), "text": text})


def _words(text: TextProfile | None) -> list[TopValue]:
    return [*text.words, *text.pairs] if text is not None else []


def _cut(values: Sequence[TopValue]) -> list[TopValue]:
    return [top.model_copy(update={"value": shortened(top.value)}) for top in values]


def shortened(value: str) -> str:
    """The value, or the beginning of a long one."""
    return value if len(value) <= LONGEST else f"{value[: LONGEST - 1]}…"


def _masked(profile: ColumnProfile) -> ColumnProfile:
    meaning = profile.meaning
    if meaning is None or not meaning.masked:
        return profile
    if not meaning.personal:
        shown = [top.model_copy(update={"value": scrubbed(top.value)}) for top in profile.top_values]
        return profile.model_copy(update={"top_values": shown, "text": _without_words(profile.text)})
    return profile.model_copy(
        update={
            "top_values": [_numbered(top, place, meaning.name) for place, top in enumerate(profile.top_values, 1)],
            "statistics": {name: value for name, value in profile.statistics.items() if name in _SAFE_FIGURES},
            "histogram": None,
            "outliers": None,
            "distribution": None,
            "text": _without_words(profile.text),
        }
    )


def _without_words(text: TextProfile | None) -> TextProfile | None:
    """What texts are made of, without the words: these may be parts of names and addresses."""
    return text.model_copy(update={"words": [], "pairs": []}) if text is not None else None


def shown_value(value: str, profile: ColumnProfile) -> str:
    """One of a column's values as it may be shown in a sentence."""
    meaning = profile.meaning
    if meaning is None or not meaning.masked:
        return shortened(value)
    return placeholder(meaning.name) if meaning.personal else shortened(scrubbed(value))


def published_structure(structure: Structure, profiles: Mapping[str, ColumnProfile]) -> Structure:
    """How a table is built, without the labels of people among spellings."""
    spellings = [
        spelling.model_copy(
            update={
                "label": shown_value(spelling.label, profiles[spelling.column]),
                "variants": [shown_value(variant, profiles[spelling.column]) for variant in spelling.variants],
            }
        )
        for spelling in structure.spellings
    ]
    return structure.model_copy(update={"spellings": spellings})


def hidden_columns(profile: Profile) -> frozenset[str]:
    """The columns whose values must not be shown."""
    return frozenset(name for name, column in profile.columns.items() if column.is_hidden)


def _numbered(top: TopValue, place: int, meaning: str) -> TopValue:
    if top.value.strip().lower() in WORDS:
        return top
    return top.model_copy(update={"value": placeholder(f"{meaning} {place}")})
