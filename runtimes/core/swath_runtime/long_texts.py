"""JSON with texts of many megabytes, read and written without a parser looking at each of their characters.

orjson holds the interpreter's lock for 60 ms while it reads 45 MB of base64, and for 20 while it writes them; nothing
else in the process goes on meanwhile, `health` included. Here such a text is found by its quotes, looked at by numpy,
which lets others go on, and put where a placeholder stood in the rest.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

import numpy as np
import orjson

from swath_runtime.http import Buffer

LONG_BYTES = 1 << 20
MOST_LOOKED_AT = 256  # texts: a long one that follows more short ones is left to orjson
QUOTE, BACKSLASH = b'"', b"\\"


def loads(body: Buffer) -> Any:
    """The document, as `orjson.loads` reads it; raises its JSONDecodeError."""
    if len(body) < LONG_BYTES or not isinstance(body, bytes | bytearray):
        return orjson.loads(body)
    mark = secrets.token_hex(16)
    texts: dict[str, str] = {}
    pieces: list[Buffer] = []
    rest, view = 0, memoryview(body)
    for start, end in _long_texts(body):
        name = f"{mark}{len(texts)}"
        texts[name] = str(view[start:end], "ascii")
        pieces += [view[rest:start], name.encode()]
        rest = end
    if not texts:
        return orjson.loads(body)
    try:
        short = orjson.loads(b"".join([*pieces, view[rest:]]))
    except orjson.JSONDecodeError:
        return orjson.loads(body)  # fails too, and says where
    return short if _put_back(short, texts) else orjson.loads(body)


def dumps(make: Callable[[Callable[[bytes], str]], Any]) -> bytes:
    """A document as JSON.

    Args:
        make: makes the document, with what it is given standing in it for long texts: a function that keeps such a text
            (base64, of which nothing needs escaping) and gives back its placeholder.
    """
    mark = ""
    texts: list[bytes] = []

    def keep(text: bytes) -> str:
        nonlocal mark
        mark = mark or secrets.token_hex(16)
        texts.append(text)
        return f"{mark}{len(texts) - 1:06d}"

    short = orjson.dumps(make(keep))
    if not texts:
        return short
    first, *others = short.split(mark.encode())
    pieces = [first]
    for one in others:
        pieces += [texts[int(one[:6])], one[6:]]
    return b"".join(pieces)


def _long_texts(body: bytes | bytearray) -> Iterator[tuple[int, int]]:
    """Where the long texts of a JSON document lie that hold nothing but ASCII without escapes, quotes aside.

    Until the document is known to be valid, they are only what would be texts if it were.
    """
    at = 0
    for _ in range(MOST_LOOKED_AT):
        start = body.find(QUOTE, at) + 1
        end = _end_of_text(body, start) if start else -1
        if end < 0:
            return
        if end - start >= LONG_BYTES and _is_plain(body, start, end):
            yield start, end
        at = end + 1


def _end_of_text(body: bytes | bytearray, start: int) -> int:
    """Where the quote stands that ends a text; -1 where none does."""
    end = body.find(QUOTE, start)
    while end >= 0 and _is_escaped(body, start, end):
        end = body.find(QUOTE, end + 1)
    return end


def _is_escaped(body: bytes | bytearray, start: int, quote: int) -> bool:
    first = quote
    while first > start and body[first - 1] == ord(BACKSLASH):
        first -= 1
    return (quote - first) % 2 == 1


def _is_plain(body: bytes | bytearray, start: int, end: int) -> bool:
    if body.find(BACKSLASH, start, end) >= 0:
        return False
    characters = np.frombuffer(body, np.uint8, end - start, start)
    return bool(characters.min() >= ord(" ") and characters.max() < 128)


def _put_back(document: Any, texts: dict[str, str]) -> bool:
    """Whether each text now stands again where it was a value; one that is a member's name is left out."""
    places: list[Any] = [document]
    while texts and places:
        place = places.pop()
        for key in tuple(_keys(place)):
            value: Any = place[key]
            if isinstance(value, str):
                if value in texts:
                    place[key] = texts.pop(value)
            else:
                places.append(value)
    return not texts


def _keys(value: Any) -> Iterable[Any]:
    """What leads to the members of a value."""
    if isinstance(value, dict):
        return cast("dict[str, Any]", value)
    return range(len(cast("list[Any]", value))) if isinstance(value, list) else ()
