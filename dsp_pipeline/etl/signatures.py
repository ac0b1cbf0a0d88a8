"""Files that are no tables: told by their first bytes, with what to do about each."""

from __future__ import annotations

import re

from dsp_pipeline.core.errors import ReadingError

_ZIP = b"PK\x03\x04"
_TAR, _TAR_PLACE = b"ustar", 257
_EXPORT = "Open it and export the sheet as CSV (UTF-8), then drop that"
_UNPACK = "Unpack it and drop the CSV itself, or compress it with gzip, zstd or bzip2"
_SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook or another Office file", _EXPORT),
    (b"PAR1", "a Parquet file", "Write the table as CSV, then drop that"),
    (b"ARROW1", "an Arrow file", "Write the table as CSV, then drop that"),
    (b"SQLite format 3\x00", "an SQLite database", "Export the table as CSV, then drop that"),
    (b"%PDF", "a PDF document", "Export the table it shows as CSV, then drop that"),
    (b"\x89PNG", "a PNG image", "Drop the table as CSV"),
    (b"\xff\xd8\xff", "a JPEG image", "Drop the table as CSV"),
    (b"GIF8", "a GIF image", "Drop the table as CSV"),
    (b"\xfd7zXZ\x00", "an xz archive", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", _UNPACK),
    (b"Rar!\x1a\x07", "a RAR archive", _UNPACK),
    (b"\x1f\x9d", "a compress (.Z) archive", _UNPACK),
    (b"\x04\x22\x4d\x18", "an LZ4 archive", _UNPACK),
    (b"LZIP", "an lzip archive", _UNPACK),
    (b"\x7fELF", "a program", "Drop the table as CSV"),
    (b"\x80\x02", "a Python pickle", "Write the table as CSV, then drop that"),
    (b"\x89HDF", "an HDF5 file", "Write the table as CSV, then drop that"),
)
_ZIP_CONTENTS: tuple[tuple[bytes, str, str], ...] = (
    (b"xl/", "an Excel workbook (.xlsx)", _EXPORT),
    (b"word/", "a Word document (.docx)", "Save the table it holds as CSV, then drop that"),
    (b"opendocument.spreadsheet", "an OpenDocument spreadsheet (.ods)", _EXPORT),
    (b"[Content_Types].xml", "an Office file", _EXPORT),
)
_MARKUP: tuple[tuple[bytes, str, str], ...] = (
    (b"<!doctype html", "a web page (HTML)", "Download the CSV itself; a log-in page was perhaps saved instead"),
    (b"<html", "a web page (HTML)", "Download the CSV itself; a log-in page was perhaps saved instead"),
    (b"<?xml", "an XML file", "Write the table as CSV, then drop that"),
)
_JSON = re.compile(rb"\s*(?:\{\s*\"|\[\s*\{)")
_MAX_NUL_SHARE = 0.01
_FEW = 8
_CONTROLS = frozenset(range(0x20)) - frozenset(b"\t\n\r\f\x0b\x1b\x1f")
"""Those that no text has; the unit separator separates cells in some."""

_MAX_CONTROL_SHARE = 0.05


def refuse_binary(head: bytes, *, name: str, wide_text: bool) -> None:
    """Raise if the first bytes are not those of a text.

    Args:
        head: The first bytes, decompressed; 64 kB are plenty.
        name: The file's name for the message.
        wide_text: Whether the text is UTF-16 or UTF-32, in which NUL bytes are ordinary.

    Raises:
        ReadingError: They look like something else; the message says what, and what to do.
    """
    found = _known(head)
    if found is None and not wide_text and _is_binary(head):
        found = ("binary data", "Export the table as CSV (UTF-8), then drop that")
    if found is not None:
        looks_like, remedy = found
        raise ReadingError(f"this is not a CSV: it looks like {looks_like}", where=name, remedy=remedy)


def _known(head: bytes) -> tuple[str, str] | None:
    if head.startswith(_ZIP):
        return next(
            ((what, remedy) for mark, what, remedy in _ZIP_CONTENTS if mark in head), ("a ZIP archive", _UNPACK)
        )
    if head[_TAR_PLACE : _TAR_PLACE + len(_TAR)] == _TAR:
        return "a tar archive", _UNPACK
    if _JSON.match(head):
        return "JSON", "Write the table as CSV, then drop that"
    start = head[:64].lstrip().lower()
    return next(
        ((what, remedy) for mark, what, remedy in _SIGNATURES if head.startswith(mark)),
        next(((what, remedy) for mark, what, remedy in _MARKUP if start.startswith(mark)), None),
    )


def _is_binary(head: bytes) -> bool:
    """Many NULs or other control characters: no text has them, whatever its encoding; a few are damage."""
    if not head:
        return False
    nuls = head.count(0)
    controls = sum(1 for byte in head[:4096] if byte in _CONTROLS)
    return nuls > max(_MAX_NUL_SHARE * len(head), _FEW) or controls > max(
        _MAX_CONTROL_SHARE * len(head[:4096]), _FEW
    )
