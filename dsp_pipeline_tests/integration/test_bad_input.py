"""Bad drops: a clear error that says what, where and what to do; nothing lost, nothing half-published."""

from __future__ import annotations

import gzip
import io
import zipfile
from typing import TYPE_CHECKING

import pytest

from dsp_pipeline.defs.failures import REMEDY, WHAT, WHERE

if TYPE_CHECKING:
    import dagster as dg

    from dsp_pipeline_tests.integration.conftest import Pipeline

pytestmark = pytest.mark.integration

GOOD = "id,amount,group\n" + "".join(f"{n},{n * 1.5},{'ab'[n % 2]}\n" for n in range(40))


def a_workbook() -> bytes:
    """A file as a spreadsheet program saves it, named .csv by someone in a hurry."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return held.getvalue()


def said(result: dg.ExecuteInProcessResult) -> dict[str, str]:
    """What the run's failure says, in the words a person gets."""
    (event,) = result.get_step_failure_events()
    failure = event.step_failure_data.user_failure_data
    assert failure is not None, event.step_failure_data.error
    return {name: str(value.value) for name, value in failure.metadata.items()}


@pytest.mark.parametrize(
    ("key", "content"),
    [
        ("empty.csv", b""),
        ("blank.csv", b"\n\n\n"),
        ("header.csv", b"a,b,c\n"),
        ("workbook.csv", a_workbook()),
        ("picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20),
        ("cut.csv.gz", gzip.compress(GOOD.encode() * 50)[:-40]),
    ],
)
def test_a_file_that_is_no_table_fails_with_words_and_publishes_nothing(
    pipeline: Pipeline, key: str, content: bytes
) -> None:
    pipeline.drop(key, content)

    (result,) = pipeline.tick_and_run()

    assert not result.success
    words = said(result)
    assert words[WHERE].startswith(key)
    assert words[WHAT]
    assert words[REMEDY]
    assert pipeline.stores.dashboards is not None
    assert list(pipeline.stores.dashboards.list()) == []


@pytest.mark.parametrize(
    ("sidecar", "words"),
    [
        ("target: [unclosed", "not valid YAML"),
        ("just a sentence", "not fields with values"),
        ("tagret: amount", "did you mean 'target'?"),
        ("target: amuont", "amuont"),
        ("rules: [{column: nowhere, min: 0}]", "nowhere"),
        ("schedule: every monday", "neither a cron expression"),
    ],
)
def test_a_sidecar_at_fault_is_named_with_the_place(pipeline: Pipeline, sidecar: str, words: str) -> None:
    pipeline.drop("sales.csv", GOOD)
    pipeline.drop("sales.dsp.yaml", sidecar)

    (result,) = pipeline.tick_and_run()

    assert not result.success
    assert said(result)[WHERE].startswith("sales.dsp.yaml")
    assert words in said(result)[WHAT]


def test_a_failed_drop_leaves_the_last_good_dashboard_as_it_is(pipeline: Pipeline) -> None:
    pipeline.drop("sales.csv", GOOD)
    pipeline.tick_and_run()
    page = pipeline.page("sales/index.html")

    pipeline.drop("sales.csv", b"")
    (result,) = pipeline.tick_and_run()

    assert not result.success
    assert pipeline.page("sales/index.html") == page


@pytest.mark.parametrize(
    ("key", "content"),
    [
        ("one.csv", "amount\n" + "".join(f"{n * 7 % 31}\n" for n in range(60))),
        ("twins.csv", "a,a,,a\n" + "".join(f"{n},{n % 3},x,{n % 5}\n" for n in range(60))),
        ("tiny.csv", "a,b\n1,2\n"),
        ("constant.csv", "a,b\n" + "1,x\n" * 50),
        ("all-empty-column.csv", "a,b\n" + "".join(f"{n},\n" for n in range(50))),
    ],
)
def test_odd_tables_still_become_dashboards(pipeline: Pipeline, key: str, content: str) -> None:
    pipeline.drop(key, content)

    (result,) = pipeline.tick_and_run()

    assert result.success, result.get_step_failure_events()[0].step_failure_data.error


def test_a_table_with_5000_columns_becomes_a_dashboard(pipeline: Pipeline) -> None:
    names = ",".join(f"c{number}" for number in range(5000))
    rows = "\n".join(",".join(str((row * 31 + column * 17) % 97) for column in range(5000)) for row in range(60))
    pipeline.drop("wide.csv", f"{names}\n{rows}\n")

    (result,) = pipeline.tick_and_run()

    assert result.success, result.get_step_failure_events()[0].step_failure_data.error
    page = pipeline.page("wide/index.html")
    assert len(page) < 10_000_000
    assert "60 rows in 5,000 columns, read from wide.csv." in page
