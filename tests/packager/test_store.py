"""The cache: what is in it is whole, whatever happens."""

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from swath_packager.store import Store, digest_of, user_store


def _everything(store: Store) -> list[str]:
    return sorted(one.relative_to(store.folder).as_posix() for one in store.folder.rglob("*") if one.is_file())


def test_a_blob_is_found_by_its_digest(store: Store) -> None:
    blob = store.add_blob([b"one", b"two"])
    assert blob.digest == f"sha256:{hashlib.sha256(b'onetwo').hexdigest()}"
    assert store.blob(blob.digest) == blob
    assert blob.path.read_bytes() == b"onetwo"


def test_an_interrupted_blob_leaves_nothing(store: Store) -> None:
    with pytest.raises(KeyboardInterrupt), store.new_blob() as writer:
        writer.write(b"half")
        raise KeyboardInterrupt
    assert _everything(store) == []


def test_an_interrupted_tree_leaves_nothing(store: Store) -> None:
    def half(folder: Path) -> None:
        (folder / "file").write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.tree("key", half)
    assert _everything(store) == []


def test_a_tree_is_made_once(store: Store) -> None:
    made = store.tree("key", lambda folder: (folder / "file").write_text("x") and None)
    assert store.tree("key", lambda folder: pytest.fail("made again")) == made
    assert (made / "file").read_text() == "x"


def test_a_tree_that_two_threads_ask_for_is_made_once(store: Store) -> None:
    made: list[int] = []
    begun, go_on = threading.Event(), threading.Event()

    def make(number: int, folder: Path) -> None:
        made.append(number)
        begun.set()
        assert go_on.wait(60)
        (folder / "file").write_text(str(number))

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(store.tree, "key", partial(make, 1))
        assert begun.wait(60)
        second = pool.submit(store.tree, "key", partial(make, 2))
        go_on.set()
        assert first.result() == second.result()
    assert made == [1]


def test_a_tree_that_another_build_finished_first_is_taken(store: Store) -> None:
    def slow(folder: Path) -> None:
        Store(store.folder).tree("key", lambda other: (other / "file").write_text("theirs") and None)
        (folder / "file").write_text("ours")

    assert (store.tree("key", slow) / "file").read_text() == "theirs"


def test_the_cache_is_where_the_variable_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SWATH_CACHE", str(tmp_path))
    assert user_store().folder == tmp_path
    monkeypatch.delenv("SWATH_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert user_store().folder == tmp_path / "swath"


def test_parts_of_a_digest_are_not_run_together() -> None:
    assert digest_of("ab", "c") != digest_of("a", "bc")
