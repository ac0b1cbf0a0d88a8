"""Rents of flats: a table whose model is known, and files of new rows as different programs write them."""

from __future__ import annotations

import csv
import hashlib
import io
from typing import TYPE_CHECKING

import polars as pl

from dsp_pipeline.core.artifacts.reading import Source
from dsp_pipeline.core.settings import Limits
from dsp_pipeline.core.sidecar import Sidecar
from dsp_pipeline.ml.prediction.engine import RowsFile, predict_file
from dsp_pipeline_tests.ml.automl.tables import sampler

if TYPE_CHECKING:
    from pathlib import Path

    from dsp_pipeline.core.artifacts.predictions import Predictions
    from dsp_pipeline.ml.automl.predictor import Predictor

PER_SQUARE_METRE = 9.0
DISTRICTS = ("Nord", "Süd", "Mitte")


def flats(rows: int, seed: int) -> pl.DataFrame:
    """Flats whose rent is 9 a square metre, 200 more in Mitte, and a little chance."""
    rng = sampler(seed)
    area = rng.integers(200, 1_200, rows) / 10
    district = rng.choice(DISTRICTS, rows)
    rent = PER_SQUARE_METRE * area + 200 * (district == "Mitte") + rng.normal(scale=5, size=rows)
    return pl.DataFrame(
        {
            "area": area,
            "district": district,
            "since": pl.Series(rng.integers(15_000, 19_000, rows)).cast(pl.Int32).cast(pl.Date),
            "balcony": rng.random(rows) < 0.5,
            "rent": rent.round(2),
        }
    )


def predicted(
    path: Path,
    predictor: Predictor,
    *,
    with_reasons: bool | None = None,
    sidecar: Sidecar | None = None,
    threads: int = 2,
) -> tuple[list[list[str]], Predictions]:
    """What a file of rows comes back as, cell by cell, with the report."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    size = path.stat().st_size
    source = Source(dataset="rents", version=digest[:12], key=path.name, etag="e", bytes=size, sha256=digest)
    rows = RowsFile(path, source, sidecar or Sidecar(), Limits())
    target = io.BytesIO()
    report = predict_file(rows, predictor, target, with_reasons=with_reasons, threads=threads)
    text = target.getvalue().decode()
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    return list(csv.reader(io.StringIO(text), delimiter=delimiter)), report
