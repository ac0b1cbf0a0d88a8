"""Listing a bucket at a tenth of what boto3's paginator costs.

botocore turns each listed object into nested dicts by walking a model of the answer in Python: 6 to 10
CPU-seconds for 100,000 keys, every few seconds in a sensor. Here botocore still finds the endpoint, signs,
retries and reads errors, but a listing's answer is read by expat before botocore's own parsers see it.
docs/decisions/0002-listing.md has the figures and what else was tried.
"""

from __future__ import annotations

import datetime as dt
import urllib.parse
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

from dsp_pipeline.storage.base import ObjectInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_s3 import S3Client

_OBJECTS = "DspObjects"
_PAGING = ("IsTruncated", "NextContinuationToken")
_BUFFER_BYTES = 2**16
_OK = 200


def listings_parsed_by_us(client: S3Client) -> None:
    """Make a client's ``list_objects_v2`` answers carry their objects for `list_objects`."""
    # By this pattern it comes before botocore's own first handler, which parses the whole body to look for
    # an error in it.
    client.meta.events.register_first("before-parse.*.ListObjectsV2", _take_objects)


def list_objects(client: S3Client, bucket: str, prefix: str) -> list[ObjectInfo]:
    """All objects whose key starts with the prefix, by their keys' UTF-8 bytes.

    AWS answers in that order already; SeaweedFS goes by folder and S3 Express in none.

    Args:
        client: One that `listings_parsed_by_us` has seen.
        bucket: The bucket's name.
        prefix: What keys start with; empty for all.

    Raises:
        Exception: botocore's own, for the caller to explain.
    """
    found = [info for page in _pages(client, bucket, prefix) for info in page]
    found.sort(key=lambda info: info.key.encode())
    return found


def _pages(client: S3Client, bucket: str, prefix: str) -> Iterator[list[ObjectInfo]]:
    more: dict[str, Any] = {}
    while True:
        # Keys may hold characters that XML cannot; EncodingType=url asks the server to quote them.
        answer: Any = client.list_objects_v2(Bucket=bucket, Prefix=prefix, EncodingType="url", **more)
        yield answer[_OBJECTS]
        if answer["IsTruncated"] != "true":
            return
        more = {"ContinuationToken": answer["NextContinuationToken"]}


def _take_objects(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object) -> None:
    """Read a listing out of an answer's body (a handler of botocore's ``before-parse`` event).

    Errors that come with status 200 are left as they are: botocore sees them next and asks again.

    Raises:
        ResponseParserError: It is neither a listing nor an error. (botocore would retry a console's web page.)
    """
    import botocore.parsers  # noqa: PLC0415 - loaded with the client

    body = response_dict["body"]
    if response_dict["status_code"] != _OK or not body.strip():
        return
    try:
        objects, fields = _read_listing(body)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise botocore.parsers.ResponseParserError(f"it is no listing: {error}") from error
    if "Error" in fields:
        return
    if "ListBucketResult" not in fields:
        raise botocore.parsers.ResponseParserError("it is XML, but no listing")
    customized_response_dict[_OBJECTS] = objects
    customized_response_dict.update({name: fields.get(name, "") for name in _PAGING})
    response_dict["body"] = b"<ListBucketResult/>"


def _read_listing(body: bytes) -> tuple[list[ObjectInfo], dict[str, str]]:
    """The listed objects, and the text of every other element by its name.

    Raises:
        ExpatError: The body is not XML.
        LookupError: An object lacks a field.
        ValueError: A size or a time is not one.
    """
    fields: dict[str, str] = {}
    texts: list[str] = []
    rows: list[tuple[str, str, str, str]] = []

    def end(name: str) -> None:
        if name == "Contents":
            rows.append((fields.pop("Key"), fields.pop("ETag"), fields.pop("Size"), fields.pop("LastModified")))
        else:
            fields[name] = texts[-1] if texts else ""
        texts.clear()

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = _BUFFER_BYTES
    parser.CharacterDataHandler = texts.append
    parser.EndElementHandler = end
    parser.Parse(body, True)  # noqa: FBT003 - takes no keywords
    quoted = fields.get("EncodingType") == "url"
    return [_object_info(*row, quoted=quoted) for row in rows], fields


def _object_info(key: str, etag: str, size: str, modified: str, *, quoted: bool) -> ObjectInfo:
    return ObjectInfo(
        key=urllib.parse.unquote_plus(key) if quoted and ("%" in key or "+" in key) else key,
        etag=etag.strip('"'),
        size=int(size),
        last_modified=dt.datetime.fromisoformat(modified),
    )
