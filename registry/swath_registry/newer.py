"""Whether a document that a schema refuses would be valid if its registry types were of a newer version."""

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from swath_registry.validation import Validator
from swath_schemas import PUBLISHED, SchemaId, SchemaStore


@dataclass(frozen=True)
class Newer:
    """A schema, and the same schema with each registry type in its newest published version of the same major.

    Args:
        schema: its references to registry types are exact (`SchemaStore.pin`).
        store: the types.
    """

    schema: dict[str, Any]
    store: SchemaStore = PUBLISHED

    def taking(self, document: Any) -> tuple[SchemaId, ...]:
        """The newer versions with which the document would be valid; () if it wouldn't, or there are none."""
        return self.versions if self.versions and self._validator.is_valid(document) else ()

    @cached_property
    def versions(self) -> tuple[SchemaId, ...]:
        """The newest version of each type that the schema names in an older one."""
        used = {self.store.resolve(found[0]) for found in self._references.finditer(self._text)}
        newest = {self.store.resolve(f"{each.type}@{each.order[0]}"): each for each in used}
        return tuple(sorted((new for new, old in newest.items() if new.order > old.order), key=str))

    @cached_property
    def _validator(self) -> Validator:
        newest = {each.type: each.uri for each in self.versions}
        raised = self._references.sub(lambda found: newest.get(found[1], found[0]), self._text)
        return Validator(json.loads(raised), self.store)

    @property
    def _text(self) -> str:
        return json.dumps(self.schema)

    @property
    def _references(self) -> re.Pattern[str]:
        """The exact URI of a whole type, as the value of a `$ref`."""
        return re.compile(rf'(?<="\$ref": "){re.escape(self.store.base_uri)}/([A-Za-z0-9]+)/[0-9.]+(?=")')
