"""Where the table begins, whether its first record holds names, and what the columns are called."""

from __future__ import annotations

import collections
import dataclasses
import itertools
import re
import unicodedata
from typing import TYPE_CHECKING

from dsp_pipeline.core.artifacts.reading import Alternative, Decision
from dsp_pipeline.etl.cells import Look, look
from dsp_pipeline.etl.records import Dialect, records
from dsp_pipeline.etl.tables import LINE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.etl.records import Record

REASONS = "__reasons__"
"""The column in which a quarantine's CSV says what is wrong with each row."""

SOURCE = "__version__"
"""The column in which a quarantine's CSV says which dataset and version its rows are of."""

QUARANTINE_NAMES = {LINE: "quarantine_line", REASONS: "quarantine_reasons", SOURCE: "quarantine_version"}
"""What a quarantine's own columns are called when its CSV is mended and dropped again; they are ignored then."""

_SAMPLE_RECORDS = 200
_SAMPLE_CELLS = 50_000
_MAX_PREAMBLE = 30
_MAX_NAME = 120
_TYPED = frozenset({Look.NUMBER, Look.DATE, Look.BOOLEAN})
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclasses.dataclass(frozen=True)
class Header:
    """What stands above the rows.

    Attributes:
        names: Unique and safe names, one for each column.
        originals: The same as they stood in the file; the made-up names where there is no header.
        line: The header's physical line (1-based); None without a header.
        first_data_line: The line (0-based) on which the rows begin.
        decisions: Why so.
    """

    names: list[str]
    originals: list[str]
    line: int | None
    first_data_line: int
    decisions: list[Decision]


