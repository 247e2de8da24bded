"""What `swath check` finds in a description where the runtime is installed: what the runtime could never do."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from swath_algorithm.agreement import IMAGE, kind_of
from swath_algorithm.description import escape, place
from swath_algorithm.findings import Finding, did_you_mean
from swath_algorithm.layout import DESCRIBE
from swath_converters.writer import ENCODABLE, ENCODABLE_BY_NAME, is_encodable
from swath_registry.documents import read_document


def findings(folder: Path, describe: Mapping[str, Any] | None) -> Iterator[Finding]:
    """All of this module's findings.

    Args:
        folder: the algorithm's.
        describe: its description as written, None where it can't be read.
    """
    yield from media_type_findings(folder, describe)


def media_type_findings(folder: Path, describe: Mapping[str, Any] | None) -> Iterator[Finding]:
    """Findings for each media type of an output image that no converter writes.

    Args:
        folder: the algorithm's.
        describe: its description as written, None where it can't be read.
    """
    known = (*ENCODABLE, *ENCODABLE_BY_NAME)
    for pointer, media_type in _named(describe["output"], "/output") if describe else ():
        if not is_encodable(media_type):
            message = f"no image is written as '{media_type}'"
            yield place(read_document(folder / DESCRIBE), pointer, message, did_you_mean(media_type, known))


def _named(schema: Any, pointer: str) -> Iterator[tuple[str, str]]:
    """(pointer, media type) of each image below a schema that names one."""
    if not isinstance(schema, Mapping):
        return
    members = cast("Mapping[str, Any]", schema)
    named = members.get("contentMediaType")
    if isinstance(named, str) and "$ref" in members and kind_of(members) == IMAGE:
        yield f"{pointer}/contentMediaType", named
    yield from _named(members.get("items"), f"{pointer}/items")
    properties: Any = members.get("properties")
    if isinstance(properties, Mapping):
        for name, inner in cast("Mapping[str, Any]", properties).items():
            yield from _named(inner, f"{pointer}/properties/{escape(name)}")
