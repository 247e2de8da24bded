"""Why requirements cannot be met together, in the algorithm's terms: which of its lines clashes with what."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from swath_packager.errors import DependenciesUnavailable, PackagerError, RequirementsConflict
from swath_packager.requirements import Asked
from swath_packager.resolver import UNREACHABLE, Target, Wanted, compile_lock
from swath_packager.store import Store

_AT_ONCE = 4


@dataclass(frozen=True)
class Clash:
    """A line of the algorithm, and the requirements (its own, or of runtime and profile) that exclude it."""

    asked: Asked
    against: tuple[str, ...]
    alone: bool

    def __str__(self) -> str:
        line = f"{self.asked.origin}: {self.asked.line}"
        if self.alone:
            return f"{line}  cannot be had at all: no wheel of such a version for the image's Python and platform"
        if self.against:
            return f"{line}  clashes with {' and '.join(self.against)}"
        return f"{line}  clashes with what runtime and profile require together"


def explain(wanted: Wanted, target: Target, store: Store, said: str) -> PackagerError:
    """The error that tells why uv found no answer; `said` is what uv says.

    Each line is tried alone, then with each other requirement: a few dozen resolutions, from uv's cache.
    """

    def fails(service: Sequence[str], own: Sequence[Asked]) -> bool:
        tried = replace(wanted, requirements=tuple(service), own=tuple(own))
        return compile_lock(tried, target, store)[0] is None

    if not wanted.own or UNREACHABLE.search(said) or fails(wanted.requirements, ()):
        return DependenciesUnavailable("resolving the image's dependencies", said)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        asked = [pool.submit(fails, (), [one]) for one in wanted.own]
        alone = [one.result() for one in asked]
    clashes = [Clash(one, (), alone=True) for one, bad in zip(wanted.own, alone, strict=True) if bad]
    others = [one for one, bad in zip(wanted.own, alone, strict=True) if not bad]
    clashes += [clash for one in others if (clash := _clash(one, others, wanted, fails))]
    named = clashes or [Clash(one, (), False) for one in wanted.own]
    return RequirementsConflict([str(one) for one in named], said)


def _clash(
    one: Asked, own: Sequence[Asked], wanted: Wanted, fails: Callable[[Sequence[str], Sequence[Asked]], bool]
) -> Clash | None:
    others = [other for other in own if other is not one]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        ours = [pool.submit(fails, [line], [one]) for line in wanted.requirements]
        theirs = [pool.submit(fails, (), [one, other]) for other in others]
    against = [f"{line} (of Swath)" for line, bad in zip(wanted.requirements, ours, strict=True) if bad.result()]
    against += [f"{other.line} ({other.origin})" for other, bad in zip(others, theirs, strict=True) if bad.result()]
    if against or fails(wanted.requirements, [one]):
        return Clash(one, tuple(against), alone=False)
    return None
