"""Files that can't be read are refused with what they are, where, and what to do."""

from __future__ import annotations

import bz2
import gzip
import io
import zipfile

import pytest

from dsp_pipeline.core.errors import ReadingError, SidecarError
from dsp_pipeline.core.settings import Limits
from dsp_pipeline.etl.reader import require_rows
from dsp_pipeline.etl.zstandard import zstd
from dsp_pipeline_tests.etl.drops import Dropper, cells
from dsp_pipeline_tests.work import lines_run

_TABLE = b"a,b\n" + b"".join(b"%d,%d\n" % (n, n * n) for n in range(5_000))


def zipped(data: bytes, *, more: str = "") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("folder/table.csv", data)
        if more:
            file.writestr(more, "what a system leaves behind")
    return packed.getvalue()


_PACKED = {
    "gzip": gzip.compress(_TABLE),
    "zstd": zstd.compress(_TABLE),
    "bzip2": bz2.compress(_TABLE),
    "zip": zipped(_TABLE),
}


def archive(*members: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as packed:
        for member in members:
            packed.writestr(member, "<xml/>")
    return data.getvalue()


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "the file is empty"),
        (gzip.compress(b""), "the file is empty"),
        (b"\n\n  \n", "holds no records"),
        (b"a,b\n", r"a header \(a, b\) but no rows"),
        (b"\xef\xbb\xbfname;city\r\n", r"a header \(name, city\) but no rows"),
        (b"\x89PNG\r\n\x1a\n" + bytes(64), "a PNG image"),
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF document"),
        (b"PAR1" + bytes(40), "a Parquet file"),
        (b"\x1f\x9d\x90T\xd0\xa0", "a compress .* archive"),
        (b"a.csv".ljust(257, b"\x00") + b"ustar  \x00" + b"a,b\n1,2\n".ljust(512, b"\x00"), "a tar archive"),
        (archive("[Content_Types].xml", "xl/workbook.xml"), "an Excel workbook"),
        (archive("word/document.xml"), "a Word document"),
        (archive("a.csv", "b.csv"), "holds 2 files: a.csv, b.csv"),
        (b"<!DOCTYPE html>\n<html><body>Log in</body></html>", "a web page"),
        (b"\x00\x01\x02\x03" * 500, "binary data"),
        (b'[\n  {"a": 1, "b": 2}\n]', "JSON"),
        (b'{"a": 1, "b": 2}\n{"a": 3, "b": 4}\n', "JSON"),
        (gzip.compress(b"\x89PNG\r\n\x1a\n" + bytes(64)), "a PNG image"),
    ],
)
def test_what_is_no_table_is_told_by_name(drop: Dropper, data: bytes, what: str) -> None:
    with pytest.raises(ReadingError, match=what) as caught:
        require_rows(drop.read(data))
    assert caught.value.where.startswith("sales.csv")
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("data", "names"),
    [
        (b"", []),
        (gzip.compress(b""), []),
        (b"\n\n  \n", []),
        (b"a,b\n", ["a", "b"]),
        (b"name;city\r\n", ["name", "city"]),
    ],
)
def test_a_file_without_rows_is_a_table_without_rows_to_the_reader(
    drop: Dropper, data: bytes, names: list[str]
) -> None:
    raw = drop.read(data)
    assert [column.name for column in raw.reading.columns] == names
    assert (raw.frame.height, raw.rejected.height, raw.reading.rows_in) == (0, 0, 0)


@pytest.mark.parametrize("packed", _PACKED.values(), ids=_PACKED)
def test_a_compressed_file_reads_like_the_plain_one(drop: Dropper, packed: bytes) -> None:
    assert cells(drop.read(packed)) == cells(drop.read(_TABLE))


def test_a_gzip_of_several_members_is_one_file(drop: Dropper) -> None:
    packed = gzip.compress(_TABLE[:1000]) + gzip.compress(_TABLE[1000:])
    assert drop.read(packed).reading.rows_read == 5_000


@pytest.mark.parametrize("kind", ["gzip", "zstd", "bzip2"])
@pytest.mark.parametrize("kept", [0.3, 0.6, 0.99])
def test_a_truncated_archive_is_an_upload_that_was_cut_off(drop: Dropper, kind: str, kept: float) -> None:
    packed = _PACKED[kind]
    with pytest.raises(ReadingError, match="ends early") as caught:
        drop.read(packed[: int(len(packed) * kept)])
    assert "cut off" in caught.value.remedy


