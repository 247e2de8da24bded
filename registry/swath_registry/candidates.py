"""Candidates: versions that lie in the registry's folder, and that the lock doesn't hold yet."""

from collections.abc import Iterator, Sequence
from typing import Literal

from swath_registry.errors import RegistryError
from swath_registry.schema_walk import Place, walk
from swath_schemas import SchemaError, SchemaId, SchemaStore

Asked = Literal["first", "patch", "minor", "major"]


class NoCandidate(RegistryError):
    """What was asked to be published or checked isn't there to be published.

    Args:
        name: a type, or type@version.
        reason: what it is instead.
        hint: what to do.
    """

    def __init__(self, name: str, reason: str, hint: str) -> None:
        self.name = name
        self.hint = hint
        super().__init__(f"{name} {reason}")


def candidates(names: Sequence[str], store: SchemaStore) -> tuple[SchemaId, ...]:
    """The candidates that are meant, those first that others refer to.

    Args:
        names: types (`image`) or versions (`image@1.1.0`); none means every candidate.
        store: the registry.

    Raises:
        swath_schemas.UnknownSchema: there is no such type or version.
        NoCandidate: it is published already, or nothing of that type isn't.
    """
    known = [schema for schema in store.schemas() if not store.is_published(schema)]
    chosen = [schema for name in names for schema in _meant(name, known, store)] if names else known
    return tuple(_in_order(list(dict.fromkeys(chosen)), store))


def published(type_: str, store: SchemaStore) -> tuple[SchemaId, ...]:
    """The published versions of a type, oldest version first."""
    schemas = (store.resolve(f"{type_}@{version}") for version in store.versions(type_))
    return tuple(schema for schema in schemas if store.is_published(schema))


def asked(schema: SchemaId, before: Sequence[SchemaId]) -> Asked:
    """The bump that a version's number asks for.

    Args:
        schema: the candidate.
        before: the published versions of its type, oldest version first.
    """
    if not before:
        return "first"
    of_major = [each for each in before if each.order[0] == schema.order[0]]
    if not of_major:
        return "major"
    return "patch" if of_major[-1].order[:2] == schema.order[:2] else "minor"


def successors(schema: SchemaId, before: Sequence[SchemaId]) -> list[str]:
    """The numbers that may follow the published versions of a type: patch and minor of that major, and a new one."""
    if not before:
        return ["1.0.0"]
    newest = max(each.order[0] for each in before)
    of_major = [each for each in before if each.order[0] == schema.order[0]] or [before[-1]]
    major, minor, patch = of_major[-1].order
    return [f"{major}.{minor}.{patch + 1}", f"{major}.{minor + 1}.0", f"{newest + 1}.0.0"]


def unpublished_references(schema: SchemaId, store: SchemaStore) -> Iterator[tuple[str, SchemaId]]:
    """The versions that a schema refers to and that aren't published, each with the pointer of its `$ref`."""
    for place in walk(Place(store.load(schema), ())):
        uri = str(place.schema.get("$ref", "")).partition("#")[0]
        if uri.startswith(f"{store.base_uri}/") and not store.is_published(found := store.resolve(uri)):
            yield f"{place.pointer}/$ref", found


def _meant(name: str, known: list[SchemaId], store: SchemaStore) -> list[SchemaId]:
    type_, _, version = name.replace("/", "@").partition("@")
    store.versions(type_)
    if not version:
        found = [schema for schema in known if schema.type == type_]
        if not found:
            newest = store.resolve(type_)
            hint = f"Begin one: swath registry draft {type_}"
            raise NoCandidate(type_, f"has no candidate: {newest} is published", hint)
        return found
    schema = store.resolve(name)
    if str(schema) != f"{type_}@{version}":
        raise NoCandidate(name, "is no exact version", f"Write {schema}.")
    if store.is_published(schema):
        raise NoCandidate(name, "is published, and stays as it is", "Publish a change as a new version.")
    return [schema]


def _in_order(chosen: list[SchemaId], store: SchemaStore) -> Iterator[SchemaId]:
    """The same with what is referred to before what refers to it."""
    waiting, given = list(chosen), set[SchemaId]()
    while waiting:
        free = [schema for schema in waiting if not (_needed(schema, store) & set(waiting)) - {schema}]
        for schema in free or waiting:  # what refers to each other in a circle comes as it is named
            given.add(schema)
            yield schema
        waiting = [schema for schema in waiting if schema not in given]


def _needed(schema: SchemaId, store: SchemaStore) -> set[SchemaId]:
    try:
        return {found for _, found in unpublished_references(schema, store)}
    except SchemaError:  # lint says what is wrong with its references
        return set()
