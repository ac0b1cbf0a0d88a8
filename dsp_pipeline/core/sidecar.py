"""The sidecar: what the owner of a CSV knows about it, in a YAML file beside it."""

from __future__ import annotations

import datetime as dt
import difflib
from typing import Annotated, Any, Literal

import pydantic
import yaml
from cronsim import CronSim, CronSimError

from dsp_pipeline.core.errors import SidecarError

Task = Literal["binary", "multiclass", "regression", "count", "ordinal"]
Severity = Literal["error", "warning"]
TypeName = Literal["text", "integer", "decimal", "boolean", "date", "timestamp", "category"]
ExceptionPolicy = Literal["quarantine", "null", "text"]
"""What becomes of a value that is not of its column's type: its row is quarantined, it is null, or all of the
column is text."""

NEVER = "never"
"""The schedule of a dataset that is analysed only when it is dropped."""


class _Model(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)


class ReadingOptions(_Model):
    """How to read the file, where detection should not decide. A field that is None is detected."""

    delimiter: str | None = pydantic.Field(None, min_length=1, description="The field separator, e.g. ';'.")
    encoding: str | None = pydantic.Field(None, description="A Python codec name, e.g. cp1252.")
    quote: str | None = pydantic.Field(None, max_length=1, description="The quote character; '' for none.")
    header: bool | None = pydantic.Field(None, description="Whether the first record holds the names.")
    escape: str | None = pydantic.Field(
        None, max_length=1, description="What makes a quote within quotes plain; '' for a doubled quote only."
    )
    comment: str | None = pydantic.Field(
        None, max_length=3, description="What lines that are no records begin with; '' for none."
    )
    skip_rows: int | None = pydantic.Field(None, ge=0, description="Lines above the header.")


class ColumnType(_Model):
    """A column's declared type, with the decimal mark where it is not a point."""

    type: TypeName | None = None
    decimal: Literal[",", "."] | None = None
    format: str | None = pydantic.Field(None, description="A strptime format for dates and timestamps.")


class Rule(_Model):
    """One thing every row has to meet. Exactly one of ``column``, ``unique`` and ``expect`` names its subject."""

    column: str | None = None
    min: float | None = None
    max: float | None = None
    not_null: bool | None = None
    one_of: list[str | float | bool] | None = None
    matches: str | None = pydantic.Field(None, description="A regular expression the whole value matches.")
    unique: list[str] | None = pydantic.Field(None, description="Columns that together occur once.")
    expect: str | None = pydantic.Field(None, description="A Polars SQL expression true for every row.")
    severity: Severity = "error"
    message: str | None = None

    @pydantic.model_validator(mode="after")
    def _has_one_subject(self) -> Rule:
        subjects = [name for name in ("column", "unique", "expect") if getattr(self, name) is not None]
        if len(subjects) != 1:
            raise ValueError("a rule needs exactly one of column, unique and expect")
        conditions = ("min", "max", "not_null", "one_of", "matches")
        if self.column is not None and all(getattr(self, name) is None for name in conditions):
            raise ValueError(f"the rule on {self.column!r} needs one of {', '.join(conditions)}")
        return self


class DashboardOptions(_Model):
    """How the page looks."""

    accent: str | None = pydantic.Field(None, pattern=r"^#[0-9a-fA-F]{6}$", description="A colour, #rrggbb.")
    language: str = "en"


def _share(value: object) -> object:
    """A share written as '2%' or 0.02, as a fraction."""
    if isinstance(value, str) and value.strip().endswith("%"):
        return float(value.strip().removesuffix("%")) / 100
    return value


def _policy(value: object) -> object:
    """In YAML ``null`` without quotes is no text; the word is meant."""
    return "null" if value is None else value


