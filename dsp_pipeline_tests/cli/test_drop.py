"""`dsp drop`: into the bucket, and on to the dashboard or the reason why there is none."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from dsp_pipeline.cli import exits
from dsp_pipeline.core.settings import Settings
from dsp_pipeline.storage.layout import drop_id
from dsp_pipeline.storage.outcomes import Failed, Good, record_failed, record_good
from dsp_pipeline.storage.stores import Stores, open_stores
from dsp_pipeline.storage.versions import Latest, mark_latest
from dsp_pipeline_tests.faults import failure

if TYPE_CHECKING:
    from pathlib import Path

    from dsp_pipeline_tests.cli.conftest import Dsp


@pytest.fixture
def stores(folders: Path) -> Stores:
    return open_stores(Settings(store_folder=str(folders)))


@pytest.fixture
def sales(tmp_path: Path) -> Path:
    path = tmp_path / "sales.csv"
    path.write_text("a,b\n1,2\n")
    return path


def id_of(stores: Stores, key: str, sidecar: str | None = None) -> str:
    return drop_id(key, stores.drop.head(key).etag, stores.drop.head(sidecar).etag if sidecar else None)


def failed(*, retryable: bool) -> Failed:
    told = failure(what="line 7 is odd", where="sales.csv, line 7", remedy="Mend it", retryable=retryable)
    return Failed(dataset="sales", attempts=1, failure=told)


def test_the_file_s_name_is_its_key(dsp: Dsp, stores: Stores, sales: Path) -> None:
    result = dsp("drop", sales)

    assert result.exit_code == 0
    assert [info.key for info in stores.drop.list()] == ["sales.csv"]
    assert stores.drop.get("sales.csv").data == sales.read_bytes()
    assert "dataset sales" in result.stderr
    assert result.stdout == ""


def test_a_dataset_s_name_makes_it_a_version_of_that_dataset(dsp: Dsp, stores: Stores, sales: Path) -> None:
    assert dsp("drop", sales, "--dataset", "revenue").exit_code == 0
    assert dsp("drop", sales, "--dataset", "Revenue 2024").exit_code == 0

    assert [info.key for info in stores.drop.list()] == ["Revenue 2024/sales.csv", "revenue/sales.csv"]


def test_the_sidecar_beside_the_file_goes_along_and_goes_first(dsp: Dsp, stores: Stores, sales: Path) -> None:
    sales.with_name("sales.dsp.yaml").write_text("target: b\n")

    result = dsp("drop", sales, "--dataset", "revenue")

    assert [info.key for info in stores.drop.list()] == ["revenue/sales.csv", "revenue/sales.dsp.yaml"]
    sidecar, table = stores.drop.head("revenue/sales.dsp.yaml"), stores.drop.head("revenue/sales.csv")
    assert sidecar.last_modified <= table.last_modified
    assert "sales.dsp.yaml" in result.stderr


@pytest.mark.parametrize("text", ["targte: b\n", "a: [", "\xff"])
def test_a_mistake_in_the_sidecar_is_told_before_anything_is_dropped(
    dsp: Dsp, stores: Stores, sales: Path, text: str
) -> None:
    sales.with_name("sales.dsp.yaml").write_text(text, encoding="latin-1")

    result = dsp("drop", sales)

    assert result.exit_code == exits.FAILED
    assert "sales.dsp.yaml" in result.stderr
    assert list(stores.drop.list()) == []


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("sales.xlsx", ()),
        ("sales.csv", ("--dataset", "predict")),
        ("sales.csv", ("--dataset", "a/b")),
        (".csv", ()),
    ],
)
def test_what_would_never_be_analysed_is_not_dropped(
    dsp: Dsp, stores: Stores, tmp_path: Path, name: str, options: tuple[str, ...]
) -> None:
    (tmp_path / name).write_text("a\n1\n")

    result = dsp("drop", name, *options)

    assert result.exit_code == exits.FAILED
    assert "  do   " in result.stderr
    assert list(stores.drop.list()) == []


def test_the_same_content_again_is_said_to_be_analysed_already(dsp: Dsp, stores: Stores, sales: Path) -> None:
    dsp("drop", sales)
    record_good(stores.lake, id_of(stores, "sales.csv"), Good(dataset="sales", version="0" * 12, run="r"))
    mark_latest(stores.lake, dataset="sales", asset="dashboard", latest=Latest(version="0" * 12, run="r"))

    for options in ((), ("--wait",)):
        result = dsp("drop", sales, *options)
        assert result.exit_code == 0
        assert "already" in result.stderr
        assert result.stdout.strip().endswith("/dsp-dashboards/sales/index.html")


def test_content_that_another_version_has_replaced_is_waited_for_anew(
    dsp: Dsp, stores: Stores, sales: Path
) -> None:
    dsp("drop", sales)
    record_good(stores.lake, id_of(stores, "sales.csv"), Good(dataset="sales", version="0" * 12, run="r"))
    mark_latest(stores.lake, dataset="sales", asset="dashboard", latest=Latest(version="1" * 12, run="r"))

    dropped = dsp("drop", sales)
    waited = dsp("drop", sales, "--wait", "--timeout", "1")

    assert "already" not in dropped.stderr
    assert dropped.stdout == ""
    assert "no result after 1 seconds" in waited.stderr


def test_content_that_failed_before_is_waited_for_anew(dsp: Dsp, stores: Stores, sales: Path) -> None:
    dsp("drop", sales)
    record_failed(stores.lake, id_of(stores, "sales.csv"), failed(retryable=False))

    result = dsp("drop", sales, "--wait", "--timeout", "1")

    assert "no result after 1 seconds" in result.stderr
    assert "line 7 is odd" not in result.stderr


def test_waiting_ends_with_the_dashboard_s_address(dsp: Dsp, stores: Stores, sales: Path) -> None:
    sales.with_name("sales.dsp.yaml").write_text("target: b\n")
    good = Good(dataset="sales", version="0" * 12, run="r")
    analyst = threading.Thread(
        target=lambda: record_good(stores.lake, _id_when_there(stores, "sales.dsp.yaml"), good), daemon=True
    )
    analyst.start()

    result = dsp("drop", sales, "--wait", "--timeout", "60")

    assert result.exit_code == 0
    assert result.stdout.strip().startswith("file://")
    assert result.stdout.strip().endswith("/dsp-dashboards/sales/index.html")


def test_waiting_ends_with_the_reason_where_there_is_no_dashboard(dsp: Dsp, stores: Stores, sales: Path) -> None:
    analyst = threading.Thread(
        target=lambda: record_failed(stores.lake, _id_when_there(stores), failed(retryable=True)), daemon=True
    )
    analyst.start()

    result = dsp("drop", sales, "--wait", "--timeout", "60")

    assert result.exit_code == exits.FAILED
    assert result.stderr.splitlines()[-3:] == [
        "Error: Line 7 is odd.",
        "  at   sales.csv, line 7",
        "  do   Mend it.",
    ]
    assert result.stdout == ""


def test_rows_to_predict_go_below_their_dataset_and_waiting_ends_where_they_are(
    dsp: Dsp, stores: Stores, sales: Path
) -> None:
    key = f"predict/shop/{sales.name}"
    result = "shop/0123456789ab/predictions/0123456789ab/predictions.csv"
    dropped = dsp("drop", sales, "--predict", "shop")

    assert dropped.exit_code == 0
    assert "rows for the model of shop" in dropped.stderr
    assert [info.key for info in stores.drop.list()] == [key]

    record_good(
        stores.lake, id_of(stores, key), Good(dataset="shop", version="0123456789ab", run="r", result=result)
    )
    waited = dsp("drop", sales, "--predict", "shop", "--wait")

    assert waited.stdout.strip().endswith(f"/dsp-lake/{result}")
    assert "predicted already, by the model of version 0123456789ab" in waited.stderr
    assert dsp("drop", sales, "--predict", "shop", "--dataset", "shop").exit_code == exits.USAGE


def test_waiting_has_an_end(dsp: Dsp, stores: Stores, sales: Path) -> None:
    result = dsp("drop", sales, "--wait", "--timeout", "1")

    assert result.exit_code == exits.FAILED
    assert "no result after 1 seconds" in result.stderr
    assert "--timeout" in result.stderr


def _id_when_there(stores: Stores, sidecar: str | None = None) -> str:
    """The id of the drop, once it is in the bucket and has been looked at."""
    deadline = time.monotonic() + 90
    while not any(info.key == "sales.csv" for info in stores.drop.list()) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.3)
    return id_of(stores, "sales.csv", sidecar)
