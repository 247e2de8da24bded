"""A folder of schemas, `<type>/<x.y.z>/schema.json`, and the names that lead into it.

A type is camelCase (`imageCapabilities`); a version is semantic, without pre-release. `$id` is
`<base_uri>/<type>/<x.y.z>`, so that path, `$id` and version say the same thing.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from swath_schemas.errors import SchemaUnreadable, UnknownSchema
from swath_schemas.lock import Entry, read_lock

_NUMBER = r"(?:0|[1-9][0-9]*)"
_TYPE = re.compile(r"[a-z][A-Za-z0-9]*", re.ASCII)
_VERSION = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}", re.ASCII)
_NAME = re.compile(rf"([a-z][A-Za-z0-9]*)(?:[@/]({_NUMBER}(?:\.{_NUMBER}){{0,2}}))?", re.ASCII)

# Keywords whose values are data, in which "$ref" means nothing.
_DATA = frozenset({"const", "enum", "default", "example", "examples"})
# Keywords whose keys are names chosen by the author, so that a name is never taken for a keyword.
_NAMED = frozenset({"properties", "patternProperties", "$defs", "dependentSchemas"})


@dataclass(frozen=True)
class SchemaId:
    """One version of one type; `str` gives `image@1.0.0`, `uri` the absolute `$id`."""

    type: str
    version: str
    base_uri: str = "https://schemas.swath.example"

    @property
    def uri(self) -> str:
        """The schema's `$id`."""
        return f"{self.base_uri}/{self.type}/{self.version}"

    @property
    def order(self) -> tuple[int, ...]:
        """The version as numbers, to sort by."""
        return tuple(int(part) for part in self.version.split("."))

    def __str__(self) -> str:
        return f"{self.type}@{self.version}"


@dataclass(frozen=True, eq=False)
class SchemaStore:
    """The schemas below one folder, which also holds `registry.json` with the `base_uri`.

    What it has read it keeps: open a new store to see what has changed on disk. Two stores are never equal, so
    that nothing that was cached for one is taken for the other.
    """

    root: Path

    @cached_property
    def base_uri(self) -> str:
        """The one prefix of every `$id`, without a slash at its end."""
        path = self.root / "registry.json"
        base_uri = _read(path).get("base_uri")
        if not isinstance(base_uri, str) or not base_uri:
            raise SchemaUnreadable(str(path), 'must be {"base_uri": "https://…"}, the prefix of every $id')
        return base_uri.rstrip("/")

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The published versions in the order of their publication. Raises LockDamaged."""
        return read_lock(self.root)

    @cached_property
    def _published(self) -> dict[str, Entry]:
        return {entry.name: entry for entry in self.entries}

    @cached_property
    def _versions(self) -> dict[str, tuple[SchemaId, ...]]:
        found: dict[str, tuple[SchemaId, ...]] = {}
        for folder in sorted(path for path in self.root.iterdir() if _TYPE.fullmatch(path.name)):
            ids = [
                SchemaId(folder.name, path.parent.name, self.base_uri)
                for path in folder.glob("*/schema.json")
                if _VERSION.fullmatch(path.parent.name)
            ]
            if ids:
                found[folder.name] = tuple(sorted(ids, key=lambda schema: schema.order))
        return found

    @cached_property
    def _loaded(self) -> dict[SchemaId, dict[str, Any]]:
        return {}

    def types(self) -> tuple[str, ...]:
        """Names of the types, in alphabetical order."""
        return tuple(self._versions)

    def versions(self, type: str) -> tuple[str, ...]:  # noqa: A002 - the word of the field
        """Versions of a type, oldest first. Raises UnknownSchema."""
        if type not in self._versions:
            raise UnknownSchema(type, "is no type of this registry.", self.types())
        return tuple(schema.version for schema in self._versions[type])

    def schemas(self) -> Iterator[SchemaId]:
        """Every version of every type, types in alphabetical order, versions oldest first."""
        for versions in self._versions.values():
            yield from versions

    def is_published(self, schema: SchemaId) -> bool:
        """Whether the lock holds it; else it is a candidate, still to be edited."""
        return str(schema) in self._published

    def entry(self, schema: SchemaId) -> Entry:
        """Its line in the lock. Raises KeyError where it is a candidate."""
        return self._published[str(schema)]

    def resolve(self, reference: str) -> SchemaId:
        """The version that a reference means: of an alias (`image`, `image@1`, `image/1.0`) the newest published.

        Only an exact version means a candidate, except where no version that fits is published.
        Also takes the absolute URI of any of these forms. Raises UnknownSchema, for a fragment too.
        """
        name = reference.removeprefix(f"{self.base_uri}/")
        parts = _NAME.fullmatch(name)
        if parts is None:
            raise UnknownSchema(reference, f"is no reference to a registry type{_why(name)}.", self.types())
        self.versions(parts[1])
        wanted = parts[2].split(".") if parts[2] else []
        fitting = [each for each in self._versions[parts[1]] if each.version.split(".")[: len(wanted)] == wanted]
        if fitting:
            return max(fitting, key=lambda each: (self.is_published(each), each.order))
        known = [str(schema) for schema in self._versions[parts[1]]]
        raise UnknownSchema(reference, f"names no published version of {parts[1]}.", known)

    def path(self, schema: SchemaId) -> Path:
        """Its schema file; the examples lie beside it in `examples/`."""
        return self.root / schema.type / schema.version / "schema.json"

    def load(self, schema: SchemaId | str) -> dict[str, Any]:
        """The schema, parsed once; don't change it. Raises UnknownSchema, SchemaUnreadable."""
        found = self.resolve(schema) if isinstance(schema, str) else schema
        if found not in self._loaded:
            self._loaded[found] = _read(self.path(found))
        return self._loaded[found]

    def is_reference(self, text: str) -> bool:
        """Whether a text is written as a reference to a registry type, known or not."""
        if text.startswith(f"{self.base_uri}/"):
            return True
        parts = _NAME.fullmatch(text)
        return parts is not None and parts[2] is not None

    def pin(self, schema: Any) -> Any:
        """A copy of a JSON Schema in which each reference is the absolute URI of one version.

        References within the document (`#/…`) and to elsewhere stay. Raises UnknownSchema.
        """
        if isinstance(schema, list):
            return [self.pin(item) for item in schema]  # pyright: ignore[reportUnknownVariableType]
        if not isinstance(schema, dict):
            return schema
        return {key: self._pin_keyword(key, value) for key, value in schema.items()}  # pyright: ignore

    def _pin_keyword(self, key: str, value: Any) -> Any:
        if key == "$ref" and isinstance(value, str):
            return self.resolve(value).uri if self.is_reference(value) else value
        if key in _DATA:
            return json.loads(json.dumps(value))
        if key in _NAMED and isinstance(value, dict):
            return {name: self.pin(named) for name, named in value.items()}  # pyright: ignore
        return self.pin(value)


def _why(name: str) -> str:
    if "#" in name:
        return " (it has a fragment; refer to the whole type)"
    return " (write type@1, type@1.0 or type@1.0.0)"


def _read(path: Path) -> dict[str, Any]:
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SchemaUnreadable(str(path), error.strerror or "can't be read") from None
    except (ValueError, RecursionError) as error:
        raise SchemaUnreadable(str(path), f"is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise SchemaUnreadable(str(path), "is no JSON object")
    return found  # pyright: ignore[reportUnknownVariableType]
