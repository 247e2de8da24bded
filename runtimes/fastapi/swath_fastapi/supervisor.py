"""Several worker processes of uvicorn, and who looks after them."""

import multiprocessing
import os
import signal
import threading
from contextlib import suppress
from socket import socket
from types import FrameType

from uvicorn import Config
from uvicorn.supervisors import Multiprocess

from swath_runtime.ending import BY_SIGNAL, SIGNALS


class Supervisor(Multiprocess):
    """Several workers; one that ends with an exit code ends all, for the next would end alike.

    Attributes:
        failure: exit code of the worker that could not start, or 0.
    """

    failure: int = 0

    def __init__(self, config: Config, sockets: list[socket]) -> None:
        super().__init__(config, sockets)
        self._is_ending = False
        for number in SIGNALS:
            signal.signal(number, self._end)

    def init_processes(self) -> None:
        """Start the workers."""
        super().init_processes()
        self._let_go_of_their_ends()

    def keep_subprocess_alive(self) -> None:
        """Start a worker in the place of each that was killed; stop where one gave up."""
        if self._is_ending:
            return
        self._stop_after_failure()
        if not self.failure:
            super().keep_subprocess_alive()
            self._let_go_of_their_ends()
            self._stop_after_failure()  # of one that ended meanwhile: uvicorn gives up on code 3, and forgets it

    def _let_go_of_their_ends(self) -> None:
        """Close the workers' ends of their pipes here: one that is killed while it is asked whether it lives hangs up.

        uvicorn keeps them open, and so would wait for its answer as long as for that of a worker that is busy.
        """
        for one in self.processes:
            one.child_conn.close()

    def _stop_after_failure(self) -> None:
        self.failure = next((one.exitcode for one in self.processes if (one.exitcode or 0) > 0), None) or 0
        if self.failure:
            self.should_exit.set()

    def _end(self, number: int, frame: FrameType | None) -> None:
        """Let the workers drain; at the second signal kill them, and go."""
        self._signal_workers(signal.SIGKILL if self._is_ending else signal.SIGTERM)
        if self._is_ending:
            raise SystemExit(BY_SIGNAL + number)
        self._is_ending = True
        self.signal_queue.append(number)

    def _signal_workers(self, number: int) -> None:
        for one in self.processes:
            if one.pid is not None:
                with suppress(ProcessLookupError):
                    os.kill(one.pid, number)


def end_with_parent() -> None:
    """Let this worker drain and end once its supervisor is gone, which would else hold the port for ever."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()
