"""A file on the web, read in ranges: only the blocks that are asked for are fetched."""

import io
import os
import re
from collections import OrderedDict
from typing import Any, BinaryIO

from ..errors import FetchFailed, TooLarge
from ..policy import Policy
from .fetching import answered
from .local import open_file
from .remote import locate
from .session import Answer, Remote, Session

BLOCK_BYTES = 1 << 16
"""The header of most cloud-optimised GeoTIFFs fits in one; a tile is one to four."""

CACHE_BYTES = 32 << 20
LARGEST_REQUEST_BYTES = 8 << 20

_CONTENT_RANGE = re.compile(r"bytes ([0-9]{1,19})-([0-9]{1,19})/([0-9]{1,19})")


def open_ranges(
    uri: str, policy: Policy, *, block_bytes: int = BLOCK_BYTES, cache_bytes: int = CACHE_BYTES
) -> "RangeFile | BinaryIO":
    """The file that a URI names, seekable and read-only, to be closed by the caller.

    Args:
        uri: http, https, s3, gs or file, as far as the policy allows it.
        policy: what may be opened. `max_encoded_bytes` limits what is fetched of the file, not how long it is, and
            `fetch_timeout_s` all waiting for it.
        block_bytes: ranges begin and end at multiples of this.
        cache_bytes: most bytes of blocks that are kept.

    Returns:
        For file: URIs the open file. Else a `RangeFile`, whose first block has been fetched.

    Raises:
        AccessDenied, MalformedValue: the URI may not be opened, or is none.
        FetchFailed, FetchTimedOut: the server does not give the file.
        TooLarge: the server ignores ranges, and the whole file is too large.
    """
    if uri[:5].lower() == "file:" and "file" in policy.schemes:
        return open_file(uri, policy)
    return RangeFile(locate(uri, policy), policy, block_bytes=block_bytes, cache_bytes=cache_bytes)


class RangeFile(io.RawIOBase):
    """A seekable file whose bytes are fetched by ranges, in whole blocks, as they are read. For one thread.

    That all ranges are of the same file is checked by its length, ETag and Last-Modified. A server that ignores
    ranges is read once, whole, where that is within the limit.

    Attributes:
        size_bytes: length of the file.
        fetched_bytes: bytes that came so far, blocks read twice counted twice.
        requests: ranges asked for so far.
    """

    def __init__(self, remote: Remote, policy: Policy, *, block_bytes: int, cache_bytes: int) -> None:
        self._session = Session(remote, policy)
        self._policy = policy
        self._block_bytes = block_bytes
        self._cache_blocks = max(1, cache_bytes // block_bytes)
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        self._whole: bytes | None = None
        self._position = 0
        self._validators: tuple[str | None, ...] = ()
        self.size_bytes = -1
        self.fetched_bytes = 0
        self.requests = 0
        self._keep(0, self._fetch(0, block_bytes))

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def tell(self) -> int:
        """Where the next read begins, bytes from the start."""
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Move the position; beyond the end is allowed, and reads nothing there."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.size_bytes}[whence]
        if start + offset < 0:
            raise ValueError("negative seek position")
        self._position = start + offset
        return self._position

    def readinto(self, buffer: Any, /) -> int:
        """Fill the buffer, or what is left of the file.

        Raises:
            FetchFailed, FetchTimedOut: the server fails, or the file changed since it was opened.
            TooLarge: more would be fetched than the policy allows.
        """
        view = memoryview(buffer).cast("B")
        count = max(0, min(len(view), self.size_bytes - self._position))
        end = self._position + count
        while self._position < end:
            piece = self._piece(end)
            start = end - count
            view[self._position - start : self._position - start + len(piece)] = piece
            self._position += len(piece)
        return count

    def close(self) -> None:
        """End the connection and forget the blocks."""
        if not self.closed:
            self._session.close()
            self._blocks.clear()
            self._whole = None
        super().close()

    def _piece(self, end: int) -> memoryview:
        """Bytes from the position on: the rest of a kept block, or what one request gives, never beyond `end`."""
        if self._whole is not None:
            return memoryview(self._whole)[self._position : end]
        index, inside = divmod(self._position, self._block_bytes)
        content = self._blocks.get(index)
        if content is None:
            content = self._fetch(index * self._block_bytes, self._end_of_gap(index, end))
            self._keep(index, content)
        else:
            self._blocks.move_to_end(index)
        return memoryview(content)[inside : end - index * self._block_bytes]

    def _end_of_gap(self, index: int, end: int) -> int:
        """Where the blocks that are not kept end, from one on that is not, as far as they are needed: in bytes."""
        most = max(1, LARGEST_REQUEST_BYTES // self._block_bytes)
        last = index + 1
        while last * self._block_bytes < end and last not in self._blocks and last - index < most:
            last += 1
        return min(last * self._block_bytes, self.size_bytes)

    def _keep(self, index: int, content: bytes) -> None:
        if self._whole is not None:
            return
        step = self._block_bytes
        for offset in range(0, len(content), step):
            self._blocks[index + offset // step] = content[offset : offset + step]
        while len(self._blocks) > self._cache_blocks:
            self._blocks.popitem(last=False)

    def _fetch(self, start: int, end: int) -> bytes:
        """The bytes [start, end), fewer at the end of the file; the first request learns how long that is."""
        left = self._policy.max_encoded_bytes - self.fetched_bytes
        if end - start > left and self.size_bytes >= 0:
            raise TooLarge("bytes to fetch", self.fetched_bytes + end - start, self._policy.max_encoded_bytes)
        self.requests += 1
        with self._session.ask({"Range": f"bytes={start}-{end - 1}"}, max(left, end - start)) as answer:
            if answer.status == 200 and self.size_bytes < 0:
                return self._take_whole(answer, left)
            content = self._range_of(answer, start, end)
        self.fetched_bytes += len(content)
        return content

    def _take_whole(self, answer: Answer, left: int) -> bytes:
        self._whole = answer.body(left)
        self.size_bytes = self.fetched_bytes = len(self._whole)
        return self._whole

    def _range_of(self, answer: Answer, start: int, end: int) -> bytes:
        answered(answer, 206)
        found = _CONTENT_RANGE.fullmatch(answer.headers.get("Content-Range", "").strip())
        if found is None:
            raise answer.failed("its answer to a range is not that range")
        first, last, size = (int(one) for one in found.groups())
        validators = (found[3], answer.headers.get("ETag"), answer.headers.get("Last-Modified"))
        if self.size_bytes < 0:
            self.size_bytes, self._validators = size, validators
        if validators != self._validators:
            raise _changed(answer)
        if (first, last + 1) != (start, min(end, size)):
            raise answer.failed("its answer to a range is not that range")
        content = answer.body(end - start)
        if len(content) != last + 1 - first:
            raise answer.failed("its answer to a range is not that range")
        return content


def _changed(answer: Answer) -> FetchFailed:
    return answer.failed("the file changed while it was read", hint="Try again when nobody writes it.")
