"""`dsp status` and `dsp doctor`: what is there, what is wrong, and how to mend it."""

from __future__ import annotations

import datetime as dt
import http.server
import json
import socket
import threading
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement

from dsp_pipeline.cli import checkups, exits
from dsp_pipeline.core.artifacts.summary import BuiltFrom, Published, Summary
from dsp_pipeline.core.errors import StackError
from dsp_pipeline.core.settings import Settings
from dsp_pipeline.stack.dagster_api import DagsterApi
from dsp_pipeline.storage.catalogue_state import change_entry, with_failure, with_published
from dsp_pipeline.storage.stores import Stores, open_stores
from dsp_pipeline_tests.faults import failure, fill_disk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dsp_pipeline_tests.cli.conftest import Dsp


def published(version: str, *, day: int) -> Published:
    at = dt.datetime(2024, 5, day, 12, tzinfo=dt.UTC)
    summary = Summary(
        bytes=1,
        rows_embedded=1,
        built_from=BuiltFrom(dataset="sales", version=version, key="sales.csv", run="r", code_version="1"),
        title="Sales",
        rows=12_345,
        columns=7,
        rows_quarantined=0,
        quality_score=0.93,
        target="churned",
        metric="AUC",
        score=0.8123,
        verdict="Better than guessing",
        key_insight="Rows [with] brackets are odd",
        alerts=0,
    )
    return Published(summary=summary, at=at, dropped_at=at)


@pytest.fixture
def stores(folders: Path) -> Stores:
    """An installation with one good dataset of two versions, and one that only failed."""
    opened = open_stores(Settings(store_folder=str(folders)))
    for version, day in (("aaaaaaaaaaaa", 1), ("bbbbbbbbbbbb", 2)):
        new = published(version, day=day)
        change_entry(opened.lake, "sales", lambda entry, new=new: with_published(entry, new, schedule=None))  # type: ignore[misc]
    empty = failure(
        key="bad.csv",
        what="the file is empty",
        where="bad.csv",
        remedy="Drop it again when it has rows",
        at=dt.datetime(2024, 5, 3, tzinfo=dt.UTC),
    )
    change_entry(opened.lake, "bad", lambda entry: with_failure(entry, empty))
    return opened


def test_an_empty_installation_says_what_to_do_first(dsp: Dsp, folders: Path) -> None:
    result = dsp("status")

    assert result.exit_code == 0
    assert "dsp drop" in result.stdout


def test_each_dataset_has_a_line_with_its_state_and_figures(dsp: Dsp, stores: Stores) -> None:
    result = dsp("status")

    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    (good,) = [line for line in lines if line.startswith("sales")]
    (bad,) = [line for line in lines if line.startswith("bad")]
    assert all(part in good for part in ("good", "12,345", "93%", "churned", "AUC 0.812", "2024-05-02 12:00"))
    assert "failed" in bad
    assert any(line.endswith("dsp-dashboards/index.html") for line in lines)
    assert "DSP_DAGSTER_URL is not set" in result.stderr


def test_one_dataset_has_its_history_newest_first_with_addresses(dsp: Dsp, stores: Stores) -> None:
    text = dsp("status", "sales").stdout

    assert text.index("bbbbbbbbbbbb/index.html") < text.index("aaaaaaaaaaaa/index.html")
    assert "dsp-dashboards/sales/index.html" in text
    assert "Better than guessing" in text
    assert "Rows [with] brackets are odd" in text


def test_a_failure_is_shown_with_its_remedy(dsp: Dsp, stores: Stores) -> None:
    text = dsp("status", "bad").stdout

    assert "the file is empty" in text
    assert "Drop it again when it has rows" in text


def test_a_dataset_that_there_is_not_is_told_the_known_ones(dsp: Dsp, stores: Stores) -> None:
    result = dsp("status", "slaes")

    assert result.exit_code == exits.FAILED
    assert "sales" in result.stderr


def test_a_script_gets_it_all_as_json(dsp: Dsp, stores: Stores) -> None:
    told = json.loads(dsp("status", "--json").stdout)
    one = json.loads(dsp("status", "sales", "--json").stdout)

    assert [entry["dataset"] for entry in told["datasets"]] == ["bad", "sales"]
    assert told["datasets"][0]["dashboard"] is None
    assert told["datasets"][0]["failure"]["remedy"] == "Drop it again when it has rows"
    assert told["runs"] == []
    assert [entry["dataset"] for entry in one["datasets"]] == ["sales"]
    assert one["datasets"][0]["dashboard"].endswith("sales/index.html")


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address at which nobody listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{unused.getsockname()[1]}"


