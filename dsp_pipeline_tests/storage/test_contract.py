"""What every store promises, asked of each: a folder, and a real S3 server."""

from __future__ import annotations

import concurrent.futures
import datetime as dt
import hashlib
import urllib.request
from typing import TYPE_CHECKING

import pytest

from dsp_pipeline.core.errors import ObjectNotFoundError, PreconditionError
from dsp_pipeline.storage.s3 import S3Store
from dsp_pipeline.storage.s3_transfer import PART_BYTES

if TYPE_CHECKING:
    from pathlib import Path

    from dsp_pipeline.storage.base import ObjectStore

ODD_KEYS = [
    "with space.csv",
    "plus+and&amp;.csv",
    "per%cent%2Fescaped.csv",
    "quote'\"double.csv",
    "ünïcödé/naïve 漢字 😀.csv",
    "dots..in..name.csv",
    "hash#question?.csv",
    "new\nline\tand\x01control.csv",
    ".hidden/.file.csv",
    "<angle>&{brace}[bracket]|~`^.csv",
    "trailing space .csv ",
]


def content_of(path: Path) -> bytes:
    return path.read_bytes()


def test_what_was_put_is_what_one_gets(store: ObjectStore, prefix: str) -> None:
    before = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=5)

    put = store.put(f"{prefix}a.csv", b"x\n1\n")

    got = store.get(f"{prefix}a.csv")
    assert got.data == b"x\n1\n"
    assert got.info.etag == put.etag == hashlib.md5(b"x\n1\n").hexdigest()  # noqa: S324 - what an ETag is
    assert (got.info.key, got.info.size) == (f"{prefix}a.csv", 4)
    assert before < got.info.last_modified < dt.datetime.now(dt.UTC) + dt.timedelta(seconds=5)
    assert got.info.last_modified.utcoffset() == dt.timedelta(0)


def test_an_empty_object_is_an_object(store: ObjectStore, prefix: str, tmp_path: Path) -> None:
    store.put(f"{prefix}empty", b"")

    assert store.get(f"{prefix}empty").data == b""
    store.download(f"{prefix}empty", tmp_path / "empty")
    assert content_of(tmp_path / "empty") == b""


def test_a_second_put_replaces_the_first(store: ObjectStore, prefix: str) -> None:
    first = store.put(f"{prefix}a", b"1")
    second = store.put(f"{prefix}a", b"2")

    assert store.get(f"{prefix}a").data == b"2"
    assert first.etag != second.etag


def test_head_tells_what_the_listing_tells(store: ObjectStore, prefix: str) -> None:
    store.put(f"{prefix}a.json", b"{}")

    assert store.head(f"{prefix}a.json") == next(store.list(prefix))


def test_a_missing_object_is_said_to_be_missing(store: ObjectStore, prefix: str, tmp_path: Path) -> None:
    key = f"{prefix}nowhere.csv"
    for ask in (
        lambda: store.head(key),
        lambda: store.get(key),
        lambda: store.get(key, if_match="0" * 32),
        lambda: store.download(key, tmp_path / "file"),
    ):
        with pytest.raises(ObjectNotFoundError) as caught:
            ask()
        assert "nowhere.csv" in caught.value.where
    assert not list(tmp_path.glob("*file*"))


def test_delete_removes_an_object_and_does_not_mind_if_there_is_none(store: ObjectStore, prefix: str) -> None:
    store.put(f"{prefix}deep/er/a", b"1")

    store.delete(f"{prefix}deep/er/a")
    store.delete(f"{prefix}deep/er/a")

    assert list(store.list(prefix)) == []
    with pytest.raises(ObjectNotFoundError):
        store.get(f"{prefix}deep/er/a")


def test_a_listing_has_every_key_with_the_prefix_in_byte_order(store: ObjectStore, prefix: str) -> None:
    keys = [f"{prefix}{name}" for name in ("b/c", "b-a", "b/a", "a", "B", "b0", "ä", "z", "😀", "\ue000", "b/ü")]
    for key in keys:
        store.put(key, key.encode())

    assert [info.key for info in store.list(prefix)] == sorted(keys, key=str.encode)
    assert [info.key for info in store.list(f"{prefix}b/")] == [f"{prefix}b/{end}" for end in ("a", "c", "ü")]
    assert [info.key for info in store.list(f"{prefix}b")] == sorted(
        (key for key in keys if key.startswith(f"{prefix}b")), key=str.encode
    )
    assert list(store.list(f"{prefix}nothing")) == []


@pytest.mark.parametrize("name", ODD_KEYS)
def test_odd_keys_come_back_as_they_were(store: ObjectStore, prefix: str, name: str, tmp_path: Path) -> None:
    key = prefix + name
    store.put(key, name.encode())

    assert [info.key for info in store.list(prefix)] == [key]
    assert store.get(key).data == name.encode()
    store.download(key, tmp_path / "file")
    assert content_of(tmp_path / "file") == name.encode()
    with urllib.request.urlopen(store.url(key), timeout=30) as answer:  # noqa: S310 - ours
        assert answer.read() == name.encode()
    store.delete(key)
    assert list(store.list(prefix)) == []


