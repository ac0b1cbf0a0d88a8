"""Which characters separate and quote cells: two voters, a third measure where they differ, and the reasons.

Every reading of a sample that is worth a try is measured (`dialect_votes.py`). Here it is decided which of them
are plausible at all, which one is taken, how sure that is, and how it is told.
"""

from __future__ import annotations

import dataclasses
import itertools
import re
from typing import TYPE_CHECKING

from dsp_pipeline.core.artifacts.reading import Alternative, Decision
from dsp_pipeline.core.errors import SidecarError
from dsp_pipeline.core.numbers import written
from dsp_pipeline.etl.cells import Look, filled, look
from dsp_pipeline.etl.comments import about_comment, find_comment
from dsp_pipeline.etl.dialect_candidates import candidate_delimiters, candidate_dialects
from dsp_pipeline.etl.dialect_votes import Reading, read_sample
from dsp_pipeline.etl.one_column import about_one_column, is_plausible, splits_every_line, without_shreds
from dsp_pipeline.etl.records import Dialect, records

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dsp_pipeline.core.sidecar import ReadingOptions

_SEP_LINE = re.compile(r"\"?sep=(.)\"?[,;\t]*\r?\n?", re.IGNORECASE)
_RULER = re.compile(r"[-=_+*~ ]{3,}\r?\n?")
"""A line that is drawn and holds nothing says nothing of delimiters."""

_SPELT = {
    "tab": "\t",
    "\\t": "\t",
    "comma": ",",
    "semicolon": ";",
    "pipe": "|",
    "space": " ",
    "colon": ":",
    "caret": "^",
    "tilde": "~",
}
_NAMES = {
    ",": "comma",
    "\t": "tab",
    ";": "semicolon",
    "|": "pipe",
    " ": "space",
    ":": "colon",
    "\x1f": "unit sep.",
}
_MOST_ALTERNATIVES = 3
_ROWS_BELOW = 100
_RARE_IN_TEXT, _MOST_BY_CHANCE = (";", "|"), 2
_AGREED = (0.7, 0.3)
_DISAGREED = (0.45, 0.2)


@dataclasses.dataclass(frozen=True)
class DetectedDialect:
    """The dialect, the line on which the table may begin (0-based), and why."""

    dialect: Dialect
    start: int
    decisions: list[Decision]


def separator_name(delimiter: str) -> str:
    """A delimiter as people call it."""
    return _NAMES.get(delimiter, repr(delimiter))


def detect(
    lines: Sequence[str],
    *,
    said: ReadingOptions,
    hint: str | None = None,
    spare: Callable[[], str] = lambda: "\x1f",
) -> DetectedDialect:
    """The dialect of a text's first lines.

    Args:
        lines: Physical lines with their ends; some hundred are plenty.
        said: What the sidecar says, which always wins.
        hint: The delimiter that the file's name suggests, such as a tab for ``.tsv``.
        spare: Finds a delimiter that the whole text does not have, for a file of one column.

    Raises:
        SidecarError: What the sidecar says can't separate cells.
    """
    declared = _SEP_LINE.fullmatch(lines[0].lstrip("\ufeff")) if lines else None
    start = max(1 if declared else 0, min(said.skip_rows or 0, len(lines)))
    sample = lines[start:]
    comment = find_comment(sample) if said.comment is None else said.comment or None
    known = _declared_delimiter(said) or (declared.group(1) if declared else None)
    delimiters = [known] if known else candidate_delimiters(sample)
    lines_of_cells = [line for line in sample if not _RULER.fullmatch(line)]
    dialects = candidate_dialects(lines_of_cells, delimiters, said, comment)
    readings = [read_sample(lines_of_cells, one) for one in dialects]
    chosen, decision = _chosen(readings, sample, said=said, known=known, hint=hint)
    if chosen is None:
        chosen = Dialect(spare(), (said.quote or None) if said.quote is not None else '"', comment=comment)
    if comment and said.comment is None and (place := _names_behind_mark(sample, chosen)) is not None:
        chosen, start = dataclasses.replace(chosen, comment=None), start + place
    told = [decision, *_about_quotes(chosen, said)]
    if chosen.comment:
        told.append(about_comment(chosen.comment, said=said.comment is not None))
    return DetectedDialect(chosen, start, told)


def _names_behind_mark(sample: Sequence[str], dialect: Dialect) -> int | None:
    """The last line of a block of comments at the top, if it has as many cells as the line below: the names."""
    mark = dialect.comment or ""
    rows = [one for one in itertools.islice(records(sample, dialect), _ROWS_BELOW) if one.fault is None]
    below = rows[0] if rows else None
    marked = [place for place, line in enumerate(sample[: below.first]) if line.startswith(mark)] if below else []
    if below is None or not marked:
        return None
    names = next(records(sample, dataclasses.replace(dialect, comment=None), start=marked[-1]))
    has_values = any(look(cell) in {Look.NUMBER, Look.DATE} for cell in below.cells)
    above = [line for line in sample[: marked[-1]] if line.strip()]
    width = len(names.cells)
    fits = width > 1 and width in {len(below.cells), max(len(row.cells) for row in rows)}
    is_likely = dialect.delimiter == "\t" or (dialect.delimiter in _RARE_IN_TEXT and width > _MOST_BY_CHANCE)
    is_no_sentence = is_likely and filled(names.cells) == width
    return marked[-1] if fits and (has_values or not above or is_no_sentence) else None