def test_without_dagster_the_catalogue_is_shown_all_the_same(
    dsp: Dsp, stores: Stores, monkeypatch: pytest.MonkeyPatch, nobody: str
) -> None:
    monkeypatch.setenv("DSP_DAGSTER_URL", nobody)

    result = dsp("status")

    assert result.exit_code == 0
    assert "12,345" in result.stdout
    assert "Runs are not shown" in result.stderr


def test_the_doctor_finds_buckets_well_and_dagster_not(
    dsp: Dsp, folders: Path, monkeypatch: pytest.MonkeyPatch, nobody: str
) -> None:
    monkeypatch.setenv("DSP_DAGSTER_URL", nobody)
    monkeypatch.setenv("DSP_POSTGRES_URL", nobody.replace("http", "postgresql+psycopg2") + "/dagster")

    result = dsp("doctor")

    assert result.exit_code == exits.UNREACHABLE
    lines = result.stdout.splitlines()
    for bucket in ("dsp-drop", "dsp-lake", "dsp-dashboards"):
        assert any(line.startswith(f" ✓ bucket {bucket}") for line in lines)
    assert any(line.startswith(" ✓ packages") for line in lines)
    assert any(line.startswith(" ✗ database") for line in lines)
    assert any(line.startswith(" ✗ Dagster") and nobody in line for line in lines)
    assert "DSP_DAGSTER_URL" in result.stdout
    assert "2 to mend" in result.stdout
    assert not list((folders / "dsp-lake").glob("_probe/*"))


def test_the_doctor_names_a_disk_on_which_the_object_store_takes_nothing(
    dsp: Dsp, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_disk(monkeypatch, total=2_000_000_000_000, free=15_000_000_000)
    result = dsp("doctor")

    said = " ".join(result.stdout.split())
    assert "✗ disk only 15.0 of the disk's 2000 GB are free; below 1% the object store takes no file" in said


def test_the_doctor_says_where_nothing_is_set_up(dsp: Dsp) -> None:
    result = dsp("doctor")

    assert result.exit_code == exits.UNREACHABLE
    assert "dsp up" in result.stdout


def test_the_doctor_names_a_setting_of_the_wrong_form(dsp: Dsp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSP_S3_ADDRESSING", "sideways")

    result = dsp("doctor")

    assert result.exit_code == exits.UNREACHABLE
    assert "DSP_S3_ADDRESSING" in result.stdout


def test_the_doctor_names_a_bucket_that_cannot_be_reached(
    dsp: Dsp, monkeypatch: pytest.MonkeyPatch, nobody: str
) -> None:
    monkeypatch.setenv("DSP_S3_ENDPOINT", nobody)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "y")
    monkeypatch.setenv("DSP_S3_TIMEOUT_SECONDS", "1")

    result = dsp("doctor")

    assert result.exit_code == exits.UNREACHABLE
    assert " ✗ bucket dsp-drop" in result.stdout


@pytest.mark.parametrize(
    ("requirement", "said"),
    [("no-such-package>=1", "not installed"), ("click<1", "<1 is needed"), ("click", None)],
)
def test_a_package_that_is_missing_or_old_is_named(requirement: str, said: str | None) -> None:
    finding = checkups.unmet(Requirement(requirement))

    assert (finding is None) == (said is None)
    assert finding is None or (said is not None and said in finding.said and "pip install" in finding.remedy)


@pytest.fixture
def odd_dagster() -> Iterator[tuple[str, list[bytes]]]:
    """What answers at Dagster's address, but not as Dagster does; and what it will answer."""
    answers: list[bytes] = []

    class Odd(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answers[0])

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Keep the tests' output clean."""

    with http.server.HTTPServer(("127.0.0.1", 0), Odd) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", answers
        server.shutdown()


@pytest.mark.parametrize(
    "answer",
    [
        b"<html>sign in</html>",
        b'{"errors": [{"message": "no such field"}]}',
        b'{"data": {"runsOrError": {"__typename": "PythonError", "message": "database is down"}}}',
        b"[]",
    ],
)
def test_an_answer_that_is_not_dagster_s_is_an_error_with_a_remedy(
    odd_dagster: tuple[str, list[bytes]], answer: bytes
) -> None:
    url, answers = odd_dagster
    answers.append(answer)

    with pytest.raises(StackError, match="does not answer as it should") as caught:
        DagsterApi(url).runs()

    assert caught.value.where == url
    assert "DSP_DAGSTER_URL" in caught.value.remedy
