"""A resolver of the tests' own: names have the addresses that a test says, one list for each time it is asked."""

import ipaddress
import socket
from typing import Any

import pytest


class Resolver:
    """Stands in for `socket.getaddrinfo`; numbers are let through, names that nobody added have no address."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._real = socket.getaddrinfo
        self._names: dict[str, list[tuple[str, ...]]] = {}
        self.asked: list[str] = []
        monkeypatch.setattr(socket, "getaddrinfo", self._look_up)

    def add(self, name: str, *addresses: str | tuple[str, ...]) -> None:
        """What the name has the first time, the second time, and so on; the last stays."""
        self._names[name] = [(one,) if isinstance(one, str) else one for one in addresses]

    def _look_up(self, host: str, port: int, *args: Any, **kwargs: Any) -> list[Any]:
        try:
            ipaddress.ip_address(host)
        except ValueError:
            self.asked.append(host)
            answers = self._names.get(host)
            if not answers:
                raise socket.gaierror(socket.EAI_NONAME, "no such name") from None
            addresses = answers.pop(0) if len(answers) > 1 else answers[0]
            return [
                (socket.AF_INET6 if ":" in one else socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port))
                for one in addresses
            ]
        return self._real(host, port, *args, **kwargs)


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Resolver:
    return Resolver(monkeypatch)
