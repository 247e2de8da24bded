"""Builds that are killed leave nothing half-made, and builds at once do not disturb each other."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from swath_packager import packaging
from swath_packager import store as stores
from swath_packager.layers import Entry, make_layer
from swath_packager.store import Store, sweep

# A build that has begun a tree, a blob and an archive, says so, and goes on for ever.
_BUILD = """
import sys
from pathlib import Path
from swath_packager.packaging import _unfinished
from swath_packager.store import Store
def never_ends(tree):
    (tree / "half").write_text("x")
    with store.new_blob() as blob, _unfinished(Path(sys.argv[1]) / "image.tar") as place:
        blob.write(b"half"); place.write_text("half")
        print("begun", flush=True)
        sys.stdin.read()
store = Store(Path(sys.argv[1]) / "store")
store.tree("key", never_ends)
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_build_that_is_killed_leaves_nothing_half_made(how: signal.Signals, tmp_path: Path) -> None:
    build = subprocess.Popen(
        [sys.executable, "-c", _BUILD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with build:
        assert build.stdout is not None
        assert build.stdout.readline() == b"begun\n"
        build.send_signal(how)
        assert build.wait(20) != 0
    store = Store(tmp_path / "store")
    assert not (tmp_path / "image.tar").exists()
    assert not (tmp_path / "store" / "trees" / "key").exists()
    assert not list((tmp_path / "store").glob("blobs/*"))
    _grow_old(tmp_path)
    store.sweep()
    sweep(tmp_path, ".image.tar.unfinished-*")
    assert list((tmp_path / "store" / "work").iterdir()) == []
    assert [one.name for one in tmp_path.iterdir()] == ["store"]


def test_what_a_living_build_holds_is_not_swept_away(store: Store, tmp_path: Path) -> None:
    with store.workplace() as place, packaging._unfinished(tmp_path / "image.tar") as other, store.new_blob() as blob:
        blob.write(b"x")
        _grow_old(tmp_path)
        store.sweep()
        sweep(tmp_path, ".image.tar.unfinished-*")
        assert place.is_dir()
        assert other.parent.is_dir()
    assert blob.kept().path.is_file()


def _grow_old(folder: Path) -> None:
    long_ago = time.time() - 2 * stores.ABANDONED_S
    for path in folder.rglob("*"):
        os.utime(path, (long_ago, long_ago))


def test_builds_at_once_make_the_same_and_each_is_whole(tmp_path: Path) -> None:
    made: list[str] = []
    start = threading.Barrier(4)

    def build() -> None:
        store = Store(tmp_path)
        start.wait()
        tree = store.tree("key", lambda folder: (folder / "a").write_bytes(b"a" * 100_000) and None)
        made.append(make_layer([Entry("a", tree / "a")], store, key="key").blob.digest)

    threads = [threading.Thread(target=build) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(made) == 4
    assert len(set(made)) == 1
