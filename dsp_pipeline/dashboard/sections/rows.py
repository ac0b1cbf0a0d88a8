"""The rows that travel with the page: all of a small table, a sample of a larger one.

Up to 5,000 rows and 150,000 cells a table is embedded whole. Beyond that it is a sample of up to 2,000 rows, drawn
with the sidecar's seed. Each part of the table gets its share of the rows, at least five (so that rare ones are
there to look at): each class where one is predicted, each tenth by rank where a quantity is, and without a target
each value of the category that goes together with most other columns. Without any of these every row has the same
chance. The order of the file is kept. At most 200 columns are embedded, and 300 characters of a cell.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dsp_pipeline.dashboard.charts.aggregates import measure
from dsp_pipeline.dashboard.view import TableView
from dsp_pipeline.dashboard.wording import clipped, whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.dashboard.escaping import Json
    from dsp_pipeline.dashboard.sections.material import Material

WHOLE_ROWS = 5_000
WHOLE_CELLS = 150_000
SAMPLE_ROWS = 2_000
SAMPLE_CELLS = 80_000
MOST_COLUMNS = 200
CELL_LENGTH = 300
_FEWEST_PER_PART = 5
_PARTS_OF_A_QUANTITY = 10
_MOST_PARTS_OF_A_CATEGORY = 20
_FOUND = 0.05
_FEWEST_ROWS = 200
_EXACT_INTEGER = 2**53


def table(material: Material) -> TableView:
    """The rows in the page, with a note that says which they are.

    ``data`` is ``{"names", "kinds", "columns", "places", "altered"}``: a list of values for each column, and for
    each row its place in the table, counted from 1. Numbers are JSON numbers, missing is null, all else is text.
    ``altered`` has the columns that the carried model reads and the rows, counted from 0, in which their text is
    cut or hides personal data: what the page shows there is not what the model is asked.
    """
    frame = material.table
    shown = frame.select(frame.columns[:MOST_COLUMNS])
    parts = _parts(shown, material)
    places = _places(shown, parts, material.validated.sidecar.seed)
    picked = material.publication.rows(shown if places is None else shown[places])
    values = [_values(picked[name]) for name in picked.columns]
    kinds = ["number" if shown.schema[name].is_numeric() else "text" for name in shown.columns]
    data: dict[str, Json] = {
        "names": list(shown.columns),
        "kinds": list(kinds),
        "columns": list(values),
        "places": list(range(1, frame.height + 1)) if places is None else [int(place) + 1 for place in places],
        "altered": _altered(material, picked, values, places),
    }
    return TableView(note=_note(material, picked, parts), rows=picked.height, total=frame.height, data=data)


def _altered(
    material: Material,
    picked: pl.DataFrame,
    values: Sequence[Sequence[Json]],
    places: np.ndarray[tuple[int], np.dtype[np.int64]] | None,
) -> Json:
    carried = material.explanations.what_if
    read = {column.name for column in carried.columns} if carried is not None else set()
    altered: dict[str, Json] = {}
    for name, shown in zip(picked.columns, values, strict=True):
        if name not in read or picked.schema[name] != pl.String:
            continue
        held = material.validated.table[name]
        cells = (held if places is None else held[places]).cast(pl.String)
        rows: list[Json] = cells.ne_missing(pl.Series(shown, dtype=pl.String)).arg_true().to_list()
        if rows:
            altered[name] = rows
    return altered


def _note(material: Material, picked: pl.DataFrame, parts: _Parts | None) -> str:
    total, noun = material.table.height, material.noun
    if picked.height == total:
        text = f"All {whole(total)} {noun}."
    else:
        how = f"{parts.each} in its share, at least five" if parts is not None else "each with the same chance"
        seed = material.validated.sidecar.seed
        text = f"A random sample of {whole(picked.height)} of {whole(total)} {noun} ({how}; seed {seed})."
    if picked.width < material.table.width:
        text += f" The first {picked.width} of {whole(material.table.width)} columns."
    return text


@dataclasses.dataclass(frozen=True)
class _Parts:
    """The parts of a table whose shares a sample keeps: what each is called, and which one each row is in."""

    each: str
    codes: pl.Series


def _places(
    shown: pl.DataFrame, parts: _Parts | None, seed: int
) -> np.ndarray[tuple[int], np.dtype[np.int64]] | None:
    """The embedded rows' places from 0 in ascending order; None if all are."""
    cells = shown.height * max(1, shown.width)
    if shown.height <= WHOLE_ROWS and cells <= WHOLE_CELLS:
        return None
    wanted = min(SAMPLE_ROWS, max(_FEWEST_ROWS, SAMPLE_CELLS // max(1, shown.width)))
    if shown.height <= wanted:
        return None
    generator = np.random.default_rng(seed)
    if parts is None:
        return np.sort(generator.choice(shown.height, size=wanted, replace=False)).astype(np.int64)
    return _stratified(parts.codes.to_numpy(), wanted, generator)


def _parts(shown: pl.DataFrame, material: Material) -> _Parts | None:
    target, task = material.model.target, material.model.task
    if target not in shown.columns:
        category = _leading_category(shown, material)
        return None if category is None else _Parts(f"each value of {category}", _labels(shown[category]))
    if task in {"regression", "count"} and shown.schema[target].is_numeric():
        return _Parts(f"each tenth of {target}, by rank,", _tenths(shown, target))
    return None if task is None else _Parts("each class", _labels(shown[target]))


def _labels(values: pl.Series) -> pl.Series:
    return values.cast(pl.String).fill_null("").rank("dense")


def _tenths(shown: pl.DataFrame, column: str) -> pl.Series:
    """Equal values lie in one tenth; what is no number is a part of its own."""
    values = shown.select(measure(column)).to_series()
    known = max(1, values.count())
    return ((values.rank("min") - 1) * _PARTS_OF_A_QUANTITY // known).cast(pl.Int64).fill_null(-1)


def _leading_category(shown: pl.DataFrame, material: Material) -> str | None:
    """The category of few values that goes together with most other columns; None if none does with any."""
    found = [pair for pair in material.profile.associations if pair.q is not None and pair.q <= _FOUND]
    linked = Counter(name for pair in {frozenset((each.a, each.b)) for each in found} for name in pair)
    fit = [
        name
        for name in shown.columns
        if material.kind(name).is_categorical
        and name not in material.publication.whole
        and material.profile.columns[name].distinct <= _MOST_PARTS_OF_A_CATEGORY
        and linked[name]
    ]
    return max(fit, key=lambda name: linked[name], default=None)


def _stratified(
    codes: np.ndarray[tuple[int], np.dtype[np.int64]], wanted: int, generator: np.random.Generator
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    chosen = []
    for code in np.unique(codes):
        places = np.flatnonzero(codes == code)
        share = max(_FEWEST_PER_PART, round(wanted * places.size / codes.size))
        chosen.append(generator.choice(places, size=min(places.size, share), replace=False))
    return np.sort(np.concatenate(chosen)).astype(np.int64)


def _values(series: pl.Series) -> list[Json]:
    dtype = series.dtype
    if dtype.is_float():
        return [_number(value) for value in series.to_list()]
    if dtype.is_integer():
        return [
            value if value is None or abs(value) < _EXACT_INTEGER else str(value) for value in series.to_list()
        ]
    if dtype == pl.Boolean:
        return [None if value is None else "true" if value else "false" for value in series.to_list()]
    if isinstance(dtype, pl.Datetime):
        return list(_tidy_times(series))
    return [None if value is None else _text(str(value)) for value in series.to_list()]


def _number(value: float | None) -> Json:
    if value is None or np.isfinite(value):
        return value
    return "NaN" if np.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _text(value: str) -> str:
    length = len(value)
    return value if length <= CELL_LENGTH else f"{clipped(value, CELL_LENGTH)} ({whole(length)} characters)"


def _tidy_times(series: pl.Series) -> list[str | None]:
    """Times to the second; without the time of day where it is midnight throughout."""
    texts: list[str | None] = series.dt.to_string("%Y-%m-%d %H:%M:%S").to_list()
    if all(text is None or text.endswith(" 00:00:00") for text in texts):
        return [None if text is None else text.removesuffix(" 00:00:00") for text in texts]
    return texts
