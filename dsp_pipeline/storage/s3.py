"""A bucket on S3 or on any server that speaks its API: AWS, SeaweedFS, MinIO, Ceph.

boto3 is imported at the first request, so that importing this module and making a store cost nothing.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import urllib.parse
from typing import TYPE_CHECKING, Any

from dsp_pipeline.core.errors import ObjectNotFoundError, PreconditionError
from dsp_pipeline.storage.base import ObjectInfo, StoredObject, content_type_of
from dsp_pipeline.storage.files import file_error, whole_file
from dsp_pipeline.storage.s3_connection import Addressing, S3Address, S3Connection
from dsp_pipeline.storage.s3_errors import Place, explained
from dsp_pipeline.storage.s3_listing import list_objects
from dsp_pipeline.storage.s3_transfer import PART_BYTES, fetch, info_in, quoted, store_in_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mypy_boto3_s3 import S3Client

_WEEK_SECONDS = 7 * 24 * 3600
"""The longest that a presigned URL may be good for."""


class S3Store:
    """One bucket on an S3-compatible server (an `ObjectStore`).

    Credentials come from boto3's standard chain and nowhere else: environment, profile, web identity, instance.

    Args:
        bucket: The bucket's name.
        endpoint: URL of the server; AWS if None.
        region: The region that requests are signed for.
        addressing: Bucket in the path or in the host name.
        verify: Check TLS certificates: ``true``, ``false``, or the path of a CA bundle.
        timeout_seconds: The longest wait for a connection and for each piece of an answer.
        public_url: The address under which people reach the bucket; `url` presigns if None.
    """

    def __init__(
        self,
        bucket: str,
        *,
        endpoint: str | None = None,
        region: str = "us-east-1",
        addressing: Addressing = "auto",
        verify: str = "true",
        timeout_seconds: float = 30.0,
        public_url: str | None = None,
    ) -> None:
        self.bucket = bucket
        self.public_url = public_url
        self._connection = S3Connection(S3Address(endpoint, region, addressing, verify, timeout_seconds))

    def sibling(self, bucket: str, *, public_url: str | None = None) -> S3Store:
        """Another bucket on the same server, over the same client."""
        other = object.__new__(S3Store)
        other.bucket = bucket
        other.public_url = public_url
        other._connection = self._connection
        return other

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        """See `ObjectStore.list`. The listing is read whole first: not every server sorts as S3 does."""
        with explained(self._place()):
            return iter(list_objects(self._client, self.bucket, prefix))

    def head(self, key: str) -> ObjectInfo:
        """See `ObjectStore.head`."""
        with explained(self._place(key)):
            return info_in(self._client.head_object(Bucket=self.bucket, Key=key), key)

    def get(self, key: str, *, if_match: str | None = None) -> StoredObject:
        """See `ObjectStore.get`."""
        sink = io.BytesIO()
        with explained(self._place(key)):
            info = fetch(self._client, self.bucket, key, sink, if_match=if_match, progress=None)
        return StoredObject(data=sink.getvalue(), info=info)

    def download(
        self,
        key: str,
        path: Path,
        *,
        if_match: str | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> ObjectInfo:
        """See `ObjectStore.download`."""
        try:
            with explained(self._place(key)), whole_file(path) as file:
                return fetch(self._client, self.bucket, key, file, if_match=if_match, progress=progress)
        except OSError as error:
            raise file_error(error, str(path)) from error

    def put(
        self,
        key: str,
        data: bytes,
        *,
        cache_control: str | None = None,
        if_match: str | None = None,
        if_absent: bool = False,
    ) -> ObjectInfo:
        """See `ObjectStore.put`."""
        more: dict[str, Any] = {"CacheControl": cache_control} if cache_control else {}
        if if_match is not None:
            more["IfMatch"] = quoted(if_match)
        if if_absent:
            more["IfNoneMatch"] = "*"
        try:
            with explained(self._place(key)):
                answer = self._client.put_object(
                    Bucket=self.bucket, Key=key, Body=data, ContentType=content_type_of(key), **more
                )
        except ObjectNotFoundError as error:  # If-Match where there is nothing
            raise _removed(error) from error
        except PreconditionError as error:
            ours = self._stored_by_an_earlier_attempt(key, data, error)
            if ours is None:
                raise
            return ours
        return self._stored(key, answer["ETag"], len(data))

    def upload(
        self,
        path: Path,
        key: str,
        *,
        progress: Callable[[int], None] | None = None,
        if_match: str | None = None,
    ) -> ObjectInfo:
        """See `ObjectStore.upload`."""
        size = path.stat().st_size
        if size <= PART_BYTES:
            info = self.put(key, path.read_bytes(), if_match=if_match)
            if progress:
                progress(size)
            return info
        try:
            with explained(self._place(key)):
                etag = store_in_parts(
                    self._client,
                    self.bucket,
                    key,
                    path,
                    content_type=content_type_of(key),
                    if_match=if_match,
                    progress=progress,
                )
        except ObjectNotFoundError as error:
            if if_match is None:
                raise
            raise _removed(error) from error
        return self._stored(key, etag, size)

    def delete(self, key: str) -> None:
        """See `ObjectStore.delete`."""
        with explained(self._place(key)):
            self._client.delete_object(Bucket=self.bucket, Key=key)

    def url(self, key: str) -> str:
        """See `ObjectStore.url`. Without a public address it is presigned and good for seven days."""
        if self.public_url:
            return f"{self.public_url.rstrip('/')}/{urllib.parse.quote(key)}"
        with explained(self._place(key)):
            return self._client.generate_presigned_url(
                "get_object",
                Params={"Bucket": self.bucket, "Key": key, "ResponseContentType": content_type_of(key)},
                ExpiresIn=_WEEK_SECONDS,
            )

    def check(self) -> None:
        """See `ObjectStore.check`."""
        with explained(self._place()):
            self._client.list_objects_v2(Bucket=self.bucket, MaxKeys=1)

    @property
    def _client(self) -> S3Client:
        return self._connection.client

    def _place(self, key: str = "") -> Place:
        return Place(self._connection.address.name, self.bucket, key)

    def _stored(self, key: str, etag: str, size: int) -> ObjectInfo:
        return ObjectInfo(key=key, etag=etag.strip('"'), size=size, last_modified=dt.datetime.now(dt.UTC))

    def _stored_by_an_earlier_attempt(self, key: str, data: bytes, error: PreconditionError) -> ObjectInfo | None:
        """The object, where a conditional write failed only because its first attempt had been carried out.

        The server did it, the answer was lost, botocore asked again, and now the condition no longer holds.
        """
        answer: Any = getattr(error.__cause__, "response", {})
        if not answer.get("ResponseMetadata", {}).get("RetryAttempts"):
            return None
        there = self.head(key)
        return there if there.etag == hashlib.md5(data, usedforsecurity=False).hexdigest() else None


def _removed(error: ObjectNotFoundError) -> PreconditionError:
    """What a conditional write raises where there is nothing."""
    return PreconditionError("the object was removed by someone else in the meantime", where=error.where)
