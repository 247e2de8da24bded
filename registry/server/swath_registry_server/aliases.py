"""Paths that are no files: aliases, which lead to one, and mistakes, which are told what could be meant.

Below the root a type is followed by a version (`/image/1`, as in an `$id`); below `/schemas` a file may follow that.
"""

from difflib import get_close_matches
from urllib.parse import quote

from swath_registry.catalogue import Catalogue, Published
from swath_schemas import UnknownSchema

_SCHEMAS = "schemas"
_LATEST = "latest"
_LONGEST = 64  # characters of a name that is looked up; what is longer is no type, and would only take time
_WORDS = ("index.json", "registry.lock", "subjects", "validate", "match")


class Aliases:
    """The aliases of a catalogue's types."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def target(self, segments: tuple[str, ...]) -> str | None:
        """Where a path leads, relative to it, so that it holds wherever the registry is mounted; None: nowhere.

        Args:
            segments: the parts of the path, decoded.
        """
        if segments[0] == _SCHEMAS:
            return self._below_schemas(*segments[1:])
        return self._below_root(*segments) if len(segments) <= 2 else None

    def guess(self, segments: tuple[str, ...]) -> str:
        """What could be meant by a path that leads nowhere."""
        names = [name[:_LONGEST] for name in (segments[1:] if segments[0] == _SCHEMAS else segments)] or [""]
        if names[0] not in self._catalogue.store.types():
            near = get_close_matches(names[0], (*self._catalogue.store.types(), *_WORDS), n=1)
            return f"Did you mean /{near[0]}?" if near else "All paths: /index.json"
        entry = self._entry(names[0], *names[1:2])
        if entry is None:
            known = ", ".join(each.schema.version for each in self._catalogue.versions(names[0]))
            return f"Versions of {names[0]}: {known}."
        return f"Did you mean /{_SCHEMAS}/{entry.schema.type}/{entry.schema.version}/?"

    def _below_root(self, type_: str, alias: str | None = None) -> str | None:
        entry = self._entry(type_, alias or _LATEST)
        if entry is None or alias == "":
            return None
        return entry.schema.version if alias else f"{type_}/{entry.schema.version}"

    def _below_schemas(self, type_: str = "", alias: str = "", *rest: str) -> str | None:
        if not alias:
            return f"{type_}/" if type_ in self._catalogue.store.types() and not rest else None
        entry = self._entry(type_, alias)
        if entry is None or (rest and alias == entry.schema.version):
            return None
        up = "../" * len(rest)
        return up + "/".join([entry.schema.version, *map(quote, rest or [""])])

    def _entry(self, type_: str, alias: str = _LATEST) -> Published | None:
        if len(type_) > _LONGEST or len(alias) > _LONGEST:
            return None
        try:
            return self._catalogue.resolve(type_ if alias == _LATEST else f"{type_}@{alias}")
        except UnknownSchema:
            return None
