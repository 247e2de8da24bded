"""The inputs of a call: read from a request, held against their schema, and made into what the algorithm sees."""

from collections.abc import Mapping, Sequence
from typing import Any

from swath_algorithm.defaults import fill_defaults
from swath_algorithm.folder import Algorithm
from swath_converters import Image
from swath_converters.parts import Part
from swath_converters.policy import Policy
from swath_registry.newer import Newer
from swath_registry.validation import Validator
from swath_runtime.conversion import Leaf, Node, compile_schema, leaves_of
from swath_runtime.http import Request
from swath_runtime.payload import Payload, read_payload
from swath_runtime.problems import invalid
from swath_runtime.taken_over import absent_inputs, bare


class Inputs:
    """What is compiled once from the input schema of a description.

    Args:
        algorithm: whose description and signature say what it takes.
        policy: what a caller's images may be, and where they may come from.
        most_bytes: the most that a compressed body may hold.

    Attributes:
        images: names of the inputs that are one image.
    """

    def __init__(self, algorithm: Algorithm, policy: Policy, most_bytes: int) -> None:
        self._schema: dict[str, Any] = algorithm.describe["input"]
        self._signature, self._policy, self._most_bytes = algorithm.signature, policy, most_bytes
        self._properties: dict[str, Any] = self._schema.get("properties", {})
        self._check, self._newer = Validator(self._schema), Newer(self._schema)
        self._node: Node | None = compile_schema(self._schema)
        self._absent = absent_inputs(algorithm.signature, self._properties)
        self.images = leaves_of(self._node, "image")

    def read(self, request: Request) -> Payload:
        """The input of a request in any form; raises Problem 400, 413 or 415."""
        return read_payload(request, self._properties, self.images, self._most_bytes)

    def require_valid(self, document: dict[str, Any]) -> dict[str, Any]:
        """The input with its defaults; raises Problem 400 where it is not as described."""
        document = fill_defaults(document, self._schema)
        if violations := self._check.violations(document):
            raise invalid(violations, self._newer.taking(document))
        return document

    def decoded(self, document: dict[str, Any], parts: Mapping[str, Part]) -> tuple[dict[str, Any], Sequence[Image]]:
        """The inputs by name in memory, and the images among them; raises ConversionError with the pointer."""
        images: list[Image] = []

        def decode(value: Any, leaf: Leaf, pointer: str) -> Any:
            memory = leaf.converter.from_wire(value, parts, self._policy)
            return bare(memory, self._signature, images) if isinstance(memory, Image) else memory

        return (self._node.apply(document, "", decode) if self._node else document), images

    def handed(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The inputs as the algorithm wants them: bare arrays where it says so."""
        bare_arrays = self._signature.bare_arrays
        return self._absent | {
            name: value.array if name in bare_arrays and isinstance(value, Image) else value
            for name, value in inputs.items()
        }
