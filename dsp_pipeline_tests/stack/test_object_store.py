"""What the embedded S3 server does, asked over HTTP: by its owner, and by anyone."""

from __future__ import annotations

import os
import stat
import urllib.error
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING

import boto3
import botocore.config
import botocore.exceptions
import psutil  # type: ignore[import-untyped]
import pytest

from dsp_pipeline.core.errors import StackError
from dsp_pipeline.stack import object_store
from dsp_pipeline.stack.supervisor import Supervisor
from dsp_pipeline_tests.faults import fill_disk
from dsp_pipeline_tests.stack.sockets import listening_addresses

if TYPE_CHECKING:
    from pathlib import Path

    from mypy_boto3_s3 import S3Client

    from dsp_pipeline.stack.object_store import S3Server

pytestmark = pytest.mark.integration

OK, FORBIDDEN, NOT_FOUND, UNAUTHORIZED = 200, 403, 404, 401


def client(server: S3Server) -> S3Client:
    return boto3.client(
        "s3",
        endpoint_url=server.endpoint,
        region_name=server.region,
        aws_access_key_id=server.access_key,
        aws_secret_access_key=server.secret_key,
        config=botocore.config.Config(s3={"addressing_style": "path"}),
    )


def status(url: str, method: str = "GET", data: bytes | None = None) -> int:
    """The HTTP status that someone without credentials gets."""
    request = urllib.request.Request(url, method=method, data=data)  # noqa: S310 - the embedded server
    try:
        with urllib.request.urlopen(request, timeout=10.0) as answer:  # noqa: S310 - as above
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def error_code(error: pytest.ExceptionInfo[botocore.exceptions.ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def test_all_three_buckets_are_there(s3_server: S3Server) -> None:
    names = {bucket["Name"] for bucket in client(s3_server).list_buckets()["Buckets"]}
    assert names >= {"dsp-drop", "dsp-lake", "dsp-dashboards"}  # other tests make buckets of their own


def test_a_browser_opens_a_dashboard_as_a_page(s3_server: S3Server) -> None:
    client(s3_server).put_object(
        Bucket="dsp-dashboards",
        Key="flights/index.html",
        Body=b"<p>hello</p>",
        ContentType="text/html; charset=utf-8",
        CacheControl="no-cache",
    )
    page = f"{s3_server.dashboards_url}/flights/index.html"
    with urllib.request.urlopen(page, timeout=10.0) as answer:  # noqa: S310 - the embedded server
        assert answer.read() == b"<p>hello</p>"
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("bucket", ["dsp-drop", "dsp-lake"])
def test_nobody_reads_the_other_buckets_without_credentials(s3_server: S3Server, bucket: str) -> None:
    client(s3_server).put_object(Bucket=bucket, Key="private.csv", Body=b"a,b\n1,2\n")
    assert status(f"{s3_server.endpoint}/{bucket}/private.csv") == FORBIDDEN
    assert status(f"{s3_server.endpoint}/{bucket}/private.csv", "HEAD") == FORBIDDEN


@pytest.mark.parametrize("bucket", ["dsp-drop", "dsp-lake", "dsp-dashboards"])
def test_nobody_lists_writes_or_deletes_without_credentials(s3_server: S3Server, bucket: str) -> None:
    client(s3_server).put_object(Bucket=bucket, Key="kept.html", Body=b"kept")
    url = f"{s3_server.endpoint}/{bucket}"
    assert status(url) == FORBIDDEN
    assert status(f"{url}?list-type=2") == FORBIDDEN
    assert status(f"{url}/new.html", "PUT", b"evil") == FORBIDDEN
    assert status(f"{url}/kept.html", "DELETE") == FORBIDDEN
    assert status(f"{s3_server.endpoint}/another-bucket", "PUT") == FORBIDDEN
    assert client(s3_server).get_object(Bucket=bucket, Key="kept.html")["Body"].read() == b"kept"


def test_wrong_credentials_are_refused(s3_server: S3Server) -> None:
    stranger = boto3.client(
        "s3",
        endpoint_url=s3_server.endpoint,
        region_name=s3_server.region,
        aws_access_key_id=s3_server.access_key,
        aws_secret_access_key="guessed",
    )
    with pytest.raises(botocore.exceptions.ClientError) as error:
        stranger.list_buckets()
    assert error_code(error) == "SignatureDoesNotMatch"


def test_its_inner_http_servers_give_nothing_away(s3_server: S3Server, supervisor: Supervisor) -> None:
    client(s3_server).put_object(Bucket="dsp-lake", Key="secret.csv", Body=b"salary\n1\n")
    weed = psutil.Process(supervisor.pids[object_store.NAME])
    ports = {connection.laddr.port for connection in weed.net_connections("tcp") if connection.status == "LISTEN"}
    tried = 0
    for port in ports - {urllib.parse.urlsplit(s3_server.endpoint).port}:
        for path in ("buckets/dsp-lake/secret.csv", "dsp-lake/secret.csv"):
            for method, data in (("GET", None), ("PUT", b"evil")):
                try:
                    answer = status(f"http://127.0.0.1:{port}/{path}", method, data)
                except OSError:  # a gRPC port
                    continue
                tried += 1
                assert answer >= 400, (port, path, method, answer)
    assert tried > 0
    assert client(s3_server).get_object(Bucket="dsp-lake", Key="secret.csv")["Body"].read() == b"salary\n1\n"


def test_it_listens_on_the_loopback_interface_only(s3_server: S3Server, supervisor: Supervisor) -> None:
    assert listening_addresses([supervisor.pids[object_store.NAME]]) == {"127.0.0.1"}


def test_a_conditional_put_changes_only_what_was_read(s3_server: S3Server) -> None:
    s3 = client(s3_server)
    first = s3.put_object(Bucket="dsp-lake", Key="state.json", Body=b"1", IfNoneMatch="*")["ETag"]
    with pytest.raises(botocore.exceptions.ClientError) as error:
        s3.put_object(Bucket="dsp-lake", Key="state.json", Body=b"2", IfNoneMatch="*")
    assert error_code(error) == "PreconditionFailed"
    s3.put_object(Bucket="dsp-lake", Key="state.json", Body=b"3", IfMatch=first)
    with pytest.raises(botocore.exceptions.ClientError) as error:
        s3.put_object(Bucket="dsp-lake", Key="state.json", Body=b"4", IfMatch=first)
    assert error_code(error) == "PreconditionFailed"
    with pytest.raises(botocore.exceptions.ClientError) as error:
        s3.get_object(Bucket="dsp-lake", Key="state.json", IfMatch=first)
    assert error_code(error) == "PreconditionFailed"
    assert s3.get_object(Bucket="dsp-lake", Key="state.json")["Body"].read() == b"3"


@pytest.mark.parametrize(
    "key",
    ["a b.csv", "ü/é ø.csv", 'it\'s "q".csv', "日本.csv", "a+b%20.csv", "a?b#c&d.csv", "~t..csv", "e\u0301.csv"],
)
def test_odd_keys_come_back_as_they_went_in(s3_server: S3Server, key: str) -> None:
    s3 = client(s3_server)
    s3.put_object(Bucket="dsp-drop", Key=f"odd/{key}", Body=key.encode())
    assert s3.get_object(Bucket="dsp-drop", Key=f"odd/{key}")["Body"].read() == key.encode()
    assert f"odd/{key}" in [item["Key"] for item in s3.list_objects_v2(Bucket="dsp-drop")["Contents"]]


def test_a_path_that_climbs_out_of_the_bucket_is_refused(s3_server: S3Server) -> None:
    with pytest.raises(botocore.exceptions.ClientError) as error:
        client(s3_server).put_object(Bucket="dsp-drop", Key="../dsp-dashboards/index.html", Body=b"evil")
    assert error_code(error) == "InvalidRequest"


def test_a_multipart_object_is_whole_or_not_there(s3_server: S3Server) -> None:
    s3 = client(s3_server)
    upload = s3.create_multipart_upload(Bucket="dsp-drop", Key="parts.csv")["UploadId"]
    part = b"x" * (5 << 20)
    tags = [
        s3.upload_part(Bucket="dsp-drop", Key="parts.csv", UploadId=upload, PartNumber=number, Body=part)["ETag"]
        for number in (1, 2)
    ]
    assert "parts.csv" not in [item["Key"] for item in s3.list_objects_v2(Bucket="dsp-drop").get("Contents", [])]
    s3.complete_multipart_upload(
        Bucket="dsp-drop",
        Key="parts.csv",
        UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": n, "ETag": tag} for n, tag in enumerate(tags, start=1)]},
    )
    assert s3.head_object(Bucket="dsp-drop", Key="parts.csv")["ContentLength"] == 2 * len(part)


def test_a_presigned_address_opens_a_private_object(s3_server: S3Server) -> None:
    s3 = client(s3_server)
    s3.put_object(Bucket="dsp-lake", Key="shared.txt", Body=b"for you")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "dsp-lake", "Key": "shared.txt"})
    with urllib.request.urlopen(url, timeout=10.0) as answer:  # noqa: S310 - the embedded server
        assert answer.read() == b"for you"


