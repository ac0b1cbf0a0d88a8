"""Keys become dataset names; two keys never share one by accident."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from dsp_pipeline.core.errors import NamingError
from dsp_pipeline.core.naming import (
    MAX_SLUG,
    dataset_of,
    is_slug,
    is_table_key,
    sidecar_key,
    slug,
    stem_of,
    table_suffix,
)

_NAMES = st.text(min_size=1, max_size=120).filter(lambda name: name.strip() != "")


@pytest.mark.parametrize(
    ("key", "dataset"),
    [
        ("sales.csv", "sales"),
        ("sales.csv.gz", "sales"),
        ("sales.tsv", "sales"),
        ("sales.txt.zst", "sales"),
        ("sales.csv.bz2", "sales"),
        ("sales.csv.zip", "sales"),
        ("sales/2024-05.csv", "sales"),
        ("sales/eu/2024-05.csv", "sales"),
        ("order_lines-2.csv", "order_lines-2"),
        ("/sales.csv", "sales"),
    ],
)
def test_a_plain_name_is_the_dataset(key: str, dataset: str) -> None:
    assert dataset_of(key) == dataset


@pytest.mark.parametrize(
    "key", ["Sales 2024.csv", "sälës.csv", "a'b\"c.csv", "../x.csv", "日本.csv", "SALES/x.csv"]
)
def test_any_other_name_becomes_a_slug_of_its_own(key: str) -> None:
    assert is_slug(dataset_of(key))


def test_names_that_fold_to_the_same_stay_apart() -> None:
    names = ["Sales 2024", "sales-2024", "sales 2024", "SALES-2024", "sales_2024", "säles-2024"]
    assert len({slug(name) for name in names}) == len(names)


@given(_NAMES)
def test_every_name_becomes_a_slug_and_a_slug_stays_itself(name: str) -> None:
    made = slug(name)
    assert is_slug(made)
    assert len(made) <= MAX_SLUG
    assert slug(made) == made


@given(_NAMES, _NAMES)
def test_two_names_share_a_slug_only_if_they_are_the_same(one: str, other: str) -> None:
    assert (slug(one) == slug(other)) == (one == other or slug(one) == other or slug(other) == one)


@pytest.mark.parametrize(
    "key", ["readme.md", "sales.csv.xz", "sales", "folder/", ".csv", "a/.csv", "sales.dsp.yaml"]
)
def test_what_does_not_end_like_a_table_is_none(key: str) -> None:
    assert not is_table_key(key)
    with pytest.raises(NamingError, match="does not end like a table's"):
        dataset_of(key)


def test_the_ending_may_be_in_capitals() -> None:
    assert table_suffix("SALES.CSV.GZ") == ".csv.gz"
    assert stem_of("SALES.CSV.GZ") == "SALES"


def test_the_sidecar_lies_beside_its_table() -> None:
    assert sidecar_key("sales/2024-05.csv.gz") == "sales/2024-05.dsp.yaml"
    assert sidecar_key("sales.tsv") == "sales.dsp.yaml"


def test_an_empty_name_names_nothing() -> None:
    with pytest.raises(NamingError, match="empty name"):
        slug("  ")
