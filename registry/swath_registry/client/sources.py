"""Where a registry's files come from: a folder, or HTTP."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Protocol
from urllib.error import HTTPError, URLError
from urllib.request import Request, build_opener

from swath_registry.client.errors import NotARegistry, Unreachable
from swath_schemas import SchemaId
from swath_schemas.lock import LOCK

SETTINGS = "registry.json"

_PASSING = frozenset({429, 500, 502, 503, 504})  # statuses after which the same question may be answered
_LONGEST_PAUSE_S = 5.0


class Source(Protocol):
    """A registry's files by their paths."""

    @property
    def address(self) -> str:
        """What it is called in messages."""
        ...

    def read(self, path: str) -> bytes:
        """A file. Raises Unreachable, NotARegistry where there is none."""
        ...

    def path_of(self, schema: SchemaId) -> str:
        """Where a version's schema is."""
        ...


@dataclass(frozen=True)
class Folder:
    """A folder of schemas, or a site.

    Args:
        root: the folder that holds `registry.lock`.
    """

    root: Path

    @property
    def address(self) -> str:
        """The folder's path."""
        return str(self.root)

    def read(self, path: str) -> bytes:
        """A file of the folder."""
        try:
            return (self.root / path).read_bytes()
        except OSError as error:
            raise NotARegistry(self.address, f"{path}: {error.strerror or 'can not be read'}") from error

    def path_of(self, schema: SchemaId) -> str:
        """Where a version's schema is; a site has them below `schemas/`."""
        below = f"{schema.type}/{schema.version}/schema.json"
        return f"schemas/{below}" if (self.root / "schemas" / below).is_file() else below


@dataclass(frozen=True)
class Web:
    """A served registry, or a site on any web server.

    Args:
        address: of its root, without a slash at the end.
        timeout_s: how long an answer may take to begin, and each part of it to follow.
        retries: how often a question is asked again after it failed.
        most_bytes: of one answer.
        pause: waits, in seconds, before the next try.
    """

    address: str
    timeout_s: float = 10.0
    retries: int = 2
    most_bytes: int = 64 << 20
    pause: Callable[[float], None] = time.sleep

    def read(self, path: str) -> bytes:
        """A file, asked for again where that may help."""
        url = f"{self.address}/{path}"
        reason = ""
        for wait_s in self._pauses():
            if wait_s:
                self.pause(wait_s)
            try:
                return self._ask(url)
            except HTTPError as error:
                with error:
                    reason = f"answered {error.code}"
                    if error.code not in _PASSING:
                        break
            except (URLError, HTTPException, OSError) as error:
                reason = f"does not answer: {getattr(error, 'reason', None) or error}"
        known = path in {LOCK, SETTINGS} and reason.startswith("answered 4")
        raise NotARegistry(url, reason) if known else Unreachable(url, reason)

    def path_of(self, schema: SchemaId) -> str:
        """Where a version's schema is, with a server and without."""
        return f"schemas/{schema.type}/{schema.version}/schema.json"

    def _pauses(self) -> Iterator[float]:
        yield 0.0
        for number in range(self.retries):
            yield min(0.5 * 2**number, _LONGEST_PAUSE_S)

    def _ask(self, url: str) -> bytes:
        request = Request(url, headers={"User-Agent": "swath-registry", "Accept": "*/*"})  # noqa: S310 - checked: http(s)
        with build_opener().open(request, timeout=self.timeout_s) as answer:
            content: bytes = answer.read(self.most_bytes + 1)
        if len(content) > self.most_bytes:
            raise NotARegistry(url, f"answered more than {self.most_bytes} bytes")
        return content
