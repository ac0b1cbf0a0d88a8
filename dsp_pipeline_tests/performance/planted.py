"""Tables of noise into which one effect of a known kind and size was put.

Each kind has five sizes. The middle one is what an analyst would call clear: differences of 0.4 to 0.8 standard
deviations between groups, correlations of 0.35, totals of which one group holds 60 %.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dsp_pipeline.ml.statistics.arrays import Floats, Integers

ROWS = 3_000
DAYS = 730
STRENGTHS = 5
MIDDLE = 2
_START = dt.date(2022, 1, 3)
_WEEK = 7


class Canvas:
    """Columns that have nothing to do with each other, and what plants need to draw on them."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.n = ROWS
        self.day = self.rng.integers(0, DAYS, self.n)
        self.columns: dict[str, Any] = {
            "width": self.rng.normal(50, 5, self.n),
            "load": self.rng.lognormal(0, 1, self.n),
            "calls": self.rng.poisson(2, self.n),
            "colour": self.rng.choice(["red", "green", "blue"], self.n, p=[0.5, 0.3, 0.2]),
            "member": self.rng.random(self.n) < 0.3,
        }

    def noise(self) -> Floats:
        """A standard normal value per row."""
        return self.rng.normal(size=self.n)

    def codes(self, levels: int) -> Integers:
        """A label of so many per row, all as common."""
        return self.rng.integers(0, levels, self.n)

    def labels(self, prefix: str, codes: Integers) -> list[str]:
        """The labels' names."""
        return [f"{prefix}{code + 1}" for code in codes.tolist()]

    def frame(self) -> pl.DataFrame:
        """All columns, and the day."""
        days = [_START + dt.timedelta(days=int(day)) for day in self.day]
        return pl.DataFrame({**self.columns, "day": days})


@dataclasses.dataclass(frozen=True)
class Plant:
    """A kind of effect.

    Attributes:
        kind: The type of insight that is meant for it.
        draw: Draws it at a size onto a canvas.
        sizes: Its five sizes, from hardly there to plain.
        columns: The columns that a statement of it has to name.
        related: All columns that the effect relates to each other, so that any finding among them is true.
        same: Other types that say the same of these columns.
    """

    kind: str
    draw: Callable[[Canvas, float], None]
    sizes: Sequence[float]
    columns: frozenset[str]
    related: frozenset[str]
    same: frozenset[str] = frozenset()


def _shifted(canvas: Canvas, size: float, *, levels: int = 5, sign: float = 1.0) -> None:
    codes = canvas.codes(levels)
    canvas.columns |= {
        "shop": canvas.labels("s", codes),
        "spend": 100 + canvas.noise() + sign * size * (codes == 1),
    }


def _staircase(canvas: Canvas, size: float) -> None:
    codes = canvas.codes(5)
    canvas.columns |= {"shop": canvas.labels("s", codes), "spend": 100 + canvas.noise() + size * codes}


def _correlated(canvas: Canvas, rho: float) -> None:
    x = canvas.noise()
    canvas.columns |= {"height": x, "reach": rho * x + np.sqrt(1 - rho * rho) * canvas.noise()}


def _bent(canvas: Canvas, size: float) -> None:
    x = canvas.noise()
    canvas.columns |= {"dose": x, "answer": canvas.noise() - size * x * x}


def _labels_together(canvas: Canvas, share: float) -> None:
    codes = canvas.codes(4)
    other = np.where(canvas.rng.random(canvas.n) < share, codes, canvas.codes(4))
    canvas.columns |= {"town": canvas.labels("t", codes), "brand": canvas.labels("b", other)}


def _crossed(canvas: Canvas, size: float) -> None:
    codes = canvas.codes(40)
    group = canvas.rng.normal(size=40)[codes] * size
    canvas.columns |= {
        "store": canvas.labels("st", codes),
        "price": 20 + group + canvas.noise(),
        "stay": 5 + group + canvas.noise(),
    }


