"""How long `/health` takes while a server is at work: asked by another process than that of the load."""

import json
import selectors
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from types import TracebackType

from benchmarks.load.client import fetch, get_bytes

EVERY_S = 0.01
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Health:
    """Answers of a health path, ms."""

    median_ms: float
    worst_ms: float
    count: int


class Prober:
    """A context manager that asks until its end; `health` says how long the answers took."""

    def __init__(self, port: int, path: str) -> None:
        command = [sys.executable, "-m", "benchmarks.load.health", str(port), path]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.health: Health | None = None

    def __enter__(self) -> "Prober":
        if self._process.stdout is not None:
            self._process.stdout.readline()  # it asks now
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        told, _ = self._process.communicate("")
        if kind is None:
            self.health = Health(**json.loads(told))


def probe(port: int, path: str) -> Health:
    """Ask on a new connection every 10 ms, as an orchestrator's probe does, until standard input ends."""
    request, took_ms = get_bytes(path), [_took_ms(port, get_bytes(path))]
    print("asking", flush=True)
    with selectors.DefaultSelector() as selector:
        selector.register(sys.stdin, selectors.EVENT_READ)
        while not selector.select(EVERY_S):
            took_ms.append(_took_ms(port, request))
    return Health(median(took_ms), max(took_ms), len(took_ms))


def _took_ms(port: int, request: bytes) -> float:
    began = time.perf_counter()
    answer = fetch(port, request)
    if answer.status != 200:
        raise RuntimeError(f"the health path answered {answer.status}")
    return 1000 * (time.perf_counter() - began)


if __name__ == "__main__":
    print(json.dumps(vars(probe(int(sys.argv[1]), sys.argv[2]))))
