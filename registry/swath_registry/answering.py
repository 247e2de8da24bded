"""The far side of `compatibility.process`: JSON requests a line in, JSON answers a line out, and its own limits."""

import json
import math
import os
import resource
import sys
from collections.abc import Callable
from typing import Any


def answer_lines(answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Answer requests until standard input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints must not come between the answers
    for line in sys.stdin:
        answers.write(json.dumps(answer(json.loads(line))) + "\n")
        answers.flush()


def limit_cpu(seconds: float) -> None:
    """Let this process die once it has taken so many seconds of CPU time from now on; infinity lifts that."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    endless = math.isinf(seconds)
    _limit(
        resource.RLIMIT_CPU, resource.RLIM_INFINITY if endless else math.ceil(used.ru_utime + used.ru_stime + seconds)
    )


def limit_memory(size_bytes: int) -> None:
    """Let no more memory be taken than that."""
    _limit(resource.RLIMIT_AS, size_bytes)


def _limit(kind: int, value: int) -> None:
    """Set a soft limit, as far as the hard one (the caller's `ulimit`) lets it."""
    hard = resource.getrlimit(kind)[1]
    if hard != resource.RLIM_INFINITY and (value == resource.RLIM_INFINITY or value > hard):
        value = hard
    resource.setrlimit(kind, (value, hard))
