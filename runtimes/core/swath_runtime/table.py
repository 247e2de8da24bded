"""Which handler a path has: fixed paths at once, those with placeholders by trying each."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from swath_runtime.asked import Asked
from swath_runtime.auth.principal import PROCESS, READ
from swath_runtime.http import Reply

Handler = Callable[[Asked], Reply]
Methods = Mapping[str, Handler]
Routes = Mapping[str, Methods]
"""Handlers by method, by path. `{name}` in a path stands for one segment, `{name*}` for all that follow.

Where tokens are asked for, a handler needs the scope that `scoped` gave it; else GET needs `read`, any other `process`.
"""


@dataclass(frozen=True)
class Scoped:
    """A handler and the scope of who may ask it; OPEN lets anyone in."""

    handler: Handler
    scope: str

    def __call__(self, asked: Asked) -> Reply:
        """The handler's own reply."""
        return self.handler(asked)


def scoped(scope: str, routes: Routes) -> Routes:
    """The routes, for callers with that scope; `scoped(OPEN, …)` for everyone."""
    return {
        path: {method: Scoped(handler, scope) for method, handler in methods.items()}
        for path, methods in routes.items()
    }


def scope_of(method: str, handler: Handler) -> str:
    """The scope that a handler of a method needs."""
    if isinstance(handler, Scoped):
        return handler.scope
    return READ if method == "GET" else PROCESS


class Room(Protocol):
    """A part of a service that answers at paths of its own."""

    @property
    def routes(self) -> Routes:
        """Its handlers."""
        ...

    @property
    def openapi(self) -> Mapping[str, Any]:
        """The OpenAPI path items of its routes below /api/v1, by path relative to it; registry types by their URI."""
        ...


_PLACEHOLDER = re.compile(r"\{([a-z]+)(\*?)\}")


class Found(NamedTuple):
    """The handlers of a path by method, what stands at its placeholders, and the path as the table has it."""

    methods: Methods
    names: dict[str, str]
    route: str


class Table:
    """The paths of a service.

    Attributes:
        paths: every path as it was given, placeholders and all.
        methods: the methods of each.
    """

    def __init__(self, *rooms: Room) -> None:
        routes = {path: methods for room in rooms for path, methods in room.routes.items()}
        self.paths = tuple(routes)
        self.methods = {path: tuple(methods) for path, methods in routes.items()}
        self._fixed = {path: methods for path, methods in routes.items() if "{" not in path}
        self._open = [(_pattern(path), methods, path) for path, methods in routes.items() if "{" in path]

    def find(self, path: str) -> Found | None:
        """What a decoded path has; None where there is nothing."""
        if (methods := self._fixed.get(path)) is not None:
            return Found(methods, {}, path)
        for pattern, methods, route in self._open:
            if found := pattern.fullmatch(path):
                return Found(methods, found.groupdict(), route)
        return None


def _pattern(path: str) -> re.Pattern[str]:
    pieces = _PLACEHOLDER.split(path)  # text, name, star, text, …
    fixed = (re.escape(text) for text in pieces[::3])
    named = (f"(?P<{name}>{'.+' if star else '[^/]+'})" for name, star in zip(pieces[1::3], pieces[2::3], strict=True))
    return re.compile("".join(one + other for one, other in zip(fixed, [*named, ""], strict=True)), re.DOTALL)
