"""Types as people read them: a line each, or a table of properties."""

from collections.abc import Iterator
from typing import Any

from swath_registry.pointers import look_up
from swath_schemas import PUBLISHED, SchemaStore

_WIDTH = 72
_RANGES = (("minimum", "≥ {}"), ("exclusiveMinimum", "> {}"), ("maximum", "≤ {}"), ("exclusiveMaximum", "< {}"))
_SIZES = (("minItems", "≥ {} items"), ("maxItems", "≤ {} items"), ("maxLength", "≤ {} characters"))

Row = tuple[str, str, str, str, str]


def summaries(store: SchemaStore = PUBLISHED) -> list[dict[str, Any]]:
    """Each type with its published versions and its candidates, oldest first, and a sentence of what it is."""
    return [_summary(name, store) for name in store.types()]


def schema_table(reference: str, store: SchemaStore = PUBLISHED) -> str:
    """A type in words: what it is, then a table of its properties, then one of each definition's."""
    schema = store.resolve(reference)
    document = store.load(schema)
    parts = [f"{schema}  {schema.uri}\n{document['description']}"]
    for name, part in [("", document), *document.get("$defs", {}).items()]:
        rows = list(_rows(part, document, store))
        if rows:
            parts.append(f"{name + chr(10) if name else ''}{_table(rows)}")
    return "\n\n".join(parts)


def _summary(name: str, store: SchemaStore) -> dict[str, Any]:
    schemas = [store.resolve(f"{name}@{version}") for version in store.versions(name)]
    return {
        "type": name,
        "versions": [each.version for each in schemas if store.is_published(each)],
        "candidates": [each.version for each in schemas if not store.is_published(each)],
        "summary": _sentence(str(store.load(name).get("description", ""))),
    }


def _rows(part: dict[str, Any], root: dict[str, Any], store: SchemaStore) -> Iterator[Row]:
    required = part.get("required", [])
    for name, property_ in part.get("properties", {}).items():
        known = _resolved(property_, root, store) | property_
        yield (
            f"{name}{'*' if name in required else ''}",
            _type(property_, store),
            known.get("x-ogc-unit", ""),
            _bounds(known),
            known.get("description", ""),
        )
    for index, branch in enumerate(part.get("oneOf", [])):
        if "required" not in branch:
            yield f"({index + 1})", _type(branch, store), "", "", branch.get("description", "")


def _resolved(schema: dict[str, Any], root: dict[str, Any], store: SchemaStore) -> dict[str, Any]:
    uri, _, fragment = schema.get("$ref", "#").partition("#")
    return look_up(store.load(uri) if uri else root, fragment) if "$ref" in schema else schema


def _type(schema: dict[str, Any], store: SchemaStore) -> str:
    if "$ref" in schema:
        uri, _, fragment = schema["$ref"].partition("#")
        name = fragment.rpartition("/")[2]
        return f"{store.resolve(uri)}{' ' + name if name else ''}" if uri else name or "this type"
    if "const" in schema:
        return repr(schema["const"])
    types = schema.get("type", [])
    name = types if isinstance(types, str) else " or ".join(types)
    if name == "array" and isinstance(schema.get("items"), dict):
        return f"array of {_type(schema['items'], store)}"
    return schema.get("format") or name or "any"


def _bounds(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return " ".join(map(str, schema["enum"]))
    return ", ".join(text.format(schema[keyword]) for keyword, text in (*_RANGES, *_SIZES) if keyword in schema)


def _table(rows: list[Row]) -> str:
    heading: Row = ("property", "type", "unit", "bounds", "description")
    widths = [min(max(len(row[column]) for row in (heading, *rows)), 32) for column in range(4)]
    return "\n".join(_line(row, widths) for row in (heading, *rows))


def _line(row: Row, widths: list[int]) -> str:
    cells = [_cut(cell, width).ljust(width) for cell, width in zip(row[:4], widths, strict=True)]
    return f"  {'  '.join(cells)}  {_cut(row[4], _WIDTH)}".rstrip()


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _sentence(text: str) -> str:
    return _cut(text.partition(". ")[0].rstrip("."), _WIDTH)
