"""A base and what stands on it, made ready side by side: wheels ask nothing of a base but which Python it has."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from swath_packager.base import Base, Known
from swath_packager.distributions import unpacked
from swath_packager.labels import base_labels
from swath_packager.order import Order
from swath_packager.parts import Parts, Ready, Report, Wheels, make_parts, make_wheels
from swath_packager.plan import Plan
from swath_packager.resolver import Target
from swath_packager.store import Store

if TYPE_CHECKING:
    from swath_packager.engine import Engine


@dataclass(frozen=True)
class Prepared:
    """A base, the plan with that base's labels, the target that the base means, and the parts on top of it."""

    base: Base
    plan: Plan
    target: Target
    parts: Parts


def prepare(
    wanted: Order,
    find: Callable[[Known], Base],
    store: Store,
    report: Report,
    ready: Ready,
    engine: "Engine | None" = None,
) -> Prepared:
    """The base and the parts of an order.

    Args:
        wanted: what was asked for.
        find: gives the base; what it is handed it may tell the base's Python, as soon as that is known.
        store: the cache.
        report: told of each step, from several threads.
        ready: told of each layer's tree once it is whole, from several threads.
        engine: where the base is, if its layers are not in the store.

    Raises:
        PackagerError: what hinders the base before what hinders the parts.
    """
    begun: dict[Target, Future[Wheels]] = {}
    with ThreadPoolExecutor() as pool:

        def begin(target: Target) -> None:
            if target not in begun:
                begun[target] = pool.submit(make_wheels, wanted, target, store, report, ready)

        own = pool.submit(unpacked, wanted.closure, store)
        base = find(lambda python: begin(Target(python, wanted.architecture)))
        target = Target(base.python, base.architecture)
        report(f"base {base.reference}, from {base.origin}: Python {base.python}")
        own.result()
        begin(target)
        parts = make_parts(wanted, base, begun[target].result(), target, store, report, ready, engine)
    return Prepared(base, _labelled(wanted.plan, base), target, parts)


def _labelled(plan: Plan, base: Base) -> Plan:
    name = Path(base.reference).name if Path(base.reference).exists() else base.reference
    return replace(plan, labels=dict(sorted({**base_labels(name, base.digest), **plan.labels}.items())))
