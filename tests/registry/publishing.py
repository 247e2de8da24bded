"""A small registry to publish into: one type, `thing@1.0.0`, published, with models beside it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from swath_registry.lock import lock_in
from swath_schemas import SchemaStore

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Thing",
    "description": "A thing.",
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "description": "What it is called.", "minLength": 1, "maxLength": 80},
        "size": {"type": "number", "description": "How long. Metres.", "x-ogc-unit": "m", "minimum": 0, "maximum": 9},
    },
    "additionalProperties": False,
}
Edit = Callable[[dict[str, Any]], object]


def write(root: Path, version: str, edit: Edit = lambda schema: None, type_: str = "thing") -> Path:
    """A version of the type, with one example of each kind; gives back its folder."""
    folder = root / type_ / version
    schema = json.loads(json.dumps({**SCHEMA, "$id": f"https://things.example/{type_}/{version}"}))
    edit(schema)
    wrong = {"violates": {"keyword": "required", "pointer": ""}, "document": {}}
    for name, content in (
        ("schema.json", schema),
        ("examples/valid/least.json", {"name": "a"}),
        ("examples/invalid/name_missing.json", wrong),
    ):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, indent=2) + "\n")
    return folder


def begin(root: Path, *versions: str) -> SchemaStore:
    """A registry in which versions of `thing` are published."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "registry.json").write_text('{"base_uri": "https://things.example"}')
    for version in versions:
        write(root, version)
    store = SchemaStore(root)
    lock_in(store, list(store.schemas()))
    return SchemaStore(root)


def every_byte(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, hidden ones too."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
