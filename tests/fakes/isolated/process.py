"""An algorithm that does to its process what a service must survive."""

import multiprocessing
import os
import re
import signal
import sys
from dataclasses import dataclass
from enum import StrEnum
from threading import Thread

from gate import is_open, mark, wait_open

from swath_converters import Image
from swath_runtime import Context, InputRejected


class Done(StrEnum):
    """A class that the server does not have."""

    ODD = "odd"


@dataclass
class Result:
    """Another one."""

    what: str


class NoSnow(InputRejected):
    """An author's own way to refuse."""


class Process:
    def on_start(self) -> None:
        """Wait for the file `start`; end the interpreter where there is a file `broken` instead."""
        mark("loading")
        wait_open("start")
        if is_open("broken") and not is_open("whole"):
            raise SystemExit("broken on purpose")
        self.calls = 0

    def process(self, context: Context, what: str, image: Image | None = None) -> dict | Result:
        """Do `what`: answer, wait for the file `go` (`hang` and `hold` heed nothing else), or end the process."""
        self.calls += 1
        context.logger.info("at work")
        mark("inside", f"inside-{os.getpid()}")
        {
            "abort": os.abort,
            "segfault": lambda: os.kill(os.getpid(), signal.SIGSEGV),
            "killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
            "leave": lambda: os._exit(3),
            "exit": lambda: sys.exit(3),
            "raise": _raise,
            "reject": _reject,
            "band": lambda: image and image.band("B99"),
            "fork": os.fork,
            "leftover": lambda: multiprocessing.get_context("fork").Process(target=signal.pause).start(),
            "print": lambda: sys.stdout.write("printed to standard output\n"),
            "hold": lambda: re.match(r"(a?){32}a{32}$", "a" * 31 + "b"),  # minutes in C, holding the lock
            "late": lambda: Thread(target=_late, args=(context,)).start(),
        }.get(what, lambda: None)()
        while what in {"wait", "hang"} and not is_open("go"):
            if context.wait_cancelled(0.005) and what == "wait":
                context.check_cancelled()
        if what == "odd":
            return Result(Done.ODD)
        if what == "count":
            return {"what": what, "call": self.calls}
        context.progress(0.5, "half of it")
        if image is None:
            return {"what": what}
        image.array[...] += 1
        return {"what": what, "image": image}

    def on_stop(self) -> None:
        """Leave the file `stopped`."""
        mark("stopped", f"stopped-{os.getpid()}")


def _raise() -> None:
    raise ZeroDivisionError("a secret of the author's")


def _reject() -> None:
    raise NoSnow("There is no snow in it.", "/what")


def _late(context: Context) -> None:
    """Go on asking and telling after the call's end."""
    while not is_open("go"):
        context.wait_cancelled(0.001)
        context.progress(1.0, "too late")
