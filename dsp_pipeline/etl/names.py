"""What columns are called: the header's words made unique and safe, and made to fit the rows below them."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from dsp_pipeline.core.artifacts.reading import Decision
from dsp_pipeline.etl.tables import LINE

if TYPE_CHECKING:
    from collections.abc import Sequence

REASONS = "__reasons__"
"""The column in which a quarantine's CSV says what is wrong with each row."""

SOURCE = "__version__"
"""The column in which a quarantine's CSV says which dataset and version its rows are of."""

QUARANTINE_NAMES = {LINE: "quarantine_line", REASONS: "quarantine_reasons", SOURCE: "quarantine_version"}
"""What a quarantine's own columns are called when its CSV is mended and dropped again; they are ignored then."""

_MAX_NAME = 120
_PATTERN = re.compile(r"\*|\^.*\$")
"""What `polars.col` takes for many names at once."""


def safe_names(originals: Sequence[str]) -> list[str]:
    """Unique names that can be shown and typed: no control characters, no empty ones, at most 120 long.

    ``*`` and whatever Polars reads as a pattern for names, as ``^.*$``, end in an underscore.
    """
    taken: set[str] = set()
    copies: dict[str, int] = {}
    names: list[str] = []
    reserved = {original.strip() for original in originals}
    for number, original in enumerate(originals, start=1):
        base = _clean(original) or f"column_{number}"
        base = QUARANTINE_NAMES.get(base, base)
        base = f"{base}_" if _PATTERN.fullmatch(base) else base
        copy = copies.get(base, 1)
        name = base if copy == 1 else f"{base}_{copy}"
        while name in taken or (copy > 1 and name in reserved):
            copy += 1
            name = f"{base}_{copy}"
        copies[base] = copy
        taken.add(name)
        names.append(name)
    return names


def made_up_names(width: int) -> list[str]:
    """Names for the columns of a table without a header."""
    return [f"column_{number}" for number in range(1, width + 1)]


def fitted_names(top: Sequence[str], body: Sequence[Sequence[str]]) -> tuple[list[str], Decision | None]:
    """The header's names, one for each cell of the rows, where the two disagree in a way that is well known."""
    names, width = list(top), len(body[0]) if body else len(top)
    missing = width - len(names)
    if missing < 0:
        return _narrowed(names, width)
    if missing == 0:
        return names, None
    if missing == 1 and any(cells[-1].strip() for cells in body):
        why = "the rows have one cell more than the header, as where row names are written without a heading"
        return ["row_name", *names], _adjusted("the first column is called row_name", why, 0.8)
    if missing == 1:
        why = "each row ends with a delimiter that the header does not have"
        return [*names, ""], _adjusted("an empty column at the end", why, 0.8)
    why = f"the rows have {missing} cells more than the header, which may belong elsewhere"
    return [*names, *[""] * missing], _adjusted("the last columns have made-up names", why, 0.5)


def _narrowed(names: Sequence[str], width: int) -> tuple[list[str], Decision | None]:
    """Names without those that are empty, as far as there are more of them than cells; the last ones go first."""
    surplus = len(names) - width
    empty = [place for place, name in enumerate(names) if not name.strip()]
    if len(empty) < surplus:
        return list(names), None
    if not any(name.strip() for name in names[width:]):
        choice = "the last name is left out" if surplus == 1 else f"the last {surplus} names are left out"
        return list(names[:width]), _adjusted(choice, "the header ends with a delimiter, rows do not", 0.8)
    why = f"the header has {surplus} more than the rows have cells, and holds nothing there"
    left_out = set(empty[-surplus:])
    kept = [name for place, name in enumerate(names) if place not in left_out]
    return kept, _adjusted("an empty name is left out", why, 0.6)


def _clean(original: str) -> str:
    visible = "".join(" " if unicodedata.category(char) in {"Cc", "Cf", "Zl", "Zp"} else char for char in original)
    words = " ".join(visible.split())
    # A quote that was opened and never closed belongs to no name.
    return (words.strip('"') if words.startswith('"') else words)[:_MAX_NAME].strip()


def _adjusted(choice: str, why: str, confidence: float) -> Decision:
    return Decision(what="header width", choice=choice, why=why, confidence=confidence)
