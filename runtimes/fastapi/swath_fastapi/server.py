"""uvicorn, started for the core."""

import asyncio
import signal
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

import uvicorn
from fastapi import FastAPI

from swath_fastapi.app import create_app
from swath_fastapi.protocol import Connections, Protocol
from swath_fastapi.supervisor import Supervisor, end_with_parent
from swath_runtime.crew import Crew, crew_of
from swath_runtime.ending import SIGNALS, Ending
from swath_runtime.limits import KEEP_ALIVE_S, most_connections
from swath_runtime.routes import FLUSH_S, Router
from swath_runtime.server import open_router
from swath_runtime.settings import Settings


def serve(settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT, let requests in work finish, then return 0."""
    router = open_router(settings)  # what is wrong with the folder is said here, once, before a worker starts
    if settings.workers > 1:
        return _serve_with_workers(settings)
    app = create_app(router, partial(_take_signals, router, is_led=False))
    server = uvicorn.Server(uvicorn.Config(app, **_shared(settings)))

    def end(number: int, frame: FrameType | None) -> None:
        if not server.should_exit:  # uvicorn raises the signal again once it has stopped
            raise SystemExit(0)

    for number in SIGNALS:
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
    end_with_parent()
    router = open_router(settings, crew)
    return create_app(router, partial(_take_signals, router, is_led=True))


def _take_signals(router: Router, *, is_led: bool) -> None:
    """Drain at the first signal, and only then let uvicorn stop, which would close the door at once."""
    loop = asyncio.get_running_loop()
    stop: Callable[..., Any] = signal.getsignal(signal.SIGTERM)  # pyright: ignore[reportAssignmentType] - uvicorn's

    def then() -> None:
        loop.call_soon_threadsafe(stop, signal.SIGTERM, None)

    ending = Ending(router, then, is_led=is_led)
    for number in SIGNALS:
        signal.signal(number, ending)


def _shared(settings: Settings) -> dict[str, Any]:
    connections = Connections(most_connections(), settings.body_timeout_seconds)
    return {
        "host": settings.host,
        "port": settings.port,
        "ssl_certfile": settings.tls_certificate or None,
        "ssl_keyfile": settings.tls_key or None,
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "proxy_headers": False,  # the core reads the forwarding headers itself, alike in every runtime
        "http": partial(Protocol, connections),
        "ws": "none",
        "timeout_keep_alive": KEEP_ALIVE_S,
        "timeout_graceful_shutdown": FLUSH_S,
    }
