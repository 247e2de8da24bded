"""gunicorn, started for the core."""

import math
import signal
from types import FrameType
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.errors import HaltServer
from gunicorn.glogging import Logger

from swath_flask.app import create_app
from swath_flask.worker import Worker
from swath_runtime.crew import crew_of
from swath_runtime.ending import BY_SIGNAL, SIGNALS
from swath_runtime.isolation.keeper import STOP_S
from swath_runtime.routes import FLUSH_S, Router
from swath_runtime.server import load_or_leave, open_router, stop_or_leave
from swath_runtime.service import GRACE_S
from swath_runtime.settings import Settings

SHARED_MEMORY = "/dev/shm"  # noqa: S108 - gunicorn's heartbeat file; the root may be read-only
MOST_LINE = 8190  # bytes of a request line, the most that gunicorn counts
CODES = {1: Arbiter.APP_LOAD_ERROR, 3: Arbiter.WORKER_BOOT_ERROR}
"""Exit codes of a worker that can't load its algorithm, by the error's own: those on which gunicorn gives up."""


def serve(settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT, let requests in work finish, then return 0."""
    with crew_of(settings.workers) as crew:
        router = open_router(settings, crew)  # what is wrong with the folder is said here, once, before a worker starts
        try:
            GracefulArbiter(Gunicorn(router, settings)).run()
        except SystemExit as end:
            ours = {code: own for own, code in CODES.items()}
            return ours.get(end.code, end.code) if isinstance(end.code, int) else 0
    return 0


class Gunicorn(BaseApplication):
    """gunicorn with threads, configured from the settings alone: no file, no command line.

    Each worker process loads its own copy of the algorithm after the fork.
    """

    def __init__(self, router: Router, settings: Settings) -> None:
        self.router, self._settings = router, settings
        super().__init__()

    def load_config(self) -> None:
        """Hand our settings to gunicorn."""
        settings = self._settings
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        values: dict[str, Any] = {
            "bind": f"{host}:{settings.port}",
            "certfile": settings.tls_certificate or None,
            "keyfile": settings.tls_key or None,
            "workers": settings.workers,
            "worker_class": Worker,
            "worker_tmp_dir": SHARED_MEMORY,
            "graceful_timeout": math.ceil(_longest_end_s(settings)),  # then the worker is killed
            "timeout": 0,  # the core has its own
            "limit_request_line": MOST_LINE,
            "forwarded_allow_ips": "",  # the core reads the forwarding headers itself, alike in every runtime
            "loglevel": "warning",
            "logger_class": OneLog,
            "control_socket_disable": True,
            "post_worker_init": self._start,
            "worker_exit": self._stop,
        }
        for name, value in values.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The application, made in each worker."""
        return create_app(self.router)

    def _start(self, worker: Any) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the arbiter too, which stops the workers
        load_or_leave(self.router, CODES)

    def _stop(self, server: object, worker: object) -> None:
        stop_or_leave(self.router)


def _longest_end_s(settings: Settings) -> float:
    return settings.drain_delay_seconds + settings.drain_seconds + 2 * GRACE_S + STOP_S + 2 * FLUSH_S + 1


class GracefulArbiter(Arbiter):
    """The arbiter, for which SIGINT means what SIGTERM means: requests in work are finished."""

    _halting = False
    _is_ending = False

    def reap_workers(self) -> None:
        """Look after the workers that ended; the first that could not start ends all, and the others add nothing."""
        try:
            super().reap_workers()
        except HaltServer:
            if not self._halting:
                self._halting = True
                raise

    def handle_int(self) -> None:
        """Stop, gracefully."""
        self.handle_term()

    def signal(self, sig: int, frame: FrameType | None) -> None:
        """Take note of a signal; at the second that would end us, kill the workers and go."""
        if sig in SIGNALS and self._is_ending:
            self.kill_workers(signal.SIGKILL)
            raise SystemExit(BY_SIGNAL + sig)
        self._is_ending = sig in SIGNALS
        super().signal(sig, frame)


class OneLog(Logger):
    """gunicorn's log lines, written with all others and in their form."""

    def setup(self, cfg: Any) -> None:
        """Send them up to the root logger."""
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True
