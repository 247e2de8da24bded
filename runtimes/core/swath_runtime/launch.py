"""A server process, started with the settings and the allocator that large images want."""

import os
import sys
from collections.abc import Mapping
from typing import NoReturn

from swath_runtime.settings import Settings, environment

ALLOCATOR: Mapping[str, str] = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "67108864",
    "MALLOC_TRIM_THRESHOLD_": "268435456",
}
"""glibc keeps buffers of up to 64 MiB for the next request instead of faulting them in anew: three times the speed
on 33 MB bodies, for some 70 MB kept by one client at work, and given back in quiet times (`trimming`). All threads
share one arena, for those of other threads hold no two such buffers (docs/decisions/0006-allocator.md)."""


def server_environment(settings: Settings) -> dict[str, str]:
    """The environment at hand, less its SWATH_ variables, with the settings' and the allocator's."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SWATH_")}
    return {**ALLOCATOR, "PYTHONUNBUFFERED": "1", **inherited, **environment(settings)}


def become_server(settings: Settings) -> NoReturn:
    """Replace this process by a server: signals and exit code are its own, nothing stands between."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(sys.executable, [sys.executable, "-m", "swath_runtime"], server_environment(settings))  # noqa: S606