def find_header(lines: Sequence[str], dialect: Dialect, *, start: int, declared: bool | None) -> Header:
    """The header of a text's first lines.

    Args:
        lines: Physical lines with their ends.
        dialect: How cells are set apart.
        start: The line (0-based) on which the table may begin.
        declared: What the sidecar says, which always wins.
    """
    found = (record for record in records(lines, dialect, start=start) if record.fault is None)
    sample = list(itertools.islice(found, _MAX_PREAMBLE))
    if not sample:
        return Header([], [], None, start, [])
    more = min(_SAMPLE_RECORDS, _SAMPLE_CELLS // max(len(record.cells) for record in sample))
    sample += itertools.islice(found, more)
    width = _modal_width(sample)
    preamble = _preamble(sample, width) if declared is not False else 0
    top, body = sample[preamble], [record.cells for record in sample[preamble + 1 :] if len(record.cells) == width]
    decisions = [_about_preamble(sample[:preamble])] if preamble else []
    decision = _has_names(top.cells, body, declared=declared)
    decisions.append(decision)
    if decision.choice == "no":
        originals = [f"column_{number}" for number in range(1, max(width, len(top.cells)) + 1)]
        return Header(originals, originals, None, top.first, decisions)
    originals, adjusted = _fitted(top.cells, body)
    if adjusted:
        decisions.append(adjusted)
    return Header(safe_names(originals), originals, top.first + 1, top.end, decisions)


def safe_names(originals: Sequence[str]) -> list[str]:
    """Unique names that can be shown and typed: no control characters, no empty ones, at most 120 long."""
    taken: set[str] = set()
    names: list[str] = []
    reserved = {original.strip() for original in originals}
    for number, original in enumerate(originals, start=1):
        base = _clean(original) or f"column_{number}"
        base = QUARANTINE_NAMES.get(base, base)
        name, copy = base, 1
        while name in taken or (copy > 1 and name in reserved):
            copy += 1
            name = f"{base}_{copy}"
        taken.add(name)
        names.append(name)
    return names


def _clean(original: str) -> str:
    visible = "".join(" " if unicodedata.category(char) in {"Cc", "Cf", "Zl", "Zp"} else char for char in original)
    return " ".join(visible.split())[:_MAX_NAME].strip()


def _modal_width(sample: Sequence[Record]) -> int:
    widths = collections.Counter(len(record.cells) for record in sample)
    return max(widths.items(), key=lambda item: (item[1], item[0]))[0]


def _preamble(sample: Sequence[Record], width: int) -> int:
    """How many records above the first one of full width are titles or notes: those have one filled cell."""
    for number, record in enumerate(sample[: _MAX_PREAMBLE + 1]):
        if len(record.cells) >= max(width - 1, 2) or width == 1:
            return number
        if sum(1 for cell in record.cells if cell.strip()) > max(1, width // 2):
            return 0
    return 0


def _about_preamble(above: Sequence[Record]) -> Decision:
    text = "; ".join(" ".join(cell for cell in record.cells if cell)[:60] for record in above[:3])
    return Decision(
        what="preamble",
        choice=f"{len(above)} record{'s' if len(above) > 1 else ''} above the header",
        why=f"they have fewer cells than the table below them and read as a title or notes: {text}",
        confidence=0.8,
        alternatives=[Alternative(choice="no preamble", why_not="the table's records would not have one width")],
    )


def _has_names(top: Sequence[str], body: Sequence[Sequence[str]], *, declared: bool | None) -> Decision:
    if declared is not None:
        return _said("yes" if declared else "no", "the sidecar says so", 1.0)
    looks = [look(cell) for cell in top]
    typed = [number for number, kind in enumerate(looks) if kind in {Look.NUMBER, Look.DATE}]
    if typed and not _are_years(top, typed):
        return _said("no", f"the first record holds values such as {top[typed[0]]!r}, not names", 0.9)
    if not body:
        return _said("yes", "the only record holds no numbers or dates", 0.6)
    columns = list(zip(*body, strict=True))
    width = len(columns)
    told = [
        number
        for number, column in enumerate(columns[: len(top)])
        if _is_typed(column) and looks[number] != look(column[0])
    ]
    if told:
        why = f"the first record holds words above numbers, dates or booleans in {len(told)} of {width} columns"
        return _said("yes", why, 0.99)
    repeated = sum(1 for cell, column in zip(top, columns, strict=False) if cell.strip() and cell in column)
    if repeated > len(top) / 2 or len(set(top)) < len(top) / 2:
        return _said("no", "the first record's words come again as values below", 0.7)
    return _said("yes", "the first record's words are all different and no values below", 0.7)


def _said(choice: str, why: str, confidence: float) -> Decision:
    other = "no" if choice == "yes" else "yes"
    return Decision(
        what="header", choice=choice, why=why, confidence=confidence, alternatives=[Alternative(choice=other)]
    )


def _are_years(top: Sequence[str], typed: Sequence[int]) -> bool:
    """A pivoted table's header has years: all different, among other names, and nothing else that is a number."""
    years = [top[number] for number in typed]
    return len(typed) < len(top) and len(set(years)) == len(years) and all(map(_YEAR.fullmatch, years))


def _is_typed(column: Sequence[str]) -> bool:
    looks = [kind for cell in column if (kind := look(cell)) is not Look.EMPTY]
    return bool(looks) and sum(kind in _TYPED for kind in looks) >= 0.9 * len(looks)


def _fitted(top: Sequence[str], body: Sequence[Sequence[str]]) -> tuple[list[str], Decision | None]:
    """The header's names, made to fit rows that have one cell more or less than it in a way that is well known."""
    width = len(body[0]) if body else len(top)
    if width == len(top) + 1 and all(not cells[-1].strip() for cells in body):
        why = "each row ends with a delimiter that the header does not have"
        return [*top, ""], _adjusted("an empty column at the end", why)
    if width == len(top) + 1:
        why = "the rows have one cell more than the header, as where row names are written without a heading"
        return ["row_name", *top], _adjusted("the first column is called row_name", why)
    if width == len(top) - 1 and not top[-1].strip():
        return list(top[:-1]), _adjusted(
            "the last name is left out", "the header ends with a delimiter, rows do not"
        )
    return list(top), None


def _adjusted(choice: str, why: str) -> Decision:
    return Decision(what="header width", choice=choice, why=why, confidence=0.8)
