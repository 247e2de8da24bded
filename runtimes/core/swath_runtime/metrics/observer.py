"""What the parts of a service tell whoever counts."""

from collections.abc import Callable, Mapping
from typing import Protocol


class Observer(Protocol):
    """Hears what happens beside the requests themselves. Every method returns at once and never raises."""

    def batch(self, size: int) -> None:
        """Calls were handed to the algorithm together."""
        ...

    def loads(self, running: int, queued: int) -> None:
        """So many calls are in the algorithm's hands now, and so many wait for it."""
        ...

    def loaded(self, seconds: float) -> None:
        """The algorithm and its model have been loaded."""
        ...

    def jobs(self, count: Callable[[], Mapping[str, int]]) -> None:
        """`count` tells how many jobs are kept now, by state, of all workers together; asked when metrics are read."""
        ...


class Unobserved:
    """Nobody counts."""

    def batch(self, size: int) -> None:
        """Nothing."""

    def loads(self, running: int, queued: int) -> None:
        """Nothing."""

    def loaded(self, seconds: float) -> None:
        """Nothing."""

    def jobs(self, count: Callable[[], Mapping[str, int]]) -> None:
        """Nothing."""
