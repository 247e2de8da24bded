"""The corpus of labelled pairs, and the independent validator that its labels are held against."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

_FILE = Path(__file__).parent / "pairs.jsonl"


@dataclass(frozen=True)
class Labelled:
    """Two schemas and what a person says of them.

    Args:
        about: the keyword or situation.
        backward: whether new accepts all that old accepts: `compatible` or `breaking`.
        forward: the reverse.
        breaks: for each breaking direction a document that shows it.
    """

    about: str
    backward: str
    forward: str
    old: Any
    new: Any
    breaks: dict[str, Any]

    def sides(self, direction: str) -> tuple[Any, Any]:
        """The schema that accepts and the one that may refuse."""
        return (self.old, self.new) if direction == "backward" else (self.new, self.old)

    def label(self, direction: str) -> str:
        """What is said of a direction."""
        return self.backward if direction == "backward" else self.forward


@cache
def corpus() -> tuple[Labelled, ...]:
    """Every pair, in the order of the file."""
    lines = (json.loads(line) for line in _FILE.read_text(encoding="utf-8").splitlines())
    return tuple(Labelled(**{"breaks": {}, **line}) for line in lines)


def independent(schema: Any) -> jsonschema.protocols.Validator:
    """The Python library `jsonschema`, formats asserted, by the schema's own draft (7 for arrays under `items`)."""
    older = isinstance(schema, dict) and isinstance(schema.get("items"), list)
    default = jsonschema.Draft7Validator if older else jsonschema.Draft202012Validator
    kind = jsonschema.validators.validator_for(schema, default=default)
    return kind(schema, format_checker=kind.FORMAT_CHECKER)


def breaks(old: Any, new: Any, document: Any) -> bool:
    """Whether the independent validator says that old accepts a document and new refuses it."""
    return independent(old).is_valid(document) and not independent(new).is_valid(document)
