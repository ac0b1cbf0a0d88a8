"""What texts are made of: kinds of characters, scripts, and the commonest words and pairs of words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from dsp_pipeline.core.artifacts.profile import TextProfile, TopValue
from dsp_pipeline.etl.counting import counted

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_TEXTS = 20_000
_MOST_WORDS = 15
_WORD = r"[\p{L}\p{M}]+(?:['\u2019-][\p{L}\p{M}]+)*"
_CHARACTERS = {
    "letters": r"\p{L}",
    "digits": r"\p{Nd}",
    "spaces": r"\s",
    "punctuation": r"\p{P}",
    "symbols": r"\p{S}",
}
_SCRIPTS = (
    "Latin",
    "Cyrillic",
    "Greek",
    "Han",
    "Hiragana",
    "Katakana",
    "Hangul",
    "Arabic",
    "Hebrew",
    "Devanagari",
)


def text_profile(texts: pl.Series) -> TextProfile | None:
    """What texts are made of, by at most 20,000 of them, evenly spaced; None if there are none.

    Words are runs of letters, in lower case; pairs are of words that stand next to each other in a text.
    """
    present = texts.drop_nulls()
    if present.is_empty():
        return None
    sample = present.gather_every(max(1, -(-len(present) // _MOST_TEXTS))).alias("text")
    counts = sample.to_frame().select(
        pl.col("text").str.len_chars().sum().alias("characters"),
        *(pl.col("text").str.count_matches(form).sum().alias(name) for name, form in _CHARACTERS.items()),
        *(pl.col("text").str.count_matches(rf"\p{{{script}}}").sum().alias(script) for script in _SCRIPTS),
    )
    found: dict[str, int] = counts.row(0, named=True)
    words = sample.str.to_lowercase().str.extract_all(_WORD)
    return TextProfile(
        texts=len(sample),
        characters=_shares(found, list(_CHARACTERS), found["characters"]),
        scripts=_shares(found, list(_SCRIPTS), found["letters"]),
        words=_commonest(words.explode(empty_as_null=False)),
        pairs=_commonest(_neighbours(words)),
    )


def _shares(found: Mapping[str, int], names: list[str], total: int) -> dict[str, float]:
    """The shares of what occurs at all, the largest first."""
    ordered = sorted(names, key=lambda name: -found[name])
    return {name: found[name] / total for name in ordered if found[name]} if total else {}


def _neighbours(words: pl.Series) -> pl.Series:
    """Each word with the next one of its text."""
    several = words.filter(words.list.len() > 1).alias("words").to_frame()
    pairs = several.select(
        pl.col("words").list.head(pl.col("words").list.len() - 1).alias("first"),
        pl.col("words").list.slice(1).alias("second"),
    ).explode("first", "second", empty_as_null=False)
    return pairs["first"] + " " + pairs["second"]


def _commonest(words: pl.Series) -> list[TopValue]:
    """The commonest words that occur more than once; shares are of all words."""
    counts = counted(words).filter(pl.col("count") > 1)
    ordered = counts.sort(["count", "value"], descending=[True, False]).head(_MOST_WORDS)
    return [TopValue(value=word, count=count, share=count / len(words)) for word, count in ordered.iter_rows()]
