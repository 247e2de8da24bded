"""The folder in which a service keeps what must outlive its processes: jobs, results, a changed configuration."""

import os
import tempfile
from pathlib import Path

from swath_runtime.errors import StateUnusable
from swath_runtime.settings import Settings

PRIVATE = 0o700
OTHERS = 0o077


def state_folder(settings: Settings, name: str) -> Path:
    """The folder, made where it was not; all workers of a service have the same, and so has its next start.

    Without SWATH_STATE_FOLDER it lies below the temporary folder, by user, name of the algorithm and port.

    Raises StateUnusable where it can't be made or written to, or where others may look into it or it is another
    user's: names below a temporary folder can be guessed.
    """
    if settings.state_folder != Path():
        return _made(settings.state_folder)
    below = Path(tempfile.gettempdir()) / f"swath-{os.getuid()}"
    _require_own(_made(below))
    return _made(below / f"{name}-{settings.port}")


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    except OSError as error:
        raise StateUnusable(folder, f"can't be made ({error.strerror})") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StateUnusable(folder, "can't be written to")
    return folder


def _require_own(folder: Path) -> None:
    facts = folder.lstat()
    if folder.is_symlink() or facts.st_uid != os.getuid() or facts.st_mode & OTHERS:
        raise StateUnusable(folder, "is a link, another user's, or open to others")
