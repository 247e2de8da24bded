"""The platform of this machine, as images spell it."""

import platform

_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


def host_architecture() -> str:
    """Architecture of this machine, as images spell it: "amd64", "arm64"."""
    return _MACHINES.get(platform.machine(), platform.machine())


def host_platform() -> str:
    """Platform of the images that this machine runs: "linux/amd64", "linux/arm64"."""
    return f"linux/{host_architecture()}"
