"""Whether the total of a column means something, by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp_pipeline.ml.insights import words

if TYPE_CHECKING:
    from dsp_pipeline.ml.insights.subjects import Measure

_ADDS_UP = frozenset({
    "amount", "amounts", "bill", "budget", "cases", "clicks", "consumption", "cost", "costs", "deaths",
    "donations", "downloads", "emissions", "expense", "expenses", "fee", "fees", "income", "items", "kwh",
    "orders", "output", "passengers", "payment", "payments", "pieces", "population", "production", "profit",
    "qty", "quantity", "revenue", "revenues", "salary", "sales", "spend", "spending", "tip", "tonnes", "total",
    "turnover", "units", "views", "visitors", "visits", "volume", "wages",
})  # fmt: skip
"""Words in the names of columns whose sums mean something, if nothing else in the name speaks against it."""
_RELATIVE = frozenset({
    "age", "ages", "average", "avg", "bmi", "density", "depth", "grade", "growth", "height", "humidity",
    "index", "latitude", "length", "level", "longitude", "max", "maximum", "mean", "median", "minimum", "pct",
    "per", "percent", "percentage", "ph", "price", "prices", "pressure", "rate", "rates", "rating", "ratio",
    "score", "scores", "share", "speed", "temp", "temperature", "unit", "width", "year",
})  # fmt: skip
"""Words in the names of columns whose sums mean nothing: averages, rates, prices, sizes."""


def is_relative(measure: Measure) -> bool:
    """Whether a total of the column means nothing, by its name or its unit: rates, prices, ages."""
    names = set(words.tokens(measure.name))
    return bool(_RELATIVE & names) or words.unit_of(measure.name) == "%" or measure.name.lower().startswith("pct")


def adds_up(measure: Measure) -> bool:
    """Whether a total of the column means something, by its name, and no value is negative."""
    return (
        not measure.is_rate
        and bool(_ADDS_UP & set(words.tokens(measure.name)))
        and not is_relative(measure)
        and not measure.profile.statistics.get("negatives")
    )
