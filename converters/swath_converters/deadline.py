"""How long decoding one image may take."""

import time

from .errors import DecodeTimedOut
from .policy import Policy


class Deadline:
    """Begins when it is made. Looked at between blocks or groups of rows: one of them is always decoded to its end."""

    def __init__(self, policy: Policy) -> None:
        self._limit_s = policy.decode_timeout_s
        self._end_s = time.monotonic() + self._limit_s

    def check(self) -> None:
        """Raises DecodeTimedOut once the time is over."""
        if time.monotonic() > self._end_s:
            raise DecodeTimedOut(self._limit_s)
