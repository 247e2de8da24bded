"""Extras of the runtime's core that an image may carry: parts too heavy for every image, `swath package … --with jwt`.

They are those that the installed distribution declares, but for the ones that bear a profile's name.
"""

from collections.abc import Iterable
from importlib.metadata import metadata

from packaging.utils import canonicalize_name

from swath_packager.errors import ExtraUnknown
from swath_packager.profile import known_profiles

CORE = "swath-runtime"


def known_extras() -> tuple[str, ...]:
    """Names of the extras, sorted."""
    declared: list[str] = metadata(CORE).get_all("Provides-Extra") or []
    return tuple(sorted({canonicalize_name(one) for one in declared} - set(known_profiles())))


def checked_extras(asked: Iterable[str]) -> tuple[str, ...]:
    """What is asked for, each once, sorted; raises ExtraUnknown, naming the known ones."""
    known = known_extras()
    names = sorted({canonicalize_name(one) for one in asked})
    if unknown := [one for one in names if one not in known]:
        raise ExtraUnknown(unknown, known)
    return tuple(names)
