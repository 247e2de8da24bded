"""A part of a request: what `cid:NAME` refers to."""

from dataclasses import dataclass

Buffer = bytes | bytearray | memoryview
"""Bytes as they came, not copied. Decoding `bytes` makes no copy of them; the other two cost one."""


@dataclass
class Part:
    """The content of a multipart part, or of a raw body.

    Attributes:
        content: its bytes.
        media_type: its `Content-Type` as sent, or None.
        filename: its file name as sent, for messages only: never opened, never a path.
        is_given: whether nobody else reads the content any more, so that samples may stay where they lie in it.
    """

    content: Buffer
    media_type: str | None = None
    filename: str | None = None
    is_given: bool = False

    def take(self) -> bool:
        """Whether who decodes the content now may keep it and write to it: once, since then it is theirs."""
        given, self.is_given = self.is_given, False
        return given
