"""Rules on the values of one column, each as a condition that Polars can evaluate."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import polars as pl

from dsp_pipeline.core.errors import SidecarError
from dsp_pipeline.core.numbers import written
from dsp_pipeline.core.rules import literal_message
from dsp_pipeline.etl.expression_functions import whole_pattern
from dsp_pipeline.etl.listed_values import held_by
from dsp_pipeline.etl.rule_checks import TEXT_PREFIX, RowCheck, TableCheck

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dsp_pipeline.core.rules import Bound, Reference, RuleType, Value
    from dsp_pipeline.etl.rule_checks import RuleContext

_MOST_LISTED = 8

FURTHEST_ZONE = dt.timedelta(hours=14)
"""Times are written without a zone: somewhere on earth the clock is so far ahead of UTC."""

_TYPES: dict[RuleType, tuple[type[pl.DataType], ...]] = {
    "text": (pl.String,),
    "integer": (pl.Int64,),
    "number": (pl.Int64, pl.Float64, pl.Decimal),
    "boolean": (pl.Boolean,),
    "date": (pl.Date,),
    "timestamp": (pl.Datetime,),
}


def column_checks(context: RuleContext, column: str) -> Iterator[RowCheck | TableCheck]:
    """The checks on each value of a column that a rule asks for.

    A reference of severity ``warning`` to a dataset that was not made yet is a check that fails as a whole.
    """
    yield from _ColumnChecks(context, column).all()


class _ColumnChecks:
    def __init__(self, context: RuleContext, column: str) -> None:
        self._context, self._rule, self._column = context, context.rule, column
        self._dtype = context.schema[column]
        self._value = pl.col(column)

    def all(self) -> Iterator[RowCheck | TableCheck]:
        rule = self._rule
        if rule.type is not None:
            yield self._of_type(rule.type)
        for code, bound in (("min", rule.min), ("max", rule.max)):
            if bound is not None:
                yield self._bound(code, bound)
        if rule.not_null:
            yield self._check("not_null", self._value.is_not_null(), "filled")
        if rule.one_of is not None:
            yield self._check("one_of", self._in("one_of", rule.one_of), f"one of {_listed(rule.one_of)}")
        if rule.none_of is not None:
            yield self._check("none_of", ~self._in("none_of", rule.none_of), f"none of {_listed(rule.none_of)}")
        if rule.not_in_future:
            yield self._not_in_future()
        if rule.references is not None:
            yield self._references(rule.references)
        yield from self._on_text()

    def _on_text(self) -> Iterator[RowCheck]:
        """The checks on how a value is written."""
        rule = self._rule
        if rule.matches is not None:
            holds = self._text.str.contains(self._pattern("matches", rule.matches))
            yield self._check("matches", holds, f"written like {rule.matches}", reads_text=True)
        if rule.not_matches is not None:
            holds = ~self._text.str.contains(self._pattern("not_matches", rule.not_matches))
            yield self._check("not_matches", holds, f"written unlike {rule.not_matches}", reads_text=True)
        length = self._text.str.len_chars()
        if rule.min_length is not None:
            expected = f"at least {written(rule.min_length)} characters long"
            yield self._check("min_length", length >= rule.min_length, expected, reads_text=True)
        if rule.max_length is not None:
            expected = f"at most {written(rule.max_length)} characters long"
            yield self._check("max_length", length <= rule.max_length, expected, reads_text=True)

    @property
    def _text(self) -> pl.Expr:
        """The value as it is written; null where it is missing, however that is written."""
        return pl.when(self._value.is_not_null()).then(pl.col(TEXT_PREFIX + self._column))

    def _check(self, code: str, holds: pl.Expr, expected: str, *, reads_text: bool = False) -> RowCheck:
        column, rule = self._column, self._rule
        return RowCheck(
            name=f"{self._context.place}.{code}",
            code=code,
            column=column,
            columns=(column, TEXT_PREFIX + column) if reads_text else (column,),
            shown=(column,),
            holds=holds,
            expected=expected,
            severity=rule.severity,
            message=rule.message or literal_message(f"{column} is not {expected}"),
        )

    def _of_type(self, wanted: RuleType) -> RowCheck:
        """A column that was read as another type is held to the plain notation of the wanted one."""
        expected = f"of the type {wanted}"
        if isinstance(self._dtype, _TYPES[wanted]) or wanted == "text":
            return self._check("type", pl.lit(value=True) | self._value.is_null(), expected)
        text = self._text.str.strip_chars()
        match wanted:
            case "integer":
                holds = text.cast(pl.Int64, strict=False).is_not_null()
            case "number":
                holds = text.cast(pl.Float64, strict=False).is_not_null()
            case "boolean":
                holds = text.str.to_lowercase().is_in(["true", "false"])
            case "date":
                holds = text.str.to_date("%Y-%m-%d", strict=False).is_not_null()
            case _:
                holds = text.str.contains(r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?$")
        return self._check("type", holds | text.is_null(), expected, reads_text=True)

    def _bound(self, code: str, bound: Bound) -> RowCheck:
        is_moment = isinstance(bound, dt.date)
        fits = isinstance(self._dtype, pl.Date | pl.Datetime) if is_moment else self._dtype.is_numeric()
        if not fits:
            raise self._misfit(f"a {code}", "dates" if is_moment else "numbers")
        if isinstance(bound, dt.datetime) and bound.tzinfo is not None:
            bound = bound.astimezone(dt.UTC).replace(tzinfo=None)
        value = self._value.cast(pl.Datetime("us")) if isinstance(bound, dt.datetime) else self._value
        if code == "max" and isinstance(self._dtype, pl.Datetime) and type(bound) is dt.date:
            value = value.cast(pl.Date)  # a last day is meant as a whole
        holds = value >= bound if code == "min" else value <= bound
        told = (
            str(bound)
            if isinstance(bound, dt.date)
            else written(bound)
            if isinstance(bound, int)
            else written(bound, "g")
        )
        return self._check(code, holds, f"at {'least' if code == 'min' else 'most'} {told}")

    def _in(self, field: str, values: Sequence[Value]) -> pl.Expr:
        held, unread = held_by(values, self._context.columns[self._column])
        if unread:
            raise SidecarError(
                f"'{self._context.place}.{field}' lists {_listed(unread)}, which is no value that "
                f"{self._column!r} can have ({self._dtype})",
                where=self._context.where,
                remedy="Write it in quotes as it stands in the file, or declare the column's type under 'types'",
            )
        return self._value.is_in(held.implode())

    def _not_in_future(self) -> RowCheck:
        if not isinstance(self._dtype, pl.Date | pl.Datetime):
            raise self._misfit("not_in_future", "dates")
        latest = self._context.now + FURTHEST_ZONE
        bound = latest.date() if isinstance(self._dtype, pl.Date) else latest
        return self._check("not_in_future", self._value <= bound, "in the past")

    def _references(self, reference: Reference) -> RowCheck | TableCheck:
        values = self._context.referenced.get(reference)
        told = f"a {reference.column} of the dataset {reference.dataset}"
        if values is None and self._rule.severity == "warning":
            return self._not_made(reference, told)
        if values is None:
            raise SidecarError(
                f"'{self._context.place}.references' names the dataset {reference.dataset!r}, "
                "which has no validated version yet",
                where=self._context.where,
                remedy=f"Drop {reference.dataset}.csv first, then this file again",
            )
        value = self._value
        if values.dtype != self._dtype:
            # 7 and 7.0 are one number; otherwise what is written decides.
            both = pl.Float64() if values.dtype.is_numeric() and self._dtype.is_numeric() else pl.String()
            value, values = value.cast(both), values.cast(both)
        return self._check("references", value.is_in(values.drop_nulls().unique().implode()), told)

    def _not_made(self, reference: Reference, expected: str) -> TableCheck:
        what = f"{self._column} was not checked: the dataset {reference.dataset} has no validated version yet"
        return TableCheck(
            f"{self._context.place}.references",
            "references",
            self._column,
            (self._column,),
            pl.lit(value=False),
            None,
            expected=expected,
            severity="warning",
            message=literal_message(what),
        )

    def _pattern(self, field: str, pattern: str) -> str:
        whole = whole_pattern(pattern)
        try:
            pl.Series([""]).str.contains(whole)
        except pl.exceptions.ComputeError as error:
            raise SidecarError(
                f"'{self._context.place}.{field}' is no regular expression that can be used: {_first_line(error)}",
                where=self._context.where,
                remedy="Mend it; look-around and back-references are not available",
            ) from error
        return whole

    def _misfit(self, what: str, wanted: str) -> SidecarError:
        return SidecarError(
            f"'{self._context.place}' sets {what} for {self._column!r}, which holds no {wanted} ({self._dtype})",
            where=self._context.where,
            remedy="Use 'matches', 'one_of' or 'expect' there, or declare the column's type under 'types'",
        )


def _listed(values: Sequence[Value]) -> str:
    shown = ", ".join(str(value) for value in values[:_MOST_LISTED])
    return f"{shown} ..." if len(values) > _MOST_LISTED else shown


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
