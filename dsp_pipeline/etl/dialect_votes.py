"""How well a sample of lines reads with a dialect, by two independent measures and a third that settles ties.

- `Reading.pattern`: van den Burg, Nazabal and Sutton, "Wrangling messy CSV files by detecting row and type
  patterns" (2019): few kinds of records with many cells, times the share of cells that look like something.
- `Reading.structure`: what a careful sniffer such as DuckDB's looks at: how many records have one width from some
  record on, and how few stand above; what the cells hold does not matter.
- `Reading.uniformity`: how alike the cells of each column look; after Garcia, "Detecting CSV file dialects by
  table uniformity measurement and data type inference" (2024).
"""

from __future__ import annotations

import collections
import dataclasses
import itertools
from typing import TYPE_CHECKING

from dsp_pipeline.etl.cells import Look, filled, look
from dsp_pipeline.etl.records import records

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.etl.records import Dialect, Record

STRONG = (",", "\t", ";", "|")
"""Delimiters that are rare in text or in numbers, so that they seldom stand side by side by chance."""

_WEIGHTS = {"^": 0.95, "\x1f": 1.0, "~": 0.9, ":": 0.7, " ": 0.6}
_QUOTE = '"'
_UNUSUAL = 0.97
_UNQUOTED = 0.9
_SAMPLE_RECORDS = 400
_SAMPLE_CELLS = 6_000
_MAX_ABOVE, _MAX_SETTINGS = 40, 100
_KEY_AND_VALUE = 2
_MIN_RUN = 0.6
_MIN_TYPED = 0.05
_MIN_ABOVE_NOTES, _MAX_NOTES = 4, 6


@dataclasses.dataclass(frozen=True)
class Reading:
    """A sample as it reads with a dialect; measures lie between 0 and 1.

    Attributes:
        dialect: The dialect.
        width: How many cells a record of the table has.
        share: The share of the records that have so many.
        later_share: The same from the first such record on: titles stand above that one.
        first_width: How many cells the very first record has.
        regularity: How much of the sample has the table's width, whatever it is: tells ways of quoting apart.
        pattern: The first voter's measure.
        structure: The second voter's.
        uniformity: What settles ties.
    """

    dialect: Dialect
    width: int
    share: float
    later_share: float
    first_width: int
    regularity: float
    pattern: float
    structure: float
    uniformity: float


def is_strong(delimiter: str) -> bool:
    """Whether it seldom stands in text by chance."""
    return delimiter in STRONG or len(delimiter) > 1 or delimiter == "\x1f"


def read_sample(sample: Sequence[str], dialect: Dialect) -> Reading:
    """The measures of a dialect on a file's first lines."""
    read = list(itertools.islice(records(sample, dialect), _SAMPLE_RECORDS))
    if len(read) > 1 and read[-1].fault is not None and read[-1].fault.code == "unclosed_quote":
        read.pop()  # the sample may end inside quotes
    whole = [record for record in read if record.fault is None]
    if not whole:
        return Reading(dialect, 1, 0.0, 0.0, 1, 0.0, 0.0, 0.0, 0.0)
    width = table_width(whole)
    first = next(place for place, record in enumerate(read) if len(record.cells) == width)
    read = _without_notes(read, width)
    fit = [record for record in read if len(record.cells) == width]
    count = sum(1 for record in fit if not _is_torn(record, dialect) and not _is_indented(record, dialect))
    share, later_share = count / len(read), count / (len(read) - first)
    usual = _UNUSUAL if _is_unusual(dialect) else 1.0
    if dialect.quote is None:
        usual = _UNQUOTED  # a few stray quotes do not make all others plain characters
    if dialect.delimiter == " " and _has_hollow_column(fit):
        usual *= _UNUSUAL  # it is drawn by spaces that align others, or stand at the lines' ends
    weight = _WEIGHTS.get(dialect.delimiter, 1.0)
    below = [record for record in read[first:] if record.fault is None]
    typed = _typed_share(below)
    regularity = later_share**2 * (0.6 + 0.4 * share) * usual
    return Reading(
        dialect=dialect,
        width=width,
        share=share,
        later_share=later_share,
        first_width=len(read[0].cells),
        regularity=regularity,
        pattern=_pattern(below, len(read) - first) * typed * weight * usual,
        structure=regularity * weight * (width - 1) / width,
        uniformity=_uniformity([record for record in below if len(record.cells) == width]) * later_share,
    )


