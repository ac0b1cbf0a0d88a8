"""What stands above a table: titles, notes, keys with values; and where the table itself begins."""

from __future__ import annotations

import collections
from typing import TYPE_CHECKING

from dsp_pipeline.core.artifacts.reading import Alternative, Decision
from dsp_pipeline.etl.cells import Look, filled, is_typed_column, look

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.etl.records import Record

MAX_PREAMBLE = 100
_TOLD = 10
_UNITS = 2
_MIN_ROWS = 2
_MIN_LIST = 4


def rows_above(sample: Sequence[Record], width: int, *, are_short: bool = False) -> int:
    """How many of the first records stand above the table.

    The table begins with the first record that has as many filled cells as its rows usually have, with the names
    or labels directly above that one, if they are fewer.

    Args:
        sample: The first records, those at fault among them.
        width: How many cells the table's records have.
        are_short: Whether many of its rows have fewer, so that a short record may well be one.
    """
    typical = _typical(sample, width)
    if width == 1:
        return int(_has_title_above_list(sample))
    if typical < 2:  # noqa: PLR2004 - where rows have one filled cell, titles look like rows
        return 0
    full = next((n for n, one in enumerate(sample[: MAX_PREAMBLE + 1]) if _fits(one, width, typical)), None)
    if not full:
        return 0
    if _names_values(sample[full], sample[full + 1 :], width):
        return _with_labels_above(sample, full)
    below = _columns(sample[full:], width)
    rows = (n for n in range(full) if not _is_title(sample[n], below, typical, are_short=are_short))
    return next(rows, full)


def first_of_two_tables(sample: Sequence[Record], above: int) -> int:
    """How many of the records above a table are a table themselves, with names and as many rows: 0 if none."""
    width = len(sample[0].cells)
    rows = [one for one in sample[1:above] if one.fault is None and len(one.cells) == width]
    is_first = len(rows) == above - 1 >= max(_MIN_ROWS, len(sample) - above - 1) and width > 1
    return above if is_first and _names_values(sample[0], rows, width) else 0


def about_preamble(above: Sequence[Record]) -> Decision:
    """The decision that these records are no rows, with what they say."""
    told = [" ".join(cell.strip() for cell in record.cells if cell.strip())[:120] for record in above]
    shown = [text for text in told if text][:_TOLD]
    more = f" and {len(told) - len(shown)} more" if shown and len(told) > len(shown) else ""
    return Decision(
        what="preamble",
        choice=f"{len(above)} record{'s' if len(above) > 1 else ''} above the header",
        why="they have fewer filled cells than the table below them and read as a title or notes: "
        + ("; ".join(shown) or "nothing at all")
        + more,
        confidence=0.8,
        alternatives=[Alternative(choice="no preamble", why_not="the table's records would not have one width")],
    )


def _typical(sample: Sequence[Record], width: int) -> int:
    """How many filled cells the table's records have, most often; the upper ones may be titles."""
    fit = [filled(record.cells) for record in sample if len(record.cells) == width and record.fault is None]
    lower = fit[len(fit) // 2 :]
    return max(collections.Counter(lower).items(), key=lambda item: (item[1], item[0]))[0] if lower else 0


def _fits(record: Record, width: int, typical: int) -> bool:
    return abs(len(record.cells) - width) <= 1 and filled(record.cells) >= typical


def _has_title_above_list(sample: Sequence[Record]) -> bool:
    """Whether a blank line sets the first line off from the name and the numbers or dates below it."""
    if len(sample) < _MIN_LIST or sample[1].first == sample[0].end:
        return False
    return is_typed_column([one.cells[0] for one in sample[2:]]) and not any(
        is_typed_column(one.cells) for one in sample[:2]
    )


def _names_values(record: Record, below: Sequence[Record], width: int) -> bool:
    """Whether a record holds words, most of them different, and one of them above numbers, dates or booleans."""
    words = [cell for cell in record.cells if cell.strip()]
    if len(set(words)) <= len(words) / 3 or any(look(cell) in {Look.NUMBER, Look.DATE} for cell in words):
        return False
    # Rows of units may stand between names and values.
    return any(is_typed_column(column) for rows in (below, below[_UNITS:]) for column in _columns(rows, width))


def _columns(sample: Sequence[Record], width: int) -> list[tuple[str, ...]]:
    return list(zip(*(one.cells for one in sample if len(one.cells) == width and one.fault is None), strict=True))


def _with_labels_above(sample: Sequence[Record], names: int) -> int:
    """Where the header begins if the record above its names has labels for groups of them.

    Those stand above the first column of each group, so that cells between them are empty.
    """
    above = sample[names - 1]
    places = [place for place, cell in enumerate(above.cells) if cell.strip()]
    has_gap = places != list(range(len(places)))
    is_wide = abs(len(above.cells) - len(sample[names].cells)) <= 1
    return names - 1 if len(places) >= 2 and has_gap and is_wide else names  # noqa: PLR2004 - one cell is a title


def _is_title(record: Record, below: Sequence[Sequence[str]], typical: int, *, are_short: bool) -> bool:
    """Whether a record with fewer filled cells than rows is a title, not a sparse row or incomplete names."""
    width, count = len(below), filled(record.cells)
    looks = [look(cell) for cell in record.cells]
    if len(looks) > width + 1:
        # Names may be more than cells; a sentence has blanks behind its commas.
        return count < width or any(cell.startswith(" ") for cell in record.cells) or Look.DATE in looks
    typed = [place for place, kind in enumerate(looks) if kind in {Look.NUMBER, Look.DATE}]
    if typed:
        has_other_width = len(looks) > width or (len(looks) < width and not are_short)
        return has_other_width or any(looks[place] != look(below[place][0]) for place in typed)
    if len(record.cells) >= width - 1 <= count and not record.cells[0].strip():
        return False
    return count <= max(1, typical // 2)
