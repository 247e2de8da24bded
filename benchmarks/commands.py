"""How long the commands take that people type most: they are to answer at once."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from benchmarks.frame.alternating import compare
from benchmarks.frame.plan import Plan
from benchmarks.frame.rows import Figure, LeftOut, Row

ROOT = Path(__file__).parents[1]
MOST_MS = 500.0
BARE = (sys.executable, "-c", "pass")
COMMANDS: Sequence[tuple[str, ...]] = (("swath", "--help"), ("swath", "check", "--help"), ("nox", "-l"))


def run(plan: Plan) -> Iterator[Row]:
    """Each against half a second, and against the interpreter that starts and does nothing."""
    for command in COMMANDS:
        title, tool = " ".join(command), Path(sys.executable).with_name(command[0])
        if not tool.is_file():
            yield LeftOut(title, f"{command[0]} is not in this environment")
            continue
        work = partial(_run, (str(tool), *command[1:]))
        rounds = plan.rounds(11)
        row = compare(f"{title} / python -c pass", work, partial(_run, BARE), None, rounds=rounds)
        yield row
        yield Figure(title, row.ours, "ms", MOST_MS)


def _run(command: Sequence[str]) -> None:
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
