"""Whether a schema may follow those before it under a subject: proven or shown to be false, never guessed."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, cast

import jsonschema_rs
import orjson

from swath_registry.bundling import compound
from swath_registry.compatibility import Comparison, Verdict, compare
from swath_registry.errors import RegistryError
from swath_registry.validation import registry
from swath_registry_server.confluent.records import Schema, Subjects, Version
from swath_registry_server.errors import Refusal
from swath_schemas import SchemaError, SchemaStore

_WITH_BUNDLES = ("2019-09", "2020-12")  # dialects in which a schema can hold others whole
_LONGEST = 300  # characters of a witness in a message


class Level(StrEnum):
    """What must hold between a schema and those before it."""

    NONE = "NONE"
    BACKWARD = "BACKWARD"
    BACKWARD_TRANSITIVE = "BACKWARD_TRANSITIVE"
    FORWARD = "FORWARD"
    FORWARD_TRANSITIVE = "FORWARD_TRANSITIVE"
    FULL = "FULL"
    FULL_TRANSITIVE = "FULL_TRANSITIVE"

    @property
    def directions(self) -> tuple[str, ...]:
        """`backward`: what was valid stays valid. `forward`: what is valid now was valid before."""
        return {"NONE": (), "BACKWARD": ("backward",), "FORWARD": ("forward",), "FULL": ("backward", "forward")}[
            self.partition("_")[0]
        ]

    def concerns(self, versions: Sequence[Version]) -> Sequence[Version]:
        """Those of the versions so far, oldest first, that a new one is compared with."""
        return versions if self.endswith("_TRANSITIVE") else versions[-1:]


def objections(
    level: Level, versions: Sequence[Version], candidate: Schema, everyone: Subjects, store: SchemaStore
) -> Iterator[str]:
    """What speaks against a candidate; nothing means that it is proven compatible with all versions given."""
    new = standalone(candidate, everyone)
    for version in versions if level.directions else ():
        found = _compared(standalone(version.schema, everyone), new, store)
        for direction in level.directions:
            verdict: Verdict = getattr(found, direction)
            if verdict.status != "proven":
                yield f"version {version.number}, {direction}: {_told(verdict, direction)}"


def standalone(schema: Schema, everyone: Subjects) -> dict[str, Any] | bool:
    """A schema with what its references lead to embedded. Raises Refusal (42201) where one leads nowhere."""
    if isinstance(schema.document, bool):
        return schema.document
    document = cast("dict[str, Any]", schema.document)
    dialect = str(document.get("$schema", _WITH_BUNDLES[-1]))
    if schema.references and not any(name in dialect for name in _WITH_BUNDLES):
        raise Refusal(42201, f"invalid schema: references need JSON Schema {' or '.join(_WITH_BUNDLES)}")
    return compound(document, _needed(schema, everyone, {}))


def check_schema(schema: Schema, everyone: Subjects, store: SchemaStore) -> None:
    """Raises Refusal (42201) where no document could be validated with a schema."""
    document = standalone(schema, everyone)
    try:
        jsonschema_rs.validator_for(document, registry=registry(store), validate_formats=True, offline=True)
    except jsonschema_rs.ValidationError as error:
        place = "/".join(map(str, error.instance_path))
        raise Refusal(42201, f"invalid schema at /{place}: {error.message}") from error
    except (jsonschema_rs.ReferencingError, ValueError) as error:
        raise Refusal(42201, f"invalid schema: {error}") from error


def _compared(old: Any, new: Any, store: SchemaStore) -> Comparison:
    try:
        return compare(old, new, store=store)
    except (RegistryError, SchemaError) as error:
        raise Refusal(42201, f"invalid schema: {error}") from error


def _needed(schema: Schema, everyone: Subjects, found: dict[str, dict[str, Any]]) -> Mapping[str, dict[str, Any]]:
    for reference in schema.references:
        if reference.name in found:
            continue
        versions = everyone.versions(reference.subject)
        target = next((each for each in versions if each.number == reference.version), None)
        if target is None:
            raise Refusal(42201, f"invalid schema: no version {reference.version} of {reference.subject} to refer to")
        found[reference.name] = {**_as_object(target.schema.document), "$id": reference.name}
        _needed(target.schema, everyone, found)
    return found


def _as_object(document: Any) -> dict[str, Any]:
    if isinstance(document, dict):
        return cast("dict[str, Any]", document)
    return {} if document else {"not": {}}


def _told(verdict: Verdict, direction: str) -> str:
    witness = verdict.witness
    if witness is None:
        return f"undecided: {verdict.reason}"
    document = orjson.dumps(witness.document).decode()
    shown = document if len(document) <= _LONGEST else document[: _LONGEST - 1] + "…"
    sides = ("before", "now") if direction == "backward" else ("now", "before")
    where = witness.pointer or "/"
    return f"{witness.rule}: {shown} is valid {sides[0]}, not {sides[1]} ({witness.keyword} at {where})"
