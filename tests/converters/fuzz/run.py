"""A long run: `python tests/converters/fuzz/run.py --minutes 15 --seed 1`. Ends with 1 if a case failed.

Cases are decoded in processes that are limited in memory and watched for time; each twice, in memory that was filled
with different bytes before (MALLOC_PERTURB_), so that pixels that come from memory nobody wrote are seen.
"""

import argparse
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

MEMORY_MIB = 3000
CASE_TIMEOUT_S = 20.0
_BATCH = 400
_FAILURES = ("CRASHED", "HUNG", "WRONG", "RAISED", "UNINITIALISED")


@dataclass
class Totals:
    """How often each outcome was had, and the cases that failed."""

    outcomes: Counter[str] = field(default_factory=Counter[str])
    by_kind: Counter[tuple[str, str, str]] = field(default_factory=Counter[tuple[str, str, str]])
    failures: list[str] = field(default_factory=list[str])

    def add(self, index: int, name: str, change: str, outcome: str) -> None:
        """One case."""
        self.outcomes[outcome] += 1
        self.by_kind[name, change, outcome] += 1
        if outcome in _FAILURES:
            self.failures.append(f"{index} {name} {change} {outcome}")


def run_cases(first: int, count: int, totals: Totals) -> None:
    """Cases `first` to `first + count` - 1, each twice."""
    one, other = (_decoded(first, count, fill) for fill in ("85", "170"))
    for index in range(first, first + count):
        name, change, outcome, digest = one[index]
        if outcome not in _FAILURES:
            _, _, again, other_digest = other[index]
            if again in _FAILURES:
                outcome = again
            elif (again, other_digest) != (outcome, digest):
                outcome = "UNINITIALISED"
        totals.add(index, name, change, outcome)


Found = dict[int, tuple[str, str, str, str]]


def _decoded(first: int, count: int, fill: str) -> Found:
    found: Found = {}
    end = first + count
    while first < end:
        status = _one_process(first, end - first, fill, found)
        done = next((index for index in range(first, end) if index not in found), end)
        if done < end:
            found[done] = ("?", "?", status, "")
        first = done + 1 if done < end else end
    return found


def _one_process(first: int, count: int, fill: str, found: Found) -> str:
    """Cases until the process ends; why it ended before its last one."""
    program = [sys.executable, str(Path(__file__).with_name("cases.py")), str(first), str(count), str(MEMORY_MIB)]
    environment = os.environ | {"MALLOC_PERTURB_": fill}
    hung = threading.Event()
    with subprocess.Popen(
        program, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, text=True
    ) as process:

        def stop() -> None:
            hung.set()
            process.kill()

        watch = threading.Timer(CASE_TIMEOUT_S + 40, stop)
        watch.start()
        assert process.stdout
        for line in process.stdout:
            watch.cancel()
            watch = threading.Timer(CASE_TIMEOUT_S, stop)
            watch.start()
            index, *rest = line.rstrip("\n").split("\t")
            if rest:
                found[int(index)] = (rest[0], rest[1], rest[2], rest[3])
        process.wait()
        watch.cancel()
    return "HUNG" if hung.is_set() else "CRASHED"


def _report(totals: Totals) -> str:
    lines = [f"{sum(totals.outcomes.values())} cases: {dict(totals.outcomes.most_common())}"]
    for name in sorted({name for name, _, _ in totals.by_kind}):
        counts = Counter[str]()
        for (kind, _, outcome), count in totals.by_kind.items():
            if kind == name:
                counts[outcome] += count
        lines.append(f"  {name}: {dict(counts.most_common())}")
    return "\n".join([*lines, *totals.failures])


def main() -> int:
    """Runs until the time is over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--seed", type=int, default=1, help="number of the first case")
    asked = parser.parse_args()
    os.nice(10)
    totals, first, end = Totals(), asked.seed, time.monotonic() + asked.minutes * 60
    while time.monotonic() < end:
        run_cases(first, _BATCH, totals)
        first += _BATCH
    sys.stdout.write(_report(totals) + "\n")
    return 1 if totals.failures else 0


if __name__ == "__main__":
    sys.exit(main())
