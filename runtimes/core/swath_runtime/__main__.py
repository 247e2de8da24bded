"""`python -m swath_runtime`: serve what the SWATH_* variables say.

With --health, ask whether it is alive; with --print-settings, or --print-settings --json, say what it would serve with.
"""

import os
import signal
import sys
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from types import FrameType

from swath_runtime.links import API
from swath_runtime.settings import Settings
from swath_runtime.tls import any_certificate

USAGE = "usage: python -m swath_runtime [--health | --print-settings [--json]]; settings are SWATH_* variables"
HEALTH_TIMEOUT_S = 5
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - what a server listens on, as its own client reaches it


def is_alive(settings: Settings) -> bool:
    """Whether the service that these settings describe answers `health` on this machine."""
    host = ANYWHERE.get(settings.host, settings.host)
    if settings.tls_certificate:
        connection = HTTPSConnection(host, settings.port, timeout=HEALTH_TIMEOUT_S, context=any_certificate())
    else:
        connection = HTTPConnection(host, settings.port, timeout=HEALTH_TIMEOUT_S)
    try:
        connection.request("GET", f"{API}/health")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def main(arguments: list[str]) -> int:
    """Exit code: of the server, or 0 (alive) and 1 (not) for --health."""
    if arguments not in ([], ["--health"], ["--print-settings"], ["--print-settings", "--json"]):
        print(USAGE, file=sys.stderr)  # noqa: T201
        return 2
    try:
        settings = Settings.from_environ()
        if arguments == ["--health"]:
            return 0 if is_alive(settings) else 1
        if arguments:
            print(_printed(settings, as_json="--json" in arguments))  # noqa: T201
            return 0
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _end)  # until the server takes its own: the first process of a container has none
        from swath_runtime.server import serve

        return serve(settings)
    except Exception as error:
        code: int | None = getattr(error, "exit_code", None)
        if code is None:
            raise
        print(f"error: {error}\n{getattr(error, 'hint', '')}".rstrip(), file=sys.stderr)  # noqa: T201
        return code


def _printed(settings: Settings, *, as_json: bool) -> str:
    from swath_runtime import settings_shown

    found = settings_shown.rows(settings, os.environ)
    return settings_shown.as_json(found) if as_json else settings_shown.as_text(found)


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
