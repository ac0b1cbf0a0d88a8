from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.ml.statistics.profile import build_profile
from dsp_pipeline_tests.ml.tables import validated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.core.artifacts.profile import Meaning

RNG = np.random.default_rng(11)
ROWS = range(120)


def meaning(name: str, values: Sequence[object] | pl.Series, kind: ColumnKind | None = None) -> Meaning:
    frame = pl.DataFrame({name: values})
    found = build_profile(validated(frame, kinds={name: kind} if kind else None)).columns[name].meaning
    assert found is not None
    assert found.reason
    assert 0 < found.confidence <= 1
    return found


def picked(*labels: str) -> list[str]:
    return [str(label) for label in RNG.choice(labels, len(ROWS))]


PERSONAL: list[tuple[str, str, Sequence[object]]] = [
    ("e-mail address", "contact", [f"user{row}@example.org" for row in ROWS]),
    ("phone number", "x", [f"+41 79 {row + 200} 12 34" for row in ROWS]),
    ("phone number", "Telefon", [f"030 / {1234567 + row}" for row in ROWS]),
    ("phone number", "mobilePhone", [7_900_123_456 + row for row in ROWS]),
    ("IBAN", "konto", ["DE89370400440532013000", "GB29NWBK60161331926819"] * 60),
    ("card number", "paid_with", [4111111111111111, 5500000000000004] * 60),
    ("social security number", "id", [f"{row + 100}-45-6789" for row in ROWS]),
    ("IP address", "client", [f"192.168.{row}.7" for row in ROWS]),
    ("IP address", "client", [f"2001:db8::{row:x}" for row in ROWS]),
    ("person's name", "Nachname", picked("Meier", "García", "O'Neill", "Müller-Lüdenscheidt")),
    (
        "person's name",
        "Name",
        ["Braund, Mr. Owen Harris", "Heikkinen, Miss. Laina", "Futrelle, Mrs. Jacques"] * 40,
    ),
    ("person's name", "booked by", picked("Anna Meier", "Peter Bianchi", "Maria Lopez", "John Smith")),
    ("street address", "Strasse", [f"Bahnhofstrasse {row}" for row in ROWS]),
]


@pytest.mark.parametrize(("expected", "name", "values"), PERSONAL)
def test_personal_data_is_told_by_its_form_or_by_its_name_and_form(
    expected: str, name: str, values: Sequence[object]
) -> None:
    found = meaning(name, values)
    assert found.name == expected
    assert found.personal
    assert found.masked


OTHERS: list[tuple[str, str, Sequence[object]]] = [
    ("URL", "link", [f"https://example.org/{row}?a=b" for row in ROWS]),
    ("UUID", "token", [f"f47ac10b-58cc-4372-a567-0e02b2c3d{row:03d}" for row in ROWS]),
    ("JSON", "payload", [f'{{"row": {row}, "ok": true}}' for row in ROWS]),
    ("file path", "source", [f"/data/in/part-{row}.csv" for row in ROWS]),
    ("coordinates", "where", [f"47.{row}, 8.{row}" for row in ROWS]),
    ("postcode", "postal code", [f"SW1A {row % 9}AA" for row in ROWS]),
    ("postcode", "ZIP", [10_000 + 37 * row for row in ROWS]),
    ("latitude", "Lat", [47 + row / 1000 for row in ROWS]),
    ("longitude", "lng", [8 + row / 1000 for row in ROWS]),
    ("money", "unit_price", [round(3 + row * 1.37, 2) for row in ROWS]),
    ("money", "fee", [f"€ {row}.50" for row in ROWS]),
    ("share", "conversion_rate", [row / 500 for row in ROWS]),
    ("percentage", "humidity pct", [row / 2 for row in ROWS]),
    ("year", "model year", [1990 + row % 30 for row in ROWS]),
    ("count", "visits", [int(count) for count in RNG.poisson(3, len(ROWS))]),
    ("code", "status", [200, 404, 500] * 40),
    ("measurement", "depth", [row / 7 for row in ROWS]),
    ("whole number", "elevation", [row * 13 - 900 for row in ROWS]),
    ("key", "order", [f"K-{row:04d}" for row in ROWS]),
    ("flag", "paid", [True, False] * 60),
    ("category", "city", picked("Bern", "Basel", "Zürich")),
    ("category", "product_name", picked("Lamp small", "Lamp large", "Table round")),
    ("category", "country", picked("Georgia", "Chad", "Jordan", "Peru", "France", "Chile")),
    ("constant", "currency", ["EUR"] * 120),
    ("empty", "nothing", [None] * 120),
    ("date as text", "when", [f"{row % 28 + 1}.{row % 12 + 1}.2024" for row in ROWS]),
]


@pytest.mark.parametrize(("expected", "name", "values"), OTHERS)
def test_a_column_that_is_no_personal_data_is_named_and_shown(
    expected: str, name: str, values: Sequence[object]
) -> None:
    found = meaning(name, values)
    assert found.name == expected
    assert not found.personal
    assert not found.masked


@pytest.mark.parametrize(
    "order",
    [
        ["Mon", "Wed", "Fri", "Sun"],
        ["January", "March", "December"],
        ["XS", "S", "M", "XL"],
        ["low", "medium", "high"],
        ["strongly disagree", "neutral", "agree", "strongly agree"],
        ["A", "B+", "B", "D"],
        ["<18", "18-24", "25-64", "65+"],
        ["Q1", "Q2", "Q4"],
        ["Januar", "März", "Mai"],
    ],
    ids=lambda order: order[0],
)
def test_labels_with_an_order_of_their_own_are_listed_in_it(order: list[str]) -> None:
    found = meaning("label", picked(*order))
    assert found.name == "ordered category"
    assert found.order == order


def test_personal_data_within_texts_is_named_though_the_texts_are_not_personal() -> None:
    texts = [f"nothing in case {row}" for row in ROWS]
    texts[70] = "please write to me at ada@example.org or +44 20 7946 0958"
    found = meaning("remarks", texts, ColumnKind.TEXT)
    assert found.name == "free text"
    assert not found.personal
    assert found.within == ["e-mail address", "phone number"]
    assert found.masked


def test_a_few_wrong_values_do_not_hide_what_a_column_is() -> None:
    found = meaning("mail", [f"user{row}@example.org" if row % 3 else "n/a" for row in ROWS], ColumnKind.TEXT)
    assert found.name == "e-mail address"
    assert found.confidence < 1


@pytest.mark.parametrize(
    ("name", "texts", "told"),
    [
        ("payload", [f'{{"mail": "bob{row % 9}@secret.example", "x": {row}}}' for row in ROWS], "JSON"),
        ("link", [f"https://shop.example/?mail=eve{row % 9}@secret.example" for row in ROWS], "URL"),
    ],
)
@pytest.mark.parametrize("kind", [ColumnKind.CATEGORY, ColumnKind.TEXT])
def test_personal_data_within_values_that_have_a_form_of_their_own_is_hidden(
    name: str, texts: list[str], told: str, kind: ColumnKind
) -> None:
    found = meaning(name, texts, kind)
    assert (found.name, found.within, found.masked) == (told, ["e-mail address"], True)


def test_personal_data_is_looked_for_in_all_of_a_column_and_not_in_its_first_half() -> None:
    notes = [f"order {row + 1_000_000_000_000}" for row in range(21_000)]
    notes += [f"write to kunde{row}@privat.example" for row in range(18_000)]
    assert meaning("note", notes, ColumnKind.TEXT).within == ["e-mail address"]
