"""Which handler answers a method and a path."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from swath_registry_server.errors import Problem
from swath_registry_server.http import Answer, Request

Handler = Callable[..., Answer]


@dataclass(frozen=True)
class Route:
    """A pattern of segments; one in braces takes any text and hands it to the handler by that name."""

    method: str
    pattern: str
    handler: Handler

    def match(self, segments: Sequence[str]) -> dict[str, str] | None:
        """The texts that the braces stand for, or None where the path is another."""
        wanted = self.pattern.split("/")[1:]
        if len(wanted) != len(segments):
            return None
        found: dict[str, str] = {}
        for name, text in zip(wanted, segments, strict=True):
            if name.startswith("{") and text:
                found[name.strip("{}")] = text
            elif name != text:
                return None
        return found


@dataclass(frozen=True)
class Router:
    """Routes, tried in their order."""

    routes: tuple[Route, ...]

    def methods(self, segments: Sequence[str]) -> frozenset[str]:
        """Methods that a path answers to; none where it is unknown."""
        return frozenset(route.method for route in self.routes if route.match(segments) is not None)

    def answer(self, request: Request) -> Answer | None:
        """The handler's answer, or None where no route has the path. Raises Problem (405)."""
        segments = request.segments
        for route in self.routes:
            found = route.match(segments)
            if found is not None and route.method == request.method:
                return route.handler(request, **found)
        allowed = self.methods(segments)
        if allowed:
            raise Problem(405, f"{request.method} is not for this path", headers={"Allow": _allow(allowed)})
        return None


def _allow(methods: frozenset[str]) -> str:
    more = {"HEAD"} if "GET" in methods else set[str]()
    return ", ".join(sorted(methods | more | {"OPTIONS"}))


def routes(table: Mapping[str, Handler]) -> tuple[Route, ...]:
    """Routes from `"METHOD /pattern": handler`."""
    keys = ((key.partition(" "), handler) for key, handler in table.items())
    return tuple(Route(method, pattern, handler) for (method, _, pattern), handler in keys)