def _reversed(canvas: Canvas, size: float) -> None:
    codes, own = canvas.codes(4), canvas.noise()
    canvas.columns |= {
        "class": canvas.labels("c", codes),
        "hours": 1.2 * codes + own,
        "marks": 50 + 1.2 * codes - size * own + canvas.noise(),
    }


def _two_labels(canvas: Canvas, first: int, second: int) -> tuple[Integers, Integers]:
    a, b = canvas.codes(first), canvas.codes(second)
    canvas.columns |= {"plan": canvas.labels("p", a), "city": canvas.labels("c", b)}
    return a, b


def _interacting(canvas: Canvas, size: float) -> None:
    a, b = _two_labels(canvas, 3, 4)
    canvas.columns["spend"] = 100 + canvas.noise() + size * ((a == 1) & (b == 2))


def _within(canvas: Canvas, size: float) -> None:
    a, b = _two_labels(canvas, 3, 4)
    canvas.columns["spend"] = 100 + canvas.noise() + size * (a == 1) * ((b == 2) * 1.0 - (b == 3))


def _common(canvas: Canvas, size: float) -> None:
    a, _ = _two_labels(canvas, 3, 5)
    canvas.columns["spend"] = 100 + canvas.noise() + size * (a == 1)


def _excepted(canvas: Canvas, size: float) -> None:
    a, b = _two_labels(canvas, 3, 5)
    canvas.columns["spend"] = 100 + canvas.noise() + size * (a == 1) * np.where(b == 2, -1, 1)


def _clouds(canvas: Canvas, size: float) -> None:
    side = canvas.rng.random(canvas.n) < 0.35
    canvas.columns |= {name: 10 + canvas.noise() + size * side for name in ("bill", "wing", "tail")}


def _over_time(shape: Callable[[Floats, float], Floats]) -> Callable[[Canvas, float], None]:
    def draw(canvas: Canvas, size: float) -> None:
        canvas.columns["spend"] = 100 + canvas.noise() + shape(canvas.day.astype(np.float64), size)

    return draw


def _grown(canvas: Canvas, growth: float) -> None:
    codes = canvas.codes(4)
    later = canvas.rng.random(canvas.n) < np.where(codes == 1, (1 + growth) / (2 + growth), 0.5)
    canvas.day = np.where(later, canvas.rng.integers(365, DAYS, canvas.n), canvas.rng.integers(0, 365, canvas.n))
    canvas.columns["shop"] = canvas.labels("s", codes)


def _moved(canvas: Canvas, size: float) -> None:
    codes = canvas.codes(4)
    canvas.columns |= {
        "shop": canvas.labels("s", codes),
        "spend": 100 + canvas.noise() + size * ((codes == 1) & (canvas.day >= 365)),
    }


def _gappy(canvas: Canvas, share: float) -> None:
    codes = canvas.codes(4)
    gone = canvas.rng.random(canvas.n) < np.where(codes == 1, share, 0.02)
    canvas.columns |= {
        "shop": canvas.labels("s", codes),
        "spend": pl.Series(canvas.noise()).set(pl.Series(gone), None),
    }


def _majority(canvas: Canvas, factor: float) -> None:
    codes = canvas.codes(5)
    value = canvas.rng.gamma(4, 5, canvas.n) * np.where(codes == 1, factor, 1.0)
    canvas.columns |= {"shop": canvas.labels("s", codes), "revenue": value}


def _pareto(canvas: Canvas, exponent: float) -> None:
    codes = canvas.codes(20)
    value = canvas.rng.gamma(4, 5, canvas.n) / (codes + 1.0) ** exponent
    canvas.columns |= {"shop": canvas.labels("s", codes), "revenue": value}


def _even(canvas: Canvas, imbalance: float) -> None:
    weights = np.linspace(1, 1 + imbalance, 4)
    codes = np.repeat(np.arange(4), np.round(canvas.n * weights / weights.sum()).astype(int))[: canvas.n]
    codes = np.append(codes, np.zeros(canvas.n - len(codes), dtype=int))
    canvas.columns["shop"] = canvas.labels("s", canvas.rng.permutation(codes))


