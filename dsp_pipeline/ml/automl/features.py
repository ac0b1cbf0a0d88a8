"""How columns become a model's inputs: decided once on the training rows, kept as data.

An encoding is a description, not code: it is saved as JSON beside the model, and `encoding.encode` applies it to
any table. Nothing that is chosen here looks at the target; `typical` adds what does.
"""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Literal

import polars as pl
import pydantic

from dsp_pipeline.core.artifacts.model import Feature
from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.etl.counting import commonest_first
from dsp_pipeline.ml.automl.topics import WordTopics, topics_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

EncodingName = Literal["number", "flag", "category", "date", "timestamp", "time", "text"]

MAX_LEVELS = 128
"""Levels of a category that are told apart; the rarer ones share one code."""

_MIN_LEVEL_ROWS = 5
_SHORT_TEXT_WORDS = 4
_LEVEL_SHARE = 0.5

PARTS: dict[EncodingName, tuple[str, ...]] = {
    "number": ("",),
    "flag": ("",),
    "category": ("",),
    "date": ("year", "month", "day", "weekday", "day of year", "days"),
    "timestamp": ("year", "month", "day", "weekday", "day of year", "hour", "days"),
    "time": ("seconds",),
    "text": ("characters", "words", "digits"),
}
_TREND_PARTS = frozenset({"year", "days"})

_DESCRIPTIONS = {
    "number": "the number as it is; missing and infinite values are missing",
    "flag": "0 or 1",
    "date": "a part of the date",
    "timestamp": "a part of the point in time",
    "time": "seconds since midnight",
    "text": "a count over the text",
}


class TypicalOutcomes(pydantic.BaseModel):
    """What the target is on average among training rows with a label, drawn towards the overall mean.

    Attributes:
        levels: The labels.
        means: For each output, each label's.
        prior: For each output, the overall mean: that of labels which training never saw.
    """

    model_config = pydantic.ConfigDict(frozen=True, extra="ignore")

    levels: tuple[str, ...]
    means: tuple[tuple[float, ...], ...]
    prior: tuple[float, ...]


