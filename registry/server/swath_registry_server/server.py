"""uvicorn, started for the service."""

import logging
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import uvicorn

from swath_registry.catalogue import Catalogue
from swath_registry_server.asgi import Application
from swath_registry_server.confluent.store import RegisteredSubjects
from swath_registry_server.errors import PortTaken
from swath_registry_server.service import Service

_DRAIN_S = 10  # how long requests in work may take to finish after SIGTERM


def serve(
    root: Path, writable: Path | None, host: str, port: int, most_bytes: int, started: Callable[[str], None]
) -> None:
    """Serve until SIGTERM or SIGINT; requests in work are finished.

    Args:
        root: the folder of schemas.
        writable: the folder to keep registered schemas in; None: nothing can be registered.
        host: to listen on.
        port: to listen on; 0: any that is free.
        most_bytes: of a request's body.
        started: called with the address once connections are taken.

    Raises:
        PortTaken: the address can't be listened on.
        StoreUnusable: the writable folder can't be written.
        swath_registry.catalogue.NothingPublished: the root holds no published version.
        swath_registry.catalogue.PublishedAltered: one of them isn't what was published.
    """
    published = Catalogue(root)
    published.verify()
    service = Service(published, RegisteredSubjects(writable) if writable else None)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(message)s")
    listening = _listen(host, port)
    server = uvicorn.Server(
        uvicorn.Config(
            Application(service, most_bytes),
            log_config=None,
            server_header=False,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=_DRAIN_S,
        )
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)  # uvicorn raises the signal again once it has stopped
    name = f"[{host}]" if ":" in host else host
    started(f"http://{name}:{listening.getsockname()[1]}/")
    server.run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    """A socket that takes connections already: who comes before the first answer waits for it."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family, backlog=2048)
    except OSError as error:
        raise PortTaken(host, port, (error.strerror or str(error)).partition(" (while")[0]) from error


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)