def _steady(canvas: Canvas, disorder: float) -> None:
    order = np.argsort(canvas.day, kind="stable")
    codes = np.empty(canvas.n, dtype=int)
    codes[order] = np.arange(canvas.n) % 4 // 3
    mixed = canvas.rng.random(canvas.n) < disorder
    codes[mixed] = canvas.rng.random(int(mixed.sum())) < 0.25
    canvas.columns["shop"] = canvas.labels("s", codes)


def _missing(canvas: Canvas, share: float) -> None:
    gone = canvas.rng.random(canvas.n) < share
    canvas.columns["spend"] = pl.Series(canvas.noise()).set(pl.Series(gone), None)


def _doubled(canvas: Canvas, share: float) -> None:
    twice = int(share * canvas.n)
    for name, values in canvas.columns.items():
        canvas.columns[name] = np.concatenate([np.asarray(values)[: canvas.n - twice], np.asarray(values)[:twice]])
    canvas.day = np.concatenate([canvas.day[: canvas.n - twice], canvas.day[:twice]])


def _disguised(canvas: Canvas, share: float) -> None:
    value = canvas.rng.integers(20, 60, canvas.n)
    canvas.columns["age"] = np.where(canvas.rng.random(canvas.n) < share, -999, value)


def _copied(canvas: Canvas, noise: float) -> None:
    x = canvas.noise()
    canvas.columns |= {"inner": x, "outer": 3 * x + 3 * noise * canvas.noise()}


def _zipf(canvas: Canvas, exponent: float) -> None:
    weights = 1 / np.arange(1, 31) ** exponent
    canvas.columns["shop"] = canvas.labels("s", canvas.rng.choice(30, canvas.n, p=weights / weights.sum()))


def _leading(canvas: Canvas, share: float) -> None:
    weights = [share, *[(1 - share) / 4] * 4]
    canvas.columns["shop"] = canvas.labels("s", canvas.rng.choice(5, canvas.n, p=weights))


def _few_rich(canvas: Canvas, index: float) -> None:
    canvas.columns["revenue"] = canvas.rng.pareto(index, canvas.n) + 1


def _narrow(canvas: Canvas, spread: float) -> None:
    canvas.columns["pressure"] = 1_000 * (1 + spread * canvas.noise())


def _rise(day: Floats, size: float) -> Floats:
    return size * day / DAYS


def _tent(day: Floats, size: float) -> Floats:
    return np.asarray(size * (1 - np.abs(day / DAYS - 0.5) * 2))


def _step(day: Floats, size: float) -> Floats:
    return np.where(day >= 420, size, 0.0)


