"""Bytes to and from S3 in bounded memory: downloads that resume where they were cut, uploads in parts."""

from __future__ import annotations

import concurrent.futures
import contextlib
import math
import time
from typing import TYPE_CHECKING, Any, BinaryIO

from dsp_pipeline.storage.base import ObjectInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mypy_boto3_s3 import S3Client

PART_BYTES = 8 * 2**20
"""Files above this are stored in parts of this size (or larger ones: S3 takes at most 10,000)."""

_MAX_PARTS = 10_000
_PARTS_AT_ONCE = 4
_CHUNK_BYTES = 2**20
_PAUSES_SECONDS = (0.1, 0.5, 2.0)
"""Before each new attempt at the rest of a broken download."""


def quoted(etag: str) -> str:
    """An ETag as it stands in a header."""
    return f'"{etag}"'


def info_in(answer: Any, key: str) -> ObjectInfo:
    """What an answer's headers say of an object.

    Raises:
        ResponseParserError: They lack what every S3 server says.
    """
    import botocore.parsers  # noqa: PLC0415 - loaded with the client

    try:
        etag, size, modified = answer["ETag"], answer["ContentLength"], answer["LastModified"]
    except KeyError as error:
        raise botocore.parsers.ResponseParserError(f"an object came without its {error}") from error
    return ObjectInfo(key=key, etag=etag.strip('"'), size=size, last_modified=modified)


def fetch(
    client: S3Client,
    bucket: str,
    key: str,
    sink: BinaryIO,
    *,
    if_match: str | None,
    progress: Callable[[int], None] | None,
) -> ObjectInfo:
    """Write an object's bytes to a sink. A connection that breaks on the way is taken up again where it broke.

    botocore retries a request until its answer begins; what breaks after that is retried here, from the next
    byte on and only if the object is still the same.

    Raises:
        Exception: botocore's own, for the caller to explain.
    """
    import botocore.exceptions as aws  # noqa: PLC0415 - loaded with the client

    asked: Any = {"IfMatch": quoted(if_match)} if if_match else {}
    answer = client.get_object(Bucket=bucket, Key=key, **asked)
    info = info_in(answer, key)
    done = 0
    pauses = iter(_PAUSES_SECONDS)
    while True:
        try:
            for chunk in _chunks(answer["Body"]):
                sink.write(chunk)
                done += len(chunk)
                if progress:
                    progress(len(chunk))
        except (aws.HTTPClientError, aws.IncompleteReadError):
            pause = next(pauses, None)
            if pause is None:
                raise
            time.sleep(pause)
        if done >= info.size:
            return info
        answer = client.get_object(Bucket=bucket, Key=key, IfMatch=quoted(info.etag), Range=f"bytes={done}-")


def _chunks(body: Any) -> Iterator[bytes]:
    with contextlib.closing(body):
        yield from body.iter_chunks(_CHUNK_BYTES)


def store_in_parts(
    client: S3Client,
    bucket: str,
    key: str,
    path: Path,
    *,
    content_type: str,
    if_match: str | None,
    progress: Callable[[int], None] | None,
) -> str:
    """Store a file in parts, a few at a time; its ETag. Nothing is left on the server if it fails.

    Raises:
        OSError: The file cannot be read.
        Exception: botocore's own, for the caller to explain.
    """
    size = path.stat().st_size
    part_bytes = max(PART_BYTES, math.ceil(size / _MAX_PARTS))
    upload = client.create_multipart_upload(Bucket=bucket, Key=key, ContentType=content_type)["UploadId"]

    def store_part(number: int) -> Any:
        with path.open("rb") as file:
            file.seek((number - 1) * part_bytes)
            data = file.read(part_bytes)
        answer = client.upload_part(Bucket=bucket, Key=key, UploadId=upload, PartNumber=number, Body=data)
        return {"PartNumber": number, "ETag": answer["ETag"]}, len(data)

    try:
        parts = []
        with concurrent.futures.ThreadPoolExecutor(_PARTS_AT_ONCE, thread_name_prefix="upload") as pool:
            waiting = [pool.submit(store_part, n) for n in range(1, math.ceil(size / part_bytes) + 1)]
            try:
                for finished in concurrent.futures.as_completed(waiting):
                    part, length = finished.result()
                    parts.append(part)
                    if progress:
                        progress(length)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        parts.sort(key=lambda part: part["PartNumber"])
        more: Any = {"IfMatch": quoted(if_match)} if if_match is not None else {}
        answer = client.complete_multipart_upload(
            Bucket=bucket, Key=key, UploadId=upload, MultipartUpload={"Parts": parts}, **more
        )
    except BaseException:
        with contextlib.suppress(Exception):  # the first error is the one to tell
            client.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=upload)
        raise
    return answer["ETag"].strip('"')
