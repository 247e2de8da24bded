"""The registry's server on a port of its own, in a thread."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from swath_registry_server.asgi import Application
from swath_registry_server.http import Answer, Request
from swath_registry_server.service import Service

MOST_BYTES = 1 << 20


class Stage:
    """A service that can be changed for another while it is served."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def answer(self, request: Request) -> Answer:
        return self.service.answer(request)


@contextmanager
def running(service: "Service | Stage") -> Iterator[str]:
    """The address of a service while it is served."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(Application(service, MOST_BYTES), log_config=None, lifespan="off", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
