"""The files that `bench_ingest` reads: 15 mixed columns, good or with rows that are not."""

from __future__ import annotations

import datetime as dt
import io
from typing import TYPE_CHECKING, Literal

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Damage = Literal["none", "some", "all"]
"""No bad row; one in a hundred, too wide or with a word for a number by turns; every one, of a wrong width."""

_BATCH = 100_000
_BAD_EVERY = 100
_FIRST_NAMES = ("Anna", "Björn", "Chloé", "Dmitri", "Eva", "Farid", "Grace", "Hiro", "Inés", "Jack")
_LAST_NAMES = ("Meyer", "O'Neill", "García", "Kowalska", "Smith", "Nakamura", "Dubois", "Rossi")
_COUNTRIES = ("DE", "FR", "GB", "US", "ES", "IT", "PL", "JP", "NA", "BR")
_CATEGORIES = ("Furniture, office", "Toys", "Books", "Kitchen", 'Screens 24"', "Garden")
_NOTES = (
    "",
    "delivered to the neighbour on the left side, second floor",
    'said "thank you" and asked for an invoice by mail',
    "call before noon, the bell is out of order",
    "no comment",
)


def write_file(path: Path, rows: int, damage: Damage) -> int:
    """Write a CSV of so many rows, the same ones each time; returns its size in bytes."""
    with path.open("wb") as file:
        for number, batch in enumerate(batches(rows)):
            text = io.BytesIO()
            batch.write_csv(text, include_header=number == 0)
            file.write(text.getvalue() if damage == "none" else _damaged(text.getvalue(), number == 0, damage))
    return path.stat().st_size


def batches(rows: int) -> Iterator[pl.DataFrame]:
    """The good rows in stretches, all as CSV would have them."""
    rng = np.random.default_rng(0)
    for start in range(0, rows, _BATCH):
        yield _batch(rng, start, min(_BATCH, rows - start))


def _batch(rng: np.random.Generator, start: int, rows: int) -> pl.DataFrame:
    """One stretch of the table; its ids go on from ``start``."""

    def one_of(values: tuple[str, ...]) -> pl.Series:
        return pl.Series(values).gather(rng.integers(0, len(values), rows))

    ids = pl.int_range(start + 1, start + rows + 1, eager=True)
    seconds = rng.integers(0, 5 * 365 * 86_400, rows)
    ordered = pl.Series(np.datetime64("2019-01-01T00:00:00", "us") + seconds.astype("timedelta64[s]"))
    amount = pl.Series(np.round(rng.lognormal(4, 1.2, rows), 2))
    frame = pl.DataFrame(
        {
            "order_id": ids,
            "customer_id": rng.integers(10_000, 400_000, rows),
            "customer": one_of(_FIRST_NAMES) + " " + one_of(_LAST_NAMES),
            "country": one_of(_COUNTRIES),
            "postcode": pl.Series(rng.integers(0, 99_999, rows)).cast(pl.String).str.zfill(5),
            "category": one_of(_CATEGORIES),
            "sku": "SKU-" + pl.Series(rng.integers(0, 50_000, rows)).cast(pl.String).str.zfill(6),
            "quantity": rng.poisson(3, rows) + 1,
            "unit_price": amount,
            "discount": np.round(rng.beta(1, 9, rows), 4),
            "weight_kg": pl.Series(np.round(rng.gamma(2, 3, rows), 3)),
            "ordered_at": ordered.dt.strftime("%Y-%m-%d %H:%M:%S"),
            "ship_date": (ordered.dt.date() + dt.timedelta(days=2)).cast(pl.String),
            "returned": pl.Series(rng.random(rows) < 0.05).cast(pl.String),
            "note": one_of(_NOTES),
        }
    )
    is_missing = pl.Series(rng.random(rows) < 0.03)
    return frame.with_columns(pl.when(~is_missing).then("weight_kg").alias("weight_kg"))


def _damaged(text: bytes, has_header: bool, damage: Damage) -> bytes:  # noqa: FBT001 - one caller
    lines = text.split(b"\n")[:-1]
    step = 1 if damage == "all" else _BAD_EVERY
    first = 1 if has_header else 0
    for turn, place in enumerate(range(first + step - 1, len(lines), step)):
        line = lines[place]
        if damage == "all":
            surplus = b",surplus" * (2 + turn % 3)
            lines[place] = line + surplus if turn % 2 else line[line.find(b",") + 1 :]
        elif turn % 2 == 0:
            lines[place] = line + b",surplus"
        else:
            begin = line.find(b",") + 1
            lines[place] = line[:begin] + b"unknown" + line[line.find(b",", begin) :]
    return b"\n".join(lines) + b"\n"
