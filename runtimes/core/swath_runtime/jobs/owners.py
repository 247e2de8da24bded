"""Which process has claimed something, so that others on the same machine know at once when it is dead."""

import os
from pathlib import Path
from uuid import uuid4

PROC = Path("/proc")


def own_identity() -> str:
    """Which process this is: `machine/pid/start`.

    The machine is a boot and a namespace of process ids, within which a number means one process at a time. Where there
    is no /proc, it is a random word, and others wait for the lease to end.
    """
    return f"{_machine() or uuid4().hex}/{os.getpid()}/{_start_of(os.getpid()) or 0}"


def is_known_dead(identity: str) -> bool:
    """Whether a process was of this machine, and is no more; False of others, who may live."""
    machine, pid, start = identity.split("/")
    return machine == _machine() and str(_start_of(int(pid))) != start


def _machine() -> str:
    try:
        boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}.{(PROC / 'self/ns/pid').readlink()}"
    except OSError:
        return ""


def _start_of(pid: int) -> int | None:
    """When a process began, clock ticks since boot; None where there is none, or a corpse that nobody has buried.

    Source: proc(5), /proc/pid/stat: fields 3 (state) and 22 (starttime); the name before them may hold anything.
    """
    try:
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZXx" else int(fields[19])
