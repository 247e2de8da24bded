"""gunicorn, started for the core."""

from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from swath_flask.app import create_app
from swath_runtime.routes import Router
from swath_runtime.server import load_or_leave, open_router
from swath_runtime.settings import Settings

SHARED_MEMORY = "/dev/shm"  # noqa: S108 - gunicorn's heartbeat file; the root may be read-only


def serve(settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT, let requests in work finish, then return 0."""
    router = open_router(settings)  # what is wrong with the folder is said here, once, before a worker starts
    try:
        Gunicorn(router, settings).run()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    return 0


class Gunicorn(BaseApplication):
    """gunicorn with threads, configured from the settings alone: no file, no command line.

    Each worker process loads its own copy of the algorithm after the fork.
    """

    def __init__(self, router: Router, settings: Settings) -> None:
        self._router, self._settings = router, settings
        super().__init__()

    def load_config(self) -> None:
        """Hand our settings to gunicorn."""
        settings = self._settings
        values: dict[str, Any] = {
            "bind": f"{settings.host}:{settings.port}",
            "workers": settings.workers,
            "worker_class": "gthread",
            "threads": self._router.service.threads,
            "worker_tmp_dir": SHARED_MEMORY,
            "graceful_timeout": int(settings.drain_seconds),
            "timeout": 0,  # the core has its own
            "keepalive": 75,
            "loglevel": "warning",
            "control_socket_disable": True,
            "post_worker_init": self._start,
            "worker_exit": self._stop,
        }
        for name, value in values.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The application, made in each worker."""
        return create_app(self._router)

    def _start(self, worker: object) -> None:
        load_or_leave(self._router, Arbiter.WORKER_BOOT_ERROR)

    def _stop(self, server: object, worker: object) -> None:
        self._router.service.stop()
