"""The parts of an image, made ready in the store: what both builders put on top of the base."""

from collections.abc import Callable
from dataclasses import dataclass

from swath_packager.compiling import find_python
from swath_packager.distributions import closure_of
from swath_packager.order import Order
from swath_packager.profile import Profile
from swath_packager.resolution import Lock, Target, Wanted, resolve
from swath_packager.store import Store
from swath_packager.trees import Tree, algorithm_tree, dependencies_tree, model_tree, runtime_tree


@dataclass(frozen=True)
class Parts:
    """The lock that the dependencies come from, and a tree for each of the plan's layers, by name and in its order."""

    lock: Lock
    trees: dict[str, Tree]


def make_parts(wanted: Order, target: Target, store: Store, report: Callable[[str], None]) -> Parts:
    """The parts of an order for a target. Raises RequirementsConflict or DependenciesUnavailable."""
    plan, algorithm, profile = wanted.plan, wanted.algorithm, wanted.profile
    closure = closure_of(plan.distribution)
    sought = Wanted((*profile.requirements, *closure.requirements), profile.constraints, algorithm.requirements)
    lock = resolve(sought, target, store, report)
    if find_python(target.python) is None:
        report(f"no Python {target.python} on this machine to make byte code with: the service starts more slowly")
    trees = _dependencies(profile, lock, target, store, report)
    trees["runtime"] = runtime_tree(closure.sources, target, store)
    if model := algorithm.model:
        trees["model"] = model_tree(algorithm.folder, model, target, store)
    trees["algorithm"] = algorithm_tree(algorithm.folder, algorithm.model, target, store)
    return Parts(lock, {layer.name: trees[layer.name] for layer in plan.layers})


def _dependencies(
    profile: Profile, lock: Lock, target: Target, store: Store, report: Callable[[str], None]
) -> dict[str, Tree]:
    trees: dict[str, Tree] = {}
    report(f"installing {len(lock.entries)} distributions")
    for layer in profile.layers:
        trees[layer.name] = dependencies_tree(lock.only(layer.takes), target, store)
    rest = lock.only(lambda name: not any(layer.takes(name) for layer in profile.layers))
    trees["dependencies"] = dependencies_tree(rest, target, store)
    return trees
