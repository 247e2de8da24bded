"""Pydantic models from schemas, by datamodel-code-generator: one module per type and version."""

import json
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory

from swath_registry import generated_text, generator_input
from swath_registry.errors import GenerationFailed, GeneratorMissing
from swath_registry.generated_digests import HEADER, current, digest, stamped
from swath_registry.generator_input import module_name, prepare, references, snake
from swath_registry.generator_run import INPUT, OPTIONS, OUTPUT, run_generator
from swath_schemas import SchemaId, SchemaStore

_GENERATOR = "datamodel-code-generator"
_GROUP = 100  # versions a run: the generator's own time grows faster than their number
_SOURCES = (Path(generator_input.__file__), Path(generated_text.__file__))


def generated_models(store: SchemaStore, known: Path | None = None) -> dict[str, str]:
    """The text of every generated module, by its path below `swath_types`.

    Args:
        store: the types.
        known: the folder of modules made before, of which those are taken as they are that were made from the
            same schemas in the same way and haven't been changed since; None: all are made anew.

    Raises:
        GeneratorMissing: datamodel-code-generator isn't installed.
        GenerationFailed: it refused a schema.
    """
    schemas = list(store.schemas())
    texts = _kept(schemas, store, known) if known else {}
    missing = [schema for schema in schemas if schema not in texts]
    texts |= _made(missing, store) if missing else {}
    packages = {f"{snake(name)}/__init__.py": _package(name) for name in store.types()}
    return packages | {_module_path(schema, ".py"): texts[schema] for schema in schemas}


def model_path(schema: SchemaId, store: SchemaStore) -> str:
    """Where its model is, as `module:Class`."""
    return f"swath_types.{module_name(schema)}:{store.load(schema)['title']}"


def _kept(schemas: Iterable[SchemaId], store: SchemaStore, folder: Path) -> dict[SchemaId, str]:
    found = {schema: current(folder / _module_path(schema, ".py"), _made_from(schema, store)) for schema in schemas}
    return {schema: text for schema, text in found.items() if text is not None}


def _made(schemas: list[SchemaId], store: SchemaStore) -> dict[SchemaId, str]:
    groups = [schemas[start : start + _GROUP] for start in range(0, len(schemas), _GROUP)]
    try:
        return _made_in_groups(groups, store)
    except GenerationFailed:
        return _made_in_groups([[schema] for schema in schemas], store)  # so that the error names the one to blame


def _made_in_groups(groups: list[list[SchemaId]], store: SchemaStore) -> dict[SchemaId, str]:
    with TemporaryDirectory() as root:
        folders = [(Path(root, f"{group[0]}"), group) for group in groups]
        for folder, group in folders:
            for each in dict.fromkeys(one for schema in group for one in _with_references(schema, store)):
                path = folder / INPUT / _module_path(each, ".json")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(json.dumps(prepare(store.load(each), store)), encoding="utf-8")
        run_generator([folder for folder, _ in folders])
        return {schema: _module(schema, folder / OUTPUT, store) for folder, group in folders for schema in group}


def _module(schema: SchemaId, target: Path, store: SchemaStore) -> str:
    text = (target / _module_path(schema, ".py")).read_text(encoding="utf-8")
    body = generated_text.finished(text, store.load(schema))
    return stamped(f"{schema.type}/{schema.version}/schema.json", _made_from(schema, store), body)


def _made_from(schema: SchemaId, store: SchemaStore) -> str:
    """Digest of all that a module follows from: its schema, what that refers to, and how modules are made."""
    sources = [store.path(each).read_bytes() for each in _with_references(schema, store)]
    return digest(_way(), str(schema), *sources)


@cache
def _way() -> str:
    """Digest of what makes modules out of schemas. Raises GeneratorMissing: its version is part of it."""
    try:
        return digest(version(_GENERATOR), *OPTIONS, *(path.read_bytes() for path in _SOURCES))
    except PackageNotFoundError:
        raise GeneratorMissing(_GENERATOR) from None


def _with_references(schema: SchemaId, store: SchemaStore) -> list[SchemaId]:
    """A version and all that it refers to, directly or not, itself first."""
    found = [schema]
    for each in found:
        targets = {store.resolve(target.partition("#")[0]) for target in references(store.load(each))}
        found += sorted(targets - set(found), key=str)
    return found


def _package(name: str) -> str:
    return f'{HEADER.format(source=name)}"""The models of `{name}`, one module per version."""\n'


def _module_path(schema: SchemaId, suffix: str) -> str:
    return f"{module_name(schema).replace('.', '/')}{suffix}"
