"""The site's files over HTTP: what is published may be kept for good, what moves only for a minute."""

from functools import lru_cache
from threading import Lock

from swath_registry.catalogue import Catalogue
from swath_registry.site.files import Site, media_type
from swath_registry_server.aliases import Aliases
from swath_registry_server.errors import Problem
from swath_registry_server.http import Answer, Request, etag

FOREVER = "public, max-age=31536000, immutable"
SHORTLY = "public, max-age=60"
_KEPT = 512  # files that are kept as they were made; about 100 kB each
_SHOWN = 200  # characters of a path in a message


class Files:
    """Answers GET for every file of a site and for the aliases of its types."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._aliases = Aliases(catalogue)
        self._site = Site(catalogue)
        self._paths = frozenset(self._site.paths)
        self._made = lru_cache(_KEPT)(self._read)
        self._turns: dict[str, Lock] = {}

    def answer(self, request: Request) -> Answer:
        """The file, or the way to it. Raises Problem (404, 405)."""
        path = "/".join(request.segments)
        file = f"{path}index.html" if path.endswith("/") or not path else path
        target = None if file in self._paths else self._aliases.target(request.segments)
        if file not in self._paths and target is None:
            hint = self._aliases.guess(request.segments)
            raise Problem(404, f"there is nothing at {request.path[:_SHOWN]}", hint)
        if request.method != "GET":
            raise Problem(405, f"{request.method} is not for this path", headers={"Allow": "GET, HEAD, OPTIONS"})
        if target is not None:
            return Answer(302, headers={"Location": target, "Cache-Control": SHORTLY}, media_type="")
        content, tag = self._content(file)
        kept = FOREVER if file in self._site.immutable else SHORTLY
        return Answer(200, content, media_type(file), {"ETag": tag, "Cache-Control": kept})

    def _content(self, path: str) -> tuple[bytes, str]:
        """A file and its tag, made once however many ask for it at once."""
        with self._turns.setdefault(path, Lock()):
            return self._made(path)

    def _read(self, path: str) -> tuple[bytes, str]:
        content = self._site.read(path)
        return content, etag(content)
