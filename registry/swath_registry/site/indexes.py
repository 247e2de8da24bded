"""What machines read first: every version with its addresses, the examples of one, what the search looks through."""

from typing import Any

from jsonschema_rs import canonical

from swath_registry.catalogue import Catalogue, Published
from swath_registry.examples import examples
from swath_registry.site.layout import page_of, page_of_type
from swath_registry.site.rows import Reader, parts
from swath_registry.site.version_page import summary

_LONGEST = 80  # characters of a description that the search shows


def index(catalogue: Catalogue) -> dict[str, Any]:
    """Every published version: `$id`, number, digest, addresses from the site's root; and what aliases mean."""
    return {
        "baseUri": catalogue.store.base_uri,
        "types": {name: [_version(entry) for entry in catalogue.versions(name)] for name in catalogue.store.types()},
        "aliases": aliases(catalogue),
    }


def aliases(catalogue: Catalogue) -> dict[str, str]:
    """The version that each alias means: `image`, `image/1`, `image/1.0`."""
    found: dict[str, str] = {}
    for name in catalogue.store.types():
        for entry in catalogue.versions(name):  # oldest first, so that the newest has the last word
            major, minor, _ = entry.schema.version.split(".")
            found |= dict.fromkeys((name, f"{name}/{major}", f"{name}/{major}.{minor}"), entry.schema.version)
    return found


def example_index(catalogue: Catalogue, entry: Published) -> dict[str, Any]:
    """The examples of a version: their addresses from its folder, and what the invalid ones violate."""
    valid, invalid = examples(catalogue.store, entry.schema)
    return {
        "valid": [{"href": f"examples/valid/{each.path.name}"} for each in valid],
        "invalid": [
            {
                "href": f"examples/invalid/{each.path.name}",
                "violates": {"keyword": each.keyword, "pointer": each.pointer},
            }
            for each in invalid
        ],
    }


def search_index(catalogue: Catalogue) -> bytes:
    """A script that hands the search its entries: name, address, description; of each type the newest version.

    A script, because a page that was opened from a folder may load scripts beside it but read no files.
    """
    found: list[list[str]] = []
    for name in catalogue.store.types():
        newest = catalogue.versions(name)[-1].schema
        schema = catalogue.store.load(newest)
        found.append([name, page_of_type(name), _cut(summary(schema))])
        reader, address = Reader(catalogue.store, schema), page_of(newest)
        for part_name, part in parts(schema):
            anchor = f"definition-{part_name}" if part_name else "properties"
            for row in reader.rows(part):
                where = f"{name} {part_name}".strip()
                found.append([f"{where} › {row.name}", f"{address}#{anchor}", _cut(row.description)])
    return b"swathSearch(" + canonical.json.to_string(found).encode() + b");\n"


def _version(entry: Published) -> dict[str, Any]:
    folder = f"schemas/{entry.schema.type}/{entry.schema.version}"
    return {
        "version": entry.schema.version,
        "id": entry.schema.uri,
        "digest": entry.digest,
        "number": entry.number,
        "schema": f"{folder}/schema.json",
        "bundle": f"{folder}/bundle.json",
        "page": page_of(entry.schema),
    }


def _cut(words: str) -> str:
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"
