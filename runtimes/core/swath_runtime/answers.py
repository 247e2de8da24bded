"""The outputs of a call: held against their schema, and answered in the form that the caller accepts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from swath_converters import Image
from swath_converters.image import is_encodable
from swath_converters.policy import Policy
from swath_registry.validation import Validator
from swath_runtime.conversion import Node, compile_schema
from swath_runtime.description import single_answers
from swath_runtime.http import Head, Reply
from swath_runtime.multiparts import KINDS as MULTIPARTS
from swath_runtime.multiparts import Piece, all_pieces, image_pieces, multipart_reply
from swath_runtime.negotiation import choose
from swath_runtime.payload import JSON
from swath_runtime.references import is_wanted, reference_reply, referring_document
from swath_runtime.results import (
    DEFAULT_IMAGE,
    check_outputs,
    json_reply,
    on_grid,
    outputs_of,
    single_reply,
    whole_document,
)


@dataclass(frozen=True)
class Outcome:
    """What one call gave: outputs as JSON, with the images that stand in it as `cid:POINTER` by pointer."""

    document: dict[str, Any]
    images: dict[str, Image]


class Answers:
    """What is compiled once from the output schema of a description.

    Args:
        output: the schema, `content` aside.
        policy: where results may be put by reference.
        is_checked: whether outputs are held against their schema.
    """

    def __init__(self, output: Mapping[str, Any], policy: Policy, *, is_checked: bool) -> None:
        schema = {key: value for key, value in output.items() if key != "content"}
        self._policy, self._names = policy, list(output.get("properties", {}))
        self._check = Validator(schema) if is_checked else None
        self._node: Node | None = compile_schema(output)
        self._singles = single_answers(dict(output))

    def kind_for(self, head: Head) -> str:
        """The media type that a caller is answered in; raises Problem 406."""
        return choose(head.header("accept"), (JSON, *self._singles, *MULTIPARTS), self._can_be_named)

    def outcome_of(self, result: Any, images: Sequence[Image]) -> Outcome:
        """What the algorithm gave back, bare arrays on the grid of the input images; raises Problem 500."""
        placed = on_grid(self._node, outputs_of(result, self._names), images)
        return Outcome(*check_outputs(self._node, placed, self._check))

    def reply(self, kind: str, head: Head, outcome: Outcome) -> Reply:
        """The answer in that media type; raises CannotEncode or StoreFailed."""
        document, images = outcome.document, outcome.images
        if kind == JSON and self.refers(head):
            return reference_reply(self._node, document, images, self._policy)
        if kind == JSON:
            return json_reply(self._node, document, images)
        if kind in MULTIPARTS:
            return multipart_reply(kind, self._node, document, images)
        return single_reply(kind, self._singles.get(kind) or self._singles[DEFAULT_IMAGE], document, images)

    def refers(self, head: Head) -> bool:
        """Whether a caller's images are put below the operator's prefix, and named in the answer."""
        return is_wanted(head, self._policy)

    def document_of(self, outcome: Outcome, *, by_reference: bool = False) -> dict[str, Any]:
        """The JSON answer of a call, images in it as base64 or, `by_reference`, as image objects; raises as `reply`."""
        if by_reference:
            return referring_document(self._node, outcome.document, outcome.images, self._policy)
        return whole_document(self._node, outcome.document, outcome.images)

    def pieces_of(self, outcome: Outcome, prefix: str) -> tuple[list[Piece], dict[str, Any]]:
        """The images of a call as parts named after the prefix, and its JSON with `cid:NAME` for each; CannotEncode."""
        return image_pieces(self._node, outcome.document, outcome.images, prefix)

    def results_of(self, outcome: Outcome, *, by_reference: bool) -> list[Piece]:
        """The outputs one by one, images as files or, `by_reference`, as image objects; raises as `reply` does."""
        if by_reference:
            referring = referring_document(self._node, outcome.document, outcome.images, self._policy)
            return all_pieces(None, referring, {})
        return all_pieces(self._node, outcome.document, outcome.images)

    def _can_be_named(self, kind: str) -> bool:
        """Whether the one image of the answer is written as a media type that no wildcard chooses."""
        return DEFAULT_IMAGE in self._singles and is_encodable(kind)
