"""What botocore raises, in the words of `dsp_pipeline.core.errors`, with what to do about it."""

from __future__ import annotations

import contextlib
import dataclasses
from typing import TYPE_CHECKING, Any, NoReturn

from dsp_pipeline.core.errors import (
    ObjectNotFoundError,
    PreconditionError,
    StorageError,
    StorageUnavailableError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.exceptions import BotoCoreError, ClientError

_NOT_FOUND = 404
_CONFLICT = 409
_PRECONDITION_FAILED = 412
_TOO_MANY = 429
_SERVER_ERROR = 500

_BUSY = frozenset({"SlowDown", "Throttling", "ThrottlingException", "RequestTimeout", "RequestLimitExceeded"})
_RETRY_LATER = "Try again; if it goes on, look at the server's log"
_REMEDY = {
    "AccessDenied": "Grant these credentials the right to list, read and write the bucket",
    "InvalidAccessKeyId": "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to a key that the server knows",
    "SignatureDoesNotMatch": "Check AWS_SECRET_ACCESS_KEY and DSP_S3_REGION",
    "ExpiredToken": "Sign in again, for example with 'aws sso login'",
    "RequestTimeTooSkewed": "Set this machine's clock",
    "PermanentRedirect": "Set DSP_S3_REGION to the bucket's region",
    "AuthorizationHeaderMalformed": "Set DSP_S3_REGION to the bucket's region",
    "KeyTooLongError": "Use a shorter key",
    "InvalidRequest": "Use a key without '.' or '..' as a folder, if it has one",
    "EntityTooLarge": "Raise the server's limit, or store less",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """What was being talked about; ``key`` is empty for the bucket itself."""

    server: str
    bucket: str
    key: str = ""

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


@contextlib.contextmanager
def explained(place: Place) -> Iterator[None]:
    """Turn everything that botocore raises in the block into a `StorageError`."""
    import botocore.exceptions  # noqa: PLC0415 - costs half a CPU-second; the client has loaded it by now
    import botocore.parsers  # noqa: PLC0415

    try:
        yield
    except botocore.exceptions.ClientError as error:
        _refused(error, place)
    except botocore.exceptions.BotoCoreError as error:
        _no_answer(error, place)
    except botocore.parsers.ResponseParserError as error:
        raise StorageError(
            f"what answers at {place.server} is not an S3 server: {str(error).splitlines()[0]}",
            where=str(place),
            remedy="Set DSP_S3_ENDPOINT to the address of the S3 API, not of a console or a proxy",
        ) from error


def _refused(error: ClientError, place: Place) -> NoReturn:
    """The server answered, and the answer is no."""
    answer: Any = error.response
    code = str(answer.get("Error", {}).get("Code", ""))
    said = str(answer.get("Error", {}).get("Message", "")).rstrip(".") or code
    status = int(answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    where = str(place)
    if code == "NoSuchBucket" or (status == _NOT_FOUND and not place.key):
        raise StorageError(
            f"there is no bucket named {place.bucket} on {place.server}",
            where=where,
            remedy="Make the bucket, or set DSP_DROP_BUCKET, DSP_LAKE_BUCKET and DSP_DASHBOARDS_BUCKET",
        ) from error
    if status == _NOT_FOUND:
        raise ObjectNotFoundError("no object has this key", where=where) from error
    if status in {_CONFLICT, _PRECONDITION_FAILED}:
        raise PreconditionError(
            "the object was changed by someone else in the meantime",
            where=where,
            remedy="Look at its newest state and decide again",
        ) from error
    if status >= _SERVER_ERROR or status == _TOO_MANY or code in _BUSY:
        raise StorageUnavailableError(
            f"{place.server} answered {status} {code}: {said}", where=where, remedy=_RETRY_LATER
        ) from error
    raise StorageError(
        f"{place.server} refused with {status} {code}: {said}",
        where=where,
        remedy=_REMEDY.get(code, "Check the credentials, the bucket's policy and the endpoint with 'dsp doctor'"),
    ) from error


def _no_answer(error: BotoCoreError, place: Place) -> NoReturn:
    """The request was not sent, or its answer did not come whole."""
    import botocore.exceptions as aws  # noqa: PLC0415 - as above

    said = str(error).rstrip(".")
    if isinstance(error, aws.SSLError):
        remedy = "Set DSP_S3_VERIFY to the path of the CA bundle that signed the server's certificate"
        raise StorageError(
            f"the server's certificate is not trusted: {said}", where=str(place), remedy=remedy
        ) from error
    if isinstance(error, aws.HTTPClientError | aws.ConnectionError | aws.IncompleteReadError):
        raise StorageUnavailableError(
            f"{place.server} did not answer: {said}",
            where=str(place),
            remedy="Check that it runs and that DSP_S3_ENDPOINT is its address, then try again",
        ) from error
    credentials = (
        aws.NoCredentialsError
        | aws.PartialCredentialsError
        | aws.CredentialRetrievalError
        | aws.TokenRetrievalError
    )
    if isinstance(error, credentials | aws.SSOError | aws.NoAuthTokenError):
        remedy = (
            "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE; for the local stack run 'dsp up'"
        )
        raise StorageError(f"there are no usable credentials: {said}", where=str(place), remedy=remedy) from error
    raise StorageError(
        f"the request could not be made: {said}",
        where=str(place),
        remedy="Check the DSP_S3_ settings and the bucket's name with 'dsp doctor'",
    ) from error
