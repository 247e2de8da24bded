"""What every runtime starts from: the settings, the algorithm they name, and the way in."""

import logging
import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib.metadata import EntryPoint, entry_points
from types import FrameType
from typing import Any

from swath_algorithm.folder import open_algorithm
from swath_runtime.crew import Crew
from swath_runtime.errors import RuntimeFailure, RuntimeMissing
from swath_runtime.log_lines import configure
from swath_runtime.routes import Router
from swath_runtime.service import Service, require_profile
from swath_runtime.settings import Settings
from swath_runtime.tls import check_certificate

RUNTIMES = "swath.runtimes"
PREFERRED = "fastapi"
Serve = Callable[[Settings], int]

logger = logging.getLogger(__name__)


def installed_runtimes() -> dict[str, EntryPoint]:
    """Entry points of the runtimes that are installed, by name; none of them is imported."""
    return {one.name: one for one in entry_points(group=RUNTIMES)}


def choose_runtime(name: str) -> str:
    """Name of an installed runtime: the one asked for, else the only one, else fastapi; raises RuntimeMissing."""
    found = installed_runtimes()
    chosen = name or (next(iter(found), "") if len(found) == 1 else PREFERRED)
    if chosen not in found:
        raise RuntimeMissing(name or None, sorted(found))
    return chosen


def serve(settings: Settings) -> int:
    """Exit code of the server of the runtime that the settings name, or that `choose_runtime` does."""
    name = choose_runtime(settings.runtime)
    start: Serve = installed_runtimes()[name].load()
    return start(replace(settings, runtime=name))


def open_router(settings: Settings, crew: Crew | None = None) -> Router:
    """The way into the algorithm that the settings name, checked but not yet loaded; raises FolderInvalid.

    `crew` are the workers among which this process will be one.
    """
    check_certificate(settings)
    algorithm = open_algorithm(settings.algorithm)
    require_profile(algorithm, settings)
    configure(settings)
    return Router(Service(algorithm, settings, crew))


def stop_or_leave(router: Router) -> None:
    """Stop the service; end this process at once if the algorithm doesn't heed that, since its threads can't be."""
    if not router.stop():
        logger.warning("the algorithm did not stop when told to; this process ends without waiting for it")
        logging.shutdown()
        os._exit(0)


def drain_on_signals(router: Router) -> None:
    """Let a router know of SIGTERM and SIGINT before the server acts on them: call it once the server listens to both.

    The server's requests and the router's jobs then have the same drain time, not one after the other.
    """

    def tell(former: Callable[[int, FrameType | None], Any]) -> Callable[[int, FrameType | None], Any]:
        def handle(number: int, frame: FrameType | None) -> Any:
            router.drain()
            return former(number, frame)

        return handle

    for number in (signal.SIGTERM, signal.SIGINT):
        if callable(former := signal.getsignal(number)):
            signal.signal(number, tell(former))


def load_or_leave(router: Router, exit_codes: Mapping[int, int] | None = None) -> None:
    """Load the algorithm on a thread of its own; if that fails, say why and end this process.

    It ends with the error's own code, or with what `exit_codes` makes of it where a server reads its own meanings.
    """

    def leave(error: Exception) -> None:
        hint = getattr(error, "hint", "")
        logger.error("can't start: %s%s", error, f"\n{hint}" if hint else "")
        logging.shutdown()
        code = error.exit_code if isinstance(error, RuntimeFailure) else 1
        os._exit((exit_codes or {}).get(code, code))

    router.start_in_background(leave)
