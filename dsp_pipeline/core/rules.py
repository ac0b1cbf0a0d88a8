"""A rule of the sidecar: one thing that rows, or the table as a whole, have to meet."""

from __future__ import annotations

import datetime as dt
import re
import string
from typing import TYPE_CHECKING, Annotated, Literal

import pydantic

from dsp_pipeline.core.expression import columns_of
from dsp_pipeline.core.expression_parser import parse_expression
from dsp_pipeline.core.expression_tokens import ExpressionError

if TYPE_CHECKING:
    from collections.abc import Mapping

Severity = Literal["error", "warning"]
RuleType = Literal["text", "integer", "number", "boolean", "date", "timestamp"]
Value = str | int | float | bool | dt.datetime | dt.date
Bound = int | float | dt.datetime | dt.date

SUBJECTS = ("column", "unique", "expect", "rows")
ROW_CONDITIONS = (
    "type",
    "min",
    "max",
    "not_null",
    "one_of",
    "none_of",
    "matches",
    "not_matches",
    "min_length",
    "max_length",
    "not_in_future",
    "references",
)
"""What a rule may ask of each value of its column."""

TABLE_CONDITIONS = ("max_missing", "max_age")
"""What a rule may ask of its column as a whole."""

TABLE_PLACEHOLDERS = ("value", "column", "expected")
"""What a message on the table as a whole may have in braces."""

PLACEHOLDERS = (*TABLE_PLACEHOLDERS, "line")
"""What a message on rows may have in braces, besides the names of columns."""

_AGE = re.compile(r"(\d+(?:\.\d+)?)\s*(minute|hour|day|week)s?", re.IGNORECASE)


class RuleModel(pydantic.BaseModel):
    """A part of a rule."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)


def share(value: object) -> object:
    """A share written as '2%' or 0.02, as a fraction."""
    if isinstance(value, str) and value.strip().endswith("%"):
        return float(value.strip().removesuffix("%")) / 100
    return value


class RowCount(RuleModel):
    """How many rows a table has to have."""

    min: int | None = pydantic.Field(None, ge=0)
    max: int | None = pydantic.Field(None, ge=0)
    max_change: Annotated[float | None, pydantic.BeforeValidator(share)] = pydantic.Field(
        None, ge=0, description="By how much the count may differ from the last version's, as 50% or 0.5."
    )

    @pydantic.model_validator(mode="after")
    def _has_a_bound(self) -> RowCount:
        if self.min is None and self.max is None and self.max_change is None:
            raise ValueError("rows needs min, max or max_change")
        return self


class Reference(RuleModel):
    """A column of another dataset in which every value has to occur."""

    dataset: str
    column: str


def _age(value: object) -> object:
    """An age written as '36 hours'; what a duration's own notation says is left to pydantic."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise ValueError("an age needs a unit, such as '7 days' or '36 hours'")  # noqa: TRY004 - pydantic's way
    if isinstance(value, str) and (match := _AGE.fullmatch(value.strip())) is not None:
        return dt.timedelta(**{f"{match.group(2).lower()}s": float(match.group(1))})
    return value


