"""The parts of an image, made ready in the store: what both builders put on top of the base."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from swath_packager.base import Base
from swath_packager.compiling import find_python
from swath_packager.inside import ALGORITHM, ROOT
from swath_packager.locking import locked
from swath_packager.order import Order
from swath_packager.resolution import Lock
from swath_packager.resolver import Target
from swath_packager.resources import fetch_resources
from swath_packager.secrets import left_behind
from swath_packager.store import Store
from swath_packager.trees import Tree, algorithm_tree, dependencies_tree, extra_files, placed_tree, runtime_tree

if TYPE_CHECKING:
    from swath_packager.engine import Engine

Report = Callable[[str], None]
Ready = Callable[[str, Tree], None]


@dataclass(frozen=True)
class Wheels:
    """What is made for a target, whichever base has it: the lock that the dependencies come from, the trees that hold
    installed wheels by the names of their layers, and what the maker should know."""

    lock: Lock
    trees: dict[str, Tree]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Parts:
    """The lock that the dependencies come from, a tree for each of the plan's layers, by name and in its order, and
    what the maker should know."""

    lock: Lock
    trees: dict[str, Tree]
    notes: tuple[str, ...] = ()


def nobody(name: str, tree: Tree) -> None:
    """Tells nobody that a layer's tree is whole."""


def make_wheels(
    wanted: Order, target: Target, store: Store, report: Report, ready: Ready = nobody, lock: Lock | None = None
) -> Wheels:
    """The wheels of an order for a target; with a lock no other is looked for. `ready` hears of each tree.

    Raises LockStale, RequirementsConflict or DependenciesUnavailable.
    """
    plan = wanted.plan
    notes: tuple[str, ...] = ()
    with ThreadPoolExecutor(1) as pool:
        own = pool.submit(_own_wheels, wanted, target, store, ready)
        if lock is None:
            image = (plan.runtime, plan.profile)
            folder = wanted.algorithm.folder
            lock, notes = locked(wanted.wanted, image, folder, target, store, report, relock=wanted.relock)
        trees = _dependencies(wanted, lock, target, store, report, ready)
        trees["runtime"] = own.result()
    return Wheels(lock, trees, notes)


def make_parts(
    wanted: Order,
    base: Base,
    wheels: Wheels,
    target: Target,
    store: Store,
    report: Report,
    ready: Ready = nobody,
    engine: "Engine | None" = None,
) -> Parts:
    """The parts of an order on a base, for a target; an engine may hold the base. `ready` hears of each tree that is
    not among the wheels.

    Raises PackagesUnavailable, and what fetching a model raises.
    """
    algorithm, project = wanted.algorithm, wanted.project
    trees = dict(wheels.trees)
    if project.apt:
        from swath_packager.sbom.reading import base_files
        from swath_packager.system_packages import system_tree

        held = base_files(base, engine, store)
        trees["system"] = system_tree(project.apt, held, target.architecture, store, report)
    if project.files:
        trees["files"] = placed_tree("files", extra_files(project.files), target, store)
    resources = fetch_resources(algorithm, store, report)
    if resources:
        trees["model"] = placed_tree("model", resources, target, store, destination=ALGORITHM)
    trees["sbom"] = _sbom(wanted, base, trees, target, store, engine)
    own = [*resources.values(), *wanted.wanted.wheels]
    trees["algorithm"] = algorithm_tree(algorithm.folder, own, target, store)
    for name in trees.keys() - wheels.trees.keys():
        ready(name, trees[name])
    notes = (*wheels.notes, *_notes(wanted, target))
    return Parts(wheels.lock, {layer.name: trees[layer.name] for layer in wanted.plan.layers}, notes)


def _notes(wanted: Order, target: Target) -> tuple[str, ...]:
    left = left_behind(wanted.algorithm.folder)
    notes = tuple(f"left out: {one}, which holds secrets by its name" for one in left)
    if find_python(target.python) is None:
        missing = f"no Python {target.python} on this machine to make byte code with: the service starts more slowly"
        notes = (*notes, missing)
    return notes


def _own_wheels(wanted: Order, target: Target, store: Store, ready: Ready) -> Tree:
    tree = runtime_tree(wanted.closure, target, store)
    ready("runtime", tree)
    return tree


def _dependencies(
    wanted: Order, lock: Lock, target: Target, store: Store, report: Report, ready: Ready
) -> dict[str, Tree]:
    profile, slim, wheels = wanted.profile, wanted.plan.slim, wanted.wanted.wheels
    trees: dict[str, Tree] = {}
    report(f"installing {len(lock.entries)} distributions")
    for layer in profile.layers:
        trees[layer.name] = dependencies_tree(lock.only(layer.takes), target, store, slim=False, wheels=wheels)
        ready(layer.name, trees[layer.name])
    rest = lock.only(lambda name: not any(layer.takes(name) for layer in profile.layers))
    trees["dependencies"] = dependencies_tree(rest, target, store, slim=slim, wheels=wheels)
    ready("dependencies", trees["dependencies"])
    return trees


def _sbom(
    wanted: Order, base: Base, trees: dict[str, Tree], target: Target, store: Store, engine: "Engine | None"
) -> Tree:
    from swath_packager.sbom import SBOM_PATH, sbom_of

    content = sbom_of(wanted, base, trees, store, engine)
    return placed_tree("sbom", {SBOM_PATH.rpartition("/")[2]: content}, target, store, destination=ROOT)
