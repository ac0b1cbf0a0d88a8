"""A CSV that was analysed, and another one with new rows: text is read in the same way for both."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dsp_pipeline.core.artifacts.reading import Source
from dsp_pipeline.core.sidecar import Sidecar
from dsp_pipeline.etl.casting import cast
from dsp_pipeline.etl.reader import read
from dsp_pipeline.etl.validator import Outside, validate
from dsp_pipeline.ml.automl.options import ModelOptions
from dsp_pipeline.ml.automl.predictor import Predictor
from dsp_pipeline.ml.automl.trainer import train
from dsp_pipeline.ml.statistics.profile import build_profile
from dsp_pipeline_tests.ml.automl.tables import sampler

if TYPE_CHECKING:
    from pathlib import Path


def _source(path: Path) -> Source:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Source(
        dataset="rents", version=digest[:12], key=path.name, etag="e", bytes=path.stat().st_size, sha256=digest
    )


def _german(path: Path, rows: int, seed: int, *, with_target: bool) -> None:
    """Rents as a German office writes them: semicolons, decimal commas, days before months."""
    rng = sampler(seed)
    area = rng.uniform(20, 120, rows)
    rent = 9 * area + 100 + rng.normal(scale=20, size=rows)
    lines = ["Straße;Fläche;seit" + (";Miete" if with_target else "")]
    for index in range(rows):
        day = f"{rng.integers(1, 29):02d}.{rng.integers(1, 13):02d}.20{rng.integers(10, 24)}"
        cells = [rng.choice(["Nordring", "Südallee", "Am Tor"]), f"{area[index]:.1f}".replace(".", ","), day]
        lines.append(";".join([*cells, f"{rent[index]:.2f}".replace(".", ",")] if with_target else cells))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_new_rows_of_a_german_csv_are_predicted_as_the_first_were_read(tmp_path: Path) -> None:
    first, fresh = tmp_path / "rents.csv", tmp_path / "new.csv"
    _german(first, 400, 1, with_target=True)
    _german(fresh, 50, 2, with_target=False)
    outside = Outside(dt.datetime(2024, 6, 30, tzinfo=dt.UTC))
    validated = validate(read(first, source=_source(first)), sidecar=Sidecar(), outside=outside)
    model = train(validated, build_profile(validated), options=ModelOptions(target="Miete"))
    assert model.report.better_than_baseline is True

    predictor = Predictor.load(model.files)
    text = read(fresh, source=_source(fresh)).frame
    typed, failures = cast(text, predictor.columns)
    assert not failures
    predicted = predictor.predict(typed)
    area = typed["Fläche"].to_numpy()
    assert np.abs(predicted["prediction"].to_numpy() - (9 * area + 100)).mean() < 15
    assert pl.Series(predicted["lower"]).lt(predicted["upper"]).all()
