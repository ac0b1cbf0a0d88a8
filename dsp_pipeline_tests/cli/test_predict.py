"""`dsp predict`: the same rows in the same order, with predictions behind them."""

from __future__ import annotations

import csv
import io
import shutil
from typing import TYPE_CHECKING

import pytest

from dsp_pipeline.cli import exits

if TYPE_CHECKING:
    from pathlib import Path

    from dsp_pipeline_tests.cli.conftest import Dsp


def rows_of(text: str, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(text), delimiter=delimiter))


@pytest.fixture
def penguins(analysed: Path) -> Path:
    return analysed / "penguins.csv"


def test_rows_come_back_as_they_were_with_predictions_behind(dsp: Dsp, analysed: Path, penguins: Path) -> None:
    result = dsp("predict", analysed / "dsp-out" / "penguins", penguins)

    assert result.exit_code == 0
    given, told = rows_of(penguins.read_text()), rows_of(result.stdout)
    added = ["prediction", "proba_Adelie", "proba_Chinstrap", "proba_Gentoo"]
    assert told[0] == [*given[0], *added, "reason_1", "reason_2", "reason_3", "prediction_note"]
    assert [row[: len(given[0])] for row in told] == given
    right = sum(row[0] == row[8] for row in told[1:]) / (len(told) - 1)
    assert right > 0.95
    assert all(abs(sum(map(float, row[9:12])) - 1) < 1e-4 for row in told[1:])
    assert all(" = " in row[12] and row[12].endswith(")") for row in told[1:])


def test_the_model_is_found_in_any_of_the_folders(
    dsp: Dsp, analysed: Path, penguins: Path, tmp_path: Path
) -> None:
    out = analysed / "dsp-out"
    (version,) = [path for path in (out / "penguins").iterdir() if path.name != "_latest"]
    texts = set()
    for folder in (out, out / "penguins", version):
        result = dsp("predict", folder, penguins, "-o", "predicted.csv")
        assert result.exit_code == 0
        assert "344 rows" in result.stderr
        assert result.stdout == ""
        texts.add((tmp_path / "predicted.csv").read_text())

    assert len(texts) == 1


def test_a_dataset_s_latest_model_is_found_in_the_lake(
    dsp: Dsp, analysed: Path, penguins: Path, folders: Path
) -> None:
    shutil.copytree(analysed / "dsp-out", folders / "dsp-lake")

    result = dsp("predict", "penguins", penguins)
    unknown = dsp("predict", "puffins", penguins)

    assert result.exit_code == 0
    assert len(rows_of(result.stdout)) == 345
    assert unknown.exit_code == exits.FAILED
    assert "no model was made" in unknown.stderr.lower()


def test_another_dialect_another_order_and_other_columns_are_fine(
    dsp: Dsp, analysed: Path, penguins: Path, tmp_path: Path
) -> None:
    given = rows_of(penguins.read_text())
    order = [7, 6, 5, 4, 3, 2, 1]
    lines = [["note", *(given[0][i] for i in order)]]
    lines += [[f'a "quoted"; {n}', *(row[i] for i in order)] for n, row in enumerate(given[1:])]
    with (tmp_path / "other.csv").open("w", newline="") as file:
        csv.writer(file, delimiter=";").writerows(lines)

    result = dsp("predict", analysed / "dsp-out", "other.csv")

    assert result.exit_code == 0
    told = rows_of(result.stdout, ";")
    assert [row[:8] for row in told] == lines
    assert "note" in result.stderr
    plain = rows_of(dsp("predict", analysed / "dsp-out", penguins).stdout)
    assert [row[8] for row in told] == [row[8] for row in plain]


def test_a_cell_that_is_no_number_counts_as_missing_and_is_said(
    dsp: Dsp, analysed: Path, penguins: Path, tmp_path: Path
) -> None:
    (tmp_path / "odd.csv").write_text(penguins.read_text().replace(",181,", ",about 181,", 1))

    result = dsp("predict", analysed / "dsp-out", "odd.csv")

    assert result.exit_code == 0
    assert "1 cell of 'flipper_length_mm' cannot be read as whole numbers" in result.stderr
    assert "line 2" in result.stderr
    assert "about 181" in result.stdout


