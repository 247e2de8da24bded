"""A server process of its own, started with the settings and the allocator that large images want."""

import os
import subprocess
import sys
from collections.abc import Mapping

from swath_runtime.settings import Settings, environment

ALLOCATOR: Mapping[str, str] = {"MALLOC_MMAP_THRESHOLD_": "67108864", "MALLOC_TRIM_THRESHOLD_": "268435456"}
"""glibc keeps buffers of up to 64 MiB for the next request instead of faulting them in anew: three times the speed
on 33 MB bodies, for some 150 MB kept (docs/decisions/0006-allocator.md)."""


def server_environment(settings: Settings) -> dict[str, str]:
    """The environment at hand, less its SWATH_ variables, with the settings' and the allocator's."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SWATH_")}
    return {**ALLOCATOR, "PYTHONUNBUFFERED": "1", **inherited, **environment(settings)}


def run_server(settings: Settings) -> int:
    """Serve in a process of its own until it ends; its exit code. SIGINT and SIGTERM reach it through this one."""
    with subprocess.Popen([sys.executable, "-m", "swath_runtime"], env=server_environment(settings)) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue  # the terminal sent it to the server too, which is draining now