class Sidecar(_Model):
    """All that the owner says. Every field is optional; what is not said is inferred."""

    title: str | None = None
    target: str | None = None
    task: Task | None = None
    ignore: list[str] = []
    time_column: str | None = None
    group_column: str | None = None
    types: dict[str, ColumnType] = {}
    reading: ReadingOptions = ReadingOptions()
    rules: list[Rule] = []
    max_bad_rows: Annotated[float, pydantic.BeforeValidator(_share), pydantic.Field(ge=0, le=1)] = 0.1
    exceptions: Annotated[ExceptionPolicy, pydantic.BeforeValidator(_policy)] = "quarantine"
    sensitive: list[str] = []
    personal_data: Literal["mask", "allow"] = "mask"
    row_noun: str = "rows"
    schedule: str | None = None
    budget_seconds: Literal["auto"] | pydantic.PositiveFloat = "auto"
    seed: int = pydantic.Field(0, ge=0, lt=2**31)
    dashboard: DashboardOptions = DashboardOptions()

    @pydantic.field_validator("types", mode="before")
    @classmethod
    def _short_types(cls, value: object) -> object:
        """`zip: text` is short for `zip: {type: text}`."""
        if isinstance(value, dict):
            return {name: {"type": said} if isinstance(said, str) else said for name, said in value.items()}
        return value

    @pydantic.field_validator("schedule")
    @classmethod
    def _is_a_schedule(cls, value: str | None) -> str | None:
        if value is not None and value != NEVER:
            try:
                CronSim(value, dt.datetime(2000, 1, 1, tzinfo=dt.UTC))
            except CronSimError as error:
                raise ValueError(f"{value!r} is neither a cron expression nor '{NEVER}': {error}") from error
        return value

    @property
    def wants_no_model(self) -> bool:
        """Whether the owner wrote ``target: null``, which says: fit no model."""
        return "target" in self.model_fields_set and self.target is None

    def columns_named(self) -> dict[str, str]:
        """Each column that the sidecar names, with the field that names it (the first one)."""
        named: dict[str, str] = {}

        def note(column: str | None, field: str) -> None:
            if column is not None:
                named.setdefault(column, field)

        note(self.target, "target")
        note(self.time_column, "time_column")
        note(self.group_column, "group_column")
        for field in ("ignore", "types", "sensitive"):
            for column in getattr(self, field):
                note(column, field)
        for number, rule in enumerate(self.rules, start=1):
            note(rule.column, f"rules[{number}]")
            for column in rule.unique or []:
                note(column, f"rules[{number}]")
        return named


def parse_sidecar(text: str, *, where: str) -> Sidecar:
    """The sidecar in a YAML text.

    Args:
        text: The YAML; empty means that nothing is said.
        where: The sidecar's key or path, for messages.

    Raises:
        SidecarError: The text is not YAML, not a mapping, has an unknown field (named together with the
            nearest known one) or a value of the wrong form.
    """
    try:
        said = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{where}, line {mark.line + 1}, column {mark.column + 1}" if mark else where
        problem = getattr(error, "problem", None) or "it cannot be parsed"
        raise SidecarError(
            f"the sidecar is not valid YAML: {problem}",
            where=place,
            remedy="Mend that line and drop the sidecar again",
        ) from error
    if said is None:
        return Sidecar()
    if not isinstance(said, dict):
        raise SidecarError(
            f"the sidecar holds a {type(said).__name__}, not fields with values",
            where=where,
            remedy="Write lines such as 'target: churned'",
        )
    try:
        return Sidecar.model_validate(said)
    except pydantic.ValidationError as error:
        raise _explained(error, where) from error


def _explained(error: pydantic.ValidationError, where: str) -> SidecarError:
    """The first few problems of a validation error, as a person would say them."""
    problems = [_problem(dict(item)) for item in error.errors(include_url=False)[:5]]
    return SidecarError("; ".join(problems), where=where, remedy="Mend the sidecar and drop it again")


def _problem(item: dict[str, Any]) -> str:
    path = ".".join(str(part) for part in item["loc"])
    if item["type"] != "extra_forbidden":
        message = str(item["msg"]).removeprefix("Value error, ")
        return f"'{path}': {message[0].lower()}{message[1:]}" if path else message
    field = str(item["loc"][-1])
    known = _fields_beside(item["loc"][:-1])
    nearest = difflib.get_close_matches(field, known, n=1, cutoff=0.4)
    hint = f", did you mean '{nearest[0]}'?" if nearest else f"; known are {', '.join(sorted(known))}"
    return f"unknown field '{path}'{hint}"


_NESTED: dict[str, type[_Model]] = {
    "reading": ReadingOptions,
    "types": ColumnType,
    "rules": Rule,
    "dashboard": DashboardOptions,
}


def _fields_beside(parents: tuple[int | str, ...]) -> list[str]:
    model = _NESTED.get(str(parents[0]), Sidecar) if parents else Sidecar
    return list(model.model_fields)
