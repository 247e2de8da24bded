"""How much a run does: everything at length, or a glance; all parts, or those that are named."""

from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True)
class Plan:
    """What was asked for on the command line.

    Attributes:
        is_quick: a glance that shows that it works; too short for figures that are told to others.
        only: patterns (`tiny/*`, `*/litserve`) of the parts wanted; none means all.
    """

    is_quick: bool = False
    only: tuple[str, ...] = ()

    def wants(self, part: str) -> bool:
        """Whether a part of a benchmark, such as `png/litserve`, is to be run."""
        return not self.only or any(fnmatchcase(part, pattern) for pattern in self.only)

    def rounds(self, whole: int) -> int:
        """So many rounds, or three at a glance."""
        return min(3, whole) if self.is_quick else whole

    def seconds(self, whole: float) -> float:
        """So long, or a quarter of it at a glance."""
        return whole / 4 if self.is_quick else whole
