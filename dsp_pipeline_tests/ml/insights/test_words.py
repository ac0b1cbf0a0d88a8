from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsp_pipeline.core.numbers import plain
from dsp_pipeline.ml.insights import words


@pytest.mark.parametrize(
    ("name", "said", "unit"),
    [
        ("dep_delay", "dep delay", ""),
        ("petal length (cm)", "petal length", "cm"),
        ("Temperature [°C]", "temperature", "°C"),
        ("unit_price_eur", "unit price", "EUR"),
        ("share_pct", "share", "%"),
        ("body_mass_g", "body mass", "g"),
        ("MedInc", "med inc", ""),
        ("LSTAT", "LSTAT", ""),
        ("od280/od315_of_diluted_wines", "od280/od315 of diluted wines", ""),
        ("_", "_", ""),
        ("", "the unnamed column", ""),
    ],
)
def test_columns_are_said_as_people_say_them(name: str, said: str, unit: str) -> None:
    assert words.humanise(name) == said
    assert words.unit_of(name) == unit


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (12.639, "12.6"),
        (1039.91, "1,040"),
        (-2.0, "-2"),
        (0.01234, "0.0123"),
        (99.96, "100"),
        (0.00002, "2.00e-05"),
        (3.2e17, "3.20e+17"),
        (336_776.4, "336,776"),
    ],
)
def test_numbers_have_three_digits_and_no_noise(value: float, text: str) -> None:
    assert plain(words.number(value)) == text


@given(st.floats(-1e12, 1e12))
def test_numbers_are_never_off_by_more_than_their_last_digit(value: float) -> None:
    said = float(plain(words.number(value)).replace(",", ""))
    assert said == pytest.approx(value, rel=5.1e-3)


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.174, "17.4%"),
        (1.0, "100%"),
        (0.0, "0%"),
        (0.99996, "99.996%"),
        (0.00021, "0.02%"),
        (1.0606, "106.1%"),
        (1.00004, "100.004%"),
        (12.5, "1,250.0%"),
    ],
)
def test_shares_are_kept_apart_from_nothing_and_all(share: float, text: str) -> None:
    assert plain(words.percent(share)) == text


def test_quantities_lists_and_amounts_read_well() -> None:
    assert plain(words.quantity(5.55, "petal length (cm)")) == "5.55 cm"
    assert plain(words.quantity(12.5, "share_pct")) == "12.5%"
    assert words.listed(["a"]) == "a"
    assert words.listed(["a", "b", "c"]) == "a, b and c"
    assert words.listed(list("abcdef")) == "a, b, c and 3 more"
    assert plain(words.amount(1, "rows")) == "1 row"
    assert plain(words.amount(2_000, "countries")) == "2,000 countries"
    assert plain(words.amount(1, "countries")) == "1 country"
    assert plain(words.coefficient(0.9979)) == "0.998"
    assert plain(words.coefficient(0.99998)) == "0.99998"
    assert plain(words.coefficient(-1.0)) == "-1"
    assert plain(words.coefficient(0.91)) == "0.91"
    assert plain(words.coefficient(-0.5)) == "-0.50"


def test_labels_are_one_line_short_and_without_direction_marks() -> None:
    assert words.printable("a\nb\u202ec") == "a b c"
    assert len(words.printable("x" * 1_000)) == 40


@pytest.mark.parametrize(
    ("noun", "one"),
    [
        ("rows", "row"),
        ("countries", "country"),
        ("boxes", "box"),
        ("classes", "class"),
        ("houses", "house"),
        ("areas", "area"),
        ("status", "status"),
        ("analysis", "analysis"),
        ("glass", "glass"),
        ("gas", "gas"),
        ("species", "species"),
        ("sheep", "sheep"),
    ],
)
def test_one_of_many_is_said_in_the_singular_and_one_of_one_stays(noun: str, one: str) -> None:
    assert words.singular(noun) == one
