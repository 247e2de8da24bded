"""A file that is read again when it changes: looked at when it is asked for, without a timer."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from swath_runtime.errors import SettingInvalid

T = TypeVar("T")
Stamp = tuple[int, int, int, int]

logger = logging.getLogger(__name__)


class Watched(Generic[T]):
    """What `read` makes of a file's content, as the file is now.

    Where it is gone or `read` can't make anything of it any more, the last value stands and the reason is logged.

    Args:
        path: the file.
        read: makes the value of its bytes; raises ValueError, whose text holds nothing secret.

    Raises OSError or ValueError where it can't be had in the first place.
    """

    def __init__(self, path: Path, read: Callable[[bytes], T]) -> None:
        self._path, self._read = path, read
        self._lock = threading.Lock()
        self._stamp = stamp_of(path)
        self._value = read(path.read_bytes())

    @property
    def value(self) -> T:
        """The value of the file as it is now."""
        stamp = stamp_of(self._path)
        if stamp != self._stamp:
            with self._lock:
                if stamp != self._stamp:
                    self._renew(stamp)
        return self._value

    def _renew(self, stamp: Stamp | None) -> None:
        self._stamp = stamp  # of before the reading: what changes meanwhile is seen next time
        try:
            self._value = self._read(self._path.read_bytes())
            logger.info("read %s again", self._path)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            logger.error("what %s held before still counts: %s", self._path, reason)  # noqa: TRY400


def watched_setting(variable: str, path: str, read: Callable[[bytes], T]) -> Watched[T] | None:
    """The file that a setting names, None where it names none; raises SettingInvalid where it can't be used."""
    if not path:
        return None
    try:
        return Watched(Path(path), read)
    except OSError as error:
        raise SettingInvalid(variable, f"{path} can't be read ({error.strerror})") from None
    except ValueError as error:
        raise SettingInvalid(variable, f"{path}: {error}") from None


def stamp_of(path: Path) -> Stamp | None:
    """What tells one state of a file from the next; None while there is none."""
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_ino, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_size
