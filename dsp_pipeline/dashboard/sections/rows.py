"""The rows that travel with the page: all of a small table, a sample of a larger one.

Up to 5,000 rows and 150,000 cells a table is embedded whole. Beyond that it is a sample of up to 2,000 rows, drawn
with the sidecar's seed: where a class is predicted each class gets its share of the rows, at least five (so that
rare classes are there to look at); otherwise every row has the same chance. The order of the file is kept.
At most 200 columns are embedded, and 300 characters of a cell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dsp_pipeline.dashboard.view import TableView
from dsp_pipeline.dashboard.wording import clipped, whole

if TYPE_CHECKING:
    from dsp_pipeline.dashboard.escaping import Json
    from dsp_pipeline.dashboard.sections.material import Material

WHOLE_ROWS = 5_000
WHOLE_CELLS = 150_000
SAMPLE_ROWS = 2_000
SAMPLE_CELLS = 80_000
MOST_COLUMNS = 200
CELL_LENGTH = 300
_FEWEST_PER_CLASS = 5
_FEWEST_ROWS = 200
_EXACT_INTEGER = 2**53


def table(material: Material) -> TableView:
    """The rows in the page, with a note that says which they are.

    ``data`` is ``{"names", "kinds", "columns", "places"}``: a list of values for each column, and for each row its
    place in the table, counted from 1. Numbers are JSON numbers, missing is null, all else is text.
    """
    frame = material.table
    shown = frame.select(frame.columns[:MOST_COLUMNS])
    places = _places(shown, material)
    picked = material.publication.rows(shown if places is None else shown[places])
    kinds = ["number" if shown.schema[name].is_numeric() else "text" for name in shown.columns]
    data: dict[str, Json] = {
        "names": list(shown.columns),
        "kinds": list(kinds),
        "columns": [_values(picked[name]) for name in picked.columns],
        "places": list(range(1, frame.height + 1)) if places is None else [int(place) + 1 for place in places],
    }
    return TableView(note=_note(material, picked), rows=picked.height, total=frame.height, data=data)


def _note(material: Material, picked: pl.DataFrame) -> str:
    total, noun = material.table.height, material.noun
    if picked.height == total:
        text = f"All {whole(total)} {noun}."
    else:
        how = (
            "each class in its share, at least five"
            if _classes(picked, material) is not None
            else "each with the same chance"
        )
        seed = material.validated.sidecar.seed
        text = f"A random sample of {whole(picked.height)} of {whole(total)} {noun} ({how}; seed {seed})."
    if picked.width < material.table.width:
        text += f" The first {picked.width} of {whole(material.table.width)} columns."
    return text


def _places(shown: pl.DataFrame, material: Material) -> np.ndarray[tuple[int], np.dtype[np.int64]] | None:
    """The embedded rows' places from 0 in ascending order; None if all are."""
    cells = shown.height * max(1, shown.width)
    if shown.height <= WHOLE_ROWS and cells <= WHOLE_CELLS:
        return None
    wanted = min(SAMPLE_ROWS, max(_FEWEST_ROWS, SAMPLE_CELLS // max(1, shown.width)))
    if shown.height <= wanted:
        return None
    generator = np.random.default_rng(material.validated.sidecar.seed)
    classes = _classes(shown, material)
    if classes is None:
        return np.sort(generator.choice(shown.height, size=wanted, replace=False)).astype(np.int64)
    return _stratified(classes.to_physical().to_numpy(), wanted, generator)


def _classes(shown: pl.DataFrame, material: Material) -> pl.Series | None:
    target = material.model.target
    if material.model.task not in {"binary", "multiclass"} or target not in shown.columns:
        return None
    return shown[target].cast(pl.String).fill_null("").rank("dense")


def _stratified(
    classes: np.ndarray[tuple[int], np.dtype[np.int64]], wanted: int, generator: np.random.Generator
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    chosen = []
    for code in np.unique(classes):
        places = np.flatnonzero(classes == code)
        share = max(_FEWEST_PER_CLASS, round(wanted * places.size / classes.size))
        chosen.append(generator.choice(places, size=min(places.size, share), replace=False))
    return np.sort(np.concatenate(chosen)).astype(np.int64)


def _values(series: pl.Series) -> Json:
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