def test_a_restart_keeps_data_credentials_and_address_also_after_a_kill(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    with Supervisor(tmp_path / "logs") as supervisor:
        before = object_store.start(supervisor, folder, environment=os.environ)
        client(before.server).put_object(Bucket="dsp-lake", Key="kept", Body=b"still here")
        psutil.Process(supervisor.pids[object_store.NAME]).kill()
    with Supervisor(tmp_path / "logs") as supervisor:
        after = object_store.start(supervisor, folder, environment=os.environ)
        assert after.server == before.server
        assert client(after.server).get_object(Bucket="dsp-lake", Key="kept")["Body"].read() == b"still here"
    after.remove_sockets()
    assert not [socket for socket in after.sockets if socket.exists()]


def test_a_disk_on_which_it_would_take_no_file_is_named_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_disk(monkeypatch, total=250_000_000_000, free=2_400_000_000)
    with pytest.raises(StackError, match=r"only 2\.4 of the disk's 250 GB are free; below 1%") as error:
        object_store.prepare(tmp_path / "store", environment={}, logs=tmp_path)
    assert error.value.where == str(tmp_path / "store" / "data")
    assert "Free some space" in error.value.remedy


def test_only_its_owner_reads_its_credentials(tmp_path: Path) -> None:
    prepared = object_store.prepare(tmp_path / "store", environment={}, logs=tmp_path)
    secret = prepared.server.secret_key
    holders = [path for path in (tmp_path / "store").rglob("*") if path.is_file() and secret in path.read_text()]
    assert holders
    assert {stat.S_IMODE(path.stat().st_mode) for path in holders} == {0o600}
    assert secret not in " ".join(prepared.process.command)


def test_the_callers_own_cloud_credentials_do_not_reach_it(tmp_path: Path) -> None:
    environment = {"AWS_ACCESS_KEY_ID": "mine", "AWS_SECRET_ACCESS_KEY": "mine too", "S3_BUCKET": "mine"}
    prepared = object_store.prepare(tmp_path / "store", environment=environment, logs=tmp_path)
    assert not environment.keys() & prepared.process.environment.keys()
