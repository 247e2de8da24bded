"""The two sides of a comparison: a server with what it is asked, or the same work in a process without one."""

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Protocol

import psutil

from benchmarks.frame.results import RESULTS
from benchmarks.load.client import Answer, Load, Question, WrongAnswer, fetch, load
from benchmarks.load.facts import Facts
from benchmarks.load.health import Prober
from benchmarks.load.process import MB, NotStarted, Program, Server
from benchmarks.peers.environments import PeerMissing

SHARE_OF_MEMORY = 0.5
"""Of what the machine has left, a server may take so much before it is ended."""
LOOK_EVERY_S = 0.2
MOST_CALLS = 5000


class SideFailed(Exception):
    """A server could not be started, answered wrongly, or took too much memory."""


class Side(Protocol):
    """Something that can be visited by a number of clients for some time."""

    name: str
    facts: Facts

    def visit(self, clients: int, seconds: float, least: int) -> Load:
        """What the clients got; raises SideFailed."""
        ...


@dataclass(frozen=True)
class Asked:
    """A request, and how its answer is judged: whole before anything is timed, and by `agrees` under load."""

    request: bytes
    is_right: Callable[[Answer], bool]
    agrees: Callable[[bytes], bool] | None = None


class Served:
    """A server that is up, with requests whose answers were found to be right."""

    def __init__(self, program: Program, asked: Sequence[Asked], log: Path) -> None:
        self.name = program.name
        with self._explained():
            self.server = Server(program, log)
        try:
            self.facts = Facts(self.server.ready_s, self.server.rss_mb())
            self._questions = [self._question(asked[0])]
            self.facts.first_peak_mb = self.server.peak_mb()
            self._questions += [self._question(one) for one in asked[1:]]
        except BaseException:
            self.server.stop()
            raise

    def visit(self, clients: int, seconds: float, least: int) -> Load:
        """What the clients got; the processor time that it cost is kept."""
        with self._explained(), self._within_memory():
            before_s = self.server.cpu_s()
            found = load(self.server.port, self._questions, clients, seconds, least=least)
            self.facts.add(clients, found, self.server.cpu_s() - before_s)
            self.facts.peak_mb = self.server.peak_mb()
            return found

    def watch_health(self, clients: int, seconds: float) -> None:
        """Ask its health path while so many requests are in work."""
        if not self.server.program.health:
            return
        with self._explained(), Prober(self.server.port, self.server.program.health) as prober:
            load(self.server.port, self._questions, clients, seconds, least=3 * clients)
        self.facts.health = prober.health

    def stop(self) -> None:
        """End the server."""
        self.server.stop()

    def _question(self, asked: "Asked") -> Question:
        with self._explained():
            answer = fetch(self.server.port, asked.request)
        if not asked.is_right(answer):
            raise SideFailed(f"{self.name} answered {answer.status}: {answer.body[:300]!r}")
        return Question(asked.request, answer, asked.agrees)

    @contextlib.contextmanager
    def _explained(self) -> Generator[None]:
        try:
            yield
        except (OSError, WrongAnswer, NotStarted, PeerMissing) as error:
            raise SideFailed(f"{self.name}: {error}") from error

    @contextlib.contextmanager
    def _within_memory(self) -> Generator[None]:
        """End the server, and say so, if it takes more than its share of what the machine has left."""
        most_mb = self.server.rss_mb() + SHARE_OF_MEMORY * psutil.virtual_memory().available / MB
        over, is_over = threading.Event(), False

        def look() -> None:
            nonlocal is_over
            while not over.wait(LOOK_EVERY_S):
                if self.server.rss_mb() > most_mb:
                    is_over = True
                    self.server.stop()
                    return

        watcher = threading.Thread(target=look, daemon=True)
        watcher.start()
        try:
            yield
        except (OSError, WrongAnswer) as error:
            if is_over:
                raise SideFailed(f"{self.name} took more than {most_mb / 1000:.0f} GB") from error
            raise
        finally:
            over.set()
            watcher.join()


class InProcess:
    """The same work in a process of its own that serves nobody, with our servers' allocator settings."""

    def __init__(self, command: list[str], environment: dict[str, str], folder: Path, case: str, body: bytes) -> None:
        self.name, self.facts = "in-process", Facts()
        files = RESULTS / "in-process"
        files.mkdir(parents=True, exist_ok=True)
        sent, self._received = files / f"{case}.in", files / f"{case}.out"
        sent.write_bytes(body)
        arguments = [sys.executable, *command, case, str(sent), str(self._received)]
        self._process = subprocess.Popen(
            arguments, cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        if self._said() != "ready\n":
            raise SideFailed("the work in process failed")

    def answer(self) -> Answer:
        """What the work gave."""
        return Answer(200, self._received.read_bytes())

    def visit(self, clients: int, seconds: float, least: int) -> Load:
        """As many calls as fit into the time by the last visit's median, one after the other."""
        known = self.facts.latencies_s.get(clients)
        count = min(MOST_CALLS, max(least, int(seconds / median(known)))) if known else least
        if self._process.stdin is None:
            raise SideFailed("the work in process has no input")
        self._process.stdin.write(f"{count}\n")
        self._process.stdin.flush()
        took_s = json.loads(self._said())
        found = Load(took_s, sum(took_s))
        self.facts.add(clients, found, sum(took_s))
        return found

    def stop(self) -> None:
        """End the process."""
        self._process.communicate("")

    def _said(self) -> str:
        return self._process.stdout.readline() if self._process.stdout else ""
