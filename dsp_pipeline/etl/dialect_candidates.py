"""The readings of a sample that are worth a try: its delimiters, with the quotes and escapes that it has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dsp_pipeline.etl.dialect_votes import STRONG
from dsp_pipeline.etl.records import Dialect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.core.sidecar import ReadingOptions

_WEAK = ("^", "\x1f", "~", ":", " ")
_LONG = ("||", "::", "~|~", "|~|", "~~", "^^", ";;", "@@", "##", "$$", "|#|", "\t\t")
_MIN_WRAPPED = 3
_WRAPPED = 0.9
_SPACED, _MIN_SPACED = 0.95, 3
_ALIGNED = re.compile(r"  |[ \t]\t|\t | $|^ +\S", re.MULTILINE)
"""Spaces, and tabs among them, that align columns or stand at the ends of lines."""


def candidate_delimiters(sample: Sequence[str]) -> list[str]:
    """What may separate cells: each usual character, or the longer mark that it is always a part of."""
    text = "".join(sample)
    found: list[str] = []
    for single in (*STRONG, *_WEAK):
        count = text.count(single) - (text.count("://") if single == ":" else 0)
        if count:
            longer = [mark for mark in _LONG if single in mark and text.count(mark) * mark.count(single) == count]
            found.append(max(longer, key=len) if longer else single)
    found += [mark for mark in ("@@", "##", "$$") if mark in text]
    return list(dict.fromkeys(found))


def candidate_dialects(
    sample: Sequence[str], delimiters: Sequence[str], said: ReadingOptions, comment: str | None
) -> list[Dialect]:
    """Each delimiter with the quotes and escapes that the sample has, or that the sidecar says."""
    text = "".join(sample)
    found: list[Dialect] = []
    for delimiter in delimiters:
        edge = re.escape(delimiter)
        for quote in _quotes(text, edge, said):
            for escape in _escapes(text, quote, said):
                spaces = _spaces(text, delimiter, quote)
                found += [Dialect(delimiter, quote, escape, skip_space, comment) for skip_space in spaces]
    return found


def _quotes(text: str, edge: str, said: ReadingOptions) -> list[str | None]:
    if said.quote is not None:
        return [said.quote or None]
    wrapped = len(re.findall(rf"(?:^|{edge}) *'[^'\r\n]*'(?=\s*(?:{edge}|$))", text, re.MULTILINE))
    if wrapped >= _MIN_WRAPPED and '"' not in text and 2 * wrapped >= _WRAPPED * text.count("'"):
        return ["'"]  # single quotes stand around cells and hardly anywhere else
    quotes: list[str | None] = ['"']
    if '"' in text:
        quotes.append(None)
    if wrapped:
        quotes.append("'")
    return quotes


def _escapes(text: str, quote: str | None, said: ReadingOptions) -> list[str | None]:
    if said.escape is not None:
        return [said.escape or None]
    return [None, "\\"] if quote is not None and f"\\{quote}" in text else [None]


def _spaces(text: str, delimiter: str, quote: str | None) -> list[bool]:
    if delimiter == " ":
        return [False, True] if _ALIGNED.search(text) else [False]
    edge = re.escape(delimiter)
    if quote is not None and re.search(rf"{edge} +{quote}", text):
        return [False, True]
    outside = re.sub(f"{quote}[^{quote}]*{quote}", "", text) if quote is not None else text
    inner = len(re.findall(rf"{edge}(?!\s*$)", outside, re.MULTILINE))
    spaced = len(re.findall(rf"{edge} (?!\s*$)", outside, re.MULTILINE))
    return [True] if inner >= _MIN_SPACED and spaced >= _SPACED * inner else [False]
