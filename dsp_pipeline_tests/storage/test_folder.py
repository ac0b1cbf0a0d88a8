"""What is special about a bucket that is a folder."""

from __future__ import annotations

import multiprocessing
import os
import stat
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsp_pipeline.core.errors import ObjectNotFoundError, PreconditionError, StorageError
from dsp_pipeline.storage.folder import FolderStore
from dsp_pipeline.storage.folder_names import key_of, path_of, sort_key

NASTY = st.sampled_from(
    [
        "..",
        ".",
        "",
        "/",
        "//",
        "%",
        "%2E",
        "%25",
        "%2e",
        "~",
        ".dsp",
        "lock",
        "\x00",
        "\\",
        "ü",
        "😀",
        "\ud800",
        "a",
    ]
)
KEYS = st.one_of(
    st.text(min_size=1, max_size=40),
    st.lists(NASTY, min_size=1, max_size=6).map("".join).filter(bool),
    st.lists(NASTY, min_size=1, max_size=6).map("/".join).filter(bool),
)


def test_ordinary_keys_are_just_those_paths(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "out")

    store.put("flights/0123456789ab/profile.json", b"{}")

    assert (tmp_path / "out" / "flights" / "0123456789ab" / "profile.json").read_bytes() == b"{}"


def test_a_file_that_a_person_put_there_is_an_object(tmp_path: Path) -> None:
    (tmp_path / "drop").mkdir()
    (tmp_path / "drop" / "50% off, Größe 3.csv").write_bytes(b"a\n1\n")
    (tmp_path / "drop" / ".DS_Store").write_bytes(b"not a drop")
    store = FolderStore(tmp_path, "drop")

    (listed,) = store.list()

    assert listed.key == "50% off, Größe 3.csv"
    assert store.get(listed.key, if_match=listed.etag).data == b"a\n1\n"


@given(key=KEYS)
def test_every_key_has_its_own_path_and_none_leaves_the_folder(key: str) -> None:
    path = path_of(key)

    assert not path.is_absolute()
    assert ".." not in path.parts
    assert not any(part.startswith(".") for part in path.parts)
    assert key_of(path) == key


@settings(max_examples=60, deadline=None)
@given(contents=st.dictionaries(KEYS, st.binary(max_size=20), min_size=1, max_size=8))
def test_any_keys_with_any_contents_come_back(contents: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "inner"
        store = FolderStore(root, "b")
        kept: dict[str, bytes] = {}
        for key, data in contents.items():
            if any(_one_is_a_folder_of_the_other(key, other) for other in kept):
                with pytest.raises(StorageError):
                    store.put(key, data)
            else:
                store.put(key, data)
                kept[key] = data

        assert [info.key for info in store.list()] == sorted(kept, key=sort_key)
        assert {key: store.get(key).data for key in kept} == kept
        assert [path.name for path in Path(folder).iterdir()] == ["inner"]
        for key in kept:
            store.delete(key)
        assert [path.name for path in (root / "b").iterdir()] == [".dsp"]


def _one_is_a_folder_of_the_other(a: str, b: str) -> bool:
    one, other = path_of(a), path_of(b)
    return one != other and (one in other.parents or other in one.parents)


def test_a_name_that_is_too_long_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="too long") as caught:
        FolderStore(tmp_path).put("x" * 300, b"")

    assert caught.value.remedy == "Use a shorter name"


def test_what_a_folder_cannot_hold_is_an_error_and_changes_nothing(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.put("a/b", b"1")
    store.put("c", b"2")

    with pytest.raises(StorageError, match="file system"):
        store.put("a", b"x")
    with pytest.raises(StorageError, match="file system"):
        store.put("c/d", b"x")
    for key in ("a", "c/d", "a/"):
        with pytest.raises(ObjectNotFoundError):
            store.get(key)
        with pytest.raises(ObjectNotFoundError):
            store.head(key)
    store.delete("c/d")

    assert [info.key for info in store.list()] == ["a/b", "c"]


def test_an_empty_key_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="needs a key"):
        FolderStore(tmp_path).put("", b"")


def test_a_bucket_that_is_not_there_is_empty_and_made_by_the_check(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "new", "bucket")

    assert list(store.list()) == []
    with pytest.raises(ObjectNotFoundError):
        store.get("a")
    store.check()

    assert (tmp_path / "new" / "bucket").is_dir()


