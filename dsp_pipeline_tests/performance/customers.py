"""Customers who leave or stay: 15 columns of every kind, with a truth that trees find and lines do not."""

from __future__ import annotations

import numpy as np
import polars as pl


def customers(rows: int, seed: int) -> pl.DataFrame:
    """So many customers; the target is ``churned``."""
    rng = np.random.default_rng(seed)
    numbers = {f"figure_{n}": (rng.normal(size=rows) * 10 ** (n % 4)).round(3) for n in range(8)}
    table = pl.DataFrame(
        {
            **numbers,
            "visits": rng.integers(0, 1_000, rows),
            "region": np.array(["north", "south", "east", "west", "centre"])[rng.integers(0, 5, rows)],
            "product": np.array([f"p{n:03d}" for n in range(100)])[rng.integers(0, 100, rows)],
            "channel": np.array(["web", "shop", "phone"])[rng.integers(0, 3, rows)],
            "member": rng.random(rows) < 0.3,
            "since": pl.Series(rng.integers(18_000, 20_000, rows)).cast(pl.Int32).cast(pl.Date),
        }
    )
    first, second = numbers["figure_0"], numbers["figure_1"]
    on_the_web = (table["channel"] == "web").to_numpy()
    wish = (
        first
        + np.abs(first)
        + (table["visits"].to_numpy() - 500) / 500
        + 1.5 * (table["region"] == "north").to_numpy()
        + 2 * np.sin(second / 4) * on_the_web
        + rng.logistic(size=rows)
    )
    gaps = pl.Series(rng.random(rows) < 0.05)
    return table.with_columns(
        figure_2=pl.when(gaps).then(None).otherwise(pl.col("figure_2")),
        churned=pl.Series(np.where(wish > 0.8, "yes", "no")),
    )
