"""The third-party wheels of an image: chosen once, with a hash for each, for the image's Python and platform."""

import hashlib
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from swath_packager.conflicts import explain
from swath_packager.resolver import UNREACHABLE, Target, Wanted, compile_lock
from swath_packager.store import Store, digest_of

FRESH_S = 24 * 3600  # a resolution is taken from the cache for a day, so that a second build asks no index
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==", re.MULTILINE)


@dataclass(frozen=True)
class Lock:
    """Pinned and hashed requirements, as `name==version --hash=…` entries."""

    entries: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Normalised names of the distributions."""
        return tuple(name_of(entry) for entry in self.entries)

    @property
    def pins(self) -> tuple[str, ...]:
        """`name==version` of each."""
        return tuple(f"{name_of(entry)}=={version_of(entry)}" for entry in self.entries)

    @property
    def text(self) -> str:
        """As a requirements file."""
        return "".join(f"{entry}\n" for entry in self.entries)

    def only(self, wanted: Callable[[str], bool]) -> "Lock":
        """The entries whose distribution's name is wanted."""
        return Lock(tuple(entry for entry in self.entries if wanted(name_of(entry))))


def name_of(entry: str) -> str:
    """The distribution that an entry pins."""
    return entry.partition("==")[0]


def version_of(entry: str) -> str:
    """The version that an entry pins it to."""
    return entry.partition("==")[2].split()[0]


def resolve(
    wanted: Wanted,
    target: Target,
    store: Store,
    report: Callable[[str], None],
    *,
    preferred: Sequence[str] = (),
    anew: bool = False,
) -> Lock:
    """The lock of what is wanted.

    Args:
        wanted: what is asked for.
        target: for which Python and platform.
        store: the cache; a resolution in it is taken for FRESH_S.
        report: told of each step.
        preferred: `name==version` of versions to take where they fit.
        anew: whether the package index is asked although the cache has an answer.

    Raises:
        RequirementsConflict: naming the lines of the algorithm that do not fit, and what they do not fit with.
        DependenciesUnavailable: the index does not answer, and nothing is in the cache.
    """
    key = digest_of("lock 2", *wanted.service, "", *wanted.asked, "", *preferred, target.python, target.platform)
    kept = store.text("locks", key)
    if not anew and kept.is_file() and time.time() - kept.stat().st_mtime < FRESH_S:
        return _parse(kept.read_text(), wanted)
    report(f"resolving dependencies for Python {target.python} on {target.platform}")
    compiled, said = compile_lock(wanted, target, store, preferred)
    if compiled is None and kept.is_file() and UNREACHABLE.search(said):
        report("the package index does not answer; the versions of the last build are taken")
        return _parse(kept.read_text(), wanted)
    if compiled is None:
        raise explain(wanted, target, store, said)
    store.write_text("locks", key, compiled)
    return _parse(compiled, wanted)


def _parse(compiled: str, wanted: Wanted | None = None) -> Lock:
    own: Mapping[str, str] = _own_hashes(wanted) if wanted else {}
    joined = compiled.replace("\\\n", " ")
    entries = [" ".join(line.split()) for line in joined.splitlines() if _PIN.match(line)]
    return Lock(tuple(own.get(entry.split()[0], entry) for entry in entries))


def _own_hashes(wanted: Wanted) -> Mapping[str, str]:
    """Entries of the algorithm's own wheels: theirs is the one file, whatever an index has under that name."""
    return {
        one.line: f"{one.line} --hash=sha256:{hashlib.sha256(one.wheel.read_bytes()).hexdigest()}"
        for one in wanted.own
        if one.wheel
    }
