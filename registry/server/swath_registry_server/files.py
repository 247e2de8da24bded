"""The site's files over HTTP: what is published may be kept for good, what moves only for a minute."""

from difflib import get_close_matches
from functools import lru_cache
from typing import NoReturn
from urllib.parse import quote

from swath_registry.catalogue import Catalogue
from swath_registry.site.files import Site, media_type
from swath_registry_server.errors import Problem
from swath_registry_server.http import Answer, Request, etag
from swath_schemas import UnknownSchema

FOREVER = "public, max-age=31536000, immutable"
SHORTLY = "public, max-age=60"
_KEPT = 512  # files that are kept as they were made; about 100 kB each
_LATEST = "latest"


class Files:
    """Answers GET for every file of a site and for the aliases of its types."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._site = Site(catalogue)
        self._paths = frozenset(self._site.paths)
        self._content = lru_cache(_KEPT)(self._read)

    def answer(self, request: Request) -> Answer:
        """The file, or the way to it. Raises Problem (404, 405)."""
        path = "/".join(request.segments)
        file = f"{path}index.html" if path.endswith("/") or not path else path
        target = None if file in self._paths else self._alias(request.segments)
        if file not in self._paths and target is None:
            self._unknown(request.segments)
        if request.method != "GET":
            raise Problem(405, f"{request.method} is not for this path", headers={"Allow": "GET, HEAD, OPTIONS"})
        if target is not None:
            return Answer(302, headers={"Location": target, "Cache-Control": SHORTLY}, media_type="")
        content, tag = self._content(file)
        kept = FOREVER if file in self._site.immutable else SHORTLY
        return Answer(200, content, media_type(file), {"ETag": tag, "Cache-Control": kept})

    def _read(self, path: str) -> tuple[bytes, str]:
        content = self._site.read(path)
        return content, etag(content)

    def _alias(self, segments: tuple[str, ...]) -> str | None:
        """Where an alias leads, relative to it, so that it holds below any path; None where it is none."""
        base, names = ("schemas", segments[1:]) if segments[0] == "schemas" else ("", segments)
        type_, alias, rest = (*names, "", "")[0], (*names, "", "")[1], names[2:]
        if type_ not in self._catalogue.store.types() or (rest and not base):
            return None
        if len(names) == 1:
            newest = self._catalogue.resolve(type_).schema.version
            return f"{type_}/" if base else f"{type_}/{newest}"
        version = self._version(type_, alias)
        if version is None or (version == alias and rest):
            return None
        if base and not rest:
            return f"{version}/"
        return "../" * len(rest[:-1]) + ("../" if rest else "") + "/".join([version, *map(quote, rest)])

    def _version(self, type_: str, alias: str) -> str | None:
        try:
            return self._catalogue.resolve(type_ if alias == _LATEST else f"{type_}@{alias}").schema.version
        except UnknownSchema:
            return None

    def _unknown(self, segments: tuple[str, ...]) -> NoReturn:
        names = segments[1:] if segments[0] == "schemas" else segments
        shown = "/" + "/".join(segments)[:200]
        try:
            entry = self._catalogue.resolve("@".join(names[:2]).removesuffix(f"@{_LATEST}").rstrip("@"))
        except UnknownSchema as error:
            words = (*self._catalogue.store.types(), "index.json", "registry.lock", "subjects", "validate", "match")
            near = get_close_matches(names[0] if names else "", words, n=1)
            known = names[:1] and names[0] in self._catalogue.store.types()
            guess = error.hint if known else f"Did you mean /{near[0]}?" if near else "All paths: /index.json"
            raise Problem(404, f"there is nothing at {shown}", guess) from error
        raise Problem(404, f"there is nothing at {shown}", f"Did you mean /schemas/{'/'.join(_folder(entry))}/?")


def _folder(entry: object) -> list[str]:
    return str(entry).split("@")
