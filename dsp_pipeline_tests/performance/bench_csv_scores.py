"""How well a file was loaded, by the definitions of the Pollock benchmark.

Vitagliano, Hameed, Jiang, Reisener, Wu, Naumann: "Pollock: A Data Loading Benchmark", PVLDB 16(8), 2023, and the
authors' own evaluation (HPI-Information-Systems/Pollock: pollock/metrics.py, evaluate.py, pollock_weights.json).

A file's score is the sum of ten measures between 0 and 1: success, and precision, recall and F1 of its header's
cells, its records, and all its cells, each compared as multisets. The simple score is the mean over the files;
the weighted one weighs each kind of pollution by how often the authors met it in real files.

Records and headers are compared by value. The authors also bring dates, times and prices into one form before;
here only numbers and booleans are, so that a score is at most theirs.
"""

from __future__ import annotations

import collections
import dataclasses
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

Row = list[str]

_KINDS = {
    "source.csv": 1,
    "file_no_payload.csv": 15,
    "file_no_trailing_newline.csv": 184,
    "file_double_trailing_newline.csv": 5,
    "file_no_header.csv": 470,
    "file_header_multirow_2.csv": 47,
    "file_header_multirow_3.csv": 47,
    "file_preamble.csv": 282,
    "file_multitable_same.csv": 188 / 3,
    "file_multitable_more.csv": 188 / 3,
    "file_multitable_less.csv": 188 / 3,
    "file_header_only.csv": 3,
    "file_one_data_row.csv": 4,
    "file_record_delimiter_0xD.csv": 7,
    "file_record_delimiter_0xA.csv": 1691,
    "file_field_delimiter_0x9.csv": 4,
    "file_field_delimiter_0x3B.csv": 834,
    "file_field_delimiter_0x20.csv": 4,
    "file_field_delimiter_0x2C_0x20.csv": 101,
    "file_quotation_char_0x27.csv": 11,
    "file_escape_char_0x5C.csv": 1,
    "file_escape_char_0x00.csv": 7,
}
_FAMILIES = {
    "row_less_sep": 260 / 707,
    "row_more_sep": 260 / 707,
    "row_field_delimiter": 1 / 7,
    "row_extra_quote": 1 / 108,
}
"""What one file of a family weighs in pollock_weights.json."""


@dataclasses.dataclass(frozen=True)
class Score:
    """How well one file was loaded; every measure lies between 0 and 1.

    Attributes:
        file: Its name.
        success: 1 if it was loaded at all.
        header: Precision, recall and F1 of the header's cells.
        records: The same of the records below.
        cells: The same of all cells.
        note: Why it was not loaded.
        lost: How many of its lines are in no record, and are not told either.
    """

    file: str
    success: float
    header: tuple[float, float, float]
    records: tuple[float, float, float]
    cells: tuple[float, float, float]
    note: str = ""
    lost: int = 0

    @property
    def total(self) -> float:
        """The file's score, at most 10."""
        return self.success + sum(self.header) + sum(self.records) + sum(self.cells)


def failed(file: str, why: str) -> Score:
    """The score of a file that was not loaded."""
    nothing = (0.0, 0.0, 0.0)
    return Score(file, 0.0, nothing, nothing, nothing, why)


def scored(file: str, clean: Sequence[Row], loaded: Sequence[Row]) -> Score:
    """The score of what was loaded: the header's row (where there is one) and the records below it.

    Args:
        file: Its name.
        clean: What it should have been.
        loaded: What it was, as rows of a table without anything else.
    """
    if not clean:
        whole = (1.0, 1.0, 1.0)
        return Score(file, 1.0, whole, whole, whole)
    expected, found = [_values(row) for row in clean], [_values(row) for row in loaded]
    return Score(
        file,
        1.0,
        _agreement(expected[0], found[0] if found else []),
        _agreement(map("".join, expected[1:]), map("".join, found[1:])),
        _agreement([cell for row in clean for cell in row], [cell for row in loaded for cell in row]),
    )


def weight(file: str) -> float:
    """What the file weighs in the weighted score.

    Raises:
        KeyError: It is none of the benchmark's files.
    """
    if file in _KINDS:
        return _KINDS[file]
    family = next((name for name in _FAMILIES if file.startswith(name)), None)
    if family is None:
        raise KeyError(file)
    return _FAMILIES[family]


def simple_score(scores: Sequence[Score]) -> float:
    """The mean over all files, at most 10."""
    return sum(score.total for score in scores) / len(scores)


def weighted_score(scores: Sequence[Score]) -> float:
    """The weighted mean over all files, at most 10."""
    return sum(weight(s.file) * s.total for s in scores) / sum(weight(s.file) for s in scores)


def _values(row: Sequence[str]) -> Row:
    return [_value(cell) for cell in row]


def _value(cell: str) -> str:
    """A cell's value in one form: 007 is 7, True is 1."""
    if cell.lower() in {"true", "false"}:
        return str(int(cell.lower() == "true"))
    if re.fullmatch(r"\s*[+-]?\d+\s*", cell):
        return str(int(cell))
    try:
        return str(float(cell))
    except ValueError:
        return cell.lower()


def _agreement(expected: Iterable[Hashable], found: Iterable[Hashable]) -> tuple[float, float, float]:
    """What the authors call precision, recall and F1 of two multisets; nothing expected is perfectly met."""
    wanted, got = collections.Counter(expected), collections.Counter(found)
    both = (wanted & got).total()
    if not wanted:
        return 1.0, 1.0, 1.0
    if not both:
        return 0.0, 0.0, 0.0
    precision, recall = both / wanted.total(), both / got.total()
    return precision, recall, 2 * precision * recall / (precision + recall)