def _one_week(day: Floats, size: float) -> Floats:
    return np.where(day // _WEEK == 50, size, 0.0)


def _weekday(day: Floats, size: float) -> Floats:
    return np.where(day % _WEEK == 3, size, 0.0)


def _plant(
    kind: str,
    draw: Callable[[Canvas, float], None],
    sizes: Sequence[float],
    columns: str,
    related: str = "",
    same: str = "",
) -> Plant:
    named = frozenset(columns.split())
    return Plant(kind, draw, sizes, named, named | frozenset(related.split()), frozenset(same.split()))


_GROUP = (0.1, 0.2, 0.5, 0.8, 1.2)
_CELL = (0.2, 0.4, 0.8, 1.2, 1.6)
_RELATION = "group_difference outstanding_first outstanding_last category_outlier"
PLANTS: tuple[Plant, ...] = (
    _plant("group_difference", _staircase, (0.05, 0.1, 0.2, 0.4, 0.8), "spend shop", same=_RELATION),
    _plant("outstanding_first", _shifted, _GROUP, "spend shop", same=_RELATION),
    _plant("outstanding_last", lambda c, s: _shifted(c, s, sign=-1.0), _GROUP, "spend shop", same=_RELATION),
    _plant("category_outlier", lambda c, s: _shifted(c, s, levels=10), _CELL, "spend shop", same=_RELATION),
    _plant("correlation", _correlated, (0.1, 0.15, 0.35, 0.5, 0.8), "height reach"),
    _plant("nonlinear_association", _bent, (0.1, 0.2, 0.5, 1.0, 2.0), "dose answer"),
    _plant("labels_together", _labels_together, (0.05, 0.1, 0.3, 0.5, 0.8), "town brand"),
    _plant("cross_measure", _crossed, (0.1, 0.2, 0.4, 0.5, 0.6), "price stay store"),
    _plant("simpson_reversal", _reversed, (0.1, 0.2, 0.4, 0.6, 0.9), "hours marks class"),
    _plant("interaction", _interacting, _CELL, "spend plan city", same="difference_within exception"),
    _plant("difference_within", _within, _CELL, "spend plan city", same="interaction exception"),
    _plant("commonness", _common, _CELL, "spend plan city"),
    _plant("exception", _excepted, _CELL, "spend plan city", same="interaction difference_within"),
    _plant("clusters", _clouds, (1.0, 2.0, 3.0, 4.0, 6.0), "bill wing tail"),
    _plant("trend", _over_time(_rise), (0.1, 0.2, 0.5, 1.0, 2.0), "spend day", same="change_point forecast"),
    _plant("trend_change", _over_time(_tent), (0.2, 0.4, 0.8, 1.2, 2.0), "spend day"),
    _plant("change_point", _over_time(_step), (0.1, 0.2, 0.5, 1.0, 2.0), "spend day", same="trend"),
    _plant("seasonality", _over_time(_weekday), (0.1, 0.2, 0.6, 1.0, 1.5), "spend day"),
    _plant("unusual_point", _over_time(_one_week), (0.3, 0.6, 1.6, 2.5, 4.0), "spend day"),
    _plant("attribution", _grown, (0.1, 0.3, 1.0, 1.5, 3.0), "shop day"),
    _plant("attribution_of_average", _moved, _CELL, "spend shop day", same="difference_within"),
    _plant("forecast", _over_time(_rise), (0.3, 0.6, 1.5, 2.5, 4.0), "spend day"),
    _plant("missing_depends", _gappy, (0.03, 0.06, 0.2, 0.4, 0.6), "spend shop"),
    _plant("majority", _majority, (2.0, 3.0, 6.0, 9.0, 15.0), "revenue shop"),
    _plant("pareto", _pareto, (0.5, 0.8, 1.5, 1.8, 2.2), "revenue shop", same="majority"),
    _plant("evenness", _even, (0.6, 0.4, 0.1, 0.05, 0.0), "shop"),
    _plant("low_variance", _narrow, (0.06, 0.04, 0.015, 0.01, 0.003), "pressure"),
    _plant("steady_share", _steady, (1.0, 0.7, 0.02, 0.01, 0.0), "shop day"),
    _plant("missing_values", _missing, (0.002, 0.006, 0.05, 0.1, 0.3), "spend"),
    _plant("duplicate_rows", _doubled, (0.0005, 0.001, 0.02, 0.1, 0.3), ""),
    _plant("disguised_missing", _disguised, (0.0005, 0.001, 0.02, 0.05, 0.1), "age"),
    _plant("redundant_columns", _copied, (0.6, 0.4, 0.1, 0.05, 0.01), "inner outer"),
    _plant("concentration", _zipf, (0.3, 0.5, 1.2, 1.5, 2.0), "shop"),
    _plant("total_held_by_few", _few_rich, (4.0, 3.0, 1.5, 1.2, 1.0), "revenue"),
    _plant("top_label", _leading, (0.22, 0.25, 0.4, 0.6, 0.8), "shop"),
)


def planted(plant: Plant, strength: int, seed: int) -> pl.DataFrame:
    """A table with one effect, of one of its five sizes from 0."""
    canvas = Canvas(seed)
    plant.draw(canvas, plant.sizes[strength])
    return canvas.frame()
