"""`--fixes`: a mended quarantine.csv and the version it belongs to, joined into a file to drop or to run."""

from __future__ import annotations

import bz2
import contextlib
import dataclasses
import gzip
import hashlib
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING, Any

from dsp_pipeline.cli.output import StepLines, remarks
from dsp_pipeline.core.errors import InputError, ObjectNotFoundError
from dsp_pipeline.core.naming import table_suffix

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dsp_pipeline.core.settings import Limits
    from dsp_pipeline.core.sidecar import Sidecar
    from dsp_pipeline.etl.fixes import Fixed
    from dsp_pipeline.etl.tables import RawTable
    from dsp_pipeline.storage.base import ObjectStore


@dataclasses.dataclass(frozen=True)
class FixedFile:
    """A version with its mended rows.

    Attributes:
        path: The file, named after the dataset, in the compression of the drop that it replaces.
        dataset: Whose next version it is.
        key: The drop that it replaces.
        etag: That drop's content.
        sidecar: What the owner said of the version.
    """

    path: Path
    dataset: str
    key: str
    etag: str
    sidecar: Sidecar


@contextlib.contextmanager
def fixed_file(lake: ObjectStore, mended: Path, *, limits: Limits) -> Iterator[FixedFile]:
    """A file with the good rows of a version and the mended ones, which is gone afterwards.

    Args:
        lake: Where versions lie.
        mended: The mended quarantine.csv.
        limits: Bounds on its size.

    Raises:
        InputError: It is no mended quarantine, its version is not the dataset's latest, or a row can't be joined.
    """
    # Polars is loaded only where there is something to mend.
    from dsp_pipeline.etl.fixes import joined, origin_of  # noqa: PLC0415 - see above
    from dsp_pipeline.storage.artifacts import load_artifact, load_table  # noqa: PLC0415 - see above

    fixes = _read(mended, limits)
    dataset, version = origin_of(fixes)
    _check_latest(lake, dataset, version, where=str(mended))
    try:
        base: RawTable = load_artifact(lake, asset="raw_dataset", dataset=dataset, version=version)
        quarantine = load_table(lake, dataset=dataset, version=version, file="quarantine.parquet").frame
    except ObjectNotFoundError as error:
        raise _unknown(dataset, version, where=str(mended)) from error
    fixed, blocks = joined(base, quarantine, fixes)
    _tell(fixed, dataset, version)
    key = base.reading.source.key
    with TemporaryDirectory(prefix="dsp-") as folder:
        path = Path(folder) / f"{dataset}{table_suffix(key) or '.csv'}"
        _write(path, blocks)
        yield FixedFile(path, dataset, key, base.reading.source.etag, base.sidecar)


def check_not_replaced(drop: ObjectStore, fixed: FixedFile) -> str | None:
    """Raise if the drop bucket holds something newer under the key of the drop that is mended.

    Returns:
        The content (its ETag) that may be overwritten; None if nothing lies there any more.

    Raises:
        InputError: It does: that is not analysed yet, and would be lost.
    """
    try:
        etag = drop.head(fixed.key).etag
    except ObjectNotFoundError:
        return None
    if etag != fixed.etag:
        raise replaced(fixed.key)
    return etag


def replaced(key: str) -> InputError:
    """The error for a key that holds something newer than what was mended."""
    return InputError(
        "a newer file was dropped here, which is not analysed yet",
        where=key,
        remedy="Wait until it is ('dsp status'), and mend its quarantine.csv instead",
    )


def _read(mended: Path, limits: Limits) -> RawTable:
    from dsp_pipeline.core.artifacts.reading import Source  # noqa: PLC0415 - not every command needs it
    from dsp_pipeline.core.sidecar import ReadingOptions, Sidecar  # noqa: PLC0415 - see above
    from dsp_pipeline.etl.reader import read  # noqa: PLC0415 - see above

    if not mended.is_file():
        raise InputError("there is no such file", where=str(mended), remedy="Check the path")
    with mended.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    size = mended.stat().st_size
    source = Source(dataset="fixes", version="fixes", key=str(mended), etag=sha256, bytes=size, sha256=sha256)
    # The file is one that this program wrote: what reads as a total or as a second row of names is a bad row.
    said = Sidecar(reading=ReadingOptions(header=True, header_rows=1, footer=False))
    return read(mended, source=source, sidecar=said, limits=limits)


def _check_latest(lake: ObjectStore, dataset: str, version: str, *, where: str) -> None:
    from dsp_pipeline.storage.versions import read_latest  # noqa: PLC0415 - not every command needs it

    latest = read_latest(lake, dataset=dataset, asset="validated_table")
    if latest is None:
        raise _unknown(dataset, version, where=where)
    if latest.version != version:
        raise InputError(
            f"the mended rows are of version {version}, and the latest version of '{dataset}' is {latest.version}",
            where=where,
            remedy="Mend the quarantine.csv of the latest version, so that nothing newer is undone",
        )


def _unknown(dataset: str, version: str, *, where: str) -> InputError:
    return InputError(
        f"version {version} of '{dataset}' is not there",
        where=where,
        remedy="Use the installation, or with 'dsp run' the --out folder, in which the version was made",
    )


def _tell(fixed: Fixed, dataset: str, version: str) -> None:
    if not (fixed.replaced or fixed.removed or fixed.added):
        raise InputError(
            f"no row was changed in this quarantine of version {version}",
            where=dataset,
            remedy="Mend rows in it first; rows that are left as they are stay in quarantine",
        )
    counts = {"mended": fixed.replaced, "removed": fixed.removed, "added": fixed.added, "left": fixed.left}
    told = ", ".join(f"{count:,} {word}" for word, count in counts.items() if count)
    StepLines(remarks()).ended(f"joined with version {version} of {dataset}: {told}")


def _write(path: Path, blocks: Iterable[bytes]) -> None:
    with contextlib.ExitStack() as stack:
        file = _opened(path, stack)
        for block in blocks:
            file.write(block)


def _opened(path: Path, stack: contextlib.ExitStack) -> IO[bytes] | Any:
    """A file that compresses what is written as its name says, the same content always to the same bytes."""
    match path.suffix.lower():
        case ".gz":
            # Without the time, so that the same content is the same version.
            return stack.enter_context(gzip.GzipFile(path, "wb", compresslevel=6, mtime=0))
        case ".bz2":
            return stack.enter_context(bz2.open(path, "wb"))
        case ".zst":
            from dsp_pipeline.etl.zstandard import zstd  # noqa: PLC0415 - only where the file is zstd

            return stack.enter_context(zstd.open(path, "wb"))
        case ".zip":
            archive = stack.enter_context(zipfile.ZipFile(path, "w"))
            # A ZipInfo says 1980 and nothing of this moment, for the same reason.
            member = zipfile.ZipInfo(path.stem)
            member.compress_type = zipfile.ZIP_DEFLATED
            return stack.enter_context(archive.open(member, "w", force_zip64=True))
        case _:
            return stack.enter_context(path.open("wb"))
