"""From text to typed columns, by what was decided in reading. Used for tables and, later, for rows to predict."""

from __future__ import annotations

import dataclasses
import functools
import itertools
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import polars as pl

from dsp_pipeline.etl import durations, moments
from dsp_pipeline.etl.exactness import DECIMAL_PLACES, TOO_FINE
from dsp_pipeline.etl.numbers import NumberStyle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from dsp_pipeline.core.artifacts.reading import ColumnReading, Dtype

POLARS_TYPES: dict[Dtype, pl.DataType] = {
    "string": pl.String(),
    "int64": pl.Int64(),
    "float64": pl.Float64(),
    "decimal": pl.Decimal(38, DECIMAL_PLACES),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
    "datetime": pl.Datetime("us"),
    "time": pl.Time(),
}
"""The type that each `ColumnReading.dtype` has in a table. Datetimes are without a zone; offsets became UTC."""

NUMBERS: frozenset[Dtype] = frozenset({"int64", "float64", "decimal"})
"""Types that may round what was written, or lose zeros before it."""

_MANY_ROWS = 20_000
MAX_THREADS = 4
_LOOKED_AT = 1_000
_FEW = 0.25
"""Words of which at most this share of the first ones are different, are looked at once each."""


@dataclasses.dataclass(frozen=True, slots=True)
class Failure:
    """Cells of one column that are not what the column is.

    Attributes:
        column: The column's reading.
        rows: Their 0-based positions in the frame, ascending (UInt32).
        values: Their texts.
    """

    column: ColumnReading
    rows: pl.Series
    values: pl.Series


@dataclasses.dataclass(frozen=True, slots=True)
class Converted:
    """One column after conversion.

    Attributes:
        typed: The values; null where the text is null, blank, a null token, or failed.
        failed: Positions (UInt32) of the texts that are none of these.
        texts: The failed texts.
        null_tokens: The null tokens that were met, sorted.
    """

    typed: pl.Series
    failed: pl.Series
    texts: pl.Series
    null_tokens: list[str]


@dataclasses.dataclass(frozen=True, slots=True)
class Worded:
    """A column that stays text, without what stands for missing values.

    Attributes:
        kept: The texts as they are; null where the text is null, blank or a null token.
        different: Each of them at least once, in no order; far fewer than there are rows where they repeat.
        null_tokens: The null tokens that were met, sorted.
    """

    kept: pl.Series
    different: pl.Series
    null_tokens: list[str]


def cast(frame: pl.DataFrame, columns: Sequence[ColumnReading]) -> tuple[pl.DataFrame, list[Failure]]:
    """The columns of a frame of text, typed.

    Args:
        frame: String columns, at least those that are named in ``columns``; others are left out.
        columns: What each column is.

    Returns:
        The typed frame (same rows, same order; null where a cell is missing or fails), and for each column
        with cells that could not be converted, which ones. Nothing fails silently.
    """

    def one(column: ColumnReading) -> Converted:
        return convert(frame[column.name], column.dtype, column.format, column.null_tokens)

    typed: list[pl.Series] = []
    failures: list[Failure] = []
    for column, converted in zip(columns, _mapped(one, columns, is_large=frame.height >= _MANY_ROWS), strict=True):
        typed.append(converted.typed.alias(column.name))
        if len(converted.failed):
            failures.append(Failure(column, converted.failed, converted.texts))
    return pl.DataFrame(typed, height=frame.height), failures


def _mapped(
    one: Callable[[ColumnReading], Converted], columns: Sequence[ColumnReading], *, is_large: bool
) -> Iterable[Converted]:
    """Each column converted: side by side where they are long, for Polars lets other threads work meanwhile."""
    if not is_large:
        return map(one, columns)
    with ThreadPoolExecutor(min(pl.thread_pool_size(), MAX_THREADS)) as threads:
        return list(threads.map(one, columns))


