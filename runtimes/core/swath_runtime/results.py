"""What an algorithm gave back, made into outputs by name and then into an answer."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import numpy as np
import orjson
import pybase64
from numpy.typing import NDArray

from swath_converters import Image
from swath_converters.formats import JP2, JPEG, NPY, NPZ, PNG, TIFF, WEBP
from swath_converters.image import encoded_image
from swath_converters.json_values import to_json
from swath_registry.validation import Validator
from swath_runtime import long_texts
from swath_runtime.conversion import Leaf, Node
from swath_runtime.http import Buffer, Reply
from swath_runtime.named import by_name
from swath_runtime.payload import JSON
from swath_runtime.problems import FAILED, Problem

DEFAULT_IMAGE = "image/tiff"  # the one that holds every dtype and the georeferencing
SUFFIXES = {form.media_type: form.suffix for form in (TIFF, PNG, JP2, NPZ, NPY, JPEG, WEBP)}
"""Endings of the file names of images, by media type."""


def outputs_of(result: Any, names: Sequence[str]) -> dict[str, Any]:
    """Outputs by name: of a mapping, a dataclass or a named tuple, or of the one bare value; None is left out.

    Raises Problem 500 where several outputs are declared and what came back has no names.
    """
    named = by_name(result)
    if len(names) == 1 and (named is None or names[0] not in named):
        named = {names[0]: result}
    if named is None:
        raise Problem(FAILED, "The algorithm gave back no outputs by name.", f"Its outputs are {', '.join(names)}.")
    return {name: value for name, value in named.items() if value is not None}


def on_grid(node: Node | None, outputs: dict[str, Any], inputs: Sequence[Image]) -> dict[str, Any]:
    """The outputs with each bare array that stands for an image put on the grid of the first input of its size."""

    def place(value: Any, leaf: Leaf, pointer: str) -> Any:
        if leaf.type != "image" or not isinstance(value, np.ndarray):
            return value
        array = cast(NDArray[Any], value[None] if value.ndim == 2 else value)
        same = (one for one in inputs if one.array.shape[-2:] == array.shape[-2:])
        source = next(same, None)
        return source.like(array) if source else Image(array)

    return node.apply(outputs, "", place) if node else outputs


def check_outputs(
    node: Node | None, outputs: dict[str, Any], validator: Validator | None
) -> tuple[dict[str, Any], dict[str, Image]]:
    """The outputs as JSON, and the images that stand in it as `cid:POINTER`, by pointer.

    Raises NotJson, or Problem 500 naming the output that does not fit its schema.
    """
    images: dict[str, Image] = {}

    def visit(value: Any, leaf: Leaf, pointer: str) -> Any:
        if not isinstance(value, Image):
            return value if leaf.type == "image" else leaf.converter.to_wire(value, leaf.media_type)
        images[pointer] = value
        return f"cid:{pointer}"

    document: dict[str, Any] = to_json(node.apply(outputs, "", visit) if node else outputs, "")
    violations = validator.violations(document) if validator else []
    if violations:
        first = violations[0]
        raise Problem(
            FAILED,
            f"The algorithm's output {first.pointer or 'document'} is not what it describes: {first.message}",
            "Its author must mend it: swath test shows the same.",
            violations,
        )
    return document, images


def whole_document(
    node: Node | None,
    document: dict[str, Any],
    images: Mapping[str, Image],
    as_text: Callable[[Buffer], str] = pybase64.b64encode_as_string,
) -> dict[str, Any]:
    """All outputs, images as base64 of the media type that the schema names (else GeoTIFF), or what `as_text` makes."""

    def encode(value: Any, leaf: Leaf, pointer: str) -> Any:
        image = images.get(pointer)
        return value if image is None else as_text(encoded_image(image, leaf.media_type or DEFAULT_IMAGE))

    return node.apply(document, "", encode) if node and images else document


def json_reply(node: Node | None, document: dict[str, Any], images: Mapping[str, Image]) -> Reply:
    """All outputs in one JSON object, as `whole_document` has them."""

    def make(keep: Callable[[bytes], str]) -> dict[str, Any]:
        return whole_document(node, document, images, lambda file: keep(pybase64.b64encode(file)))

    return Reply(200, (("content-type", JSON),), long_texts.dumps(make))


def single_reply(kind: str, name: str, document: dict[str, Any], images: Mapping[str, Image]) -> Reply:
    """One output as the whole answer: an image's file, or GeoJSON."""
    image = images.get(f"/{name}")
    body = orjson.dumps(document.get(name)) if image is None else encoded_image(image, kind)
    return Reply(200, (("content-type", kind),), body)