def _declared_delimiter(said: ReadingOptions) -> str | None:
    """What the sidecar says, with the names that people give to a tab.

    Raises:
        SidecarError: It can't separate cells.
    """
    if said.delimiter is None:
        return None
    delimiter = _SPELT.get(said.delimiter.lower(), said.delimiter)
    if set(delimiter) & {"\r", "\n", '"', said.quote} or delimiter in {said.escape, said.comment}:
        raise SidecarError(
            f"'reading.delimiter' is {said.delimiter!r}, which can't separate cells",
            where="sidecar",
            remedy="Name characters such as ';', '||' or 'tab', or leave it out to have it detected",
        )
    return delimiter


def _chosen(
    readings: Sequence[Reading],
    sample: Sequence[str],
    *,
    said: ReadingOptions,
    known: str | None,
    hint: str | None,
) -> tuple[Dialect | None, Decision]:
    """The dialect that is taken; None for a file of one column."""
    if known is not None:
        best = _best_quoting(readings)
        why = "the sidecar says so" if said.delimiter else "the first line says 'sep='"
        return best.dialect, _decision(best.dialect.delimiter, why, 1.0, [])
    whole = without_shreds(readings)
    plausible = [one for one in whole if is_plausible(one, sample)]
    named = [one for one in plausible if one.dialect.delimiter == hint]
    if named:
        best = _best_quoting(named)
        why = (
            f"the file's name says so, and {written(best.later_share, '.0%')} of the records have "
            f"{best.width} cells"
        )
        return best.dialect, _decision(best.dialect.delimiter, why, 0.98, plausible)
    plausible = plausible or [one for one in whole if splits_every_line(one, sample)]
    if not plausible:
        others = _alternatives(sorted(readings, key=lambda one: -one.pattern), None)
        return None, about_one_column(sample, others)
    return _voted(plausible, readings)


def _voted(plausible: Sequence[Reading], readings: Sequence[Reading]) -> tuple[Dialect, Decision]:
    """What the two voters agree on, or what makes columns more uniform where they don't."""
    by_pattern = max(plausible, key=lambda one: (one.pattern, one.structure))
    by_structure = max(plausible, key=lambda one: (one.structure, one.pattern))
    agreed = by_pattern.dialect.delimiter == by_structure.dialect.delimiter
    winner = max(by_pattern, by_structure, key=lambda one: (one.uniformity, one.pattern))
    delimiter = winner.dialect.delimiter
    best = _best_quoting([one for one in plausible if one.dialect.delimiter == delimiter])
    rivals = [one for one in plausible if one.dialect.delimiter != delimiter]
    margin = 1 - max((one.pattern for one in rivals), default=0.0) / max(best.pattern, 1e-9)
    base, more = _AGREED if agreed else _DISAGREED
    confidence = round(best.later_share * (base + more * min(max(margin, 0.0), 1.0)), 2)
    why = f"{written(best.later_share, '.0%')} of the sampled records then have {best.width} cells"
    if agreed:
        why += ", and the cells look like values"
    else:
        first, second = (separator_name(one.dialect.delimiter) for one in (by_pattern, by_structure))
        why += f"; the cells' looks speak for {first} and the records' widths for {second}"
        why += ", but columns are more uniform so"
    others = sorted(readings, key=lambda one: -one.pattern)
    return best.dialect, _decision(delimiter, why, confidence, others)


def _best_quoting(readings: Sequence[Reading]) -> Reading:
    """Of readings with one delimiter, the one whose quotes and escapes make the most regular records."""
    return max(readings, key=lambda one: (one.regularity, one.pattern))


def _alternatives(others: Sequence[Reading], best: str | None) -> list[Alternative]:
    found: dict[str, Alternative] = {}
    for other in others:
        if other.dialect.delimiter != best:
            name = separator_name(other.dialect.delimiter)
            cells = f"{other.width} cell{'s' if other.width > 1 else ''}"
            why_not = f"{written(other.share, '.0%')} of the records would have {cells}"
            found.setdefault(name, Alternative(choice=name, score=round(other.pattern, 3), why_not=why_not))
    return list(found.values())[:_MOST_ALTERNATIVES]


def _decision(delimiter: str, why: str, confidence: float, others: Sequence[Reading]) -> Decision:
    alternatives = _alternatives(others, delimiter)
    name = separator_name(delimiter)
    return Decision(what="delimiter", choice=name, why=why, confidence=confidence, alternatives=alternatives)


def _about_quotes(dialect: Dialect, said: ReadingOptions) -> list[Decision]:
    """What is worth saying of quotes: nothing where it is the double quote, doubled within."""
    told: list[Decision] = []
    if dialect.quote != '"':
        known = said.quote is not None
        why = "the sidecar says so" if known else "the sampled records then have the same width"
        choice, sure = dialect.quote or "none", 1.0 if known else 0.85
        told.append(Decision(what="quote", choice=choice, why=why, confidence=sure))
    if dialect.escape:
        known = said.escape is not None
        why = "the sidecar says so" if known else "quotes within cells stand behind it"
        told.append(Decision(what="escape", choice=dialect.escape, why=why, confidence=1.0 if known else 0.85))
    if dialect.skip_space:
        runs = dialect.delimiter == " "
        choice, why = (
            ("a run of them is one delimiter", "columns are aligned with several, or with tabs among them")
            if runs
            else ("left out", "one stands behind every delimiter")
        )
        told.append(Decision(what="spaces behind delimiters", choice=choice, why=why, confidence=0.85))
    return told
