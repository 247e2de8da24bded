"""The worker processes of one server, and the folder by which they know of each other while it runs.

A lock on a file says that a process lives: the system takes it back however the process ends, and unlike a process
number it means the same in every container that shares the folder.
"""

import fcntl
import mmap
import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from swath_runtime.errors import NoRoom

SHARED_MEMORY = "/dev/shm"  # noqa: S108 - there where the root is read-only and /tmp is no folder
PREFIX = "swath-run-"
LOCK = "lock"
READY = "ready-"


class Crew:
    """All workers of a server, as one of them sees them.

    Args:
        folder: what they share; None where there is but one.
        size: how many there are.
    """

    def __init__(self, folder: Path | None = None, size: int = 1) -> None:
        self.folder, self.size = folder, size
        self._mark: int | None = None

    def join(self) -> None:
        """Tell the others that this process has loaded its algorithm."""
        if self.folder is not None:
            self._mark = _locked(self.folder / f"{READY}{os.getpid()}")

    def leave(self) -> None:
        """Tell the others that this process takes no more requests."""
        if self._mark is not None:
            os.close(self._mark)
            self._mark = None

    @property
    def is_whole(self) -> bool:
        """Whether as many workers as there should be live and have loaded the algorithm."""
        if self.folder is None:
            return True
        return (self._mark is not None) + len(self.others_living) >= self.size

    def shared_memory(self, kind: str, size_bytes: int) -> memoryview:
        """Zeros that the other workers may read; the living count as such until they end.

        Raises NoRoom where the folder's file system is full.
        """
        if self.folder is None:
            return memoryview(bytearray(size_bytes))
        path = self.folder / f"{kind}-{os.getpid()}"
        descriptor = _locked(path)  # never closed, and neither is the map's copy: that would give the lock back
        try:
            os.posix_fallocate(descriptor, 0, size_bytes)  # to write to a page that has no room would kill the process
        except OSError as error:
            raise NoRoom(self.folder, error.strerror or str(error)) from None
        return memoryview(mmap.mmap(descriptor, size_bytes))

    def others_files(self, kind: str) -> Iterator[tuple[bytes, bool]]:
        """What each other worker's file of a kind holds, and whether that worker lives."""
        for path in self._others(kind):
            with suppress(FileNotFoundError):
                yield path.read_bytes(), _is_locked(path)

    @property
    def others_living(self) -> list[int]:
        """Process numbers of the other workers that live and have loaded the algorithm."""
        return [int(one.name.removeprefix(READY)) for one in self._others(READY) if _is_locked(one)]

    def _others(self, prefix: str) -> list[Path]:
        """Files of the other workers; this process must never open and close its own."""
        if self.folder is None:
            return []
        return [one for one in self.folder.glob(f"{prefix}*") if one.name.rpartition("-")[2] != str(os.getpid())]


@contextmanager
def crew_of(workers: int) -> Generator[Crew]:
    """The workers of the server that this process starts; their folder goes when it ends.

    Folders that killed servers left behind are removed first. Raises NoRoom where none can be made.
    """
    if workers == 1:
        yield Crew()
        return
    folder, maker = _made_folder(), os.getpid()
    lock = _locked(folder / LOCK)
    try:
        yield Crew(folder, workers)
    finally:
        if os.getpid() == maker:  # a forked worker leaves through here too
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)


def _made_folder() -> Path:
    try:
        below = Path(tempfile.gettempdir())
    except FileNotFoundError:
        below = Path(SHARED_MEMORY)
    try:
        _remove_left_behind(below)
        return Path(tempfile.mkdtemp(prefix=PREFIX, dir=below))
    except OSError as error:
        raise NoRoom(below, error.strerror or str(error)) from None


def _remove_left_behind(below: Path) -> None:
    """Remove folders of this user's servers that live no more; one without a lock is just being made."""
    for one in below.glob(f"{PREFIX}*"):
        with suppress(OSError):  # another start removes it too
            if one.lstat().st_uid == os.getuid() and (one / LOCK).exists() and not _is_locked(one / LOCK):
                shutil.rmtree(one, ignore_errors=True)  # of a link to a folder it removes nothing


def _locked(path: Path) -> int:
    """Descriptor of a file that is locked until it is closed or this process ends; it is never seen unlocked."""
    young = path.with_name(f"young-{path.name}")
    descriptor = os.open(young, os.O_CREAT | os.O_RDWR | os.O_TRUNC, 0o600)
    fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    young.rename(path)
    return descriptor


def _is_locked(path: Path) -> bool:
    """Whether another process holds a file's lock; a shared try, so that two who ask don't meet."""
    try:
        with path.open("rb") as file:
            fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False
