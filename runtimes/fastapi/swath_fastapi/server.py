"""uvicorn, started for the core."""

import signal
from typing import Any

import uvicorn
from fastapi import FastAPI

from swath_fastapi.app import create_app
from swath_runtime.server import open_router
from swath_runtime.settings import Settings

APP = "swath_fastapi.server:app_from_environ"


def serve(settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT, let requests in work finish, then return 0."""
    shared: dict[str, Any] = {
        "host": settings.host,
        "port": settings.port,
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "proxy_headers": False,  # the core reads the forwarding headers itself, alike in every runtime
        "timeout_graceful_shutdown": int(settings.drain_seconds) or None,
    }
    router = open_router(settings)
    if settings.workers > 1:
        router.service.start()  # once here: the supervisor would start workers that can't load again and again
        router.service.stop()
        uvicorn.run(APP, factory=True, workers=settings.workers, **shared)
        return 0
    app = create_app(router)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _ignore)  # uvicorn raises the signal again once it has drained
    uvicorn.Server(uvicorn.Config(app, **shared)).run()
    return 0


def app_from_environ() -> FastAPI:
    """The application of the SWATH_* variables: what each of several workers makes for itself."""
    return create_app(open_router(Settings.from_environ()))


def _ignore(number: int, frame: object) -> None:
    """Take a signal that the server has already heeded."""