def test_columns_that_are_missing_are_named(dsp: Dsp, analysed: Path, tmp_path: Path) -> None:
    (tmp_path / "few.csv").write_text("island,sex\nBiscoe,male\nDream,female\n")

    result = dsp("predict", analysed / "dsp-out", "few.csv")

    assert result.exit_code == exits.FAILED
    assert "bill_length_mm" in result.stderr
    assert "body_mass_g" in result.stderr


def test_rows_that_cannot_be_read_keep_their_place_and_say_why(
    dsp: Dsp, analysed: Path, penguins: Path, tmp_path: Path
) -> None:
    lines = penguins.read_text().splitlines(keepends=True)
    lines[4] = "Adelie,Torgersen,1\n"
    (tmp_path / "ragged.csv").write_text("".join(lines))

    result = dsp("predict", analysed / "dsp-out", "ragged.csv")

    assert result.exit_code == 0
    told = rows_of(result.stdout)
    assert len(told) == len(lines)
    assert told[4][:4] == ["Adelie", "Torgersen", "1", ""]
    assert told[4][8:] == [""] * 7 + ["not predicted: the row has 3 cells where the header has 8"]
    assert "1 row is not predicted: the row has 3 cells" in result.stderr


def test_reasons_can_be_left_out_and_another_version_s_model_be_asked_for(
    dsp: Dsp, analysed: Path, penguins: Path
) -> None:
    (version,) = [path.name for path in (analysed / "dsp-out" / "penguins").iterdir() if path.name != "_latest"]

    plain = dsp("predict", analysed / "dsp-out", penguins, "--no-reasons", "--model-version", version)
    other = dsp("predict", analysed / "dsp-out", penguins, "--model-version", "0123456789ab")

    assert "reason_1" not in plain.stdout
    assert "they were not wanted" in plain.stderr
    assert other.exit_code == exits.FAILED
    assert f"Name one that has: {version}" in other.stderr


def test_a_column_that_is_called_prediction_keeps_its_name(
    dsp: Dsp, analysed: Path, penguins: Path, tmp_path: Path
) -> None:
    (tmp_path / "again.csv").write_text(dsp("predict", analysed / "dsp-out", penguins).stdout)

    header = rows_of(dsp("predict", analysed / "dsp-out", "again.csv").stdout)[0]

    assert header.count("prediction") == 1
    assert header[16:20] == ["prediction_", "proba_Adelie_", "proba_Chinstrap_", "proba_Gentoo_"]


@pytest.mark.parametrize(
    ("source", "said"), [("not/there", "no such folder"), (".", "holds no dataset"), ("two", "holds 2 datasets")]
)
def test_a_folder_without_a_model_says_what_it_lacks(
    dsp: Dsp, analysed: Path, penguins: Path, tmp_path: Path, source: str, said: str
) -> None:
    for name in ("a", "b"):
        (tmp_path / "two" / name / "_latest").mkdir(parents=True)

    result = dsp("predict", source, penguins)

    assert result.exit_code == exits.FAILED
    assert said in result.stderr


def test_a_version_without_a_model_says_how_to_get_one(dsp: Dsp, penguins: Path, tmp_path: Path) -> None:
    (tmp_path / "out" / "penguins" / "0123456789ab" / "model").mkdir(parents=True)

    result = dsp("predict", "out/penguins/0123456789ab", penguins)

    assert result.exit_code == exits.FAILED
    assert "--target" in result.stderr


def test_a_file_that_is_not_there_is_told(dsp: Dsp, analysed: Path) -> None:
    result = dsp("predict", analysed / "dsp-out", "nowhere.csv")

    assert result.exit_code == exits.FAILED
    assert "nowhere.csv" in result.stderr


def test_a_place_that_cannot_be_written_to_is_told_without_a_trace(
    dsp: Dsp, analysed: Path, penguins: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")

    result = dsp("predict", analysed / "dsp-out", penguins, "-o", "file/below.csv")

    assert result.exit_code == exits.FAILED
    assert "The file system refused" in result.stderr
    assert "file" in result.stderr.splitlines()[1]
    assert "  do   " in result.stderr
