"""`python -m swath_packager.service_lock`: resolve anew what algorithms without requirements of their own share.

The lock of every runtime and profile, for each Python and platform that images are made for; run when a requirement of
Swath's distributions or of a profile changes. It is a few minutes of uv's work, and asks the package index.
"""

import sys

from swath_packager.distributions import closure_of
from swath_packager.image import PYTHONS
from swath_packager.lockfile import Section, read_lock_file
from swath_packager.locking import SERVICE_LOCK, section_of, write_service_lock
from swath_packager.profile import known_profiles, read_profile
from swath_packager.resolution import Lock, name_of, resolve, version_of
from swath_packager.resolver import Target, Wanted
from swath_packager.runtimes import known_runtimes
from swath_packager.store import user_store

ARCHITECTURES = ("amd64", "arm64")


def combinations() -> list[tuple[str, str, Wanted, Target]]:
    """Runtime, profile, what they want, and the target: all that images are made of from what is installed here.

    A profile with hardware of its own is made for amd64 alone.
    """
    found: list[tuple[str, str, Wanted, Target]] = []
    for runtime, distribution in known_runtimes().items():
        closure = closure_of(distribution)
        for name in known_profiles():
            profile = read_profile(name)
            wanted = Wanted((*profile.requirements, *closure.requirements), profile.constraints)
            architectures = ARCHITECTURES[:1] if profile.trial_check else ARCHITECTURES
            found += [(runtime, name, wanted, Target(python, one)) for python in PYTHONS for one in architectures]
    return found


def stale() -> list[str]:
    """The combinations that the lock lacks, or has for other requirements; in words."""
    lock = read_lock_file(SERVICE_LOCK)
    found: list[str] = []
    for runtime, profile, wanted, target in combinations():
        section = lock.section(runtime, profile, target)
        if section is None or section.service != wanted.service:
            found.append(f"{runtime} {profile} Python {target.python} {target.architecture}")
    return found


def main() -> int:
    """Write the lock; 0."""
    made: list[tuple[Section, Lock]] = []
    chosen: dict[str, str] = {}
    for runtime, profile, wanted, target in combinations():
        preferred = [f"{name}=={version}" for name, version in chosen.items()]
        lock = resolve(wanted, target, user_store(), lambda step: None, preferred=preferred, anew=True)
        chosen.update({name_of(pin): version_of(pin) for pin in lock.pins})
        made.append((section_of(wanted, (runtime, profile), target, lock), lock))
    write_service_lock(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
