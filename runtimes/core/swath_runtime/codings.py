"""Bodies that come compressed (Content-Encoding, RFC 9110 section 8.4), unpacked up to a limit and no further."""

import sys
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from isal import igzip_lib

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

from swath_runtime.http import Buffer
from swath_runtime.problems import MALFORMED, TOO_LARGE, UNSUPPORTED, Problem

STEP_BYTES = 4 << 20  # unpacked at a time
LARGEST_WINDOW_LOG = 23  # 8 MiB, the most that RFC 9659 lets a sender of zstd ask for


class Decompressor(Protocol):
    """One compressed stream, taken out piece by piece."""

    @property
    def eof(self) -> bool:
        """Whether the stream's end was reached."""
        ...

    @property
    def needs_input(self) -> bool:
        """Whether nothing more comes out of what it was given."""
        ...

    @property
    def unused_data(self) -> bytes:
        """What came after the stream's end."""
        ...

    def decompress(self, data: Buffer, max_length: int, /) -> bytes:
        """At most `max_length` further bytes."""
        ...


_igzip: Any = igzip_lib  # its types are partial
CODINGS: Mapping[str, Callable[[], Decompressor]] = {
    "gzip": lambda: _igzip.IgzipDecompressor(flag=_igzip.DECOMP_GZIP),
    "deflate": lambda: _igzip.IgzipDecompressor(flag=_igzip.DECOMP_ZLIB),
    "zstd": lambda: zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: LARGEST_WINDOW_LOG}),
}
_BROKEN = (_igzip.error, zstd.ZstdError, EOFError)


def unpacked(body: Buffer, content_encoding: str, limit_bytes: int) -> Buffer:
    """A body without its content coding; the body itself where it has none.

    Args:
        body: as it was sent.
        content_encoding: the header; empty, `identity`, or one of CODINGS.
        limit_bytes: the most that it may hold once it is unpacked.

    Raises:
        Problem: 415 for another coding, or for several; 400 where the body is damaged or cut short; 413 where it
            holds more than the limit, without unpacking the rest.
    """
    coding = content_encoding.strip().lower().removeprefix("x-")
    if coding in {"", "identity"}:
        return body
    if coding not in CODINGS:
        raise Problem(
            UNSUPPORTED,
            f"The content encoding '{coding[:40]}' is not supported.",
            f"Send the body as it is, or in one of {', '.join(CODINGS)}.",
            headers=[("accept-encoding", ", ".join(CODINGS))],
        )
    try:
        return _whole(body, coding, limit_bytes)
    except _BROKEN:
        raise Problem(MALFORMED, f"The body is not {coding}, damaged, or cut short.", "Send it again.") from None


def _whole(body: Buffer, coding: str, limit_bytes: int) -> bytearray:
    whole = bytearray()
    rest = body
    while rest:  # gzip and zstd may be several streams, one after the other
        stream = CODINGS[coding]()
        given = rest
        while not stream.eof:
            if stream.needs_input and given is not rest:
                raise EOFError
            whole += stream.decompress(given, STEP_BYTES)
            given = b""
            _refuse_more(whole, limit_bytes)
        rest = stream.unused_data
    return whole


def _refuse_more(whole: bytearray, limit_bytes: int) -> None:
    if len(whole) > limit_bytes:
        raise Problem(
            TOO_LARGE,
            f"The body holds more than {limit_bytes:,} bytes once it is unpacked.",
            "Send a smaller part of the image, or ask the operator to raise SWATH_MAX_BODY_BYTES.",
        )
