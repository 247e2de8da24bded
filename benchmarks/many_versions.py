"""A registry of as many published versions as wanted, made from Swath's own types.

Each type that refers to no other is copied under numbered names; each has ten versions, of which each adds an optional
property to the one before. Examples come along, so that linting and comparing have what they have in earnest.
"""

import json
import shutil
from pathlib import Path

from swath_registry.lock import lock_in
from swath_schemas import PUBLISHED, SchemaId, SchemaStore

VERSIONS_OF_A_TYPE = 10


def registry_of(folder: Path, versions: int) -> SchemaStore:
    """A registry in an empty folder, with that many versions, all published."""
    (folder / "registry.json").write_text(json.dumps({"base_uri": PUBLISHED.base_uri}))
    templates = [schema for schema in PUBLISHED.schemas() if _stands_alone(schema)]
    for index in range(versions):
        number, minor = divmod(index, VERSIONS_OF_A_TYPE)
        template = templates[number % len(templates)]
        _write(folder, template, SchemaId(f"{template.type}{number}", f"1.{minor}.0", PUBLISHED.base_uri))
    store = SchemaStore(folder)
    lock_in(store, list(store.schemas()))
    return SchemaStore(folder)


def _stands_alone(schema: SchemaId) -> bool:
    document = PUBLISHED.load(schema)
    text = json.dumps(document).replace(schema.uri, "")
    return schema.version == "1.0.0" and PUBLISHED.base_uri not in text and document.get("type") == "object"


def _write(folder: Path, template: SchemaId, schema: SchemaId) -> None:
    target = folder / schema.type / schema.version
    target.mkdir(parents=True)
    shutil.copytree(PUBLISHED.path(template).parent / "examples", target / "examples")
    document = json.loads(json.dumps(PUBLISHED.load(template)))
    document["$id"] = schema.uri
    for index in range(schema.order[1]):
        text = {"type": "string", "description": f"What version 1.{index + 1}.0 added.", "maxLength": 80}
        document.setdefault("properties", {})[f"addedIn{index + 1}"] = text
    (target / "schema.json").write_text(json.dumps(document, indent=2) + "\n")
