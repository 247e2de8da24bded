"""Where the bytes of a file come from: base64, a `data:` URI, a part of the request, an allowed file."""

import binascii
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, unquote_to_bytes, urlsplit

import pybase64

from .errors import AccessDenied, MalformedValue, MissingPart, TooLarge
from .parts import Part
from .policy import Policy

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_ALWAYS_READABLE = ("data", "cid")


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
        case name:
            raise _denied(name, policy)


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
    content = decode_base64(unquote(body) if "%" in body else body, policy) if is_base64 else unquote_to_bytes(body)
    _check_size(len(content), policy)
    return Part(content, media_type or None)


def _denied(scheme: str, policy: Policy) -> AccessDenied:
    readable = ", ".join(f"{name}:" for name in (*_ALWAYS_READABLE, *sorted(policy.schemes)))
    what = f"URIs with the scheme {scheme[:32]!r} are" if scheme else "References without a scheme are"
    return AccessDenied(
        f"{what} not opened here; allowed: {readable}.",
        hint="Send the image itself: as base64, or as a part of the request and cid:NAME here.",
    )


def _file(uri: str, policy: Policy) -> bytes:
    """The content of a regular file below one of the policy's roots, symbolic links resolved first.

    One message for all that can be wrong, so that it does not tell what exists.
    """
    try:
        path = _local_path(uri).resolve(strict=True)
        roots = (root.resolve() for root in policy.roots)
        root = next(root for root in roots if path.is_relative_to(root))
        return _read_below(root, path.relative_to(root), policy)
    except (OSError, ValueError, StopIteration, RuntimeError):
        raise AccessDenied(
            "The file: URI names no file that may be read here.",
            hint="It must be file:///… with the path of a file below a folder that the operator allows.",
        ) from None


def _local_path(uri: str) -> Path:
    """The path of a file: URI (RFC 8089); ValueError where it has a host, a query or a fragment."""
    split = urlsplit(uri)
    if split.netloc not in ("", "localhost") or split.query or split.fragment:
        raise ValueError(uri)
    return Path(unquote(split.path))


def _read_below(root: Path, relative: Path, policy: Policy) -> bytes:
    """The file's content, opened folder by folder so that no link put there meanwhile is followed."""
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for name in relative.parts:
            inner = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = inner
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ValueError
        _check_size(status.st_size, policy)
        with os.fdopen(os.dup(descriptor), "rb") as file:
            return file.read(policy.max_encoded_bytes)
    finally:
        os.close(descriptor)


def _check_size(size_bytes: int, policy: Policy) -> None:
    if size_bytes > policy.max_encoded_bytes:
        raise TooLarge("bytes", size_bytes, policy.max_encoded_bytes)
