"""Runtimes: found by what the installed distributions declare, never imported."""

from importlib.metadata import entry_points

from swath_packager.errors import RuntimeUnknown

GROUP = "swath.runtimes"


def known_runtimes() -> dict[str, str]:
    """Name of each installed runtime -> name of the distribution that declares it, sorted by name."""
    declared = ((entry.name, entry.dist) for entry in entry_points(group=GROUP))
    return dict(sorted((name, distribution.name) for name, distribution in declared if distribution is not None))


def distribution_of(runtime: str) -> str:
    """Name of the distribution that a runtime comes from; raises RuntimeUnknown, naming the known ones."""
    known = known_runtimes()
    if runtime not in known:
        raise RuntimeUnknown(runtime, tuple(known))
    return known[runtime]
