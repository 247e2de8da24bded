"""Where the bytes of a file come from: base64, a `data:` URI, a part of the request, an allowed file or URL."""

import binascii
import os
import re
from collections.abc import Mapping
from urllib.parse import unquote

import numpy as np
import pybase64
from numpy.typing import NDArray

from .access import fetch
from .access.local import open_file
from .errors import MalformedValue, MissingPart, SchemeDenied, TooLarge
from .parts import Part
from .policy import Policy

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_ALWAYS_READABLE = ("data", "cid")
_SLICE = 1 << 18


def open_text(value: str, parts: Mapping[str, Part], policy: Policy) -> Part:
    """What a text refers to, or holds itself.

    Args:
        value: base64 (RFC 4648 §4, padded, no line breaks), `data:[type][;base64],…` (RFC 2397), `cid:NAME`,
            or a URI that the policy allows.
        parts: the parts of the request by name.
        policy: what may be opened.

    Raises:
        MalformedValue: the text is none of these.
        MissingPart: no part has that name.
        AccessDenied: the policy does not allow the URI; nothing was opened.
        FetchFailed: the server did not give the file, or not in time (FetchTimedOut).
        TooLarge: more bytes than the policy allows in a file.
    """
    if _SCHEME.match(value) is None:
        return Part(decode_base64(value, policy))
    return open_uri(value, parts, policy)


def open_uri(uri: str, parts: Mapping[str, Part], policy: Policy) -> Part:
    """What a URI refers to; as `open_text`, but a text without a scheme is no base64."""
    found = _SCHEME.match(uri)
    rest = uri[found.end() :] if found else uri
    match found[1].lower() if found else "":
        case "cid":
            return _part(unquote(rest), parts)
        case "data":
            return _data(rest, policy)
        case "file" if "file" in policy.schemes:
            return Part(_file(uri, policy))
        case name if name in policy.schemes:
            return Part(fetch(uri, policy))
        case name:
            raise SchemeDenied(name, (*_ALWAYS_READABLE, *sorted(policy.schemes)))


def decode_base64(text: str, policy: Policy) -> bytes:
    """The bytes that a base64 text stands for, nothing lenient about it.

    Raises:
        MalformedValue: a character outside the alphabet, or wrong padding.
        TooLarge: more bytes than the policy allows in a file.
    """
    _check_size(len(text) // 4 * 3 - text[-2:].count("="), policy)
    try:
        return pybase64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise MalformedValue(
            "The text is neither a URI nor base64.",
            hint="Use the standard alphabet (+ and /), with padding and without line breaks; or send a part, "
            "and cid:NAME here.",
        ) from None


def _part(name: str, parts: Mapping[str, Part]) -> Part:
    if name not in parts:
        raise MissingPart(name, tuple(parts))
    return parts[name]


def _data(rest: str, policy: Policy) -> Part:
    """RFC 2397, what follows `data:`."""
    head, comma, body = rest.partition(",")
    if not comma:
        raise MalformedValue("The data: URI has no comma, so no data.", hint="Write data:image/png;base64,…")
    media_type, is_base64 = (head[: -len(";base64")], True) if head.lower().endswith(";base64") else (head, False)
    if is_base64:
        return Part(decode_base64(unquote(body) if "%" in body else body, policy), media_type or None)
    _check_size(len(body) - 2 * body.count("%"), policy)
    return Part(_unescaped(body), media_type or None)


def _unescaped(text: str) -> bytes:
    """The bytes of a text in which `%` and two hexadecimal digits stand for one; a slice at once, so in little memory.

    Raises:
        MalformedValue: something else follows a `%`, or a character is not ASCII.
    """
    if not text.isascii():
        raise MalformedValue("A character of the data: URI is not ASCII.", hint="Write it as %XX, byte by byte.")
    slices: list[bytes] = []
    start = 0
    while start < len(text):
        end = start + _SLICE
        if end < len(text) and (cut := text.rfind("%", end - 2, end)) > 0:  # no escape is cut
            end = cut
        slices.append(_without_escapes(np.frombuffer(text[start:end].encode(), np.uint8)))
        start = end
    return b"".join(slices)


def _without_escapes(given: NDArray[np.uint8]) -> bytes:
    at = np.flatnonzero(given == ord("%"))
    if not len(at):
        return given.tobytes()
    digits = _HEX[given[np.minimum(at[:, None] + (1, 2), len(given) - 1)]]
    if at[-1] + 2 >= len(given) or digits.max() > 15:
        raise MalformedValue("In the data: URI a % is followed by no two hexadecimal digits.")
    content, kept = given.copy(), np.ones(len(given), np.bool_)
    content[at] = digits[:, 0] * 16 + digits[:, 1]
    kept[at + 1] = kept[at + 2] = False
    return content[kept].tobytes()


def _hexadecimal() -> NDArray[np.uint8]:
    """The value of each ASCII character as a hexadecimal digit, 255 for those that are none."""
    values = np.full(256, 255, np.uint8)
    for value, digit in enumerate("0123456789abcdef"):
        values[[ord(digit), ord(digit.upper())]] = value
    return values


_HEX = _hexadecimal()


def _file(uri: str, policy: Policy) -> bytes:
    with open_file(uri, policy) as file:
        _check_size(os.fstat(file.fileno()).st_size, policy)
        return file.read(policy.max_encoded_bytes)


def _check_size(size_bytes: int, policy: Policy) -> None:
    if size_bytes > policy.max_encoded_bytes:
        raise TooLarge("bytes", size_bytes, policy.max_encoded_bytes)
