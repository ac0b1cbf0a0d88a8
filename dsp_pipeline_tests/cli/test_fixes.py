"""`--fixes`: a mended quarantine goes back into its file, here and by way of the bucket."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from dsp_pipeline.cli import exits
from dsp_pipeline.core.settings import Settings
from dsp_pipeline.storage.stores import Stores, open_stores

if TYPE_CHECKING:
    from pathlib import Path

    from dsp_pipeline.cli.drop import Target
    from dsp_pipeline_tests.cli.conftest import Dsp

_ROWS = "".join(f"{n},{n % 7},x\n" for n in range(40))
_BAD = f"id,n,w\n{_ROWS}40,700,y\n41,3\n{_ROWS.replace('x', 'z')}"
_SAID = "rules: [{column: n, max: 99}]"
_TO = ("--to", "validated_table", "--json")


def run(dsp: Dsp, folder: Path, *arguments: str) -> tuple[dict[str, str], dict[str, Any]]:
    """What `dsp run` prints, and the validation report that it made."""
    result = dsp("run", *arguments, *_TO)
    assert result.exit_code == exits.OK, result.stderr
    told = json.loads(result.stdout)
    return told, json.loads((folder / told["folder"] / "validation.json").read_text())


@pytest.fixture
def made(dsp: Dsp, tmp_path: Path) -> Path:
    """The quarantine.csv of a version with two bad rows."""
    (tmp_path / "sales.csv.gz").write_bytes(gzip.compress(_BAD.encode()))
    (tmp_path / "sales.dsp.yaml").write_text(_SAID)
    told, report = run(dsp, tmp_path, "sales.csv.gz")
    assert report["rows_quarantined"] == 2
    return tmp_path / told["folder"] / "quarantine.csv"


def mend(quarantine: Path) -> Path:
    mended = quarantine.parents[3] / "mended.csv"
    text = quarantine.read_text(encoding="utf-8-sig")
    mended.write_text(text.replace("40,700,y", "40,70,y").replace("41,3,,", "41,3,y,"))
    return mended


def test_mended_rows_are_run_again_with_the_good_ones_under_the_same_rules(
    dsp: Dsp, made: Path, tmp_path: Path
) -> None:
    (tmp_path / "sales.dsp.yaml").unlink()
    told, report = run(dsp, tmp_path, "--fixes", str(mend(made)))

    assert told["dataset"] == "sales"
    assert told["version"] != made.parent.name
    assert (report["rows_in"], report["rows_valid"]) == (82, 82)
    assert {check["name"] for check in report["checks"]} >= {"rules[1].max"}

    again = dsp("run", "--fixes", mend(made))
    assert again.exit_code == exits.FAILED
    assert f"the latest version of 'sales' is {told['version']}" in again.stderr


def test_a_quarantine_in_which_nothing_was_mended_is_no_new_version(dsp: Dsp, made: Path) -> None:
    result = dsp("run", "--fixes", made)
    assert result.exit_code == exits.FAILED
    assert "No row was changed" in result.stderr


def test_a_file_with_a_total_below_it_is_mended_and_keeps_its_total(dsp: Dsp, tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_text(f"id,n,w\n{_ROWS}40,700,y\n41,3\n42,800,z\nTotal,,\n")
    (tmp_path / "sales.dsp.yaml").write_text(_SAID)
    told, report = run(dsp, tmp_path, "sales.csv")
    assert (report["rows_valid"], report["rows_quarantined"]) == (40, 4)

    result = dsp("run", "--fixes", mend(tmp_path / told["folder"] / "quarantine.csv"), *_TO)

    assert result.exit_code == exits.OK, result.stderr
    assert "2 mended, 1 left" in result.stderr
    folder = tmp_path / json.loads(result.stdout)["folder"]
    report = json.loads((folder / "validation.json").read_text())
    assert (report["rows_valid"], report["rows_quarantined"]) == (42, 2)
    assert "Total,," in (folder / "quarantine.csv").read_text(encoding="utf-8-sig")


def installed(made: Path, folders: Path, dropped: Path) -> Stores:
    """An installation in which a version was made from a drop."""
    stores = open_stores(Settings(store_folder=str(folders)))
    lake = made.parents[2]
    for path in lake.rglob("*"):
        if path.is_file():
            stores.lake.put(path.relative_to(lake).as_posix(), path.read_bytes())
    stores.drop.put(dropped.name, dropped.read_bytes())
    return stores


@pytest.fixture
def stores(made: Path, folders: Path) -> Stores:
    return installed(made, folders, made.parents[3] / "sales.csv.gz")


def test_mended_rows_are_dropped_in_the_place_of_the_file_they_came_from(
    dsp: Dsp, made: Path, stores: Stores
) -> None:
    result = dsp("drop", mend(made), "--fixes")

    assert result.exit_code == exits.OK, result.stderr
    assert "2 mended" in result.stderr
    (info,) = stores.drop.list()
    assert info.key == "sales.csv.gz"
    text = gzip.decompress(stores.drop.get("sales.csv.gz").data).decode()
    assert text == _BAD.replace("40,700,y", "40,70,y").replace("41,3\n", "41,3,y\n")


def test_a_mended_zip_is_a_zip_again_without_the_time_it_was_made_at(
    dsp: Dsp, folders: Path, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "sales.csv.zip", "w") as archive:
        archive.writestr("whatever.csv", _BAD)
    told, _ = run(dsp, tmp_path, "sales.csv.zip")
    quarantine = tmp_path / told["folder"] / "quarantine.csv"
    stores = installed(quarantine, folders, tmp_path / "sales.csv.zip")
    mended = quarantine.parents[3] / "mended.csv"
    mended.write_text(quarantine.read_text(encoding="utf-8-sig").replace("41,3,,", "41,3,y,"))

    result = dsp("drop", mended, "--fixes")

    assert result.exit_code == exits.OK, result.stderr
    with zipfile.ZipFile(io.BytesIO(stores.drop.get("sales.csv.zip").data)) as archive:
        (member,) = archive.infolist()
        assert (member.filename, member.date_time) == ("sales.csv", (1980, 1, 1, 0, 0, 0))
        assert archive.read(member).decode() == _BAD.replace("41,3\n", "41,3,y\n")


def test_a_newer_drop_that_is_not_analysed_yet_is_not_undone(dsp: Dsp, made: Path, stores: Stores) -> None:
    stores.drop.put("sales.csv.gz", gzip.compress(b"id,n,w\n1,2,newer\n"))

    result = dsp("drop", mend(made), "--fixes")

    assert result.exit_code == exits.FAILED
    assert "A newer file was dropped here" in result.stderr
    assert b"newer" in gzip.decompress(stores.drop.get("sales.csv.gz").data)


def test_a_drop_that_comes_while_the_mended_file_is_made_is_not_undone(
    dsp: Dsp, made: Path, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    def someone_drops(target: Target) -> bool:
        stores.drop.put(target.key, gzip.compress(b"id,n,w\n1,2,newer\n"))
        return False

    monkeypatch.setattr("dsp_pipeline.cli.drop._sidecar_etag", lambda _drop, target: someone_drops(target) or None)

    result = dsp("drop", mend(made), "--fixes")

    assert result.exit_code == exits.FAILED
    assert "A newer file was dropped here" in result.stderr
    assert b"newer" in gzip.decompress(stores.drop.get("sales.csv.gz").data)


def test_a_file_that_is_no_quarantine_is_not_dropped(dsp: Dsp, tmp_path: Path, folders: Path) -> None:
    (tmp_path / "plain.csv").write_text("a,b\n1,2\n")
    result = dsp("drop", "plain.csv", "--fixes")
    assert result.exit_code == exits.FAILED
    assert "no mended quarantine.csv" in result.stderr
    assert list(open_stores(Settings(store_folder=str(folders))).drop.list()) == []
