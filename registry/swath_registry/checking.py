"""Files checked against a registry type, with each violation at its line and column."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from swath_registry.documents import read_document
from swath_registry.errors import DocumentUnreadable
from swath_registry.validation import Validator
from swath_schemas import PUBLISHED, SchemaStore


@dataclass(frozen=True)
class Flaw:
    """One thing that is wrong with a file.

    Args:
        path: the file, as it was named.
        line: 1-based.
        column: 1-based.
        pointer: RFC 6901 pointer into the document.
        keyword: the JSON Schema keyword; "" where the file isn't a document at all.
        message: what was expected there.
    """

    path: str
    line: int
    column: int
    pointer: str
    keyword: str
    message: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}:{self.column}:"
        return " ".join(part for part in (place, self.pointer or "/", self.keyword, self.message) if part)

    def as_json(self) -> dict[str, Any]:
        """The same as a JSON object."""
        return asdict(self)


def check_files(reference: str, paths: Iterable[Path], store: SchemaStore = PUBLISHED) -> list[Flaw]:
    """What is wrong with the files, in their order; none means all are valid. Raises UnknownSchema."""
    validator = Validator(reference, store)
    return [flaw for path in paths for flaw in _check(validator, path)]


def _check(validator: Validator, path: Path) -> list[Flaw]:
    try:
        document = read_document(path)
    except DocumentUnreadable as error:
        return [Flaw(str(path), error.line, error.column, "", "", error.reason)]
    flaws: list[Flaw] = []
    for violation in validator.violations(document.value):
        place = document.position(violation.pointer)
        flaws.append(Flaw(str(path), place.line, place.column, violation.pointer, violation.keyword, violation.message))
    return flaws