def test_a_read_is_of_the_etag_that_was_listed_or_of_nothing(
    store: ObjectStore, prefix: str, tmp_path: Path
) -> None:
    listed = store.put(f"{prefix}a.csv", b"old")
    assert store.get(f"{prefix}a.csv", if_match=listed.etag).data == b"old"

    store.put(f"{prefix}a.csv", b"new")

    with pytest.raises(PreconditionError) as caught:
        store.get(f"{prefix}a.csv", if_match=listed.etag)
    assert "a.csv" in caught.value.where
    with pytest.raises(PreconditionError):
        store.download(f"{prefix}a.csv", tmp_path / "file", if_match=listed.etag)
    assert list(tmp_path.glob("*.part")) == []
    assert not (tmp_path / "file").exists()


def test_only_the_first_may_create(store: ObjectStore, prefix: str) -> None:
    store.put(f"{prefix}lock", b"first", if_absent=True)

    with pytest.raises(PreconditionError):
        store.put(f"{prefix}lock", b"second", if_absent=True)

    assert store.get(f"{prefix}lock").data == b"first"


def test_only_who_knows_the_state_may_change_it(store: ObjectStore, prefix: str) -> None:
    first = store.put(f"{prefix}state", b"1")
    second = store.put(f"{prefix}state", b"2", if_match=first.etag)

    with pytest.raises(PreconditionError):
        store.put(f"{prefix}state", b"lost update", if_match=first.etag)
    with pytest.raises(PreconditionError):
        store.put(f"{prefix}never there", b"x", if_match=first.etag)

    assert store.get(f"{prefix}state", if_match=second.etag).data == b"2"
    assert [info.key for info in store.list(prefix)] == [f"{prefix}state"]


def test_of_many_who_race_to_change_a_state_one_wins_each_round(store: ObjectStore, prefix: str) -> None:
    state = store.put(f"{prefix}state", b"0")

    def attempt(number: int) -> bool:
        try:
            store.put(f"{prefix}state", f"won by {number}".encode(), if_match=state.etag)
        except PreconditionError:
            return False
        return True

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        won = list(pool.map(attempt, range(8)))

    assert won.count(True) == 1
    assert store.get(f"{prefix}state").data == f"won by {won.index(True)}".encode()


@pytest.mark.parametrize("size", [1, 8 * 2**20, 8 * 2**20 + 1, 21_000_003])
def test_files_of_any_size_go_up_and_come_down_whole(
    store: ObjectStore, prefix: str, tmp_path: Path, size: int
) -> None:
    data = bytes(bytearray(range(251))) * (size // 251 + 1)
    (tmp_path / "up").write_bytes(data[:size])
    sent: list[int] = []
    received: list[int] = []

    up = store.upload(tmp_path / "up", f"{prefix}big.csv", progress=sent.append)
    down = store.download(f"{prefix}big.csv", tmp_path / "down", if_match=up.etag, progress=received.append)

    assert content_of(tmp_path / "down") == data[:size]
    assert up.size == down.size == sum(sent) == sum(received) == size
    assert up.etag == down.etag == store.head(f"{prefix}big.csv").etag
    assert len(received) > 1 or size < 2**20


def test_a_download_makes_the_folder_and_replaces_an_old_file(
    store: ObjectStore, prefix: str, tmp_path: Path
) -> None:
    store.put(f"{prefix}a", b"new")
    for _ in range(2):
        store.download(f"{prefix}a", tmp_path / "not" / "there" / "a")

    assert content_of(tmp_path / "not" / "there" / "a") == b"new"
    assert [path.name for path in (tmp_path / "not" / "there").iterdir()] == ["a"]


def test_an_address_opens_the_page_in_a_browser(store: ObjectStore, prefix: str) -> None:
    store.put(f"{prefix}index.html", "<h1>Grüße</h1>".encode(), cache_control="no-cache")

    with urllib.request.urlopen(store.url(f"{prefix}index.html"), timeout=30) as answer:  # noqa: S310 - ours
        assert answer.read().decode() == "<h1>Grüße</h1>"
        assert answer.headers["Content-Type"].startswith("text/html")
        if isinstance(store, S3Store):
            assert answer.headers["Cache-Control"] == "no-cache"


def test_a_bucket_that_is_there_passes_the_check(store: ObjectStore) -> None:
    store.check()


def test_many_write_at_once_without_losing_anything(store: ObjectStore, prefix: str) -> None:
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: store.put(f"{prefix}{n % 3}/{n}", str(n).encode()), range(40)))

    found = {info.key.rsplit("/", 1)[1] for info in store.list(prefix)}
    assert found == {str(n) for n in range(40)}


def test_a_change_within_the_clock_s_tick_changes_the_etag(store: ObjectStore, prefix: str) -> None:
    etags = {store.put(f"{prefix}quick", f"{n:03d}".encode()).etag for n in range(20)}

    assert len(etags) == 20
    assert next(store.list(prefix)).etag == hashlib.md5(b"019").hexdigest()  # noqa: S324 - what an ETag is


@pytest.mark.parametrize("size", [10, PART_BYTES + 1])
def test_a_file_overwrites_only_the_content_that_it_was_told_to(
    store: ObjectStore, prefix: str, tmp_path: Path, size: int
) -> None:
    key = f"{prefix}mended.csv"
    seen = store.put(key, b"seen").etag
    file = tmp_path / "mended.csv"
    file.write_bytes(b"m" * size)

    assert store.upload(file, key, if_match=seen).size == size
    newer = store.put(key, b"newer")
    with pytest.raises(PreconditionError):
        store.upload(file, key, if_match=seen)
    assert store.get(key).data == b"newer"
    store.delete(key)
    with pytest.raises(PreconditionError):
        store.upload(file, key, if_match=newer.etag)
