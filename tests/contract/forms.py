"""Requests in the forms that a service takes, and images out of its answers."""

import base64
import json
from typing import Any

from clients.answers import Answer

from swath_converters import Image
from swath_converters.image import decode_image
from swath_converters.policy import Policy

PROCESS = "/api/v1/process"
BOUNDARY = "part-7MA4YWxkTrZu0gW"


def post_json(client: Any, document: Any, accept: str = "application/json", query: str = "") -> Answer:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return client.send("POST", PROCESS + query, body, {"Content-Type": "application/json", "Accept": accept})


def post_raw(client: Any, content: bytes, kind: str = "image/tiff", accept: str = "*/*", query: str = "") -> Answer:
    return client.send("POST", PROCESS + query, content, {"Content-Type": kind, "Accept": accept})


def post_parts(client: Any, parts: list[tuple[str, bytes, str | None, str | None]], accept: str = "*/*") -> Answer:
    """Parts are (name, content, media type, file name)."""
    return client.send("POST", PROCESS, multipart(parts), {"Content-Type": form_type(), "Accept": accept})


def form_type() -> str:
    return f"multipart/form-data; boundary={BOUNDARY}"


def multipart(parts: list[tuple[str, bytes, str | None, str | None]]) -> bytes:
    lines: list[bytes] = []
    for name, content, kind, filename in parts:
        disposition = f'Content-Disposition: form-data; name="{name}"' + (
            f'; filename="{filename}"' if filename else ""
        )
        head = [disposition] + ([f"Content-Type: {kind}"] if kind else [])
        lines += [f"--{BOUNDARY}".encode(), *(one.encode() for one in head), b"", content]
    return b"\r\n".join([*lines, f"--{BOUNDARY}--".encode(), b""])


def image_of(text: str) -> Image:
    return decode_image(base64.b64decode(text, validate=True), Policy())


def image_in(answer: Answer) -> Image:
    return decode_image(answer.body, Policy())
