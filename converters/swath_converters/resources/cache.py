"""The user's cache of such files, by digest: whoever asks second waits, then finds it."""

import contextlib
import fcntl
import hashlib
import os
import re
from collections.abc import Callable, Generator
from pathlib import Path

from .download import Report, download
from .errors import UriUnusable
from .requests import SCHEMES

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def is_uri(href: str) -> bool:
    """Whether an href names something elsewhere, and not a path beside the document that it stands in."""
    return _URI.match(href) is not None


def at_hand(place: Path, href: str, sha256: str, report: Report) -> Path:
    """The file of an href: the one at `place` if its digest is right, else the cache's, fetched if need be.

    Raises as `obtain`.
    """
    if place.is_file():
        with place.open("rb") as stream:
            if hashlib.file_digest(stream, "sha256").hexdigest() == sha256:
                return place
    return obtain(href, sha256, report)


def obtain(
    uri: str,
    sha256: str,
    report: Report,
    *,
    folder: Path | None = None,
    fetch: Callable[[str, str, Path, Report], None] = download,
) -> Path:
    """The file of a URI, in the cache; asks nobody where it is there already.

    Args:
        uri: http, https, s3 or gs.
        sha256: of the file, lower-case hex.
        report: told of each step, in words.
        folder: the cache; the user's where None.
        fetch: brings (uri, sha256) into a path.

    Raises:
        UriUnusable, ResourceUnavailable, ResourceCorrupt.
    """
    if uri.partition(":")[0] not in SCHEMES:
        raise UriUnusable(uri, "there is no such scheme here", f"known: {', '.join(SCHEMES)}")
    if not _SHA256.fullmatch(sha256):
        raise UriUnusable(uri, "its sha256 is no digest", "64 lower-case hexadecimal digits: sha256sum FILE")
    shelf = folder or cache_folder() / "resources"
    final, part = shelf / f"sha256-{sha256}", shelf / f".sha256-{sha256}.part"
    if final.is_file():
        return final
    shelf.mkdir(parents=True, exist_ok=True)
    with _alone(shelf / f".sha256-{sha256}.lock", report):
        if not final.is_file():
            fetch(uri, sha256, part, report)
            part.replace(final)
    return final


def cache_folder() -> Path:
    """The user's cache: SWATH_CACHE, else `swath` in XDG_CACHE_HOME, else in ~/.cache."""
    if named := os.environ.get("SWATH_CACHE"):
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "swath"


@contextlib.contextmanager
def _alone(path: Path, report: Report) -> Generator[None]:
    """No other process of this machine is in here for the same file meanwhile; its lock goes with it."""
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report("another process is fetching it: waiting")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
