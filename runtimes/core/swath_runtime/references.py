"""Images answered by reference: put below the operator's prefix, and named in the JSON answer."""

import uuid
from collections.abc import Mapping
from typing import Any

import orjson

from swath_converters import Image
from swath_converters.formats import essence
from swath_converters.policy import Policy
from swath_converters.store import put
from swath_runtime.conversion import Leaf, Node
from swath_runtime.http import Head, Reply
from swath_runtime.payload import JSON
from swath_runtime.results import DEFAULT_IMAGE, SUFFIXES

PREFERENCE = "return=minimal"


def is_wanted(head: Head, policy: Policy) -> bool:
    """Whether a caller prefers references (RFC 7240) and the operator names a place for them."""
    preferences = head.header("prefer").replace(";", ",").lower().split(",")
    return bool(policy.output_prefixes) and PREFERENCE in {one.replace(" ", "").replace('"', "") for one in preferences}


def reference_reply(
    node: Node | None, document: Mapping[str, Any], images: Mapping[str, Image], policy: Policy
) -> Reply:
    """The JSON answer of `referring_document`; raises as it does."""
    body = referring_document(node, document, images, policy)
    return Reply(200, (("content-type", JSON), ("preference-applied", PREFERENCE)), orjson.dumps(body))


def referring_document(
    node: Node | None, document: Mapping[str, Any], images: Mapping[str, Image], policy: Policy
) -> dict[str, Any]:
    """The outputs as JSON, each image as an image object with `href`, `mediaType`, `sizeBytes` and `sha256`.

    They lie together in a folder of a name that nobody can guess, below the first prefix that the operator allows.

    Raises:
        StoreFailed: the place did not take one; those before it may lie there.
        CannotEncode: the media type that an output names can't hold its image.
    """
    folder = f"{policy.output_prefixes[0].rstrip('/')}/{uuid.uuid4()}"

    def stored(value: Any, leaf: Leaf, pointer: str) -> Any:
        image = images.get(pointer)
        if image is None:
            return value
        kind = leaf.media_type or DEFAULT_IMAGE
        name = f"{pointer.strip('/').replace('/', '-')}{SUFFIXES.get(essence(kind), '')}"
        return put(image, f"{folder}/{name}", policy, media_type=kind).as_image()

    return dict(node.apply(document, "", stored) if node and images else document)
