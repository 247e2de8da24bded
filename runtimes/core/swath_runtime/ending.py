"""How a server process ends: at the first signal it lets requests in work finish, at the second it is gone."""

import logging
import os
import signal
import threading
from collections.abc import Callable
from types import FrameType

from swath_runtime.routes import Router

SIGNALS = (signal.SIGTERM, signal.SIGINT)
BY_SIGNAL = 128  # plus its number: the exit code of what a signal ended, as shells have it

logger = logging.getLogger(__name__)


class Ending:
    """A handler of SIGNALS that drains a service.

    Args:
        router: the service.
        then: called once nothing is in work any more, on a thread of its own.
        is_led: whether another process leads this one, to which alone a second signal means something: the signals of
            a terminal or of a process group reach both.
    """

    def __init__(self, router: Router, then: Callable[[], None], *, is_led: bool) -> None:
        self._router, self._then, self._is_led = router, then, is_led
        self._has_begun = False

    def __call__(self, number: int, frame: FrameType | None = None) -> None:
        """Begin, or be gone."""
        if not self._has_begun:
            self._has_begun = True
            threading.Thread(target=self._drain, name="drain", daemon=True).start()
        elif not self._is_led:
            os._exit(BY_SIGNAL + number)

    def _drain(self) -> None:
        try:
            self._router.drain()
        finally:
            self._then()
