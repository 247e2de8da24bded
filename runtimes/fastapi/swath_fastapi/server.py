"""uvicorn, started for the core."""

import math
import signal
from functools import partial
from types import FrameType
from typing import Any

import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from swath_fastapi.app import create_app
from swath_fastapi.protocol import Protocol
from swath_runtime.crew import Crew, crew_of
from swath_runtime.server import open_router
from swath_runtime.settings import Settings

KEEP_ALIVE_S = 75  # longer than the 60 s after which common load balancers drop an idle connection
WORKER_ANSWERS_S = 60  # a worker that holds the interpreter's lock for less is at work, not dead


def serve(settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT, let requests in work finish, then return 0."""
    router = open_router(settings)  # what is wrong with the folder is said here, once, before a worker starts
    if settings.workers > 1:
        return _serve_with_workers(settings)
    server = uvicorn.Server(uvicorn.Config(create_app(router), **_shared(settings)))

    def end(number: int, frame: FrameType | None) -> None:
        if not server.should_exit:  # uvicorn raises the signal again once it has stopped
            raise SystemExit(0)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    server.run()
    return 0


def _serve_with_workers(settings: Settings) -> int:
    with crew_of(settings.workers) as crew:
        app = partial(app_of_worker, settings, crew)
        config = uvicorn.Config(app, factory=True, workers=settings.workers, **_shared(settings))
        supervisor = Supervisor(config, [config.bind_socket()])
        supervisor.run()
        return supervisor.failure


def app_of_worker(settings: Settings, crew: Crew) -> FastAPI:
    """The application that each of several workers makes for itself."""
    return create_app(open_router(settings, crew))


class Supervisor(Multiprocess):
    """Several workers; one that ends with an exit code ends all, for the next would end alike.

    Attributes:
        failure: exit code of the worker that could not start, or 0.
    """

    failure: int = 0

    def keep_subprocess_alive(self) -> None:
        """Start a worker in the place of each that was killed; stop where one gave up."""
        self._stop_after_failure()
        if not self.failure:
            super().keep_subprocess_alive()
            self._stop_after_failure()  # of one that ended meanwhile: uvicorn gives up on code 3, and forgets it

    def _stop_after_failure(self) -> None:
        self.failure = next((one.exitcode for one in self.processes if (one.exitcode or 0) > 0), None) or 0
        if self.failure:
            self.should_exit.set()


def _shared(settings: Settings) -> dict[str, Any]:
    return {
        "host": settings.host,
        "port": settings.port,
        "ssl_certfile": settings.tls_certificate or None,
        "ssl_keyfile": settings.tls_key or None,
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "proxy_headers": False,  # the core reads the forwarding headers itself, alike in every runtime
        "http": Protocol,
        "ws": "none",
        "timeout_keep_alive": KEEP_ALIVE_S,
        "timeout_graceful_shutdown": math.ceil(settings.drain_seconds),
        "timeout_worker_healthcheck": WORKER_ANSWERS_S,
    }
