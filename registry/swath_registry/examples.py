"""The examples beside a schema: valid documents, and invalid ones that name what must fail.

`examples/valid/*.json` are documents. `examples/invalid/*.json` are
`{"violates": {"keyword": …, "pointer": …}, "document": …}`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from swath_registry.documents import Document, read_document
from swath_registry.errors import DocumentUnreadable
from swath_registry.validation import Validator
from swath_schemas import SchemaId, SchemaStore


@dataclass(frozen=True)
class Example:
    """A document and what must be wrong with it.

    Args:
        path: its file.
        document: it.
        keyword: the keyword that it must violate; None: it must be valid.
        pointer: where it must do so.
    """

    path: Path
    document: Any
    keyword: str | None = None
    pointer: str = ""


def examples(store: SchemaStore, schema: SchemaId) -> tuple[list[Example], list[Example]]:
    """The valid and the invalid examples of a version, by name. Raises DocumentUnreadable."""
    folder = store.path(schema).parent / "examples"
    valid = [Example(path, read_document(path).value) for path in sorted(folder.glob("valid/*.json"))]
    return valid, [_invalid(read_document(path)) for path in sorted(folder.glob("invalid/*.json"))]


def valid_documents(store: SchemaStore, schema: SchemaId) -> list[Any]:
    """The documents of the valid examples of a version, by name. Raises DocumentUnreadable."""
    folder = store.path(schema).parent / "examples" / "valid"
    return [read_document(path).value for path in sorted(folder.glob("*.json"))]


def failures(validator: Validator, valid: list[Example], invalid: list[Example]) -> Iterator[tuple[Path, str]]:
    """Each example that doesn't do what it says, with what it does instead."""
    for example in valid:
        for found in validator.violations(example.document)[:1]:
            yield example.path, f"should be valid, but at {found.pointer or 'the root'}: {found.message}"
    for example in invalid:
        found = {(each.keyword, each.pointer) for each in validator.violations(example.document)}
        if (example.keyword, example.pointer) not in found:
            instead = ", ".join(f"{keyword} at {pointer!r}" for keyword, pointer in sorted(found)) or "nothing"
            yield example.path, f"should violate {example.keyword} at {example.pointer!r}, but violates {instead}"


def _invalid(document: Document) -> Example:
    match document.value:
        case {"violates": {"keyword": str(keyword), "pointer": str(pointer)}, "document": broken}:
            return Example(document.path, broken, keyword, pointer)
        case _:
            reason = 'must be {"violates": {"keyword": …, "pointer": …}, "document": …}'
            raise DocumentUnreadable(str(document.path), reason)
