"""What the catalogue's page says of a failed drop: it is passed on, so it quotes no cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dsp_pipeline.storage.catalogue_state import read_catalogue
from dsp_pipeline_tests.integration.test_clockwork import tell_of_failure

if TYPE_CHECKING:
    from dsp_pipeline_tests.integration.conftest import Pipeline

PEOPLE = "id,name,iban,email\n" + "".join(
    f"{number},Anna Meier,DE89370400440532013000,anna{number}@example.com\n" for number in range(300)
)
CELLS = ("Anna", "DE8937", "example.com")


def page_after(local: Pipeline, table: str, sidecar: str = "") -> str:
    """The catalogue once a table has failed."""
    local.drop("people.csv", table)
    if sidecar:
        local.drop("people.dsp.yaml", sidecar)
    (result,) = local.tick_and_run()
    assert not result.success
    tell_of_failure(local, result)
    return local.page("index.html")


@pytest.mark.parametrize(
    ("sidecar", "told"),
    [
        ("types: {name: integer, iban: integer}", "300 x name is not a whole number"),
        (
            'rules: [{column: email, matches: "x", message: "{value} of {name} is no address of ours"}]',
            "300 x [not shown] of [not shown] is no address of ours",
        ),
        (
            'rules: [{column: email, matches: "x", message: "{column} has to be {expected}"}]',
            "300 x email has to be",
        ),
    ],
)
def test_a_table_with_too_many_bad_rows_is_told_without_its_cells(
    local: Pipeline, sidecar: str, told: str
) -> None:
    page = page_after(local, PEOPLE, sidecar)

    assert told in page
    assert not [cell for cell in CELLS if cell in page]


def test_a_single_row_taken_for_a_header_is_told_without_its_cells(local: Pipeline) -> None:
    page = page_after(local, "Anna Meier,anna@example.com,DE89370400440532013000\n")

    assert "the file has a header (3 columns) but no rows" in page
    assert not [cell for cell in CELLS if cell in page]


def test_personal_data_in_the_text_of_any_other_error_is_hidden_by_its_form(local: Pipeline) -> None:
    page = page_after(local, PEOPLE, "target: anna@example.com")

    assert "[e-mail address]" in page
    assert "anna@example.com" not in page


def test_the_person_who_may_see_the_run_still_sees_the_values(local: Pipeline) -> None:
    page_after(local, PEOPLE, "types: {name: integer}")

    failure = read_catalogue(local.stores.lake).entries["people"].failure
    assert failure is not None
    assert "name is not a whole number: 'Anna Meier'" in failure.what


def test_an_owner_who_allows_personal_data_reads_it_in_the_catalogue_too(local: Pipeline) -> None:
    page = page_after(local, PEOPLE, "types: {name: integer}\npersonal_data: allow")

    assert "name is not a whole number: &#39;Anna Meier&#39;" in page
