"""The real files in docs/examples/reading are read as their table says, and as a person reads them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from dsp_pipeline_tests.docs import pages
from dsp_pipeline_tests.etl.drops import Dropper, cells

if TYPE_CHECKING:
    from pathlib import Path

    from dsp_pipeline.etl.tables import RawTable

FOLDER = pages.ROOT / "docs" / "examples" / "reading"
_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", " ": "space"}
_ROW = re.compile(r"\| \[([\w.-]+)\]\(\1\) \| ([\w-]+) \| (\w+) \| (\w+) \| (\d+) \| (.*?) ?\|")
_TABLE = _ROW.findall((FOLDER / "README.md").read_text(encoding="utf-8"))
_WORDS = {"preamble", "footer", "comments", "units", "flags"}


def read(name: str, folder: Path) -> RawTable:
    return Dropper(folder).read((FOLDER / name).read_bytes(), name=name)


def test_every_file_is_in_the_table() -> None:
    assert sorted(row[0] for row in _TABLE) == sorted(path.name for path in FOLDER.glob("*.csv"))
    assert len(_TABLE) == 20


@pytest.mark.parametrize(("name", "encoding", "delimiter", "line", "rows", "told"), _TABLE)
def test_a_real_file_is_read_as_the_table_says(
    tmp_path: Path, name: str, encoding: str, delimiter: str, line: str, rows: str, *, told: str
) -> None:
    reading = read(name, tmp_path).reading
    found = (
        reading.encoding,
        _NAMES[reading.delimiter],
        str(reading.header_row or "none"),
        str(reading.rows_read),
    )
    assert found == (encoding, delimiter, line, rows)
    assert reading.rows_rejected == reading.rows_below
    decided = {decision.what for decision in reading.decisions}
    assert decided & _WORDS == set(re.findall(r"\w+", told)) & _WORDS


def test_cells_are_what_the_publishers_wrote(tmp_path: Path) -> None:
    post = read("japanese-postcodes.csv", tmp_path)
    assert cells(post)[1][:3] == ("01101", "064  ", "0640941")
    assert cells(post)[1][5:9] == ("ｱｻﾋｶﾞｵｶ", "北海道", "札幌市中央区", "旭ケ丘")
    river = read("rio-grande.csv", tmp_path)
    assert cells(river)[0] == ("USGS", "08220000", "2005-01-01", "210", "A:e")
    carbon = read("mauna-loa-co2-aligned.csv", tmp_path)
    assert cells(carbon)[3] == ("1958", "6", "1958.458", "-99.99", "317.10", "314.85", "-1")
    towns = read("italian-municipalities.csv", tmp_path)
    assert (
        towns.reading.columns[1].name == "Codice dell'Unità territoriale sovracomunale (valida a fini statistici)"
    )
    veterans = read("va-education-2010.csv", tmp_path)
    assert cells(veterans)[0] == ("ALABAMA", "AL", "7738", "5779", "2075", "3102", "883", "5", "19,582")
    assert veterans.rejected["line"].to_list() == [57, 58]
