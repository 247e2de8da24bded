"""What would make an image fit: steps, and what each of them costs.

The operations are those of `swath_converters.fit`; `swath_converters.fitting` carries them out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Operation = Literal["select_bands", "reproject", "resample", "cast", "tile", "reformat", "embed", "store"]
OPERATIONS: tuple[Operation, ...] = (
    "select_bands",
    "reproject",
    "resample",
    "tile",
    "cast",
    "reformat",
    "embed",
    "store",
)
"""In the order in which they are done: fewer samples first, files last."""


@dataclass(frozen=True)
class Cost:
    """What a step costs.

    Attributes:
        samples: pixels × bands that are computed or copied; None where the size of the image isn't known.
        bytes: that are read and written, before compression; None likewise.
        is_lossless: every sample that is kept is as it was.
    """

    samples: int | None = 0
    bytes: int | None = 0
    is_lossless: bool = True

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(
            None if self.samples is None or other.samples is None else self.samples + other.samples,
            None if self.bytes is None or other.bytes is None else self.bytes + other.bytes,
            self.is_lossless and other.is_lossless,
        )

    def as_json(self) -> dict[str, Any]:
        """With the names of JSON."""
        return {"samples": self.samples, "bytes": self.bytes, "lossless": self.is_lossless}


@dataclass(frozen=True)
class Step:
    """One thing to do to an image.

    Attributes:
        operation: which; see docs/matching.md.
        arguments: of it, as JSON.
        filters: names of the filters for whose sake it is done.
        cost: of it.
        caveat: on what condition it is refused once samples are looked at; "" where nothing is left to chance.
    """

    operation: Operation
    arguments: Mapping[str, Any]
    filters: tuple[str, ...]
    cost: Cost = Cost()
    caveat: str = ""

    def __str__(self) -> str:
        said = ", ".join(f"{name} {_shown(value)}" for name, value in self.arguments.items())
        return f"{self.operation}{': ' if said else ''}{said}"

    def as_json(self) -> dict[str, Any]:
        """With the names of JSON."""
        document: dict[str, Any] = {
            "operation": self.operation,
            "arguments": dict(self.arguments),
            "filters": list(self.filters),
            "cost": self.cost.as_json(),
        }
        return document | ({"caveat": self.caveat} if self.caveat else {})


def total(steps: Iterable[Step]) -> Cost:
    """What all cost together."""
    return sum((step.cost for step in steps), Cost())


def _shown(value: Any) -> str:
    return " × ".join(map(str, value)) if isinstance(value, list) and len(value) == 2 else str(value)  # pyright: ignore
