"""Every file of the site by its path, made when it is asked for: the folder and the server show the same.

index.html  index.json  registry.lock  registry.json  SHA256SUMS  assets/…
<type>/<x.y.z>                       the schema, where its `$id` says
schemas/<type>/index.html
schemas/<type>/<x.y.z>/              index.html  schema.json  bundle.json  examples.json
    examples/{valid,invalid}/*.json  diff/<version before>.json
"""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, partial
from hashlib import sha256
from importlib.resources import files as resources
from pathlib import Path
from typing import Any

from swath_registry.bundling import bundle
from swath_registry.catalogue import Catalogue, Published
from swath_registry.diff import Change, changes
from swath_registry.site.indexes import example_index, index, search_index
from swath_registry.site.overview_page import overview_page, type_page
from swath_registry.site.version_page import version_page
from swath_schemas.lock import LOCK

SUMS = "SHA256SUMS"
_ASSETS = ("style.css", "site.js")

Make = Callable[[], bytes]


class Site:
    """The files of a catalogue's site; equal catalogues make equal bytes.

    Attributes:
        immutable: paths whose content follows from published versions alone, and so never changes.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._lock = (catalogue.store.root / LOCK).read_bytes()  # now, so that it names what the catalogue holds

    @property
    def paths(self) -> tuple[str, ...]:
        """The path of every file, in alphabetical order."""
        return tuple(self._makers)

    def read(self, path: str) -> bytes:
        """The content of a file. Raises KeyError where there is none of that path."""
        return self._makers[path]()

    @cached_property
    def immutable(self) -> frozenset[str]:
        """Paths of the schemas, bundles, examples and differences."""
        return frozenset(path for entry in self._catalogue.entries for path in self._pinned(entry))

    @cached_property
    def _makers(self) -> Mapping[str, Make]:
        return dict(sorted(self._all()))

    def _all(self) -> Iterator[tuple[str, Make]]:
        found = self._catalogue
        yield "index.html", partial(overview_page, found)
        yield "index.json", lambda: _json(index(found))
        yield LOCK, lambda: self._lock
        yield "registry.json", lambda: _json({"base_uri": found.store.base_uri})
        yield "assets/search.js", partial(search_index, found)
        for name in _ASSETS:
            yield f"assets/{name}", partial(_asset, name)
        for name in found.store.types():
            yield f"schemas/{name}/index.html", partial(type_page, found, name)
        for entry in found.entries:
            yield from self._version(entry)
        yield SUMS, self._sums

    def _version(self, entry: Published) -> Iterator[tuple[str, Make]]:
        folder = f"schemas/{entry.schema.type}/{entry.schema.version}"
        yield from self._pinned(entry).items()
        yield f"{folder}/index.html", lambda: version_page(self._catalogue, entry, self._changes(entry))

    def _pinned(self, entry: Published) -> dict[str, Make]:
        folder = f"schemas/{entry.schema.type}/{entry.schema.version}"
        schema = self._catalogue.store.path(entry.schema)
        found: dict[str, Make] = {
            f"{entry.schema.type}/{entry.schema.version}": schema.read_bytes,
            f"{folder}/schema.json": schema.read_bytes,
            f"{folder}/bundle.json": lambda: _json(bundle(self._catalogue, entry.schema)),
            f"{folder}/examples.json": lambda: _json(example_index(self._catalogue, entry)),
        }
        for path in schema.parent.glob("examples/*/*.json"):
            found[f"{folder}/{path.relative_to(schema.parent).as_posix()}"] = path.read_bytes
        before = self._catalogue.before(entry)
        if before:
            found[f"{folder}/diff/{before.schema.version}.json"] = lambda: _json(
                {
                    "from": str(before),
                    "to": str(entry),
                    "changes": [change.as_json() for change in self._changes(entry)],
                }
            )
        return found

    def _changes(self, entry: Published) -> tuple[Change, ...]:
        before = self._catalogue.before(entry)
        if before is None:
            return ()
        return changes(self._catalogue.store.load(before.schema), self._catalogue.store.load(entry.schema))

    def _sums(self) -> bytes:
        others = (path for path in self.paths if path != SUMS)
        return "".join(f"{sha256(self.read(path)).hexdigest()}  {path}\n" for path in others).encode()


def media_type(path: str) -> str:
    """Media type of a file of the site, by its path."""
    name = Path(path)
    if path in {"index.json", "registry.json"} or name.name == "examples.json" or name.parent.name == "diff":
        return "application/json"
    if "examples" in name.parts:
        return "application/json"
    known = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8"}
    known |= {".js": "text/javascript; charset=utf-8", ".lock": "text/plain; charset=utf-8"}
    if path == SUMS:
        return "text/plain; charset=utf-8"
    return known.get(name.suffix, "application/schema+json")


def _asset(name: str) -> bytes:
    return resources("swath_registry.site").joinpath("assets", name).read_bytes()


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()
