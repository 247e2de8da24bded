"""What a handler of the core is given: a whole request, and what is known of who waits for the answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from swath_runtime.auth.principal import ANYONE, Principal
from swath_runtime.http import Head, Request
from swath_runtime.logs import Stages
from swath_runtime.problems import Problem


def never() -> bool:
    """A caller who stays: one within this process, or one whose runtime can't tell."""
    return False


@dataclass(frozen=True)
class Asked:
    """One request on its way through the core.

    Attributes:
        request: head and body.
        stages: where its time goes.
        ident: its correlation id.
        is_gone: whether the caller has hung up; cheap enough to be asked a few times a second.
        early: answers the caller with a problem at once, on any thread, while the handler goes on; what that makes then
            goes nowhere. None where the caller can be answered by the handler only.
        principal: who asks; ANYONE where the service asks for no token.
        names: what stood in the path at the placeholders of its route, decoded.
    """

    request: Request
    stages: Stages = field(default_factory=Stages)
    ident: str = ""
    is_gone: Callable[[], bool] = never
    early: Callable[[Problem], None] | None = None
    principal: Principal = ANYONE
    names: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def head(self) -> Head:
        """The request without its body."""
        return self.request.head
