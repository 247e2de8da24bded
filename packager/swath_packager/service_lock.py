"""`python -m swath_packager.service_lock`: resolve anew what algorithms without requirements of their own share.

The lock of every runtime and profile, for each Python and platform that images are made for; run when a requirement of
Swath's distributions or of a profile changes. It is a few minutes of uv's work, and asks the package index.
"""

import sys
from dataclasses import replace
from itertools import product

from swath_packager.distributions import closure_of
from swath_packager.extras import known_extras
from swath_packager.image import PYTHONS
from swath_packager.lockfile import Section, read_lock_file
from swath_packager.locking import SERVICE_LOCK, section_of, shared, write_service_lock
from swath_packager.profile import known_profiles, read_profile
from swath_packager.resolution import Lock, name_of, resolve, version_of
from swath_packager.resolver import Target, Wanted
from swath_packager.runtimes import known_runtimes
from swath_packager.store import user_store

ARCHITECTURES = ("amd64", "arm64")


def combinations() -> list[tuple[str, str, Wanted, Target]]:
    """Runtime, profile, what they want, and the target: all that images are made of from what is installed here.

    A profile with hardware of its own is made for amd64 alone. Those without extras come first; of the runtime's extras
    each is there by itself: what several need is what each needs, in the same versions.
    """
    found: list[tuple[str, str, Wanted, Target]] = []
    for runtime, distribution in known_runtimes().items():
        for extras, name in product([(), *((one,) for one in known_extras())], known_profiles()):
            profile, closure = read_profile(name), closure_of(distribution, extras)
            requirements = (*profile.requirements, *closure.requirements)
            wanted = Wanted(requirements, profile.constraints, extras=extras)
            architectures = ARCHITECTURES[:1] if profile.trial_check else ARCHITECTURES
            found += [(runtime, name, wanted, Target(python, one)) for python in PYTHONS for one in architectures]
    return found


def stale() -> list[str]:
    """The combinations that the lock lacks, or has for other requirements; in words."""
    ours = read_lock_file(SERVICE_LOCK)
    return [
        f"{' '.join([runtime, profile, *wanted.extras])} Python {target.python} {target.architecture}"
        for runtime, profile, wanted, target in combinations()
        if shared(ours, wanted, (runtime, profile), target) is None
    ]


def main() -> int:
    """Write the lock; 0."""
    made: list[tuple[Section, Lock]] = []
    plain: dict[tuple[str, str, Target], Section] = {}
    chosen: dict[str, str] = {}
    for runtime, profile, wanted, target in combinations():
        preferred = [f"{name}=={version}" for name, version in chosen.items()]
        lock = resolve(wanted, target, user_store(), lambda step: None, preferred=preferred, anew=True)
        chosen.update({name_of(pin): version_of(pin) for pin in lock.pins})
        section = section_of(wanted, (runtime, profile), target, lock)
        without = plain.setdefault((runtime, profile, target), section)
        made.append((section if section is without else _beyond(section, without), lock))
    write_service_lock(made)
    return 0


def _beyond(section: Section, without: Section) -> Section:
    """What a section has that the same image without extras has not."""
    service = tuple(one for one in section.service if one not in without.service)
    return replace(section, service=service, pins=tuple(one for one in section.pins if one not in without.pins))


if __name__ == "__main__":
    sys.exit(main())