class Rule(RuleModel):
    """One thing to meet. Exactly one of ``column``, ``unique``, ``expect`` and ``rows`` is its subject."""

    column: str | None = None
    type: RuleType | None = pydantic.Field(None, description="What every value is.")
    min: Bound | None = pydantic.Field(None, description="The smallest number, or the first day, allowed.")
    max: Bound | None = pydantic.Field(None, description="The largest number, or the last day, allowed.")
    not_null: bool | None = None
    max_missing: Annotated[float | None, pydantic.BeforeValidator(share)] = pydantic.Field(
        None, ge=0, le=1, description="The share of values that may be missing, as 5% or 0.05."
    )
    one_of: list[Value] | None = None
    none_of: list[Value] | None = None
    matches: str | None = pydantic.Field(None, description="A regular expression the whole value matches.")
    not_matches: str | None = pydantic.Field(None, description="A regular expression no whole value matches.")
    min_length: int | None = pydantic.Field(None, ge=0, description="The fewest characters allowed.")
    max_length: int | None = pydantic.Field(None, ge=0, description="The most characters allowed.")
    not_in_future: bool | None = pydantic.Field(None, description="No date lies after the day of the analysis.")
    max_age: Annotated[dt.timedelta | None, pydantic.BeforeValidator(_age)] = pydantic.Field(
        None, description="How old the newest value may be, such as '7 days'."
    )
    references: Reference | None = pydantic.Field(
        None, description="Every value occurs in that column of another dataset's latest version."
    )
    unique: list[str] | bool | None = pydantic.Field(
        None, description="Columns that together occur once; with a column: true."
    )
    expect: str | None = pydantic.Field(None, description="A condition that is true for every row.")
    rows: RowCount | None = pydantic.Field(None, description="How many rows there have to be.")
    when: str | None = pydantic.Field(None, description="The rule is about rows for which this is true.")
    by: list[str] | None = pydantic.Field(
        None,
        min_length=1,
        description="sum(...) and its like in 'expect' are over rows with the same values here.",
    )
    severity: Severity = "error"
    message: str | None = pydantic.Field(
        None, description="What a person is told; {value} and its like are filled."
    )

    @pydantic.field_validator("expect", "when")
    @classmethod
    def _is_an_expression(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                parse_expression(value)
            except ExpressionError as error:
                raise ValueError(f"the expression {value!r} can't be understood {error}") from error
        return value

    @pydantic.field_validator("message")
    @classmethod
    def _has_known_placeholders(cls, value: str | None) -> str | None:
        if value is not None:
            message_parts(value)
        return value

    @pydantic.model_validator(mode="after")
    def _has_one_subject(self) -> Rule:
        given = [name for name in SUBJECTS if getattr(self, name) not in (None, False)]
        if given == ["column", "unique"] and self.unique is True:
            given = ["column"]
        if len(given) != 1:
            raise ValueError(f"a rule needs exactly one of {', '.join(SUBJECTS)}")
        if self.unique is True and self.column is None:
            raise ValueError("'unique: true' needs a column; or name the columns: 'unique: [order_id, line]'")
        self._check_conditions()
        return self

    def _check_conditions(self) -> None:
        conditions = (*ROW_CONDITIONS, *TABLE_CONDITIONS)
        said = [name for name in conditions if getattr(self, name) is not None]
        if self.column is not None and not said and self.unique is not True:
            raise ValueError(f"the rule on {self.column!r} needs one of {', '.join((*conditions, 'unique'))}")
        if self.column is None and said:
            raise ValueError(f"'{said[0]}' needs a column")
        if self.by is not None and self.expect is None:
            raise ValueError("'by' belongs to 'expect', such as expect: 'sum(amount) = 0'")
        if self.when is not None and self.rows is not None:
            raise ValueError("'rows' counts all rows; use expect: 'count() >= 10' with 'when'")

    @property
    def unique_columns(self) -> tuple[str, ...]:
        """The columns that together occur once; none where that is not asked."""
        if self.unique is True and self.column is not None:
            return (self.column,)
        return tuple(self.unique) if isinstance(self.unique, list) else ()

    def columns_named(self) -> list[tuple[str, str]]:
        """Each column that the rule names, with the field that does: ``""`` for the rule's subject."""
        named = [(self.column, "")] if self.column is not None else []
        named += [(column, "") for column in self.unique_columns]
        named += [(column, ".by") for column in self.by or ()]
        for field in ("expect", "when"):
            text = getattr(self, field)
            if text is not None:
                named += [(column, f".{field}") for column in columns_of(parse_expression(text))]
        for _, placeholder in message_parts(self.message or ""):
            if placeholder is not None and placeholder not in PLACEHOLDERS:
                named.append((placeholder, ".message"))
        return named


def literal_message(text: str) -> str:
    """A text as a message without placeholders: its braces stand for themselves."""
    return text.replace("{", "{{").replace("}", "}}")


def filled_message(message: str, values: Mapping[str, str]) -> str:
    """A message with its placeholders filled; KeyError where a value is missing."""
    return "".join(text + (values[name] if name is not None else "") for text, name in message_parts(message))


def message_parts(message: str) -> list[tuple[str, str | None]]:
    """A message as (text, placeholder behind it) pairs; None where none follows.

    Raises:
        ValueError: A brace is not closed, or something but a name stands in it.
    """
    try:
        parts = list(string.Formatter().parse(message))
    except ValueError as error:
        raise ValueError(f"the message {message!r} has a brace too many ({error}); write {{{{ for one") from error
    for _, name, form, conversion in parts:
        if name is not None and (not name.strip() or form or conversion):
            raise ValueError(f"the message {message!r} needs a name in each pair of braces, such as {{value}}")
    return [(text, name) for text, name, _, _ in parts]
