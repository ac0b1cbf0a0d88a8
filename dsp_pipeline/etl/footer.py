"""What stands below a table: totals, notes, counts of rows. They are kept apart from the rows, and not lost.

Only single lines at the very end are looked at, from the last one upwards, until one may be a row of the table.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from dsp_pipeline.core.artifacts.reading import Alternative, Decision
from dsp_pipeline.etl.cells import Look, filled, is_typed_column, look
from dsp_pipeline.etl.records import records, split_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dsp_pipeline.etl.layout import Layout
    from dsp_pipeline.etl.records import Dialect

_TAIL = 1 << 14
_MAX_LINES = 12
_ALWAYS_FILLED = 0.95
_MIN_ABOVE = 2
_SENTENCE = 5
"""Words with so many spaces between them, and nothing beside them where rows have values, are a note."""

_TOTAL = re.compile(
    r"(?:grand |sub|over ?all |net )?totals?|totals?(?:: ?| )\S.{0,40}|sums?"
    r"|(?:gesamt|end|zwischen)?summe|gesamt|insgesamt"
    r"|total (?:general|général)|somme|totaal|totale|totalt|suma|razem|celkem|összesen|toplam|yhteensä|i alt"
    r"|итого|всего"
    r"|合計|総計|总计|合计|총계|합계|المجموع"
    r"|(?:closing|ending|opening|final) balance|(?:end|schluss|anfangs)saldo|kontostand|saldo final|solde final",
    re.IGNORECASE,
)
"""What totals and balances are called; a list of rows may end with one of them."""

_COUNT = re.compile(
    r"\W*(?:\d+ (?:rows?|records?|lines?|entries|items|zeilen|datensätze|lignes|filas|righe|строк\w*)\b.{0,40}"
    r"|(?:end of|eof|ende).{0,40})\W*",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"\W*(?:sources?|quelle|fuente|notes?|anmerkung|hinweis|stand|last updated|data from|generated|exported"
    r"|printed|created|copyright|©|legend|\*).*",
    re.IGNORECASE,
)
_DRAWN = re.compile(r"[-_=*~+]{3,}")
_CURRENCY = re.compile(r"^[$€£]\s?|\s?[$€£]$")
_AMOUNT = re.compile(r"-?(?:\d{1,3}(?:,\d{3})*(?:\.\d+)?|\d{1,3}(?:\.\d{3})*(?:,\d+)?|\d{1,15}(?:[.,]\d+)?)")


class Footer:
    """Takes the lines below a table off its text.

    Attributes:
        text: Those lines, when the text has been passed on.
    """

    def __init__(
        self, layout: Layout, rows: Sequence[Sequence[str]], *, is_whole: bool, declared: bool | None
    ) -> None:
        """A footer that is still to be found.

        Args:
            layout: How cells are set apart.
            rows: Rows of the table, of its width, from its beginning.
            is_whole: Whether these are all rows of the file, the footer's lines of that width among them.
            declared: What the sidecar says; False means that every line is a row.
        """
        self.text = b""
        self._layout, self._dialect = layout, layout.dialect
        self._rows, self._is_whole = ([] if declared is False else rows), is_whole

    def without(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """The text without its footer, in blocks."""
        held = b""
        for block in blocks:
            if len(block) < _TAIL:
                held += block
                continue
            # The footer lies within this block: the one before goes on without a copy.
            if held:
                yield held
            held = block
        size = self._size(held[-_TAIL:])
        self.text = held[len(held) - size :]
        yield held[: len(held) - size] if size else held

    @property
    def decisions(self) -> list[Decision]:
        """What was found, if anything was."""
        told = [line.strip() for line in split_lines(self.text.decode("utf-8", "replace")) if line.strip()]
        if not told:
            return []
        plural = "s" if len(told) > 1 else ""
        return [
            Decision(
                what="footer",
                choice=f"{len(told)} line{plural} below the table",
                why="they read as totals or notes and are set aside: " + "; ".join(one[:60] for one in told[:3]),
                confidence=0.85,
                alternatives=[Alternative(choice="rows", why_not="they do not describe what the rows above do")],
            )
        ]

    def _size(self, tail: bytes) -> int:
        """How many bytes at the end of a text are no rows."""
        lines = split_lines(tail.decode("utf-8", "surrogateescape"))
        found, above = len(lines), len(self._rows)
        # The first line of a tail may be half of one.
        for place in range(len(lines) - 1, max(0, len(lines) - _MAX_LINES - 1), -1):
            cells = _cells(lines[place], self._dialect)
            if cells is None or self._closes_cell(lines[place]):
                break
            above -= int(self._is_whole and self._layout.fits(len(cells)))
            if not filled(cells):
                continue
            rows = [row for row in self._rows[:above] if filled(row)]
            evidence = _Above(list(zip(*rows, strict=True)), is_whole=self._is_whole)
            before = _cells(lines[place - 1], self._dialect)
            is_set_off = before is not None and not filled(before)
            if len(rows) < _MIN_ABOVE or not evidence.speaks_for(cells, is_set_off=is_set_off):
                break
            found = place
        while 0 < found < len(lines) and (cells := _cells(lines[found - 1], self._dialect)) and not filled(cells):
            found -= 1
        return len("".join(lines[found:]).encode("utf-8", "surrogateescape"))

    def _closes_cell(self, line: str) -> bool:
        """Whether a quote on a line is an odd one: it closes a cell that began above."""
        quote = self._dialect.quote
        return quote is not None and line.count(quote) % 2 == 1


class _Above:
    """The columns above a line, as evidence that it belongs to them or not."""

    def __init__(self, columns: Sequence[Sequence[str]], *, is_whole: bool) -> None:
        self._columns, self._is_whole = columns, is_whole

    def speaks_for(self, cells: Sequence[str], *, is_set_off: bool) -> bool:
        """Whether the cells of a line are those of a total or a note, and not of a row."""
        words = [cell.strip() for cell in cells if cell.strip()]
        if len(self._columns) == 1 or look(words[0]) in {Look.NUMBER, Look.DATE}:
            return False
        if _TOTAL.fullmatch(words[0].rstrip(":").strip()):
            return self._is_total(cells)
        is_short = len(cells) < len(self._columns)
        if is_short and (is_set_off or _is_note(words[0])):
            return True
        if len(words) > 1 or not cells[0].strip() or not self._lacks(cells):
            return False
        if any(one.fullmatch(words[0]) for one in (_COUNT, _DRAWN)) or _is_note(words[0]):
            return True
        is_sentence = words[0].count(" ") >= _SENTENCE
        return " " in words[0] and (is_set_off or is_typed_column(self._columns[0]) or is_sentence)

    def _is_total(self, cells: Sequence[str]) -> bool:
        label = next(place for place, cell in enumerate(cells) if cell.strip())
        above = self._columns[label] if label < len(self._columns) else ()
        if any(cells[label].strip() == one.strip() for one in above):
            return False  # Rows above are totals, too: of groups, or of all that they tell.
        is_among_values = bool(above) and is_typed_column(above)
        return self._lacks(cells) or is_among_values or (self._is_whole and self._adds_up(cells))

    def _lacks(self, cells: Sequence[str]) -> bool:
        """Whether it has nothing where rows always have something."""
        return len(cells) < len(self._columns) or any(
            not cell.strip() and sum(1 for one in column if one.strip()) >= _ALWAYS_FILLED * len(column)
            for cell, column in zip(cells, self._columns, strict=False)
        )

    def _adds_up(self, cells: Sequence[str]) -> bool:
        """Whether one of the numbers is the sum of those above it."""
        for cell, column in zip(cells, self._columns, strict=False):
            total, values = _amount(cell), [_amount(one) for one in column]
            if total is not None and None not in values and total == sum(filter(None, values)):
                return True
        return False


def _is_note(text: str) -> bool:
    return " " in text and _NOTE.fullmatch(text) is not None


def _cells(line: str, dialect: Dialect) -> list[str] | None:
    """The cells of a line by itself, none if it is blank or a comment; None if it is no whole record."""
    found = next(records([line], dialect), None)
    if found is None:
        return []
    return found.cells if found.fault is None else None


def _amount(cell: str) -> Decimal | None:
    """A number in either notation; the last mark of two is the decimal one."""
    text = _CURRENCY.sub("", cell.strip())
    if not _AMOUNT.fullmatch(text):
        return None
    whole, mark, decimals = text.rpartition(max(",.", key=text.rfind))
    return Decimal(re.sub(r"[.,]", "", whole) + (f".{decimals}" if mark else decimals))
