"""Real files that lie inside scikit-learn, against what scikit-learn itself and their descriptions say of them."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import sklearn.datasets
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, load_linnerud, load_wine

if TYPE_CHECKING:
    from dsp_pipeline_tests.etl.drops import Dropper

_FILES = Path(sklearn.datasets.__file__).parent / "data"


@pytest.mark.parametrize(
    ("file", "load"),
    [("iris.csv", load_iris), ("wine_data.csv", load_wine), ("breast_cancer.csv", load_breast_cancer)],
)
def test_a_header_that_tells_sizes_is_no_header_of_the_table(drop: Dropper, file: str, load: object) -> None:
    # Their first line is "150,4,setosa,versicolor,virginica": fewer cells than the rows have, or as many.
    assert callable(load)
    bunch = load()
    data = (_FILES / file).read_bytes().split(b"\n", 1)[1]
    table = drop.validate(data, sidecar="reading: {header: false}").table
    assert table.height == len(bunch.target)
    assert np.allclose(table[:, :-1].to_numpy(), bunch.data, rtol=1e-12)
    assert table[:, -1].to_list() == bunch.target.tolist()


def test_digits_are_a_table_without_header_in_gzip(drop: Dropper) -> None:
    bunch = load_digits()
    raw = drop.read((_FILES / "digits.csv.gz").read_bytes())
    assert (raw.reading.compression, raw.reading.has_header) == ("gzip", False)
    assert raw.frame.shape == (1797, 66)
    assert np.array_equal(drop.validate((_FILES / "digits.csv.gz").read_bytes()).table[:, -1], bunch.target)


def test_linnerud_is_separated_by_spaces(drop: Dropper) -> None:
    bunch = load_linnerud()
    table = drop.validate((_FILES / "linnerud_exercise.csv").read_bytes()).table
    assert table.columns == ["Chins", "Situps", "Jumps"]
    assert np.array_equal(table.to_numpy(), bunch.data)


def test_diabetes_is_separated_by_spaces_without_header(drop: Dropper) -> None:
    data = gzip.decompress((_FILES / "diabetes_data_raw.csv.gz").read_bytes())
    table = drop.validate(data)
    assert (table.reading.delimiter, table.reading.has_header) == (" ", False)
    assert np.allclose(table.table.to_numpy(), load_diabetes(scaled=False).data)
