"""`dsp run`: files into a folder of artifacts, with no server."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from dsp_pipeline.cli import exits

if TYPE_CHECKING:
    from pathlib import Path

    from dsp_pipeline_tests.cli.conftest import Dsp

ROWS = "".join(f"{n},{n % 7},{'ab'[n % 2]}\n" for n in range(60))


def test_a_run_leaves_every_artifact_where_the_design_says(analysed: Path) -> None:
    (version,) = [path for path in (analysed / "dsp-out" / "penguins").iterdir() if path.name != "_latest"]

    assert len(version.name) == 12
    made = {path.name for path in version.iterdir()}
    assert made >= {
        "raw.parquet",
        "reading.json",
        "table.parquet",
        "quarantine.csv",
        "validation.json",
        "profile.json",
        "model",
        "model.json",
        "explanations.json",
        "insights.json",
        "dashboard.html",
        "summary.json",
    }


def test_each_file_is_done_and_a_failed_one_is_reported(dsp: Dsp, tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text("x,y,z\n" + ROWS)
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "fine.csv").write_text("p,q,r\n" + ROWS)

    result = dsp("run", "good.csv", "empty.csv", "nowhere.csv", "fine.csv", "--to", "validated_table", "--json")

    assert result.exit_code == exits.FAILED
    told = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(item["file"], item["ok"]) for item in told] == [
        ("good.csv", True),
        ("empty.csv", False),
        ("nowhere.csv", False),
        ("fine.csv", True),
    ]
    assert told[0]["dataset"] == "good"
    assert told[0]["dashboard"] is None
    assert (tmp_path / told[0]["folder"] / "validation.json").is_file()
    assert not (tmp_path / told[0]["folder"] / "profile.json").exists()
    assert set(told[1]["error"]) == {"what", "where", "remedy"}
    assert "empty.csv" in told[1]["error"]["where"]
    assert "2 of 4 files failed" in result.stderr
    assert "Traceback" not in result.stderr


def test_the_path_of_what_was_made_is_all_that_stdout_gets(dsp: Dsp, tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text("x,y,z\n" + ROWS)

    result = dsp("run", "good.csv", "--to", "raw_dataset", "--out", "elsewhere")

    assert result.exit_code == 0
    assert (tmp_path / result.stdout.strip() / "raw.parquet").is_file()
    assert result.stdout.startswith("elsewhere/good/")
    assert "raw_dataset" in result.stderr


def test_a_sidecar_that_is_named_goes_before_the_one_beside_the_file(dsp: Dsp, tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text("x,y,z\n" + ROWS)
    (tmp_path / "good.dsp.yaml").write_text("ignore: [x]\n")
    (tmp_path / "other.yaml").write_text("ignore: [y]\n")

    result = dsp("run", "good.csv", "--to", "validated_table", "--config", "other.yaml", "--json")

    folder = tmp_path / json.loads(result.stdout)["folder"]
    assert json.loads((folder / "validation.json").read_text())["ignored_columns"] == ["y"]


def test_a_target_that_is_not_there_is_told_with_the_nearest(dsp: Dsp, tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text("price,colour,shape\n" + ROWS)

    result = dsp("run", "good.csv", "--target", "prize", "--to", "model")

    assert result.exit_code == exits.FAILED
    assert "prize" in result.stderr
    assert "price" in result.stderr


def test_columns_are_counted_whatever_they_are_called(dsp: Dsp, tmp_path: Path) -> None:
    names = ["n", "count", "rows", "len", "proportion", "value", "label", "sold"]
    lines = [[f"{'Ab'[n % 2]}{n * step % 30}" for step in range(1, 8)] + [str(n % 30)] for n in range(240)]
    (tmp_path / "counts.csv").write_text("\n".join(",".join(line) for line in [names, *lines]) + "\n")
    (tmp_path / "counts.dsp.yaml").write_text("target: sold\nsensitive: [rows]\nbudget_seconds: 1\n")

    result = dsp("run", "counts.csv", "--json")

    (told,) = [json.loads(line) for line in result.stdout.splitlines()]
    assert told["ok"], told
    profile = json.loads((tmp_path / told["folder"] / "profile.json").read_text())
    assert profile["columns"]["count"]["count"] == 240
    model = json.loads((tmp_path / told["folder"] / "model.json").read_text())
    assert {"n", "count", "rows"} <= {feature["column"] for feature in model["features"]}


def test_an_asset_that_there_is_not_is_wrong_usage(dsp: Dsp) -> None:
    result = dsp("run", "good.csv", "--to", "profil")

    assert result.exit_code == exits.USAGE
    assert "profile" in result.stderr


def test_ctrl_c_ends_all_of_it_and_not_just_one_file(tmp_path: Path) -> None:
    (tmp_path / "big.csv").write_text("x,y,z\n" + ROWS * 5_000)
    (tmp_path / "next.csv").write_text("x,y,z\n" + ROWS)
    running = subprocess.Popen(
        [sys.executable, "-m", "dsp_pipeline.cli", "run", "big.csv", "next.csv"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stderr is not None
    told = ""
    while "raw_dataset" not in told:
        told += running.stderr.readline()
    running.send_signal(signal.SIGINT)

    _, rest = running.communicate(timeout=120)

    assert running.returncode == exits.INTERRUPTED
    assert "Interrupted" in rest
    assert "next.csv" not in rest
    assert "Traceback" not in rest


def test_a_table_that_breaks_a_rule_as_a_whole_is_checked_and_not_analysed(dsp: Dsp, tmp_path: Path) -> None:
    (tmp_path / "few.csv").write_text("x,y,z\n" + ROWS)
    (tmp_path / "few.dsp.yaml").write_text("rules: [{rows: {min: 1000}}]")

    result = dsp("run", "few.csv", "--to", "profile", "--json")

    assert result.exit_code == exits.FAILED
    error = json.loads(result.stdout)["error"]
    assert "the table has 60 rows, not at least 1,000" in error["what"]
    assert error["where"] == "few.csv"
    assert error["remedy"] == "Check that the extract is complete"
    (version,) = [path for path in (tmp_path / "dsp-out" / "few").iterdir() if path.name != "_latest"]
    assert (version / "validation.json").is_file()
    assert not (version / "profile.json").exists()


def test_rules_may_refer_to_a_dataset_that_was_made_before(dsp: Dsp, tmp_path: Path) -> None:
    (tmp_path / "groups.csv").write_text("name,n\na,1\nc,2\n")
    (tmp_path / "good.csv").write_text("x,y,z\n" + ROWS)
    said = "max_bad_rows: 60%\nrules: [{column: z, references: {dataset: groups, column: COLUMN}}]"
    (tmp_path / "good.dsp.yaml").write_text(said.replace("COLUMN", "name"))

    early = dsp("run", "good.csv", "--to", "validated_table", "--json")
    late = dsp("run", "groups.csv", "good.csv", "--to", "validated_table", "--json")
    (tmp_path / "good.dsp.yaml").write_text(said.replace("COLUMN", "nam"))
    wrong = dsp("run", "good.csv", "--to", "validated_table", "--json")

    assert "'groups', which has no validated version yet" in json.loads(early.stdout)["error"]["what"]
    made = json.loads(late.stdout.splitlines()[1])
    report = json.loads((tmp_path / made["folder"] / "validation.json").read_text())
    assert (report["rows_valid"], report["rows_quarantined"]) == (30, 30)
    assert "the nearest is 'name'" in json.loads(wrong.stdout)["error"]["what"]
