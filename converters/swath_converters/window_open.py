"""A file in memory, or one that is read as far as it is needed, opened by the one driver that may see it."""

import io
import os
import uuid
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

import rasterio

from . import gdal
from .errors import ConversionError, TooLarge, UndecodableImage
from .formats import Format, recognise
from .parts import Buffer
from .policy import Policy

_BEGIN_BYTES = 64
_PAGE_BYTES = 1 << 12
_SMALL_BYTES = 1 << 14
_MOST_PAGES = 1 << 13
_T = TypeVar("_T")
_rasterio: Any = rasterio


class Seekable(Protocol):
    """A binary file, open for reading: `RangeFile`, an open file, `io.BytesIO`."""

    def read(self, size: int = -1, /) -> Any:
        """At most `size` bytes."""
        ...

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Move to a byte."""
        ...


class Opened:
    """A source that GDAL can open, by its one driver, as often as it is needed; `read` gives bytes (start, size)."""

    def __init__(self, form: Format, name: str, read: Callable[[int, int], bytes | memoryview], opener: Any) -> None:
        self.form = form
        self.read = read
        self._name = name
        self._opener = opener

    @property
    def is_in_memory(self) -> bool:
        """Whether all of it is there, so that several threads may read it."""
        return self._opener is None

    def dataset(self, **options: Any) -> Any:
        """Rasterio's dataset, to be closed by the caller."""
        if self._opener is not None:
            options["opener"] = self._opener
        return _rasterio.open(self._name, driver=self.form.driver, sharing=False, **options)


def begins_as(source: Buffer | Seekable, media_type: str | None) -> Format:
    """The format that the source begins like; errors as `opened`."""
    return recognise(_begin(source), media_type)


def whole(source: Buffer | Seekable, policy: Policy) -> Buffer:
    """All bytes of the source.

    Raises:
        TooLarge: they are more than the policy allows.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        return source
    size_bytes = source.seek(0, os.SEEK_END)
    if size_bytes > policy.max_encoded_bytes:
        raise TooLarge("bytes", size_bytes, policy.max_encoded_bytes)
    return _read_fully(source, 0, size_bytes)


@contextmanager
def opened(source: Buffer | Seekable, media_type: str | None) -> Generator[Opened, None, None]:
    """The source, for as long as the context lasts; what GDAL makes of damage becomes an `UndecodableImage`.

    Args:
        source: the bytes of a file, or a seekable file. GDAL sees neither its name nor a path.
        media_type: what the sender says that it is, or None.

    Raises:
        MediaTypeUnsupported: the sender names a format that is not read here.
        UndecodableImage: it is another format than named, or damaged.
        ConversionError: what the file's own `read` raised, such as FetchFailed.
    """
    begin = _begin(source)
    form = recognise(begin, media_type)
    failures: list[Exception] = []
    try:
        with gdal.sandbox():
            if isinstance(source, bytes | bytearray | memoryview):
                data = source if isinstance(source, bytes) else memoryview(source).tobytes()
                with gdal.memory_file(data, form.suffix) as file:
                    view = memoryview(data)
                    yield Opened(form, file.name, lambda start, size: view[start : start + size], None)
            else:
                name = f"/{uuid.uuid4()}/image{form.suffix}"
                pages = _Pages(source, failures)
                yield Opened(form, name, pages.read, _Opener(pages, name))
    except (*gdal.UNREADABLE, UndecodableImage, OSError) as error:
        if failures:
            raise failures[0] from None
        if isinstance(error, UndecodableImage):
            raise
        raise UndecodableImage(f"The content begins like {form.media_type}, but is damaged or cut short.") from None
    if failures:  # GDAL took a part that could not be read for one that may be absent
        raise failures[0]


def _begin(source: Buffer | Seekable) -> bytes:
    if isinstance(source, bytes | bytearray | memoryview):
        return memoryview(source)[:_BEGIN_BYTES].tobytes()
    source.seek(0)
    return bytes(source.read(_BEGIN_BYTES))


def _read_fully(source: Any, start: int, size: int) -> bytes:
    """The bytes from `start` on, fewer at the end of the file; a read may give less than it is asked for."""
    pieces: list[bytes] = []
    source.seek(start)
    while size > 0 and (piece := source.read(size)):
        pieces.append(bytes(piece))
        size -= len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


class _Opener:
    """Gives GDAL the one file, and nothing else whatever name it asks for."""

    def __init__(self, pages: "_Pages", name: str) -> None:
        self._pages, self._name = pages, name

    def __call__(self, name: str, mode: str = "rb") -> "_View":
        if name != self._name or mode.strip("b") != "r":
            raise FileNotFoundError
        return _View(self._pages)


class _Pages:
    """Reads a file for GDAL, which no exception may cross: what goes wrong is kept, and no bytes are given.

    libtiff reads directories again and again, and ends the process where one that it has read cannot be read any more:
    what small reads have touched stays here. After a failure nothing else is read.
    """

    def __init__(self, source: Seekable, failures: list[Exception]) -> None:
        self._source, self._failures = source, failures
        self._kept: dict[int, bytes] = {}
        self._size_bytes: int | None = None

    def size_bytes(self) -> int:
        """Length of the file, 0 after a failure."""
        if self._size_bytes is None:
            self._size_bytes = self._tried(lambda: self._source.seek(0, os.SEEK_END), 0)
        return self._size_bytes

    def read(self, start: int, size: int) -> bytes:
        """The bytes from `start` on, fewer at the end of the file and none after a failure."""
        size = min(size, self.size_bytes() - start)
        if size <= 0:  # a file may not be asked for what a directory says lies beyond it
            return b""
        if size > _SMALL_BYTES:
            return self._tried(lambda: _read_fully(self._source, start, size), b"")
        first, last = start // _PAGE_BYTES, (start + size - 1) // _PAGE_BYTES
        content = b"".join(self._page(index) for index in range(first, last + 1))
        skipped = start - first * _PAGE_BYTES
        return content[skipped : skipped + size]

    def _page(self, index: int) -> bytes:
        page = self._kept.get(index)
        if page is None:
            page = self._tried(lambda: _read_fully(self._source, index * _PAGE_BYTES, _PAGE_BYTES), b"")
            if not self._failures and len(self._kept) < _MOST_PAGES:
                self._kept[index] = page
        return page

    def _tried(self, action: Callable[[], _T], otherwise: _T) -> _T:
        if self._failures:
            return otherwise
        try:
            return action()
        except (ConversionError, OSError, ValueError) as error:
            self._failures.append(error)
            return otherwise


class _View(io.RawIOBase):
    """A reader of the pages with a position of its own."""

    def __init__(self, pages: _Pages) -> None:
        self._pages, self._position = pages, 0

    def read(self, size: int = -1, /) -> bytes:
        """All of the bytes asked for, fewer at the end of the file."""
        content = self._pages.read(self._position, size) if size > 0 else b""
        self._position += len(content)
        return content

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """The new position."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position}.get(whence)
        self._position = (self._pages.size_bytes() if start is None else start) + offset
        return self._position

    def tell(self) -> int:
        """The position."""
        return self._position
