"""Server-sent events: each change of one job as it becomes known, until it ends.

Source: HTML Living Standard, section 9.2.
"""

import threading
import time
from collections.abc import Callable, Generator

import orjson

from swath_runtime.jobs.bell import Bell
from swath_runtime.jobs.errors import StoreUnavailable
from swath_runtime.jobs.record import Job, job_document
from swath_runtime.service import MOST_STREAMS

LOOK_S = 0.5  # how often changes that other processes make are looked for
QUIET_S = 15.0  # after which a comment keeps proxies from thinking that the connection is dead
RECONNECT = b"retry: 1000\n\n"  # ms
STILL_HERE = b": still here\n\n"


class Streams:
    """The streams of one process, of which there are at most MOST_STREAMS at once."""

    def __init__(self, bell: Bell) -> None:
        self._bell = bell
        self._places = threading.Semaphore(MOST_STREAMS)

    def open(
        self, find: Callable[[], Job | None], base: str, seen: int, is_over: Callable[[], bool]
    ) -> Generator[bytes] | None:
        """Events of a job until it ends, is removed, or `is_over`; None where there are too many streams.

        Args:
            find: looks the job up.
            base: of the links in its documents.
            seen: the change that the client knows already, 0 for none.
            is_over: asked a few times a second whether anybody still listens, and should.
        """
        if not self._places.acquire(blocking=False):
            return None
        stream = self._events(find, base, seen, is_over)
        next(stream)  # from now on its end gives the place back, however it comes
        return stream

    def _events(
        self, find: Callable[[], Job | None], base: str, seen: int, is_over: Callable[[], bool]
    ) -> Generator[bytes]:
        try:
            yield RECONNECT
            yield RECONNECT
            spoken_s = time.monotonic()
            while not is_over():
                heard = self._bell.times
                try:
                    job = find()
                except StoreUnavailable:
                    return  # the client comes again, and says what it has seen
                if job is None:
                    return
                if job.changes != seen:
                    yield _event(job, base)
                    seen, spoken_s = job.changes, time.monotonic()
                if job.is_ended:
                    return
                self._bell.wait(heard, LOOK_S)
                if time.monotonic() - spoken_s > QUIET_S:
                    yield STILL_HERE
                    spoken_s = time.monotonic()
        finally:
            self._places.release()


def _event(job: Job, base: str) -> bytes:
    return b"id: %d\ndata: %s\n\n" % (job.changes, orjson.dumps(job_document(job, base)))