def test_a_bucket_that_is_a_file_fails_the_check(tmp_path: Path) -> None:
    (tmp_path / "bucket").write_bytes(b"")

    with pytest.raises(StorageError, match="file system") as caught:
        FolderStore(tmp_path, "bucket").check()

    assert str(tmp_path / "bucket") in caught.value.where


def test_a_bucket_s_name_cannot_leave_the_folder(tmp_path: Path) -> None:
    FolderStore(tmp_path / "root", "../outside").put("a", b"1")

    assert [path.name for path in tmp_path.iterdir()] == ["root"]


def test_links_to_files_count_but_linked_folders_do_not(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.csv").write_bytes(b"1")
    root = tmp_path / "root"
    root.mkdir()
    (root / "link.csv").symlink_to(tmp_path / "elsewhere.csv")
    (root / "loop").symlink_to(root)
    (root / "broken.csv").symlink_to(tmp_path / "nowhere")
    os.mkfifo(root / "pipe.csv")
    (root / "in\udcff valid").write_bytes(b"")
    (root / "%FF").write_bytes(b"")

    assert [info.key for info in FolderStore(root).list()] == ["link.csv"]


def test_a_file_changed_by_hand_has_a_new_etag(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    (tmp_path / "a.csv").write_bytes(b"old")
    os.utime(tmp_path / "a.csv", (1_000_000, 1_000_000))
    first, again = next(store.list()), next(store.list())
    (tmp_path / "a.csv").write_bytes(b"new")

    assert first == again
    assert next(store.list()).etag != first.etag
    with pytest.raises(PreconditionError):
        store.get("a.csv", if_match=first.etag)


def test_a_file_that_grows_while_it_is_copied_is_not_taken_in_part(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "store")
    store.put("a.csv", b"1\n")

    def grow(_: int) -> None:
        with (tmp_path / "store" / "a.csv").open("ab") as file:
            file.write(b"2\n")
            file.flush()
            progress.clear()

    progress = [grow]

    with pytest.raises(PreconditionError, match="written to while it was copied"):
        store.download("a.csv", tmp_path / "copy", progress=lambda count: progress[0](count) if progress else None)
    assert not (tmp_path / "copy").exists()


def test_a_failing_progress_leaves_neither_target_nor_remains(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "store")
    store.put("a", b"1")

    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.download("a", tmp_path / "here" / "a", progress=interrupt)
    (tmp_path / "source").write_bytes(b"22")
    with pytest.raises(KeyboardInterrupt):
        store.upload(tmp_path / "source", "a", progress=interrupt)

    assert list((tmp_path / "here").iterdir()) == []
    assert store.get("a").data == b"1"
    assert [path.name for path in (tmp_path / "store").iterdir() if path.is_file()] == ["a"]


def _count_to_fifty(root: str, own: str) -> None:
    store = FolderStore(Path(root))
    for number in range(50):
        while True:
            state = store.get("counter")
            try:
                store.put("counter", str(int(state.data) + 1).encode(), if_match=state.info.etag)
            except PreconditionError:
                continue
            break
        store.put(f"{own}/{number}", b"")
        store.delete(f"{own}/{number}")


def test_two_processes_count_together_without_a_lost_update(tmp_path: Path) -> None:
    FolderStore(tmp_path).put("counter", b"0")
    context = multiprocessing.get_context("spawn")
    counters = [context.Process(target=_count_to_fifty, args=(str(tmp_path), name)) for name in ("one", "two")]
    for counter in counters:
        counter.start()
    for counter in counters:
        counter.join(120)

    assert [counter.exitcode for counter in counters] == [0, 0]
    assert FolderStore(tmp_path).get("counter").data == b"100"


def test_an_unreadable_folder_is_said_to_be(tmp_path: Path) -> None:
    if os.geteuid() == 0:  # root may read everything: a folder in /proc that nobody may list does instead
        store = FolderStore(Path("/proc/1/nowhere"))
        with pytest.raises(StorageError, match="file system"):
            store.put("a", b"")
        return
    (tmp_path / "locked").mkdir(mode=stat.S_IWUSR)
    with pytest.raises(StorageError, match="permission"):
        FolderStore(tmp_path / "locked").check()


def test_pages_have_public_addresses_where_a_web_server_is_named(tmp_path: Path) -> None:
    private = FolderStore(tmp_path, "pages")
    public = FolderStore(tmp_path, "pages", public_url="https://example.org/d/")

    assert private.url("a b/index.html") == (tmp_path / "pages" / "a b" / "index.html").as_uri()
    assert public.url("a b/index.html") == "https://example.org/d/a%20b/index.html"