def test_a_zip_without_its_end_is_said_to_be_damaged(drop: Dropper) -> None:
    with pytest.raises(ReadingError, match="the zip file is damaged"):
        drop.read(zipped(_TABLE)[:-200])


@pytest.mark.parametrize("more", ["__MACOSX/._table.csv", "folder/.DS_Store"])
def test_what_a_system_adds_to_a_zip_is_no_table(drop: Dropper, more: str) -> None:
    raw = drop.read(zipped(_TABLE, more=more))
    assert (raw.reading.rows_read, raw.reading.compression) == (5_000, "zip")


def test_several_members_of_bzip2_are_one_file(drop: Dropper) -> None:
    packed = bz2.compress(_TABLE[:1000]) + bz2.compress(_TABLE[1000:])
    assert drop.read(packed).reading.rows_read == 5_000


@pytest.mark.parametrize("packed", _PACKED.values(), ids=_PACKED)
def test_a_damaged_archive_is_said_to_be_damaged(drop: Dropper, packed: bytes) -> None:
    middle = len(packed) // 2
    with pytest.raises(ReadingError, match="is damaged"):
        drop.read(packed[:middle] + bytes(64) + packed[middle + 64 :])


@pytest.mark.parametrize("pack", [gzip.compress, zstd.compress, bz2.compress, zipped], ids=_PACKED)
def test_a_decompression_bomb_is_not_unpacked(drop: Dropper, pack: object) -> None:
    assert callable(pack)
    with pytest.raises(ReadingError, match="decompression bomb"):
        drop.read(pack(b"a,b\n" + b"1,1\n" * 5_000_000), limits=Limits(max_compression_ratio=50))


@pytest.mark.parametrize(
    ("limits", "what"),
    [
        (Limits(max_file_bytes=100), "more than the limit of 100"),
        (Limits(max_text_bytes=100), "more than 100 bytes after decompression"),
        (Limits(max_columns=1), "2 columns, more than the limit of 1"),
    ],
)
def test_each_limit_names_its_setting(drop: Dropper, limits: Limits, what: str) -> None:
    with pytest.raises(ReadingError, match=what) as caught:
        drop.read(_TABLE, limits=limits)
    assert "DSP_LIMIT_" in caught.value.remedy


def test_a_text_grows_beyond_its_limit_only_by_decompression(drop: Dropper) -> None:
    with pytest.raises(ReadingError, match="after decompression"):
        drop.read(gzip.compress(_TABLE), limits=Limits(max_text_bytes=1000))


def test_a_header_of_one_word_a_thousand_times_over_is_refused_at_once(drop: Dropper) -> None:
    wide = ",".join(["a"] * 12_000) + "\n" + ",".join(["1"] * 12_000) + "\n"

    def refused() -> None:
        with pytest.raises(ReadingError, match="12,000 columns"):
            drop.read(wide)

    _, work = lines_run(refused)
    assert work < 100 * 12_000


def test_a_cell_beyond_the_limit_costs_its_row_only(drop: Dropper) -> None:
    data = "a,b\n1,x\n2," + "y" * 300 + "\n3,z\n"
    raw = drop.read(data, limits=Limits(max_cell_bytes=200))
    assert cells(raw) == [("1", "x"), ("3", "z")]
    assert raw.rejected["line"].to_list() == [3]


@pytest.mark.parametrize(
    ("sidecar", "what"),
    [
        (
            "target: chrned",
            "'target' names the column 'chrned', which is not.*the nearest is 'churned'",
        ),
        ("ignore: [xyz]", "'ignore' names the column 'xyz'.*the columns are id, churned"),
        ("rules: [{column: Id, min: 0}]", r"'rules\[1\]' names the column 'Id'.*the nearest is 'id'"),
        ("types: {zip: text}", "'types' names the column 'zip'"),
        ('reading: {delimiter: ";\\n"}', "can't separate"),
    ],
)
def test_a_sidecar_that_names_no_column_is_told_the_nearest(drop: Dropper, sidecar: str, what: str) -> None:
    with pytest.raises(SidecarError, match=what.replace("||", r"\|\|")):
        drop.read("id,churned\n1,yes\n2,no\n", sidecar=sidecar)


@pytest.mark.parametrize(
    ("sidecar", "what"),
    [
        ("reading: {encoding: klingon}", "'klingon', which is not known"),
        ("reading: {encoding: ascii}", "not ascii, as the sidecar says"),
    ],
)
def test_an_encoding_that_does_not_fit_is_refused(drop: Dropper, sidecar: str, what: str) -> None:
    with pytest.raises(ReadingError, match=what):
        drop.read("name\nJosé\n", sidecar=sidecar)
