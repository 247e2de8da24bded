"""What can go wrong while schemas and documents are read, checked and turned into code."""

from collections.abc import Sequence
from typing import Any


class RegistryError(Exception):
    """Base of the errors of this package; `hint` says what to do next."""

    hint: str = ""
    exit_code: int = 1


class DocumentUnreadable(RegistryError):
    """A document can't be parsed, or says two things at once (duplicate keys).

    Args:
        path: the file, as it was asked for.
        reason: what is wrong, without the document's values.
        line: 1-based.
        column: 1-based.
    """

    def __init__(self, path: str, reason: str, line: int = 1, column: int = 1) -> None:
        self.path = path
        self.reason = reason
        self.line = line
        self.column = column
        super().__init__(f"{path}:{line}:{column}: {reason}")


class DocumentInvalid(RegistryError):
    """A document isn't what its type asks.

    Args:
        reference: the type and version that it was checked against.
        violations: `swath_registry.validation.Violation`s, at least one.
    """

    def __init__(self, reference: str, violations: Sequence[Any]) -> None:
        self.reference = reference
        self.violations = tuple(violations)
        first = violations[0]
        more = f" (and {len(violations) - 1} more)" if len(violations) > 1 else ""
        super().__init__(f"not a valid {reference}: {first.pointer or 'the document'} {first.message}{more}")


class SchemaInvalid(RegistryError):
    """A schema that no document can be checked against: it isn't JSON Schema 2020-12, or a reference leads nowhere.

    Args:
        name: the schema's `$id`, or what it is for.
        reason: what is wrong with it.
        pointer: RFC 6901 pointer into the schema.
    """

    def __init__(self, name: str, reason: str, pointer: str = "") -> None:
        self.name = name
        self.reason = reason
        self.pointer = pointer
        super().__init__(f"{name}{pointer and ' at ' + pointer}: {reason}")


class GeneratorMissing(RegistryError):
    """The code generator isn't installed."""

    hint = "Install it with: pip install 'swath-registry[generate]'"
    exit_code = 3

    def __init__(self, tool: str) -> None:
        self.tool = tool
        super().__init__(f"{tool} is not installed, and models are generated with it.")


class GenerationFailed(RegistryError):
    """The code generator refused a schema.

    Args:
        schema: type@version.
        reason: what the generator said.
    """

    def __init__(self, schema: str, reason: str) -> None:
        self.schema = schema
        self.reason = reason
        super().__init__(f"{schema}: no model could be generated: {reason}")
