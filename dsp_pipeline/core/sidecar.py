"""The sidecar: what the owner of a CSV knows about it, in a YAML file beside it."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pydantic
import yaml
from cronsim import CronSim, CronSimError

from dsp_pipeline.core.errors import SidecarError
from dsp_pipeline.core.numbers import NumberFormatName
from dsp_pipeline.core.rules import Reference, RowCount, Rule, share

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Task = Literal["binary", "multiclass", "regression", "count", "ordinal"]
TypeName = Literal["text", "integer", "decimal", "boolean", "date", "timestamp", "time", "duration", "category"]
Direction = Literal["increasing", "decreasing"]
ExceptionPolicy = Literal["quarantine", "null", "text"]
"""What becomes of a value that is not of its column's type: its row is quarantined, it is null, or all of the
column is text."""

_DIRECTIVE = re.compile(r"%[-_0]?[.:]*[0-9]?([A-Za-z])")
_TIMES, _DAYS_AND_TIMES = frozenset("HIklMSpPfTRrXzZ"), frozenset("cs")
"""Which of strptime's directives write a time of day, and which a day with one."""

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
    header_rows: int | None = pydantic.Field(None, ge=1, description="How many rows hold names or units.")
    footer: bool | None = pydantic.Field(None, description="False: every line below the header is a row.")
    escape: str | None = pydantic.Field(
        None, max_length=1, description="What makes a quote within quotes plain; '' for a doubled quote only."
    )
    comment: str | None = pydantic.Field(
        None, max_length=3, description="What lines that are no records begin with; '' for none."
    )
    short_rows: Literal["fill", "quarantine"] | None = pydantic.Field(
        None, description="Whether rows with fewer cells than names lack empty ones at their ends, or are bad."
    )
    skip_rows: int | None = pydantic.Field(None, ge=0, description="Lines above the header.")


class ColumnType(_Model):
    """A column's declared type, with the decimal mark where it is not a point.

    A format of dates says the type as well where nothing else does.
    """

    type: TypeName | None = None
    decimal: Literal[",", "."] | None = None
    format: str | None = pydantic.Field(None, description="A strptime format for dates and timestamps.")

    @pydantic.model_validator(mode="before")
    @classmethod
    def _type_of_format(cls, said: object) -> object:
        if not isinstance(said, dict) or said.get("type") is not None or not isinstance(said.get("format"), str):
            return said
        if not _DIRECTIVE.search(said["format"]):
            raise ValueError(
                f"the format {said['format']!r} is none of dates, as '%d.%m.%Y' is: say the type, too"
            )
        return {**said, "type": _type_written_as(said["format"])}


def _type_written_as(form: str) -> TypeName:
    """What a strptime format writes: a day, a time of day, or both."""
    parts = set(_DIRECTIVE.findall(form))
    if not parts & (_TIMES | _DAYS_AND_TIMES):
        return "date"
    return "timestamp" if parts - _TIMES else "time"


class CallCosts(_Model):
    """What wrong calls of two classes cost, in any unit; the last class (in order) is the positive one."""

    false_positive: pydantic.PositiveFloat = pydantic.Field(description="Of calling a row positive that is not.")
    false_negative: pydantic.PositiveFloat = pydantic.Field(description="Of missing a positive row.")


class PredictionOptions(_Model):
    """What to predict these rows with; said beside rows to predict."""

    model_version: str | None = pydantic.Field(None, description="The version whose model predicts.")
    reasons: bool | None = pydantic.Field(None, description="Whether each row gets its reasons.")


