"""Whoever a request comes from, and what each scope lets in."""

from collections.abc import Mapping
from dataclasses import dataclass

READ, PROCESS, CONFIG, METRICS, ADMIN = "read", "process", "config", "metrics", "admin"
OPEN = ""
"""The scope of what anyone may ask for, without a token."""
SCOPES: Mapping[str, str] = {
    READ: "what the service is: describe, version, openapi, and its configuration",
    PROCESS: "call the algorithm, and see to one's own jobs",
    CONFIG: "change the configuration",
    METRICS: "read the metrics",
    ADMIN: "see and end every caller's jobs",
}


@dataclass(frozen=True)
class Principal:
    """A caller.

    Attributes:
        name: who it is, the same at each call; empty where the service asks for no token.
        scopes: what it may, of SCOPES.
    """

    name: str
    scopes: frozenset[str]

    @property
    def is_admin(self) -> bool:
        """Whether it sees what belongs to others."""
        return ADMIN in self.scopes


ANYONE = Principal("", frozenset(SCOPES))
"""Every caller of a service that asks for no token."""
