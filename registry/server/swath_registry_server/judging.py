"""`POST /validate` and `POST /match`: documents judged by the types that are served."""

from functools import lru_cache
from typing import Any, cast

from swath_registry.catalogue import Catalogue
from swath_registry.errors import RegistryError
from swath_registry.matching import match
from swath_registry.validation import Validator, Violation
from swath_registry_server.errors import Problem
from swath_registry_server.http import Answer, Request, json_answer
from swath_schemas import UnknownSchema


class Judge:
    """Validates and matches; each schema is compiled once."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._validator = lru_cache(None)(self._compile)

    def validate(self, request: Request) -> Answer:
        """Whether a document follows a type: `{"schema": "image@1", "document": …}`, or the document alone with
        `?schema=image@1`.
        """
        reference = request.parameter("schema")
        document = request.json()
        if not reference:
            reference, document = _members(document, "schema", "document")
        violations = self._violations(str(reference), document)
        told = [_told(each) for each in violations]
        schema = str(self._catalogue.resolve(str(reference)))
        return json_answer({"valid": not told, "schema": schema, "violations": told})

    def match(self, request: Request) -> Answer:
        """Whether a service takes an image: `{"image": …, "capabilities": …}`."""
        image, capabilities = _members(request.json(), "image", "capabilities")
        errors = [_told(each, "/image") for each in self._violations("image", image)]
        errors += [_told(each, "/capabilities") for each in self._violations("imageCapabilities", capabilities)]
        if errors:
            raise Problem(400, "the image or the capabilities are not valid", errors=errors)
        return json_answer(match(image, capabilities).as_json())

    def _violations(self, reference: str, document: Any) -> list[Violation]:
        try:
            return self._validator(str(self._catalogue.resolve(reference))).violations(document)
        except UnknownSchema as error:
            raise Problem(404, str(error), error.hint) from error
        except RegistryError as error:
            raise Problem(500, str(error), error.hint) from error

    def _compile(self, reference: str) -> Validator:
        return Validator(reference, self._catalogue.store)


def _members(document: Any, *names: str) -> tuple[Any, ...]:
    told = cast("dict[str, Any]", document) if isinstance(document, dict) else {}
    missing = [name for name in names if name not in told]
    if missing:
        wanted = ", ".join(f'"{name}": …' for name in names)
        raise Problem(400, f"the body lacks {' and '.join(missing)}", f"Send {{{wanted}}}.")
    return tuple(told[name] for name in names)


def _told(violation: Violation, prefix: str = "") -> dict[str, str]:
    return {
        "pointer": prefix + violation.pointer,
        "message": violation.message,
        "keyword": violation.keyword,
        "schemaPointer": violation.schema_pointer,
    }
