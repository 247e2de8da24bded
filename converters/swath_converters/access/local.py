"""Files of this machine: opened below a folder that the policy allows, no link out of it followed."""

import os
import stat
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from ..errors import AccessDenied
from ..policy import Policy


def open_file(uri: str, policy: Policy) -> BinaryIO:
    """A regular file below one of the policy's roots, open for reading, unbuffered; symbolic links resolved first.

    Raises:
        AccessDenied: one message for all that can be wrong, so that it does not tell what exists.
    """
    try:
        path = local_path(uri).resolve(strict=True)
        roots = (root.resolve() for root in policy.roots)
        root = next(root for root in roots if path.is_relative_to(root))
        return _open_below(root, path.relative_to(root))
    except (OSError, ValueError, StopIteration, RuntimeError):
        raise AccessDenied(
            "The file: URI names no file that may be read here.",
            hint="It must be file:///… with the path of a file below a folder that the operator allows.",
        ) from None


def local_path(uri: str) -> Path:
    """The path of a file: URI (RFC 8089); ValueError where it has a host, a query or a fragment."""
    split = urlsplit(uri)
    if split.netloc not in ("", "localhost") or split.query or split.fragment:
        raise ValueError(uri)
    return Path(unquote(split.path))


def _open_below(root: Path, relative: Path) -> BinaryIO:
    """Opened folder by folder, so that no link put there meanwhile is followed; ValueError if it is no file."""
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for name in relative.parts:
            inner = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = inner
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError
        return os.fdopen(os.dup(descriptor), "rb", buffering=0)
    finally:
        os.close(descriptor)
