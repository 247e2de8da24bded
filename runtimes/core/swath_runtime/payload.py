"""A request's body and query, read into one JSON document and the binary parts that it refers to.

Whatever comes as bytes (a multipart file, a raw body) stands in the document as `cid:NAME` (RFC 2392) and is
never copied into it, so that one schema and one converter serve every form of request.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import orjson
from multipart import (
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
    parse_options_header,  # pyright: ignore[reportUnknownVariableType]
)

from swath_converters.formats import DECODABLE
from swath_converters.parts import Part
from swath_runtime import long_texts
from swath_runtime.codings import unpacked
from swath_runtime.http import Request, media_type
from swath_runtime.problems import MALFORMED, UNSUPPORTED, Problem

JSON = "application/json"
MULTIPART = "multipart/form-data"
RAW = (*DECODABLE, "application/octet-stream")
SUPPORTED = (JSON, MULTIPART, *RAW)
BODY_PART = "body"
PARSED_KINDS = {"number", "integer", "boolean", "object", "array", "null"}
MOST_SEGMENTS = 1000


@dataclass
class Payload:
    """The input as a document, and the parts that `cid:` values in it name."""

    document: dict[str, Any]
    parts: dict[str, Part] = field(default_factory=dict[str, Part])


def read_payload(request: Request, properties: Mapping[str, Any], images: list[str], limit_bytes: int) -> Payload:
    """The payload of a request.

    Args:
        request: its body is JSON, multipart/form-data, or one image. It is read no more: where it is a buffer that can
            be written to, an image may stay in it.
        properties: schemas of the inputs by name; they say how text from forms and queries is read.
        images: names of the inputs that are one image; a raw body is the only one of them.
        limit_bytes: the most that a compressed body may hold.

    Raises:
        Problem: 400 where it can't be read or names an input twice, 413 where it unpacks to more than the limit,
            415 for any other media type or content coding.
    """
    header = request.head.header("content-type")
    kind = media_type(header)
    request = Request(request.head, unpacked(request.body, request.head.header("content-encoding"), limit_bytes))
    if kind == MULTIPART:
        payload = _multipart(request, header, properties)
    elif kind == JSON or kind.endswith("+json"):
        payload = Payload(json_object(request.body))
    elif kind in RAW:
        payload = _raw(request, kind, images)
    elif not request.body and not kind:
        payload = Payload({})
    else:
        said = f"The media type '{kind[:80]}' is not supported" if kind else "The body has no media type"
        raise Problem(
            UNSUPPORTED,
            f"{said}.",
            f"Supported: {', '.join(SUPPORTED)}.",
            headers=[("accept-post", ", ".join(SUPPORTED))],
        )
    for name, text in parse_qsl(request.head.query, keep_blank_values=True, errors="replace"):
        _add(payload.document, name, read_text(text, properties.get(name)))
    return payload


def read_text(text: str, schema: Mapping[str, Any] | None) -> Any:
    """The value of a text from a form, a query or a command line, as its schema asks for it; else the text itself."""
    wanted = (schema or {}).get("type")
    if isinstance(wanted, str) and wanted in PARSED_KINDS:
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            return text  # the schema refuses it, and says what it wants
    if schema and "$ref" in schema and text[:1] == "{":
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            return text
    return text


def json_object(body: bytes | bytearray | memoryview) -> dict[str, Any]:
    """The JSON object that a body is; raises Problem 400 where it is none."""
    try:
        document = long_texts.loads(body)
    except orjson.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Problem(
            MALFORMED, f"The body is not JSON: it can't be read at {where}.", "Send one JSON object."
        ) from None
    if not isinstance(document, dict):
        raise Problem(MALFORMED, "The body is JSON, but no object.", "Send an object that maps names to values.")
    return document  # pyright: ignore[reportUnknownVariableType]


def _raw(request: Request, kind: str, images: list[str]) -> Payload:
    if len(images) != 1:
        count = "no image input" if not images else f"{len(images)} image inputs ({', '.join(images)})"
        raise Problem(
            UNSUPPORTED,
            f"A raw {kind} body needs one image input; this service has {count}.",
            f"Send {MULTIPART} or {JSON}.",
        )
    name = None if kind == "application/octet-stream" else kind
    return Payload({images[0]: f"cid:{BODY_PART}"}, {BODY_PART: Part(request.body, name, is_given=True)})


def _multipart(request: Request, header: str, properties: Mapping[str, Any]) -> Payload:
    parsed: tuple[str, dict[str, str]] = parse_options_header(header)  # pyright: ignore[reportUnknownVariableType]
    boundary = parsed[1].get("boundary", "")
    if not boundary:
        raise Problem(
            MALFORMED,
            "The multipart body has no boundary in its Content-Type.",
            "Let your client write that header.",
        )
    payload = Payload({})
    try:
        for segment, content in _segments(request.body, boundary):
            _take(payload, segment, content, properties)
    except MultipartError:
        raise Problem(
            MALFORMED, "The multipart body can't be read: it is cut short or malformed.", "Send it again."
        ) from None
    return payload


def _segments(body: bytes | bytearray | memoryview, boundary: str) -> list[tuple[MultipartSegment, bytes]]:
    found: list[tuple[MultipartSegment, list[bytes]]] = []
    whole = bytes(body) if isinstance(body, memoryview) else body
    with PushMultipartParser(boundary, content_length=len(whole), max_segment_count=MOST_SEGMENTS) as parser:
        for event in parser.parse(whole):
            if isinstance(event, MultipartSegment):
                found.append((event, []))
            elif event is not None:
                found[-1][1].append(bytes(event))  # bytes already: no copy
    return [(segment, b"".join(chunks)) for segment, chunks in found]  # of one chunk, join makes no copy


def _take(payload: Payload, segment: MultipartSegment, content: bytes, properties: Mapping[str, Any]) -> None:
    kind = media_type(segment.content_type or "")
    name = segment.name or ""
    if kind == JSON or kind.endswith("+json"):
        _add(payload.document, name, _json_part(content, name))
    elif segment.filename is None and kind in {"", "text/plain"}:
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            raise Problem(MALFORMED, f"The field '{name[:64]}' is not UTF-8.", "Send bytes as a file part.") from None
        _add(payload.document, name, read_text(text, properties.get(name)))
    else:
        if name in payload.parts:
            raise _twice(name)
        payload.parts[name] = Part(content, kind or None, segment.filename)
        if name in properties:
            _add(payload.document, name, f"cid:{name}")


def _json_part(content: bytes, name: str) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        raise Problem(
            MALFORMED, f"The part '{name[:64]}' is not JSON.", "Send valid JSON, or another media type."
        ) from None


def _add(document: dict[str, Any], name: str, value: Any) -> None:
    if name in document:
        raise _twice(name)
    document[name] = value


def _twice(name: str) -> Problem:
    return Problem(MALFORMED, f"The input '{name[:64]}' is given twice.", "Give it once: in the body or in the query.")
