"""Which columns go together: a matrix of the most connected ones, and the strongest pairs as a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp_pipeline.core.numbers import written
from dsp_pipeline.dashboard.charts.frame import Words
from dsp_pipeline.dashboard.charts.plotly_charts import matrix
from dsp_pipeline.dashboard.view import Grid
from dsp_pipeline.dashboard.wording import MINUS, number, p_value, plural, whole
from dsp_pipeline.ml.statistics.coefficient import information_coefficient

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.profile import Association
    from dsp_pipeline.dashboard.charts.base import PlotlyChart
    from dsp_pipeline.dashboard.sections.material import Material

_MOST_COLUMNS = 14
_MOST_PAIRS = 25
_FEWEST_COLUMNS = 2
_SIGNED = ("pearson", "spearman")
_COMPARED = frozenset({*_SIGNED, "cramers_v", "correlation_ratio"})
_LEAD_OF_INFORMATION = 0.2
_FOUND = 0.05


def associations(material: Material) -> tuple[PlotlyChart | None, Grid | None]:
    """The matrix and the list; None each where no pair was measured."""
    pairs = _strongest_per_pair(material.profile.associations)
    if not pairs:
        return None, None
    ranked = sorted(pairs.values(), key=lambda pair: -abs(pair.value))
    chosen = list(dict.fromkeys(name for pair in ranked for name in (pair.a, pair.b)))[:_MOST_COLUMNS]
    order = [name for name in material.profile.columns if name in set(chosen)]
    chart = _matrix(order, pairs, ranked[0]) if len(order) >= _FEWEST_COLUMNS else None
    return chart, _pairs(ranked)


def _strongest_per_pair(found: list[Association]) -> dict[frozenset[str], Association]:
    """One measure for each pair: the strongest, so that a curve that Pearson misses still shows."""
    best: dict[frozenset[str], Association] = {}
    for pair in filter(None, map(_comparable, found)):
        key = frozenset((pair.a, pair.b))
        if pair.a != pair.b and (key not in best or abs(pair.value) > abs(best[key].value) + _lead(pair)):
            best[key] = pair
    return best


def _comparable(pair: Association) -> Association | None:
    """The association on the scale of a correlation; None for measures that only add detail to another."""
    if pair.measure == "mutual_information" and pair.q is not None and pair.q <= _FOUND:
        return pair.model_copy(update={"value": information_coefficient(pair.value)})
    return pair if pair.measure in _COMPARED else None


def _lead(pair: Association) -> float:
    """How much more a measure has to say before it speaks for its pair: information has no direction."""
    return _LEAD_OF_INFORMATION if pair.measure == "mutual_information" else 0.0


def _matrix(order: list[str], pairs: dict[frozenset[str], Association], top: Association) -> PlotlyChart:
    values: list[list[float | None]] = [
        [None if a == b else _value(pairs.get(frozenset((a, b)))) for b in order] for a in order
    ]
    texts = [
        ["" if value is None else written(value, ".2f").replace("-", MINUS) for value in row] for row in values
    ]
    summary = (
        f"Strongest: {top.a} and {top.b} "
        f"({_measure(top.measure)} {number(round(top.value, 3))}, n = {whole(top.n)}). "
        f"From {MINUS}1 (opposite) over 0 to 1; measures for categories have no sign."
    )
    title = f"{top.a} and {top.b} go together most, of {plural(len(order), 'column')}"
    return matrix(Words("associations", title, summary), (order, order), values, diverging=True, texts=texts)


def _value(pair: Association | None) -> float | None:
    return None if pair is None else pair.value


def _measure(name: str) -> str:
    words = name.replace("_", " ")
    return words.capitalize() if name.lower().startswith(_SIGNED) else words


def _pairs(ranked: list[Association]) -> Grid:
    rows = tuple(
        (pair.a, pair.b, _measure(pair.measure), number(round(pair.value, 3)), whole(pair.n), p_value(pair.q))
        for pair in ranked[:_MOST_PAIRS]
    )
    hidden = len(ranked) - _MOST_PAIRS
    left_out = f"{whole(hidden)} weaker pairs are in profile.json." if hidden > 0 else ""
    header = ("Column", "Column", "Measure", "Value", "Rows", "q")
    return Grid(header, rows, "Strongest pairs", numeric=frozenset({3, 4, 5}), left_out=left_out)
