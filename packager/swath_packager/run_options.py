"""Options of `docker run`, as profiles and documents write them, as the SDK takes them."""

from collections.abc import Callable, Sequence
from typing import Any

from swath_packager.errors import EngineFailed

_Wanted = dict[str, Any]


def as_arguments(options: Sequence[str]) -> _Wanted:
    """Keyword arguments of the SDK's `containers.run` that mean the same. Raises EngineFailed for an unknown option.

    Options stand as they are typed: ("--read-only", "--tmpfs", "/tmp", "--gpus", "all").
    """
    wanted: _Wanted = {}
    left = list(options)
    while left:
        option, equals, value = left.pop(0).partition("=")
        if option in _FLAGS:
            wanted[_FLAGS[option]] = True
            continue
        if option not in _VALUES or not (equals or left):
            known = ", ".join(sorted([*_FLAGS, *_VALUES]))
            raise EngineFailed(f"starting a container with {option}", f"known options: {known}")
        _VALUES[option](wanted, value if equals else left.pop(0))
    return wanted


def _listed(name: str) -> Callable[[_Wanted, str], None]:
    return lambda wanted, value: wanted.setdefault(name, []).append(value)


def _plain(name: str) -> Callable[[_Wanted, str], None]:
    return lambda wanted, value: wanted.update({name: value})


def _tmpfs(wanted: _Wanted, value: str) -> None:
    path, _, options = value.partition(":")
    wanted.setdefault("tmpfs", {})[path] = options


def _publish(wanted: _Wanted, value: str) -> None:
    address, _, port = value.rpartition(":")
    host, _, outer = address.rpartition(":")
    wanted.setdefault("ports", {})[f"{port}/tcp"] = (host or "127.0.0.1", int(outer) if outer else None)


def _gpus(wanted: _Wanted, value: str) -> None:
    from docker.types import DeviceRequest

    chosen: dict[str, Any] = {"count": -1} if value == "all" else {"count": int(value)}
    wanted.setdefault("device_requests", []).append(DeviceRequest(**chosen, capabilities=[["gpu"]]))


def _volume(wanted: _Wanted, value: str) -> None:
    source, place, *mode = value.split(":")
    wanted.setdefault("volumes", {})[source] = {"bind": place, "mode": mode[0] if mode else "rw"}


_FLAGS = {"--read-only": "read_only", "--init": "init", "--privileged": "privileged"}
_VALUES: dict[str, Callable[[_Wanted, str], None]] = {
    "--cap-add": _listed("cap_add"),
    "--cap-drop": _listed("cap_drop"),
    "--device": _listed("devices"),
    "--env": _listed("environment"),
    "--gpus": _gpus,
    "--group-add": _listed("group_add"),
    "--memory": _plain("mem_limit"),
    "--network": _plain("network"),
    "--publish": _publish,
    "--runtime": _plain("runtime"),
    "--security-opt": _listed("security_opt"),
    "--shm-size": _plain("shm_size"),
    "--tmpfs": _tmpfs,
    "--user": _plain("user"),
    "--volume": _volume,
}