class Encoding(pydantic.BaseModel):
    """How one column becomes one or more inputs.

    Attributes:
        column: The table's column.
        encoding: The way.
        parts: One input each; "" is the column itself, "frequency" a level's share of the training rows, "outcome"
            what its rows come to on average ("outcome 1" and so on for each of more than two classes).
        levels: For categories: the labels that have a code of their own, the commonest first.
        shares: Each level's share of the training rows.
        has_other: Whether rarer labels were seen in training; they share the code after the last level's.
        typical: For categories with many labels: what "outcome" parts hold.
        topics: For texts: what "topic 1" and so on are made of.
    """

    model_config = pydantic.ConfigDict(frozen=True, extra="ignore")

    column: str
    encoding: EncodingName
    parts: tuple[str, ...]
    levels: tuple[str, ...] = ()
    shares: tuple[float, ...] = ()
    has_other: bool = False
    typical: TypicalOutcomes | None = None
    topics: WordTopics | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The inputs' names: the column's, with the part in brackets."""
        return tuple(f"{self.column} ({part})" if part else self.column for part in self.parts)

    def describe(self, part: str) -> str:
        """What an input holds, in words."""
        if part == "frequency":
            return "how common the label is among the training rows"
        if part.startswith("outcome"):
            return (
                "what training rows with the label come to on average; no training row sees its own outcome in it"
            )
        if part.startswith("topic"):
            return "how much the text has of a direction in which texts differ, by its words and pairs of words"
        if self.encoding == "category":
            rest = ", rarer ones together" if self.has_other else ""
            return f"one of {len(self.levels)} labels{rest}"
        return f"{_DESCRIPTIONS[self.encoding]}: {part}" if part else _DESCRIPTIONS[self.encoding]


@dataclasses.dataclass(frozen=True)
class Exclusion:
    """A column that is no input, and why."""

    column: str
    reason: str


def choose_encodings(
    table: pl.DataFrame,
    kinds: Mapping[str, ColumnKind],
    left_out: Mapping[str, str],
    *,
    keeps_trend: bool,
    reads_text: bool = True,
) -> tuple[list[Encoding], list[Exclusion]]:
    """The encoding of each column that can be an input, and the others with the reason.

    Args:
        table: The training rows; levels and shares are taken from these only.
        kinds: What the reader says of each column.
        left_out: Columns that must not be inputs, with the reason.
        keeps_trend: Whether years and elapsed days are inputs; not where the hold-out lies in the future, since no
            value of theirs in it was ever seen.
        reads_text: Whether words of texts become inputs too, which takes a second per column.
    """
    chosen: list[Encoding] = []
    excluded: list[Exclusion] = []
    for name in table.columns:
        if name in left_out:
            excluded.append(Exclusion(name, left_out[name]))
            continue
        found = _encoding_of(table[name], kinds[name], keeps_trend=keeps_trend, reads_text=reads_text)
        if isinstance(found, Exclusion):
            excluded.append(found)
        else:
            chosen.append(found)
    return chosen, excluded


def _encoding_of(
    column: pl.Series, kind: ColumnKind, *, keeps_trend: bool, reads_text: bool
) -> Encoding | Exclusion:
    name = column.name
    if (reason := _unfit(column, kind)) is not None:
        return Exclusion(name, reason)
    if column.dtype.is_temporal():
        return _temporal(column, keeps_trend=keeps_trend)
    if column.dtype == pl.Boolean:
        return Encoding(column=name, encoding="flag", parts=PARTS["flag"])
    if column.dtype.is_numeric() and kind is not ColumnKind.CATEGORY:
        return Encoding(column=name, encoding="number", parts=PARTS["number"])
    if kind is ColumnKind.TEXT and not _is_label_like(column):
        return _text(column, reads_text=reads_text)
    return _category(column)


def _unfit(column: pl.Series, kind: ColumnKind) -> str | None:
    """Why a column can be no input; None if it can. Missing beside a single value is a difference too."""
    if kind is ColumnKind.IDENTIFIER:
        return "it identifies rows; a model would learn them by heart"
    if column.null_count() == column.len():
        return "it is missing in all training rows"
    if column.n_unique() == 1:
        return "it has the same value in all training rows"
    return "durations are not supported as inputs" if column.dtype == pl.Duration else None


def _temporal(column: pl.Series, *, keeps_trend: bool) -> Encoding | Exclusion:
    encoding: EncodingName = "timestamp"
    if column.dtype == pl.Date:
        encoding = "date"
    elif column.dtype == pl.Time:
        encoding = "time"
    parts = tuple(
        part
        for part in PARTS[encoding]
        if (keeps_trend or part not in _TREND_PARTS)
        and column.to_frame().select(part_of(pl.col(column.name), part)).to_series().n_unique() > 1
    )
    if not parts:
        return Exclusion(column.name, "it has the same value in all training rows")
    return Encoding(column=column.name, encoding=encoding, parts=parts)


def _text(column: pl.Series, *, reads_text: bool) -> Encoding:
    plain = Encoding(column=column.name, encoding="text", parts=PARTS["text"])
    topics = topics_of(column.cast(pl.String)) if reads_text else None
    if topics is None:
        return plain
    names = tuple(f"topic {number + 1}" for number in range(len(topics.weights[0])))
    return plain.model_copy(update={"parts": (*plain.parts, *names), "topics": topics})


def _is_label_like(column: pl.Series) -> bool:
    """Whether text is short and repeats, so that its values can serve as labels."""
    present = column.drop_nulls()
    if present.n_unique() > max(MAX_LEVELS, _LEVEL_SHARE * present.len()):
        return False
    words = present.head(1_000).str.count_matches(" ").mean()
    return isinstance(words, float) and words < _SHORT_TEXT_WORDS


def _category(column: pl.Series) -> Encoding | Exclusion:
    labels = column.cast(pl.String).drop_nulls()
    counts = commonest_first(labels)
    floor = min(_MIN_LEVEL_ROWS, math.ceil(labels.len() / 20))
    kept = counts.filter(pl.col("count") >= floor).head(MAX_LEVELS)
    if kept.height == 0:
        return Exclusion(column.name, "no label of it occurs often enough to be learnt")
    is_capped = counts.height > MAX_LEVELS
    return Encoding(
        column=column.name,
        encoding="category",
        parts=("", "frequency") if is_capped else ("",),
        levels=tuple(kept["value"].to_list()),
        shares=tuple((kept["count"] / column.len()).to_list()),
        has_other=counts.height > kept.height,
    )


def part_of(value: pl.Expr, part: str) -> pl.Expr:
    """The number that a part of a date, a time or a text is."""
    return _PARTS[part](value)


_PARTS: dict[str, Callable[[pl.Expr], pl.Expr]] = {
    "year": lambda value: value.dt.year(),
    "month": lambda value: value.dt.month(),
    "day": lambda value: value.dt.day(),
    "weekday": lambda value: value.dt.weekday(),
    "day of year": lambda value: value.dt.ordinal_day(),
    "hour": lambda value: value.dt.hour(),
    "days": lambda value: value.cast(pl.Date).to_physical(),
    "seconds": lambda value: value.to_physical() // 1_000_000_000,
    "characters": lambda value: value.str.len_chars(),
    "words": lambda value: value.str.strip_chars().str.count_matches(r"\s+") + 1,
    "digits": lambda value: value.str.count_matches(r"\d"),
}


def described(encodings: Sequence[Encoding]) -> list[Feature]:
    """The inputs as the report lists them, in the matrix's order."""
    return [
        Feature(name=name, column=each.column, encoding=each.describe(part))
        for each in encodings
        for name, part in zip(each.names, each.parts, strict=True)
    ]
