"""Whatever stands in a compressed file is read, or the file is refused: no part of it is passed over."""

from __future__ import annotations

import bz2
import gzip
import io
import zipfile
from typing import TYPE_CHECKING

import pytest

from dsp_pipeline.core.errors import ReadingError
from dsp_pipeline.etl.zstandard import zstd
from dsp_pipeline_tests.etl.drops import cells

if TYPE_CHECKING:
    from collections.abc import Callable

    from dsp_pipeline_tests.etl.drops import Dropper

_FIRST, _SECOND = b"a,b\n1,2\n", b"3,4\n"
_ROWS = [("1", "2"), ("3", "4")]
_SKIPPED = b"\x5a\x2a\x4d\x18\x05\x00\x00\x00notes"
"""A frame that readers of zstd skip (RFC 8878, 3.1.2): its magic, its size in four bytes, and what it holds."""


def zipped(member: str, data: bytes, method: int) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as file:
        file.writestr(member, data)
    return packed.getvalue()


@pytest.mark.parametrize(
    "packed",
    [
        zstd.compress(_FIRST) + _SKIPPED + zstd.compress(_SECOND),
        _SKIPPED + zstd.compress(_FIRST) + zstd.compress(_SECOND) + _SKIPPED,
        gzip.compress(_FIRST) + bytes(512) + gzip.compress(_SECOND) + bytes(512),
        bz2.compress(_FIRST) + bz2.compress(b"") + bz2.compress(_SECOND),
    ],
    ids=["a skipped frame between", "skipped frames around", "zeros between", "an empty member between"],
)
def test_what_stands_between_members_hides_none_of_them(drop: Dropper, packed: bytes) -> None:
    assert cells(drop.read(packed)) == _ROWS


@pytest.mark.parametrize("pack", [gzip.compress, zstd.compress, bz2.compress], ids=["gzip", "zstd", "bzip2"])
def test_what_is_no_member_behind_one_is_damage(drop: Dropper, pack: Callable[[bytes], bytes]) -> None:
    with pytest.raises(ReadingError, match="is damaged after 8 bytes of text"):
        drop.read(pack(_FIRST) + b"GARBAGE")


@pytest.mark.parametrize("pack", [gzip.compress, zstd.compress, bz2.compress], ids=["gzip", "zstd", "bzip2"])
def test_a_last_member_that_is_cut_off_is_told(drop: Dropper, pack: Callable[[bytes], bytes]) -> None:
    with pytest.raises(ReadingError, match="ends early, after 8 bytes of text"):
        drop.read(pack(_FIRST) + pack(_SECOND)[:3])


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_damage_within_a_zip_is_told_by_whichever_method_it_is_packed(drop: Dropper, method: int) -> None:
    packed = bytearray(
        zipped("table.csv", b"a,b\n" + b"".join(b"%d,%d\n" % (n, n * n) for n in range(900)), method)
    )
    packed[60:90] = bytes(30)
    with pytest.raises(ReadingError, match="the zip file is damaged"):
        drop.read(bytes(packed))


def test_a_table_named_like_a_part_of_an_office_file_is_read_from_its_zip(drop: Dropper) -> None:
    assert cells(drop.read(zipped("mimetypes.csv", _FIRST + _SECOND, zipfile.ZIP_DEFLATED))) == _ROWS


def test_a_table_in_a_folder_named_like_one_of_an_office_file_is_read_from_its_zip(drop: Dropper) -> None:
    assert cells(drop.read(zipped("xl/table.csv", _FIRST + _SECOND, zipfile.ZIP_DEFLATED))) == _ROWS


@pytest.mark.parametrize(
    ("place", "damage"),
    [(-6, bytes([255, 255, 255, 255])), (-12, bytes([0, 0, 255, 255])), (6 - 22 - 46 - 5, bytes([188]))],
    ids=["the list of members is said to begin elsewhere", "it is said to be longer", "a version of zip to come"],
)
def test_a_zip_whose_list_of_members_is_damaged_is_refused_in_words(
    drop: Dropper, place: int, damage: bytes
) -> None:
    packed = bytearray(zipped("a.csv", _FIRST, zipfile.ZIP_DEFLATED))
    packed[len(packed) + place : len(packed) + place + len(damage)] = damage
    with pytest.raises(ReadingError, match="the zip file is damaged"):
        drop.read(bytes(packed))
