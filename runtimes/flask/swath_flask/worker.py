"""gunicorn's worker with threads, whose own refusals are the core's."""

from contextlib import suppress
from socket import socket
from ssl import SSLError
from typing import Any

from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine, ParseException
from gunicorn.workers.gthread import ThreadWorker

from swath_runtime.refusals import BROKEN, LARGE_HEAD, LONG_TARGET, NO_REQUEST, refusal


class Worker(ThreadWorker):
    """Answers what is no request as the core answers all else."""

    def handle_error(self, req: Any, client: socket, addr: Any, exc: BaseException) -> None:
        """Answer what can't be read, or what broke on the way to the core; gunicorn then closes."""
        match exc:
            case LimitRequestLine():
                problem = LONG_TARGET
            case LimitRequestHeaders():
                problem = LARGE_HEAD
            case ParseException() | SSLError():
                problem = NO_REQUEST
            case _:
                problem = BROKEN
        if problem is BROKEN:
            self.log.exception("a request broke on its way to the core")
        else:
            self.log.warning("not a request: %s", type(exc).__name__)
        with suppress(OSError):  # who sent it may have gone
            client.sendall(refusal(problem))
