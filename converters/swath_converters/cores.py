"""How many cores a process may use, which is seldom what the machine has."""

import math
import os
from collections.abc import Iterator
from pathlib import Path

MOUNT = "sys/fs/cgroup"


def usable_cores(root: Path = Path("/")) -> int:
    """The fewest that this process's affinity and the quotas of its control groups allow, at least one.

    A quota of one and a half cores is two: two threads use it up, one does not.

    Args:
        root: what /proc and /sys lie below.
    """
    quotas = [math.ceil(quota) for quota in _quotas(root)]
    return max(1, min([_by_affinity(), *quotas]))


def _by_affinity() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1  # not on Linux


def _quotas(root: Path) -> Iterator[float]:
    """Cores by each quota on the way from the process's own group to the root's, of either version of cgroups."""
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if not controllers:
            yield from filter(None, map(_quota_of_2, _groups(root / MOUNT, path)))
        elif "cpu" in controllers.split(","):
            yield from filter(None, map(_quota_of_1, _groups(root / MOUNT / "cpu", path)))


def _groups(mount: Path, path: str) -> list[Path]:
    """The group's folder and those above it. In a container its own path may not be there, but the mount is it."""
    own = mount / path.strip("/")
    return [own, *(one for one in own.parents if one.is_relative_to(mount))] if ".." not in own.parts else [mount]


def _quota_of_2(group: Path) -> float | None:
    quota, _, period = _text(group / "cpu.max").strip().partition(" ")
    return int(quota) / int(period) if quota.isdigit() and period.isdigit() else None  # else "max", or no such file


def _quota_of_1(group: Path) -> float | None:
    quota, period = (_text(group / f"cpu.cfs_{one}_us").strip() for one in ("quota", "period"))
    return int(quota) / int(period) if quota.isdigit() and period.isdigit() else None  # else -1, or no such file


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
