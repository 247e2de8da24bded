"""Layers, compressed on all cores: the same bytes whatever the number of cores and the kind of machine.

gzip by libdeflate, a member for each piece; zstd by its own threads. gzip is the default: engines before 23 load no
zstd layers (measured: 20.10 refuses them, skopeo and podman take both).
"""

import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from importlib.metadata import version
from typing import Any, Literal, Protocol

Compression = Literal["gzip", "zstd"]
COMPRESSIONS: tuple[Compression, ...] = ("gzip", "zstd")
MEDIA_TYPES = {
    "gzip": "application/vnd.oci.image.layer.v1.tar+gzip",
    "zstd": "application/vnd.oci.image.layer.v1.tar+zstd",
}
# Of 250 MB of wheels, in seconds of one core: zlib 5 gives 87.3 MB in 5.2; libdeflate 3 gives 88.8 MB in 1.9, 5 gives
# 86.2 MB in 2.3, 6 gives 85.6 MB in 2.7, 7 gives 85.3 MB in 3.5. Of 205 MB of slim wheels on two cores: zstd 9 gives
# 59.5 MB in 3 s, 12 gives 58.9 MB in 7 s, 13 gives 58.8 MB in 23 s.
LEVELS = {"gzip": 5, "zstd": 12}
PIECE = 1 << 20
_WINDOW_LOG = 24  # 16 MB to look back in: 1.5 % smaller than the level's own 4 MB; readers allow 64 MB at least
_LIBRARIES = {"gzip": "deflate", "zstd": "zstandard"}
_Sink = Callable[[bytes | bytearray], object]


class Compressor(Protocol):
    """Takes bytes in, gives compressed ones to its sink."""

    def write(self, data: bytes) -> None:
        """Take some bytes in."""
        ...

    def close(self) -> None:
        """Give the last bytes out."""
        ...


def compressor(kind: Compression, sink: _Sink) -> Compressor:
    """A compressor of that kind, which hands what it makes to `sink`, in order."""
    return _Gzip(sink, LEVELS["gzip"]) if kind == "gzip" else _Zstd(sink, LEVELS["zstd"])


@cache
def rules(kind: Compression) -> str:
    """All that the bytes of a layer depend on besides what is in it: another release may pack the same another way."""
    return f"{kind} {LEVELS[kind]} {_LIBRARIES[kind]} {version(_LIBRARIES[kind])}"


def cores() -> int:
    """Number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Gzip:
    """Gzip members one after the other, made side by side: libdeflate lets go of Python's lock meanwhile.

    Source: RFC 1952, section 2.2: a gzip file is a series of members.
    """

    def __init__(self, sink: _Sink, level: int) -> None:
        import deflate

        self._pack: Callable[[bytes, int], bytearray] = deflate.gzip_compress  # pyright: ignore[reportUnknownMemberType]
        self._sink, self._level = sink, level
        self._pool = ThreadPoolExecutor(cores())
        self._waiting: deque[Future[bytearray]] = deque()
        self._piece = bytearray()
        self._began = False

    def write(self, data: bytes) -> None:
        """Take some bytes in."""
        self._piece += data
        while len(self._piece) >= PIECE:
            whole = bytes(self._piece[:PIECE])
            del self._piece[:PIECE]
            self._begin(whole)

    def close(self) -> None:
        """Give the last bytes out; of nothing a member that holds nothing."""
        if self._piece or not self._began:
            self._begin(bytes(self._piece))
        while self._waiting:
            self._sink(self._waiting.popleft().result())
        self._pool.shutdown()

    def _begin(self, piece: bytes) -> None:
        self._began = True
        self._waiting.append(self._pool.submit(self._pack, piece, self._level))
        while len(self._waiting) > 4 * cores():
            self._sink(self._waiting.popleft().result())


class _Zstd:
    """One zstd frame; its bytes do not depend on how many threads made them."""

    def __init__(self, sink: _Sink, level: int) -> None:
        import zstandard

        self._sink = sink
        settings: Any = zstandard.ZstdCompressionParameters.from_level(  # pyright: ignore[reportUnknownMemberType]
            level, window_log=_WINDOW_LOG, threads=cores()
        )
        self._packer: Any = zstandard.ZstdCompressor(compression_params=settings).compressobj()

    def write(self, data: bytes) -> None:
        """Take some bytes in."""
        self._sink(self._packer.compress(data))

    def close(self) -> None:
        """Give the last bytes out."""
        self._sink(self._packer.flush())
