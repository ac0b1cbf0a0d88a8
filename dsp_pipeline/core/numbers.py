"""Numbers in texts: written so that a page can choose its separators, and read plainly everywhere else.

A number is formatted once, by `written`, in the middle of a sentence. There its separators are marks: two
characters that Unicode keeps for a program's own use and that stand in no text. The artifacts take the marks out
and keep their places (`dsp_pipeline.core.artifacts.WordedModel`), errors take them out as well, so that whoever
reads either finds ``1,234.5``. A page puts its own separators in their stead. A mark is one character, as each
separator is: no text gets longer or shorter, and a sentence may be clipped or joined with the marks in it.
"""

from __future__ import annotations

import dataclasses
import re
from typing import Final, Literal

GROUP: Final = "\ufdd0"
"""The mark between groups of three digits."""

POINT: Final = "\ufdd1"
"""The mark before a fraction."""

_MARKS = re.compile(f"[{GROUP}{POINT}]")
_MARKED = str.maketrans({",": GROUP, ".": POINT})

NumberFormatName = Literal["1,234.5", "1.234,5", "1 234,5", "1'234.5"]
"""How one number is written, which says how all are."""


def written(value: float, spec: str = ",") -> str:
    """A number by Python's format specification, its separators marked: ``written(share, ".1%")``."""
    return format(value, spec).translate(_MARKED)


def marked(number: str) -> str:
    """A number that stands as text, as Python writes it, its separators marked."""
    return number.translate(_MARKED)


@dataclasses.dataclass(frozen=True)
class NumberFormat:
    """The separators of numbers, one character each."""

    group: str
    point: str

    def shown(self, text: str) -> str:
        """The text with these separators in place of the marks. A mark that follows no digit is none of ours."""
        if GROUP not in text and POINT not in text:
            return text
        return _MARKS.sub(self._separator, text)

    def _separator(self, mark: re.Match[str]) -> str:
        if not mark.string[max(mark.start() - 1, 0)].isdigit():
            return f"⟨U+{ord(mark.group()):04X}⟩"
        return self.group if mark.group() == GROUP else self.point


PLAIN: Final = NumberFormat(",", ".")
"""As Python, JSON and English write numbers: ``1,234.5``."""

NUMBER_FORMATS: Final[dict[NumberFormatName, NumberFormat]] = {
    "1,234.5": PLAIN,
    "1.234,5": NumberFormat(".", ","),
    "1 234,5": NumberFormat("\u202f", ","),
    "1'234.5": NumberFormat("'", "."),
}
"""By name. The space is a narrow one at which no line breaks."""


def plain(text: str) -> str:
    """The text as it reads without marks."""
    return PLAIN.shown(text)


def places(text: str) -> list[int]:
    """Where the marks stand, in characters from 0."""
    return [mark.start() for mark in _MARKS.finditer(text)]


def with_marks(text: str, at: list[int]) -> str:
    """The plain text with marks at these places again; places that hold no separator are passed over."""
    characters = list(text)
    for place in at:
        if 0 <= place < len(characters):
            characters[place] = marked(characters[place])
    return "".join(characters)