class DashboardOptions(_Model):
    """How the page looks."""

    accent: str | None = pydantic.Field(None, pattern=r"^#[0-9a-fA-F]{6}$", description="A colour, #rrggbb.")
    logo: str | None = pydantic.Field(
        None,
        pattern=r"^data:image/(png|jpeg|webp|svg\+xml);base64,[A-Za-z0-9+/]+=*$",
        max_length=140_000,
        description="A picture of at most 100 kB as a data: address in base64: PNG, JPEG, WebP or SVG.",
    )
    language: str = "en"
    number_format: NumberFormatName = pydantic.Field("1,234.5", description="How the page writes its numbers.")


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
    monotone: dict[str, Direction] = {}
    types: dict[str, ColumnType] = {}
    reading: ReadingOptions = ReadingOptions()
    rules: list[Rule] = []
    max_bad_rows: Annotated[float, pydantic.BeforeValidator(share), pydantic.Field(ge=0, le=1)] = 0.1
    exceptions: Annotated[ExceptionPolicy, pydantic.BeforeValidator(_policy)] = "quarantine"
    sensitive: list[str] = []
    personal_data: Literal["mask", "allow"] = "mask"
    row_noun: str = "rows"
    schedule: str | None = None
    costs: CallCosts | None = None
    threshold: Literal["f1"] | Annotated[float, pydantic.Field(gt=0, lt=1)] | None = None
    budget_seconds: Literal["auto"] | pydantic.PositiveFloat = "auto"
    seed: int = pydantic.Field(0, ge=0, lt=2**31)
    dashboard: DashboardOptions = DashboardOptions()
    predictions: PredictionOptions = PredictionOptions()

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

    @pydantic.model_validator(mode="after")
    def _one_threshold(self) -> Sidecar:
        if self.costs is not None and self.threshold is not None:
            raise ValueError("'costs' already says from which probability on to call a row: leave 'threshold' out")
        return self

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
        for field in ("ignore", "types", "sensitive", "monotone"):
            for column in getattr(self, field):
                note(column, field)
        for number, rule in enumerate(self.rules, start=1):
            for column, field in rule.columns_named():
                note(column, f"rules[{number}]{field}")
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
    except RecursionError as error:
        raise SidecarError(
            "the sidecar nests brackets or fields too deeply",
            where=where,
            remedy="Write it with fewer levels, as in the user guide, and drop the sidecar again",
        ) from error
    if said is None:
        return Sidecar()
    if not isinstance(said, dict):
        raise SidecarError(
            f"the sidecar holds a {type(said).__name__}, not fields with values",
            where=where,
            remedy="Write lines such as 'target: churned'",
        )
    return _checked(said, where)


def parse_rules(said: Sequence[Mapping[str, object]], *, where: str) -> list[Rule]:
    """Rules as they stand in a sidecar, from elsewhere.

    Args:
        said: Their fields.
        where: What to call their place in messages.

    Raises:
        SidecarError: A field is unknown, or has a value of the wrong form.
    """
    return _checked({"rules": list(said)}, where).rules


def _checked(said: Mapping[str, object], where: str) -> Sidecar:
    try:
        return Sidecar.model_validate(said)
    except pydantic.ValidationError as error:
        raise _explained(error, where) from error


def _explained(error: pydantic.ValidationError, where: str) -> SidecarError:
    """The first few problems of a validation error, as a person would say them."""
    problems = [_problem(dict(item)) for item in error.errors(include_url=False)[:5]]
    return SidecarError("; ".join(problems), where=where, remedy="Mend the sidecar and drop it again")


def _problem(item: dict[str, Any]) -> str:
    path = _path(item["loc"])
    if item["type"] != "extra_forbidden":
        message = str(item["msg"]).removeprefix("Value error, ")
        return f"'{path}': {message[0].lower()}{message[1:]}" if path else message
    field = str(item["loc"][-1])
    known = _fields_beside(item["loc"][:-1])
    nearest = difflib.get_close_matches(field, known, n=1, cutoff=0.4)
    hint = f", did you mean '{nearest[0]}'?" if nearest else f"; known are {', '.join(sorted(known))}"
    return f"unknown field '{path}'{hint}"


def _path(loc: Sequence[int | str]) -> str:
    """Where in the sidecar, as a person counts: ``rules[1].min``."""
    parts = [f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in loc]
    return "".join(parts).removeprefix(".")


_NESTED: dict[str, type[pydantic.BaseModel]] = {
    "reading": ReadingOptions,
    "types": ColumnType,
    "rules": Rule,
    "rows": RowCount,
    "references": Reference,
    "dashboard": DashboardOptions,
    "predictions": PredictionOptions,
    "costs": CallCosts,
}


def _fields_beside(parents: Sequence[int | str]) -> list[str]:
    """The fields of the innermost model that a place lies in."""
    model: type[pydantic.BaseModel] = Sidecar
    for parent in parents:
        inner = _NESTED.get(str(parent))
        # A column may be called like a field: only fields of the model around it lead further in.
        if inner is not None and str(parent) in model.model_fields:
            model = inner
        elif model is Sidecar:
            break
    return list(model.model_fields)
