"""The published artifacts: the public interface between the parts and for people who script against them.

One module per asset; each model is written as JSON beside that asset's tables. Changes are additive only;
the JSON Schemas in docs/api-reference/schemas/ are generated from these models and checked by a test.
"""

from __future__ import annotations

import functools
import operator
from typing import TYPE_CHECKING, Any, Self, get_args

import pydantic

from dsp_pipeline.core.numbers import places, plain, with_marks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


class ArtifactModel(pydantic.BaseModel):
    """Base of all published values: frozen, tolerant of fields that a later version adds."""

    model_config = pydantic.ConfigDict(
        frozen=True, extra="ignore", ser_json_inf_nan="null", populate_by_name=True, protected_namespaces=()
    )

    def to_json(self) -> bytes:
        """The JSON text as UTF-8 bytes, indented, ended by a newline; NaN and infinities become null."""
        return self.model_dump_json(indent=1, by_alias=True).encode() + b"\n"

    def marked(self) -> Self:
        """The same with the numbers marked in all of its texts, for a page that writes them its own way."""
        changed = {}
        for name in _fields_with_words(type(self)):
            value = getattr(self, name)
            now = _marked(value)
            if now is not value:
                changed[name] = now
        return pydantic.BaseModel.model_copy(self, update=changed) if changed else self


class WordedModel(ArtifactModel):
    """Base of published values with sentences that `dsp_pipeline.core.numbers` has written numbers into.

    The texts are plain. ``numbers`` has where the separators of their numbers stand, in characters from 0: by the
    field's name, followed by a place or a key where the field holds several texts, as in ``lines.0``.
    """

    numbers: dict[str, list[int]] = pydantic.Field(default={}, exclude_if=operator.not_)

    @pydantic.model_validator(mode="before")
    @classmethod
    def _taken_out(cls, said: object) -> object:
        """Texts come in with marks; from a file they come plain, and with the places."""
        if not isinstance(said, dict):
            return said
        texts, found = _without_marks(said)
        return {**said, **texts, "numbers": {**said.get("numbers", {}), **found}} if found else said

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """As pydantic's; new texts may have marks in them, and the places of old ones are forgotten."""
        if not update:
            return super().model_copy(deep=deep)
        texts, found = _without_marks(update)
        kept = {key: at for key, at in self.numbers.items() if key.split(".")[0] not in update}
        return super().model_copy(update={**update, **texts, "numbers": {**kept, **found}}, deep=deep)

    def worded(self, field: str) -> str:
        """A field's text with its numbers marked, for another sentence or a page."""
        text: str = getattr(self, field)
        return with_marks(text, self.numbers[field]) if field in self.numbers else text

    def marked(self) -> Self:
        """The same with the numbers marked in all of its texts, for a page that writes them its own way."""
        inner = super().marked()
        if not self.numbers:
            return inner
        own = {key.split(".")[0] for key in self.numbers} & type(self).model_fields.keys()
        texts = {name: _each_text(getattr(self, name), name, self._with_marks) for name in own}
        return pydantic.BaseModel.model_copy(inner, update={**texts, "numbers": {}})

    def _with_marks(self, text: str, key: str) -> str:
        return with_marks(text, self.numbers[key]) if key in self.numbers else text


def _without_marks(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, list[int]]]:
    """Of some fields' values those with marks, plain, and the places of the marks."""
    found: dict[str, list[int]] = {}

    def taken_out(text: str, key: str) -> str:
        at = places(text)
        if at:
            found[key] = at
        return plain(text)

    changed = {}
    for name, value in values.items():
        known = len(found)
        now = _each_text(value, name, taken_out)
        if len(found) > known:
            changed[name] = now
    return changed, found


def _each_text(value: Any, key: str, change: Callable[[str, str], str]) -> Any:
    """A field's value with each text in it changed by a function of the text and its key in `numbers`."""
    if isinstance(value, str):
        return change(value, key)
    if isinstance(value, list) and any(isinstance(item, str) for item in value[:1]):
        return [_each_text(item, f"{key}.{place}", change) for place, item in enumerate(value)]
    if isinstance(value, dict) and any(isinstance(item, str) for item in value.values()):
        return {name: _each_text(item, f"{key}.{name}", change) for name, item in value.items()}
    return value


def _marked(value: Any) -> Any:
    """A field's value with all values in it marked; the same object where nothing in it is."""
    if isinstance(value, ArtifactModel):
        return value.marked()
    if isinstance(value, list):
        items = [_marked(item) for item in value]
        return items if any(map(operator.is_not, items, value)) else value
    if isinstance(value, dict):
        named = {name: _marked(item) for name, item in value.items()}
        return named if any(named[name] is not value[name] for name in value) else value
    return value


@functools.cache
def _fields_with_words(model: type[ArtifactModel]) -> tuple[str, ...]:
    """The fields that hold values with sentences somewhere in them."""

    def has_words(inner: type[ArtifactModel]) -> bool:
        return issubclass(inner, WordedModel) or bool(_fields_with_words(inner))

    fields = model.model_fields.items()
    return tuple(name for name, field in fields if any(map(has_words, _models_in(field.annotation))))


def _models_in(annotation: Any) -> Iterator[type[ArtifactModel]]:
    if isinstance(annotation, type) and issubclass(annotation, ArtifactModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)
