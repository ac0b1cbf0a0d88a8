"""How an S3-compatible server is reached: one client, made at the first request and shared by all buckets.

boto3 costs half a CPU-second to import and 0.15 to make a client, so neither happens before it is needed.
"""

from __future__ import annotations

import dataclasses
import threading
from typing import TYPE_CHECKING, Literal

from dsp_pipeline.core.errors import SettingsError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Addressing = Literal["auto", "path", "virtual"]

_ATTEMPTS = 4
_CONNECT_SECONDS = 10.0
_CONNECTIONS = 16


@dataclasses.dataclass(frozen=True)
class S3Address:
    """Where the server is and how to talk to it. Credentials are found by boto3's standard chain.

    Attributes:
        endpoint: URL of an S3-compatible server; AWS if None.
        region: The region that requests are signed for.
        addressing: Bucket in the path or in the host name.
        verify: Check TLS certificates: true, false, or the path of a CA bundle.
        timeout_seconds: The longest wait for a connection and for each piece of an answer.
    """

    endpoint: str | None
    region: str
    addressing: Addressing
    verify: str
    timeout_seconds: float

    @property
    def name(self) -> str:
        """The server, as messages call it."""
        return self.endpoint or f"AWS S3 in {self.region}"


class S3Connection:
    """A client for one address. Safe to share between threads and buckets."""

    def __init__(self, address: S3Address) -> None:
        self.address = address
        self._client: S3Client | None = None
        self._lock = threading.Lock()

    @property
    def client(self) -> S3Client:
        """The client; made at the first use.

        Raises:
            SettingsError: The address is no URL, or the CA bundle is not there.
        """
        with self._lock:
            if self._client is None:
                self._client = _make_client(self.address)
            return self._client


def _make_client(address: S3Address) -> S3Client:
    import boto3.session  # noqa: PLC0415 - half a CPU-second, see above
    import botocore.config  # noqa: PLC0415
    import botocore.exceptions  # noqa: PLC0415

    from dsp_pipeline.storage.s3_listing import listings_parsed_by_us  # noqa: PLC0415

    config = botocore.config.Config(
        region_name=address.region,
        signature_version="s3v4",  # presigned URLs are otherwise signed with the retired version 2
        s3={"addressing_style": address.addressing},
        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
        connect_timeout=min(_CONNECT_SECONDS, address.timeout_seconds),
        read_timeout=address.timeout_seconds,
        max_pool_connections=_CONNECTIONS,
        # The CRC trailers that newer SDKs add by default are refused by many S3-compatible servers.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    known = {"true": True, "false": False}
    verify = known.get(address.verify.lower(), address.verify)
    try:
        client = boto3.session.Session().client("s3", endpoint_url=address.endpoint, verify=verify, config=config)
    except (botocore.exceptions.BotoCoreError, ValueError) as error:
        raise SettingsError(
            f"no S3 client can be made: {str(error).rstrip('.')}",
            where=address.name,
            remedy="Set DSP_S3_ENDPOINT to a URL such as http://127.0.0.1:9000, and check AWS_PROFILE",
        ) from error
    listings_parsed_by_us(client)
    return client
