"""Generating models: the time grows with the number of versions and no faster; what hasn't changed takes next to none.

Times are of the processor, of this process and those that it starts: neighbours on the machine don't count.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.frame.plan import Plan
from benchmarks.frame.rows import Ratio
from benchmarks.many_versions import registry_of
from swath_registry.models import generated_models
from swath_schemas import SchemaStore

MANY, SOME = 1000, 250
IMPORT_MS = 50  # the most that `import swath_types` may take


def run(plan: Plan) -> Iterator[Ratio]:
    """Many versions against their share of some, unchanged against all made anew, and the import."""
    with TemporaryDirectory() as root:
        some, many, made = (Path(root, name) for name in ("some", "many", "made"))
        some.mkdir()
        many.mkdir()
        few, store = registry_of(some, SOME), registry_of(many, MANY)
        share = _cpu_ms(lambda: generated_models(few)) * MANY / SOME
        whole = _cpu_ms(lambda: _write(made, generated_models(store)))
        again = _cpu_ms(lambda: generated_models(SchemaStore(many), made))
    yield _ratio(f"generate {MANY} versions, against {SOME} × {MANY // SOME}", whole, share, 1.15)
    yield _ratio(f"generate {MANY} unchanged versions, against anew", again, whole, 0.1)
    yield _ratio("import swath_types, against the most it may", _import_ms(), IMPORT_MS, 1)


def _write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _cpu_ms(work: Callable[[], object]) -> float:
    before = os.times()
    work()
    after = os.times()
    return 1000 * sum(now - then for now, then in zip(after[:4], before[:4], strict=True))


def _import_ms() -> float:
    code = "import time; began = time.perf_counter(); import swath_types; print(1000 * (time.perf_counter() - began))"
    runs = (subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(5))
    return sorted(float(done.stdout) for done in runs)[2]


def _ratio(name: str, ours: float, theirs: float, bar: float) -> Ratio:
    return Ratio(name, ours, theirs, ours / theirs, ours / theirs, bar)
