"""What is special about a bucket on S3: faults on the way, refusals, and what the server is told."""

from __future__ import annotations

import dataclasses
import hashlib
import http.server
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import pytest

from dsp_pipeline.core.errors import (
    ObjectNotFoundError,
    PreconditionError,
    SettingsError,
    StorageError,
    StorageUnavailableError,
)
from dsp_pipeline.core.settings import Settings
from dsp_pipeline.storage.folder import FolderStore
from dsp_pipeline.storage.s3 import S3Store
from dsp_pipeline.storage.stores import open_stores
from dsp_pipeline_tests.storage.fault_proxy import (
    Fault,
    FaultProxy,
    Seen,
    answers,
    cuts,
    loses_the_answer,
    slow_down,
    stalls,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dsp_pipeline.stack.object_store import S3Server

pytestmark = pytest.mark.integration


@dataclasses.dataclass
class Faulty:
    """A store behind a proxy that can be told to break, and the same bucket without it."""

    store: S3Store
    proxy: FaultProxy
    direct: S3Store


@pytest.fixture
def faulty(s3_server: S3Server, s3_store: S3Store) -> Iterator[Faulty]:
    with FaultProxy(s3_server.endpoint) as proxy:
        store = S3Store(s3_server.buckets.lake, endpoint=proxy.url, addressing="path", timeout_seconds=1.0)
        yield Faulty(store, proxy, s3_store)


def is_get(seen: Seen) -> bool:
    return seen.method == "GET"


def is_put(seen: Seen) -> bool:
    return seen.method == "PUT"


@pytest.mark.parametrize("fault", [answers(500), slow_down(), stalls(1.5), cuts(10)], ids=repr)
def test_a_passing_fault_is_not_noticed(faulty: Faulty, prefix: str, fault: Fault) -> None:
    data = bytes(range(256)) * 1000
    faulty.direct.put(f"{prefix}a", data)
    faulty.proxy.inject(fault, times=1)

    assert faulty.store.get(f"{prefix}a").data == data
    assert len(faulty.proxy.seen) == 2


@pytest.mark.parametrize(
    ("fault", "ask"),
    [
        (answers(500), lambda store, key, _: store.get(key)),
        (slow_down(), lambda store, key, _: store.put(key, b"1")),
        (answers(429, "TooManyRequests"), lambda store, key, folder: store.download(key, folder / "down")),
    ],
    ids=["500 on get", "503 on put", "429 on download"],
)
def test_a_lasting_fault_is_worth_a_retry_later_and_says_where(
    faulty: Faulty, prefix: str, tmp_path: Path, fault: Fault, ask: Callable[[S3Store, str, Path], object]
) -> None:
    faulty.proxy.inject(fault)

    with pytest.raises(StorageUnavailableError) as caught:
        ask(faulty.store, f"{prefix}a", tmp_path)

    assert prefix in caught.value.where
    assert faulty.proxy.url in caught.value.what
    assert caught.value.remedy
    assert list(tmp_path.iterdir()) == []


def test_a_body_that_is_cut_again_and_again_is_taken_up_where_it_broke(
    faulty: Faulty, prefix: str, tmp_path: Path
) -> None:
    data = bytes(range(251)) * 20_000
    stored = faulty.direct.put(f"{prefix}big", data)
    faulty.proxy.inject(cuts(2_000_000), when=is_get, times=2)
    received: list[int] = []

    faulty.store.download(f"{prefix}big", tmp_path / "big", progress=received.append)

    assert (tmp_path / "big").read_bytes() == data
    assert sum(received) == len(data)
    ranges = [seen.headers.get("Range") for seen in faulty.proxy.seen]
    assert ranges[0] is None
    assert all(asked and asked.startswith("bytes=") for asked in ranges[1:])
    assert all(seen.headers.get("If-Match") == f'"{stored.etag}"' for seen in faulty.proxy.seen[1:])


def test_a_body_that_is_always_cut_is_an_error_without_half_a_file(
    faulty: Faulty, prefix: str, tmp_path: Path
) -> None:
    faulty.direct.put(f"{prefix}big", b"x" * 100_000)
    faulty.proxy.inject(cuts(0), when=is_get)

    with pytest.raises(StorageUnavailableError, match="did not answer"):
        faulty.store.download(f"{prefix}big", tmp_path / "big")

    assert list(tmp_path.iterdir()) == []


def test_an_object_that_changes_while_it_is_read_is_never_mixed(
    faulty: Faulty, prefix: str, tmp_path: Path
) -> None:
    faulty.direct.put(f"{prefix}big", b"old" * 1_000_000)
    faulty.proxy.inject(cuts(1_000_000), when=is_get, times=1)

    def change(_: int) -> None:
        faulty.direct.put(f"{prefix}big", b"new" * 1_000_000)

    with pytest.raises(PreconditionError):
        faulty.store.download(f"{prefix}big", tmp_path / "big", progress=change)

    assert list(tmp_path.iterdir()) == []


def test_a_conditional_write_whose_answer_was_lost_is_known_to_have_happened(faulty: Faulty, prefix: str) -> None:
    faulty.proxy.inject(loses_the_answer(), when=is_put, times=1)
    created = faulty.store.put(f"{prefix}state", b"1", if_absent=True)
    faulty.proxy.inject(loses_the_answer(), when=is_put, times=1)
    changed = faulty.store.put(f"{prefix}state", b"2", if_match=created.etag)

    assert faulty.direct.get(f"{prefix}state", if_match=changed.etag).data == b"2"


def test_a_conditional_write_that_someone_else_won_is_lost_even_after_a_retry(faulty: Faulty, prefix: str) -> None:
    faulty.direct.put(f"{prefix}state", b"theirs")
    faulty.proxy.inject(answers(500), when=is_put, times=1)

    with pytest.raises(PreconditionError):
        faulty.store.put(f"{prefix}state", b"ours", if_absent=True)


def test_an_upload_that_fails_leaves_no_parts_behind(
    faulty: Faulty, s3_server: S3Server, prefix: str, tmp_path: Path
) -> None:
    (tmp_path / "big").write_bytes(b"x" * 20_000_000)
    faulty.proxy.inject(answers(403, "AccessDenied"), when=lambda seen: "partNumber=2" in seen.query)

    with pytest.raises(StorageError, match="AccessDenied") as caught:
        faulty.store.upload(tmp_path / "big", f"{prefix}big")

    assert "Grant" in caught.value.remedy
    assert any(seen.method == "DELETE" and "uploadId=" in seen.query for seen in faulty.proxy.seen)
    assert list(faulty.direct.list(prefix)) == []


def test_an_upload_gets_over_a_passing_fault(faulty: Faulty, prefix: str, tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(b"x" * 20_000_000)
    faulty.proxy.inject(slow_down(), when=lambda seen: "partNumber=1" in seen.query, times=1)

    faulty.store.upload(tmp_path / "big", f"{prefix}big")

    assert faulty.direct.head(f"{prefix}big").size == 20_000_000


@pytest.mark.parametrize(
    ("status", "code", "advice"),
    [
        (403, "AccessDenied", "Grant"),
        (403, "InvalidAccessKeyId", "AWS_ACCESS_KEY_ID"),
        (403, "SignatureDoesNotMatch", "DSP_S3_REGION"),
        (400, "ExpiredToken", "Sign in"),
        (403, "RequestTimeTooSkewed", "clock"),
        (400, "SomethingNew", "dsp doctor"),
    ],
)
def test_a_refusal_says_how_to_mend_it(faulty: Faulty, status: int, code: str, advice: str) -> None:
    faulty.proxy.inject(answers(status, code))

    with pytest.raises(StorageError) as caught:
        list(faulty.store.list())

    assert not isinstance(caught.value, StorageUnavailableError)
    assert code in caught.value.what
    assert advice in caught.value.remedy


def test_a_write_in_conflict_with_another_is_a_failed_precondition(faulty: Faulty, prefix: str) -> None:
    faulty.proxy.inject(answers(409, "ConditionalRequestConflict"))

    with pytest.raises(PreconditionError):
        faulty.store.put(f"{prefix}a", b"", if_absent=True)


def test_a_bucket_that_is_not_there_is_named(s3_store: S3Store) -> None:
    for ask in (s3_store.sibling("dsp-nowhere").check, lambda: s3_store.sibling("dsp-nowhere").get("a")):
        with pytest.raises(StorageError, match="no bucket named dsp-nowhere") as caught:
            ask()
        assert not isinstance(caught.value, ObjectNotFoundError)
        assert "DSP_DROP_BUCKET" in caught.value.remedy


def test_a_bucket_s_name_that_no_bucket_can_have_is_an_error(s3_store: S3Store) -> None:
    with pytest.raises(StorageError, match="could not be made"):
        s3_store.sibling("no such name!").check()


def test_a_key_that_the_server_refuses_is_an_error(s3_store: S3Store) -> None:
    with pytest.raises(StorageError, match="InvalidRequest") as caught:
        s3_store.put("up/../and/away.csv", b"")

    assert "'..'" in caught.value.remedy


def test_where_nobody_listens_the_address_is_told(s3_credentials: None) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(StorageUnavailableError) as caught:
            S3Store("bucket", endpoint=endpoint, timeout_seconds=1).check()

    assert endpoint in caught.value.what
    assert "DSP_S3_ENDPOINT" in caught.value.remedy


def test_a_server_that_stalls_is_given_up_in_time(faulty: Faulty, prefix: str) -> None:
    faulty.proxy.inject(stalls(60))
    start = time.monotonic()

    with pytest.raises(StorageUnavailableError):
        faulty.store.head(f"{prefix}a")

    assert time.monotonic() - start < 30


def test_a_web_page_in_place_of_a_listing_is_not_taken_for_one(s3_credentials: None) -> None:
    class Console(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<!doctype html><p>Please sign in<br>")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Keep the tests' output clean."""

    with http.server.HTTPServer(("127.0.0.1", 0), Console) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        endpoint = f"http://127.0.0.1:{server.server_address[1]}"
        with pytest.raises(StorageError, match="not an S3 server"):
            list(S3Store("bucket", endpoint=endpoint, addressing="path").list())
        with pytest.raises(StorageError, match="not an S3 server"):
            S3Store("bucket", endpoint=endpoint, addressing="path").get("a")
        server.shutdown()


def test_without_credentials_it_says_which_to_set(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "nowhere")
    store = S3Store(s3_server.buckets.lake, endpoint=s3_server.endpoint)

    with pytest.raises(StorageError, match="no usable credentials") as caught:
        store.check()

    assert "AWS_ACCESS_KEY_ID" in caught.value.remedy


def test_wrong_credentials_are_refused_with_advice(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "knows")

    with pytest.raises(StorageError, match="InvalidAccessKeyId"):
        S3Store(s3_server.buckets.lake, endpoint=s3_server.endpoint).check()


@pytest.mark.parametrize("endpoint", ["not a url", "ftp//x", ""])
def test_an_address_that_is_none_is_a_setting_to_mend(endpoint: str, s3_credentials: None) -> None:
    with pytest.raises((SettingsError, StorageError)) as caught:
        S3Store("bucket", endpoint=endpoint or "http://", region="us-east-1").check()

    assert "DSP_S3_ENDPOINT" in caught.value.remedy


def test_a_certificate_that_nobody_signed_is_told_apart_from_no_answer(s3_server: S3Server) -> None:
    endpoint = s3_server.endpoint.replace("http://", "https://")  # the port speaks no TLS

    with pytest.raises(StorageError) as caught:
        S3Store("bucket", endpoint=endpoint, timeout_seconds=2).check()

    assert endpoint in str(caught.value) or "certificate" in str(caught.value)


def test_a_presigned_address_shows_a_page_as_a_page_and_ends_after_a_week(s3_store: S3Store, prefix: str) -> None:
    s3_store.put(f"{prefix}page.html", b"<p>hello")
    url = s3_store.url(f"{prefix}page.html")

    assert "X-Amz-Expires=604800" in url
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - ours
        assert answer.headers["Content-Type"].startswith("text/html")
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(url.replace("page.html", "page2.html"), timeout=30)  # noqa: S310 - ours


def test_a_public_address_names_the_object_and_nothing_secret(s3_store: S3Store) -> None:
    store = s3_store.sibling("pages", public_url="https://example.org/pages/")

    assert store.url("größe 1/index.html") == "https://example.org/pages/gr%C3%B6%C3%9Fe%201/index.html"


def test_a_listing_of_many_pages_is_whole(s3_store: S3Store, prefix: str) -> None:
    import concurrent.futures  # noqa: PLC0415

    keys = [f"{prefix}{n % 7}/k {n:04d}.csv" for n in range(1203)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: s3_store.put(key, b"a"), keys))

    listed = list(s3_store.list(prefix))

    assert [info.key for info in listed] == sorted(keys)
    assert {info.etag for info in listed} == {hashlib.md5(b"a").hexdigest()}  # noqa: S324 - what an ETag is


def test_a_full_disk_is_an_error_of_the_disk(s3_store: S3Store, prefix: str, tmp_path: Path) -> None:
    s3_store.put(f"{prefix}a", b"1")
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(StorageError, match="file system") as caught:
        s3_store.download(f"{prefix}a", tmp_path / "file" / "below")

    assert str(tmp_path) in caught.value.where


def test_making_stores_does_not_load_boto3() -> None:
    script = (
        "import sys; from dsp_pipeline.storage.stores import open_stores; "
        "from dsp_pipeline.core.settings import Settings; open_stores(Settings()); "
        "assert not {'boto3', 'botocore', 's3transfer'} & set(sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_the_settings_say_which_stores(tmp_path: Path, s3_server: S3Server, s3_credentials: None) -> None:
    on_s3 = open_stores(Settings.from_environment(s3_server.environment))
    in_folders = open_stores(Settings(store_folder=str(tmp_path)))

    on_s3.drop.check()
    on_s3.lake.check()
    assert on_s3.dashboards is not None
    assert on_s3.dashboards.url("index.html") == f"{s3_server.dashboards_url}/index.html"
    assert isinstance(in_folders.drop, FolderStore)
    in_folders.drop.put("a.csv", b"1")
    assert (tmp_path / "dsp-drop" / "a.csv").exists()
    assert in_folders.dashboards is not None
    assert in_folders.dashboards.url("index.html").startswith("file:///")
