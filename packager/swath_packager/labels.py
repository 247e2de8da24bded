"""Labels of an image: the OCI's annotations, and what an orchestrator chooses a service by."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from swath_algorithm.folder import Algorithm
from swath_packager.layers import created

DESCRIBE_LABEL, TYPES_LABEL = "io.swath.describe", "io.swath.types"
PROFILE_LABEL, RUNTIME_LABEL, EXTRAS_LABEL = "io.swath.profile", "io.swath.runtime", "io.swath.extras"
OCI = "org.opencontainers.image"
BASE_NAME, BASE_DIGEST = f"{OCI}.base.name", f"{OCI}.base.digest"


def image_labels(algorithm: Algorithm, runtime: str, profile: str, extras: Sequence[str] = ()) -> dict[str, str]:
    """Labels of an image of an algorithm, sorted by name; `extras` are those of the runtime that it carries.

    The describe document stands in one of them, every registry type pinned. A time of creation is among them only
    where SOURCE_DATE_EPOCH gives one; else the same folder would give other bytes each day.

    Source: OCI Image Format Specification 1.1, Annotations.
    """
    describe = algorithm.describe
    labels = {
        DESCRIBE_LABEL: _json(describe),
        PROFILE_LABEL: profile,
        RUNTIME_LABEL: runtime,
        EXTRAS_LABEL: ",".join(extras),
        TYPES_LABEL: _json(types_of(describe)),
        f"{OCI}.authors": f"{describe['organization']} <{describe['email']}>",
        f"{OCI}.description": " ".join(describe["description"].split()),
        f"{OCI}.licenses": describe.get("license", ""),
        f"{OCI}.title": describe["title"],
        f"{OCI}.vendor": describe["organization"],
        f"{OCI}.version": algorithm.version,
        f"{OCI}.created": _created(),
        f"{OCI}.documentation": _link(describe, "documentation"),
    }
    return {name: value for name, value in sorted(labels.items()) if value}


def base_labels(name: str, digest: str | None) -> dict[str, str]:
    """Labels that tell the base: its name and, where a manifest of it is known, that manifest's digest."""
    return {BASE_NAME: name, **({BASE_DIGEST: digest} if digest else {})}


def types_of(describe: Mapping[str, Any]) -> dict[str, str]:
    """Versions of the registry types that a pinned describe document refers to: {"image": "1.0.0"}."""
    from swath_schemas import SchemaError, resolve

    found: dict[str, str] = {}
    for reference in _references(describe):
        try:
            schema = resolve(reference)
        except SchemaError:
            continue  # a reference inside the document itself, "#/…"
        found[schema.type] = schema.version
    return dict(sorted(found.items()))


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        members: Mapping[str, Any] = value  # pyright: ignore[reportUnknownVariableType]
        if isinstance(reference := members.get("$ref"), str):
            yield reference
        for one in members.values():
            yield from _references(one)
    elif isinstance(value, list):
        for one in value:  # pyright: ignore[reportUnknownVariableType]
            yield from _references(one)


def _link(describe: Mapping[str, Any], relation: str) -> str:
    links: Mapping[str, Mapping[str, str]] = describe.get("_links", {})
    return links.get(relation, {}).get("href", "")


def _created() -> str:
    return created() if os.environ.get("SOURCE_DATE_EPOCH") else ""


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
