"""A part of a request: what `cid:NAME` refers to."""

from dataclasses import dataclass

Buffer = bytes | bytearray | memoryview
"""Bytes as they came, not copied. Decoding `bytes` makes no copy of them; the other two cost one."""


@dataclass(frozen=True)
class Part:
    """The content of a multipart part, or of a raw body.

    Attributes:
        content: its bytes.
        media_type: its `Content-Type` as sent, or None.
        filename: its file name as sent, for messages only: never opened, never a path.
    """

    content: Buffer
    media_type: str | None = None
    filename: str | None = None
