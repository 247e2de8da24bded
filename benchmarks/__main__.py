"""`python -m benchmarks [NAME…]`: run benchmarks, print their table, write JSON and a plot."""

import argparse
import importlib
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.frame.plan import Plan
from benchmarks.frame.plotting import write_plot
from benchmarks.frame.results import RESULTS, machine, write_json
from benchmarks.frame.rows import Row

KNOWN = (
    *("serving", "batching", "gpu", "converters", "codecs", "registry_validation"),
    *("registry_compat", "registry_client", "registry_site", "registry_versions", "generation"),
    *("matching", "packager", "commands", "onnx_sessions", "growth", "soak"),
)
HEADER = f"{'':58} {'ours':>13} {'theirs':>13}   ratio [quartiles]"


def main(arguments: Sequence[str] | None = None, known: Sequence[str] = KNOWN) -> int:
    """Exit code 1 if something is above its bar, 2 for an unknown name."""
    asked = _parser(known).parse_args(arguments)
    unknown = [name for name in asked.names if name not in known]
    if unknown:
        print(f"unknown: {', '.join(unknown)}; known: {', '.join(known)}", file=sys.stderr)
        return 2
    plan = Plan(asked.quick, tuple(asked.only))
    print(", ".join(f"{name}: {value}" for name, value in machine().items()))
    above = [name for name in asked.names or known if _run(name, plan, asked.out)]
    if above:
        print(f"above a bar: {', '.join(above)}")
    return 1 if above else 0


def _parser(known: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="nox -s bench --", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(known)}; none: all")
    parser.add_argument("--quick", action="store_true", help="a glance: shows that it works, too short for figures")
    parser.add_argument("--only", action="append", default=[], metavar="PATTERN", help="parts, such as tiny/*")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for JSON and plots")
    return parser


def _run(name: str, plan: Plan, folder: Path) -> bool:
    """Run one benchmark, keep its rows, and say whether one is above its bar."""
    print(f"\n{name}\n{HEADER}", flush=True)
    rows: list[Row] = []
    try:
        for row in _rows(name, plan):
            print(row, flush=True)
            rows.append(row)
    finally:  # what was found before something failed is kept
        written = [write_json(folder, name, rows, is_quick=plan.is_quick), write_plot(folder, name, rows)]
        print(f"written: {', '.join(str(path) for path in written if path)}")
    return any(row.is_above for row in rows)


def _rows(name: str, plan: Plan) -> Iterator[Row]:
    yield from importlib.import_module(f"benchmarks.{name}").run(plan)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(130))  # servers that were started are ended on the way out
    sys.exit(main())
