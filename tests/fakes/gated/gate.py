"""A folder whose files are the moments of a service's life; process.py imports this module, which lies beside it."""

import os
import time
from pathlib import Path

FOLDER = "GATE_FOLDER"  # variable that names the folder; without it nothing waits and nothing is marked
POLL_S = 0.005


def mark(name: str) -> None:
    """Say that a moment has come."""
    if FOLDER in os.environ:
        Path(os.environ[FOLDER], name).touch()


def mark_process(name: str) -> None:
    """Say that a moment has come, and to which process."""
    mark(name)
    mark(f"{name}-{os.getpid()}")


def is_open(name: str) -> bool:
    """Whether the test lets it go on."""
    return FOLDER not in os.environ or Path(os.environ[FOLDER], name).exists()


def wait_open(name: str) -> None:
    """Return once the test lets it go on."""
    while not is_open(name):
        time.sleep(POLL_S)
