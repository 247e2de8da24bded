"""`python -m swath_runtime`: serve what the SWATH_* variables say; with --health, ask whether it is alive."""

import sys
import urllib.error
import urllib.request

from swath_runtime.settings import Settings

HEALTH_TIMEOUT_S = 5
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}  # noqa: S104 - what a server listens on, as its own client reaches it


def is_alive(settings: Settings) -> bool:
    """Whether the service that these settings describe answers `health` on this machine."""
    host = ANYWHERE.get(settings.host, settings.host)
    url = f"http://{host}:{settings.port}/api/v1/health"
    try:
        with urllib.request.urlopen(url, timeout=HEALTH_TIMEOUT_S) as reply:
            return reply.status == 200
    except (urllib.error.URLError, OSError):
        return False


def main(arguments: list[str]) -> int:
    """Exit code: of the server, or 0 (alive) and 1 (not) for --health."""
    if arguments == ["--health"]:
        return 0 if is_alive(Settings.from_environ()) else 1
    if arguments:
        print("usage: python -m swath_runtime [--health]; settings are SWATH_* variables", file=sys.stderr)  # noqa: T201
        return 2
    from swath_runtime.server import find_runtime

    try:
        settings = Settings.from_environ()
        return find_runtime(settings.runtime)(settings)
    except Exception as error:
        code: int | None = getattr(error, "exit_code", None)
        if code is None:
            raise
        print(f"error: {error}\n{getattr(error, 'hint', '')}".rstrip(), file=sys.stderr)  # noqa: T201
        return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
