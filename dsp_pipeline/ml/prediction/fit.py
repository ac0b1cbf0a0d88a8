"""Whether a file's columns are those that the model needs, and if not, what to do about it."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from dsp_pipeline.core.errors import PredictionError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.core.artifacts.reading import Reading
    from dsp_pipeline.ml.automl.predictor import Predictor

_MOST_NAMED = 12
_ALIKE = 0.7


def extra_columns(reading: Reading, predictor: Predictor) -> list[str]:
    """The columns that the model does not use, as they stand in the file.

    Raises:
        PredictionError: Columns that the model needs are missing. All are named, and beside them those that look
            like them.
    """
    needed = [column.name for column in predictor.columns]
    there = {column.name: column.original_name for column in reading.columns}
    extra = {name: shown for name, shown in there.items() if name not in {*needed, predictor.manifest.target}}
    missing = [name for name in needed if name not in there]
    if missing:
        raise PredictionError(
            f"the model needs {'a column' if len(missing) == 1 else f'{len(missing)} columns'} that the table"
            f" lacks: {_named(missing)}",
            where=f"{reading.source.key}, header",
            remedy=_remedy(missing, list(extra.values()), has_header=reading.has_header),
        )
    return list(extra.values())


def _remedy(missing: Sequence[str], extra: Sequence[str], *, has_header: bool) -> str:
    if not has_header:
        return "The first row does not look like names: put the header of the analysed file above the rows"
    similar = [(name, nearest) for name in missing if (nearest := _nearest(name, extra)) is not None]
    if similar:
        renamed = ", ".join(f"'{found}' to '{name}'" for name, found in similar[:_MOST_NAMED])
        return f"Rename {renamed}" + ("" if len(similar) == len(missing) else ", and add the others")
    return "Add what is missing (empty cells are fine), or rename the columns to these names"


def _nearest(name: str, others: Sequence[str]) -> str | None:
    """Another column's name that differs in little more than case, blanks and punctuation."""
    bare = {_bare(other): other for other in others}
    found = difflib.get_close_matches(_bare(name), list(bare), n=1, cutoff=_ALIKE)
    return bare[found[0]] if found else None


def _bare(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(f"'{name}'" for name in names[:_MOST_NAMED]) + more