def convert(
    text: pl.Series, dtype: Dtype, form: str | None, null_tokens: Iterable[str], *, fold_case: bool = False
) -> Converted:
    """One column's texts as values of a type.

    Args:
        text: The texts.
        dtype: The type.
        form: What `ColumnReading.format` says.
        null_tokens: Texts that stand for a missing value.
        fold_case: Whether the tokens are in lower case and meant in any case.
    """
    if dtype == "string":
        found = worded(text, null_tokens, fold_case=fold_case)
        return Converted(found.kept, pl.Series([], dtype=pl.UInt32), text.clear(), found.null_tokens)
    typed = _parsed(text, dtype, form)
    pending = (text.is_not_null() & typed.is_null()).arg_true()
    if not len(pending):
        return Converted(typed, pending, text.clear(), [])
    # Only what did not parse at once is looked at again: without its spaces, and for null tokens.
    again = text.gather(pending).str.strip_chars()
    values = _parsed(again, dtype, form)
    folded = again.str.to_lowercase() if fold_case else again
    is_token = folded.is_in(list(null_tokens))
    failed = values.is_null() & ~is_token & (again != "")
    tokens = sorted(again.filter(is_token & values.is_null()).unique().to_list())
    if values.null_count() < len(values):
        typed = typed.scatter(pending, values)
    rows = pending.filter(failed)
    return Converted(typed, rows, text.gather(rows), tokens)


def worded(text: pl.Series, null_tokens: Iterable[str], *, fold_case: bool = False) -> Worded:
    """One column's texts as they are, without those that stand for missing values: see `convert`."""
    tokens = [way for token in null_tokens for way in (_in_any_case(token) if fold_case else (token,))]
    different = _each_once(text)
    bare = different.str.strip_chars()
    is_token = bare.is_in(tokens)
    is_missing = (is_token | (bare == "")).fill_null(value=False)
    met = bare.filter(is_token).unique().sort().to_list()
    if not is_missing.any():
        return Worded(text, different.drop_nulls(), met)
    rows = (
        is_missing
        if different is text
        else text.is_in(different.filter(is_missing).implode()).fill_null(value=False)
    )
    return Worded(text.set(rows, None), different.filter(~is_missing).drop_nulls(), met)


def _each_once(text: pl.Series) -> pl.Series:
    """A column's values, each once where the first ones repeat; otherwise as they are, which takes less time."""
    first = text.head(_LOOKED_AT)
    repeats = len(text) >= _MANY_ROWS and first.n_unique() <= _FEW * len(first)
    return text.unique() if repeats else text


@functools.cache
def _in_any_case(token: str) -> tuple[str, ...]:
    """All ways to write a word with capitals and small letters."""
    return tuple(map("".join, itertools.product(*({letter.lower(), letter.upper()} for letter in token))))


def _parsed(text: pl.Series, dtype: Dtype, form: str | None) -> pl.Series:
    if dtype in NUMBERS:
        return _number(text, dtype, form)
    if dtype == "boolean":
        true, false = (form or "true/false").split("/")
        lower = text if text.is_in([true, false]).all() else text.str.to_lowercase()
        is_true = lower == true
        return pl.select(pl.when(is_true | (lower == false)).then(is_true)).to_series()
    return moments.parsed(text, dtype, form)


def _number(text: pl.Series, dtype: Dtype, form: str | None) -> pl.Series:
    if form is not None and durations.is_duration(form):
        return durations.seconds(text, form)
    style = NumberStyle.from_format(form)
    plain = text if style.format is None else style.plain_text(text)
    if dtype == "decimal":
        # Polars would round what is finer.
        plain = plain.set(plain.str.contains(TOO_FINE).fill_null(value=False), None)
    values = plain.cast(POLARS_TYPES[dtype], strict=False)
    if dtype != "float64":
        return values
    if values.is_infinite().any():
        # Written with digits, it is a number too large for the type, and not infinite.
        values = values.set(values.is_infinite() & text.str.contains(r"\d"), None)
    return values.fill_nan(None)
