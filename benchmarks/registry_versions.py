"""What a registry of a thousand versions costs, against ten times what a hundred cost: growth must be linear."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.frame.plan import Plan
from benchmarks.frame.rows import Ratio
from benchmarks.many_versions import registry_of
from swath_registry.candidates import candidates
from swath_registry.drafting import draft
from swath_registry.lint import lint
from swath_registry.reviewing import review_all
from swath_registry.show import summaries
from swath_schemas import SchemaStore

BAR = 1.3
ROUNDS = 3


def run(plan: Plan) -> Iterator[Ratio]:
    """A row for each command, at 1,000 versions against ten times 100."""
    with TemporaryDirectory() as parent:
        small, large = (_registry(Path(parent), versions) for versions in (100, 1000))
        for name, work in WORK.items():
            yield _growth(name, work, small, large)


def _list(root: Path) -> None:
    summaries(SchemaStore(root))


def _lint(root: Path) -> None:
    assert lint(store=SchemaStore(root)) == []  # noqa: S101


def _lint_published(root: Path) -> None:
    assert lint(store=SchemaStore(root), published=True) == []  # noqa: S101


def _check_one(root: Path) -> None:
    store = SchemaStore(root)
    list(review_all(candidates([], store), store))


WORK: dict[str, Callable[[Path], None]] = {
    "list, 1,000 versions": _list,
    "lint, 1,000 versions": _lint,
    "lint --published, 1,000 versions": _lint_published,
    "check one candidate, 1,000 versions": _check_one,
}


def _registry(parent: Path, versions: int) -> Path:
    folder = parent / str(versions)
    folder.mkdir()
    store = registry_of(folder, versions)
    draft(store.types()[0], "patch", store)
    return folder


def _growth(name: str, work: Callable[[Path], None], small: Path, large: Path) -> Ratio:
    """The best of a few rounds each: whatever else the machine does only ever adds."""
    work(large)  # files are in the page cache then
    pairs = [(10 * _time_ms(work, small), _time_ms(work, large)) for _ in range(ROUNDS)]
    ratios = sorted(after / before for before, after in pairs)
    ours, theirs = min(after for _, after in pairs), min(before for before, _ in pairs)
    return Ratio(name, ours, theirs, ratios[0], ratios[-1], BAR)


def _time_ms(work: Callable[[Path], None], root: Path) -> float:
    began = time.perf_counter()
    work(root)
    return (time.perf_counter() - began) * 1000
