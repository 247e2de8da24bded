"""All outputs in one multipart answer: binary parts as they are, without base64."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson

from swath_converters import Image
from swath_converters.formats import essence
from swath_converters.image import encoded_image
from swath_runtime.conversion import Leaf, Node
from swath_runtime.http import Buffer, Reply
from swath_runtime.payload import JSON, MULTIPART
from swath_runtime.results import DEFAULT_IMAGE, SUFFIXES

MIXED = "multipart/mixed"
KINDS = (MULTIPART, MIXED)
GEOJSON = "application/geo+json"


@dataclass(frozen=True)
class Piece:
    """One output, or one image of an output: its name, its media type, and what it holds."""

    name: str
    kind: str
    content: Buffer

    @property
    def filename(self) -> str:
        """A name for the file that a client may write: `images-0.tif`."""
        return f"{self.name.replace('/', '-')}{SUFFIXES.get(essence(self.kind), '')}"


def multipart_reply(kind: str, node: Node | None, document: Mapping[str, Any], images: Mapping[str, Image]) -> Reply:
    """The outputs as parts, so that what one service answers another takes.

    Args:
        kind: `multipart/form-data`: an output a part, an image as a file part of the output's name.
            `multipart/mixed`: first the JSON answer, in which `cid:NAME` stands for each image; then the images,
            with `Content-ID: <NAME>`.
        node: where images and collections stand in the outputs.
        document: the outputs as JSON, images as `cid:POINTER`.
        images: the images by pointer. One in a list is the part `NAME/INDEX`, to which its JSON refers.

    Raises CannotEncode where the media type that an output names can't hold its image.
    """
    if kind == MIXED:
        pieces, named = image_pieces(node, document, images)
        return mixed_reply(named, pieces)
    return _reply(kind, all_pieces(node, document, images))


def all_pieces(node: Node | None, document: Mapping[str, Any], images: Mapping[str, Image]) -> list[Piece]:
    """The outputs one by one: what is no image first, as JSON or GeoJSON, in which `cid:NAME` stands for an image.

    Raises CannotEncode where the media type that an output names can't hold its image.
    """
    pieces, named = image_pieces(node, document, images)
    whole = {piece.name for piece in pieces}
    values = [Piece(name, _kind_of(value), orjson.dumps(value)) for name, value in named.items() if name not in whole]
    return [*values, *pieces]


def mixed_reply(document: Mapping[str, Any], pieces: Sequence[Piece]) -> Reply:
    """multipart/mixed: a JSON document, then the pieces to which it refers."""
    return _reply(MIXED, [Piece("", JSON, orjson.dumps(document)), *pieces])


def _reply(kind: str, pieces: Sequence[Piece]) -> Reply:
    boundary = f"swath-{sha256(b''.join(piece.content[:4096] for piece in pieces)).hexdigest()[:40]}"
    lines = [line for piece in pieces for line in _lines(piece, boundary, kind)]
    body = b"\r\n".join([*lines, f"--{boundary}--".encode(), b""])
    return Reply(200, (("content-type", f"{kind}; boundary={boundary}"),), body)


def image_pieces(
    node: Node | None, document: Mapping[str, Any], images: Mapping[str, Image], prefix: str = ""
) -> tuple[list[Piece], dict[str, Any]]:
    """The images as parts, whose names begin with the prefix, and the document with `cid:NAME` in the place of each."""
    pieces: list[Piece] = []

    def visit(value: Any, leaf: Leaf, pointer: str) -> Any:
        image = images.get(pointer)
        if image is None:
            return value
        kind = leaf.media_type or DEFAULT_IMAGE
        pieces.append(Piece(prefix + pointer.strip("/"), kind, encoded_image(image, kind)))
        return f"cid:{pieces[-1].name}"

    named = node.apply(document, "", visit) if node and images else document
    return pieces, dict(named)


def _kind_of(value: Any) -> str:
    is_collection = isinstance(value, dict) and value.get("type") == "FeatureCollection"  # pyright: ignore
    return GEOJSON if is_collection else JSON


def _lines(piece: Piece, boundary: str, kind: str) -> list[Buffer]:
    head = [f"--{boundary}", f"Content-Type: {piece.kind}"]
    if kind == MULTIPART:
        file = f'; filename="{_quoted(piece.filename)}"' if essence(piece.kind) in SUFFIXES else ""
        head.append(f'Content-Disposition: form-data; name="{_quoted(piece.name)}"{file}')
    elif piece.name:
        head.append(f"Content-ID: <{_quoted(piece.name)}>")
    return [*(line.encode() for line in head), b"", piece.content]


def _quoted(name: str) -> str:
    """A name within quotes, as HTML forms write those that would end them or the line."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