def table_width(read: Sequence[Record]) -> int:
    """How many cells the records of the table have: most of those from some record near the top on.

    Titles and key-value blocks above a table may be more records than it has: what counts are cells.
    """
    counts = collections.Counter(len(record.cells) for record in read)
    if len(counts) == 1:
        return next(iter(counts))
    firsts: dict[int, int] = {}
    for place, record in enumerate(read):
        firsts.setdefault(len(record.cells), place)
    runs = {
        width: count * width
        for width, count in counts.items()
        if count > 1 and _may_begin(read, firsts[width]) and count / (len(read) - firsts[width]) >= _MIN_RUN
    }
    if runs:
        return max(runs, key=lambda width: (runs[width], -firsts[width]))
    return max(counts, key=lambda width: (counts[width], -firsts[width]))


def _may_begin(read: Sequence[Record], first: int) -> bool:
    """Whether a table may begin with a record: below a few others, or below many that are no table themselves."""
    if first <= _MAX_ABOVE:
        return True
    return first <= _MAX_SETTINGS and all(len(record.cells) <= _KEY_AND_VALUE for record in read[:first])


def _without_notes(read: list[Record], width: int) -> list[Record]:
    """The records without a few at the end that are narrower: notes below a table say nothing of its delimiter."""
    fit = [place for place, record in enumerate(read) if len(record.cells) == width]
    is_table = len(fit) >= _MIN_ABOVE_NOTES and len(read) - fit[-1] - 1 <= _MAX_NOTES
    return read[: fit[-1] + 1] if is_table and all(len(one.cells) < width for one in read[fit[-1] + 1 :]) else read


def _is_unusual(dialect: Dialect) -> bool:
    is_spaced = dialect.skip_space and dialect.delimiter != " "
    return dialect.quote != '"' or dialect.escape is not None or is_spaced


def _is_torn(record: Record, dialect: Dialect) -> bool:
    """Whether quotes around a delimiter were taken for text: one opens a cell, and one closes a later cell."""
    if dialect.quote is None:
        odd = [cell for cell in record.cells if cell.count(_QUOTE) % 2]
        return len(odd) > 1 and odd[0].lstrip().startswith(_QUOTE) and odd[-1].rstrip().endswith(_QUOTE)
    if dialect.skip_space:
        return False
    # A quote behind a blank opens nothing in such a reading.
    cells = (cell for cell in record.cells if cell[:1].isspace() and cell.count(dialect.quote) % 2)
    return any(cell.lstrip().startswith(dialect.quote) for cell in cells)


def _is_indented(record: Record, dialect: Dialect) -> bool:
    """Whether spaces stand before or behind a single text, and separate it from nothing."""
    return dialect.delimiter == " " and len(record.cells) > 1 and filled(record.cells) <= 1


def _has_hollow_column(fit: Sequence[Record]) -> bool:
    return any(not any(column) for column in zip(*(record.cells for record in fit), strict=True))


def _pattern(read: Sequence[Record], total: int) -> float:
    """The pattern score over the records, scaled to 1 for records of one width with endless cells."""
    counts = collections.Counter(len(record.cells) for record in read)
    score = sum(count * (width - 1) / width for width, count in counts.items() if width > 1)
    return score / (len(counts) * total) if total else 0.0


def _typed_share(read: Sequence[Record]) -> float:
    cells = itertools.islice((cell for record in read for cell in record.cells), _SAMPLE_CELLS)
    looks = collections.Counter(look(cell) for cell in cells)
    return max(1 - looks[Look.OTHER] / max(looks.total(), 1), _MIN_TYPED)


def _uniformity(rows: Sequence[Record]) -> float:
    """The mean over the columns of how alike their cells look, header aside; empty cells say nothing."""
    if len(rows) < 2:  # noqa: PLR2004 - a header has nothing below it to be alike
        return 0.0
    body = rows[1 : 1 + max(_SAMPLE_CELLS // len(rows[0].cells), 1)]
    alike = []
    for column in zip(*(record.cells for record in body), strict=True):
        looks = collections.Counter(kind for cell in column if (kind := look(cell)) is not Look.EMPTY)
        if looks:
            alike.append(looks.most_common(1)[0][1] / looks.total())
    return sum(alike) / len(alike) if alike else 0.0
